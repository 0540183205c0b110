// Package cmd is the command line: it reads what the user wants, starts servers through the constructor that main hands
// it, and turns what went wrong into words and an exit code.
package cmd
