// Package house holds the repository to its own rules: who may import whom, how long files and functions may be, that
// every exported name says what it is, what tests must not do, that links lead somewhere. It has nothing but tests.
//
// A rule is a function from the repository to complaints. Each is shown examples that it must object to, so that no
// rule can fall silent unnoticed.
package house
