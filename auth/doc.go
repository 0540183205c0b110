// Package auth says who somebody is: it checks access tokens, and makes them for development. Checking is pure: bytes of
// keys, a token and the time go in, an identity or an error comes out. Only File reads a disk.
package auth
