// Package pieces reads a file ahead of who works on it, and writes what is done behind, so that the reading, the work and
// the writing of a large file go on at the same time, in bounded memory. Whatever else is done with the bytes where they are read
// and written, such as hashing them, goes along.
package pieces
