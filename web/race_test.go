//go:build race

package web_test

// raceDetector tells whether it is on.
const raceDetector = true
