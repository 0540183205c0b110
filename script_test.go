package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this very program as aoiworld.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aoiworld": main})
}

// TestScripts plays testdata/script/*.txtar: the program as a user starts it. What needs no server is in cmd.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
