// Package house holds the repository to its own rules: who may import whom, how long files and functions may be, that
// every exported name says what it is, and what tests must not do. It has nothing but tests.
package house
