package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds the target of a Markdown link.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinksOfDocumentsLead holds every relative link of every document.
func TestLinksOfDocumentsLead(t *testing.T) {
	found := 0
	for path, text := range files(t, ".md") {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			found++
			target, anchor, _ := strings.Cut(match[1], "#")
			if target == "" {
				target = filepath.Base(path)
			}
			full := filepath.Join(root, filepath.Dir(path), target)
			content, err := os.ReadFile(full)
			if info, statErr := os.Stat(full); statErr != nil || !info.IsDir() && err != nil {
				t.Errorf("%s links to %s, which is not there", path, match[1])
			} else if anchor != "" && !hasHeading(string(content), anchor) {
				t.Errorf("%s links to %s, but there is no such heading", path, match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d links were found", found)
	}
}

// notInAnchors is what a heading loses when it becomes an anchor.
var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)

// hasHeading reports whether a document has the heading that an anchor names.
func hasHeading(text, anchor string) bool {
	for line := range strings.Lines(text) {
		heading, ok := strings.CutPrefix(strings.TrimLeft(strings.TrimSpace(line), "#"), " ")
		if ok && strings.HasPrefix(line, "#") {
			name := notInAnchors.ReplaceAllString(strings.ToLower(heading), "")
			if strings.ReplaceAll(name, " ", "-") == anchor {
				return true
			}
		}
	}
	return false
}

// TestDocumentsNameNoMachine: a reader has none of our folders.
func TestDocumentsNameNoMachine(t *testing.T) {
	for _, ending := range []string{".md", ".yaml", "Makefile", ".proto"} {
		for path, text := range files(t, ending) {
			for _, mark := range leftovers {
				if strings.Contains(text, mark) {
					t.Errorf("%s has a %s", path, mark)
				}
			}
		}
	}
}
