// Package client is the Go client of the native dialect.
package client
