//go:build !unix

package server

// descriptors returns 0: nobody says how many files the process may have open at once.
func descriptors() int { return 0 }
