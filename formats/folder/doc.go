// Package folder reads a recording's folder and writes one like it: the list of its files as they were when it was
// opened, files that must not change while they are read, and work on many of them at a time.
//
// It knows no format. That a result appears whole or not at all is wholefile's.
package folder
