// Package retime holds what every recording format shares: the options of re-timing, the report of what was or
// would be done, pialign.json, and the rewriter that changes the time cells of a table and no other byte.
//
// It knows no file names and talks to no disk: a format's package opens the files, says which columns are times
// and whose clock a row is on.
package retime
