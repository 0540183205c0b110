package deploy

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// logged finds a line of the log in the server's code, and with it the message.
var logged = regexp.MustCompile(`[lL]og\.(?:Debug|Info|Warn|Error)\("([^"]+)"`)

// notServer are folders whose programs have logs of their own.
var notServer = []string{"client_sim", "bench", "examples", "web", "deploy", ".git"}

// TestLogIsDocumented: whatever the server logs is in the operator's document.
func TestLogIsDocumented(t *testing.T) {
	document := file(t, "../docs/operations.md")
	_, table, _ := strings.Cut(document, "\n| level | msg | fields |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	messages := 0
	must(t, fs.WalkDir(os.DirFS(".."), ".", func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(notServer, at):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go"):
			return nil
		}
		for _, found := range logged.FindAllStringSubmatch(file(t, "../"+at), -1) {
			messages++
			if !strings.Contains(table, found[1]) {
				t.Errorf("%s logs %q, of which nobody is told", at, found[1])
			}
		}
		return nil
	}))
	if messages < 30 {
		t.Errorf("only %d messages were found", messages)
	}
}
