package blocks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lines joins the lines of a document. A fence is written ”' in it.
func lines(all ...string) string {
	return strings.ReplaceAll(strings.Join(all, "\n"), "'''", "```") + "\n"
}

// parseTest is a document, the blocks in it, and what is wrong with it.
type parseTest struct {
	text string
	want []Block
	errs string // the lines of the error
}

// oneBlock is a document's only block.
func oneBlock(kind Kind, line, exit int, script string) []Block {
	return []Block{{Document: "d.md", Line: line, Kind: kind, Exit: exit, Script: script}}
}

func TestParse(t *testing.T) {
	checkParse(t, map[string]parseTest{
		"nothing":  {text: lines("text", "", "`go run .`", "'''go", "x", "'''")},
		"unmarked": {text: lines("'''sh", "a", "b", "'''"), want: oneBlock(Unmarked, 2, 0, "a\nb\n")},
		"run":      {text: lines("<!-- run -->", "'''sh", "a", "'''"), want: oneBlock(Run, 3, 0, "a\n")},
		"exit":     {text: lines("<!-- run: exit 12 -->", "'''sh", "a", "'''"), want: oneBlock(Run, 3, 12, "a\n")},
		"serve":    {text: lines("<!-- serve -->", "'''sh", "a", "'''"), want: oneBlock(Serve, 3, 0, "a\n")},
		"not run":  {text: lines("<!-- not run: too long -->", "'''sh", "a", "'''"), want: oneBlock(NotRun, 3, 0, "a\n")},
		"empty":    {text: lines("<!-- run -->", "'''sh", "'''"), want: oneBlock(Run, 3, 0, "")},
		"in a list": {
			text: lines("* text", "", "  <!-- run -->", "  '''sh", "  a", "    b", "  '''"),
			want: oneBlock(Run, 5, 0, "a\n  b\n"),
		},
		"tildes":          {text: lines("~~~sh", "a", "'''", "~~~"), want: oneBlock(Unmarked, 2, 0, "a\n```\n")},
		"windows":         {text: "<!-- run -->\r\n```sh\r\na\r\n```\r\n", want: oneBlock(Run, 3, 0, "a\n")},
		"after a comment": {text: lines("<!-- text", "-->", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 4, 0, "a\n")},
		"other comment":   {text: lines("<!-- text -->", "'''go", "a", "'''")},
		"inside another":  {text: lines("````md", "<!-- run -->", "'''sh", "a", "'''", "````")},
		"hidden":          {text: lines("<!-- text", "'''sh", "a", "'''", "-->")},
		"in a sentence":   {text: lines("text <!-- run -->", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 3, 0, "a\n")},
	})
}

func TestParseObjects(t *testing.T) {
	checkParse(t, map[string]parseTest{
		"gap": {
			text: lines("<!-- run -->", "", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 4, 0, "a\n"),
			errs: "d.md:2: the mark <!-- run --> is not on the line above a block of sh",
		},
		"other language": {
			text: lines("<!-- serve -->", "'''go", "a", "'''"),
			errs: "d.md:2: the mark <!-- serve --> is not on the line above a block of sh",
		},
		"at the end": {text: "<!-- run -->", errs: "d.md:1: the mark <!-- run --> has no block"},
		"misspelt": {
			text: lines("<!-- rnu -->", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 3, 0, "a\n"),
			errs: "d.md:2: <!-- rnu --> is no mark",
		},
		"no exit code": {
			text: lines("<!-- run: exit -->", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 3, 0, "a\n"),
			errs: "d.md:2: <!-- run: exit --> is no mark",
		},
		"no reason": {
			text: lines("<!-- not run: -->", "'''sh", "a", "'''"), want: oneBlock(Unmarked, 3, 0, "a\n"),
			errs: "d.md:2: <!-- not run: --> is no mark",
		},
		"called otherwise": {text: lines("'''bash", "a", "'''"), errs: "d.md:1: a block of bash: call it sh, so that it is checked"},
		"open fence":       {text: lines("'''sh", "a"), errs: "d.md:3: the block before line 2 is never closed"},
		"open comment":     {text: lines("<!-- text", "'''sh", "a", "'''"), errs: "d.md:5: a comment is never closed"},
	})
}

// checkParse parses documents.
func checkParse(t *testing.T, tests map[string]parseTest) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse("d.md", test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if said := errorText(err); said != test.errs {
				t.Errorf("error %q, want %q", said, test.errs)
			}
		})
	}
}

// errorText returns what an error says, nothing for none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestParseReadsWhatWasWritten: blocks that are written into a document come out of it as they went in.
func TestParseReadsWhatWasWritten(t *testing.T) {
	marks := map[Kind]string{Unmarked: "text", Run: "<!-- run -->", Serve: "<!-- serve -->", NotRun: "<!-- not run: why -->"}
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		var want []Block
		line := 1
		for range rapid.IntRange(0, 5).Draw(t, "blocks") {
			kind := rapid.SampledFrom([]Kind{Unmarked, Run, Serve, NotRun}).Draw(t, "kind")
			script := rapid.SliceOfN(rapid.StringMatching(`[a-z<!'" $|&-]{0,20}`), 0, 4).Draw(t, "script")
			want = append(want, Block{
				Document: "d.md", Line: line + 2, Kind: kind, Script: strings.Join(append(script, ""), "\n"),
			})
			fmt.Fprintf(&text, "%s\n```sh\n%s```\n", marks[kind], want[len(want)-1].Script)
			line += 3 + len(script)
		}
		got, err := Parse("d.md", text.String())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%v\n%s\n%s", err, diff, text.String())
		}
	})
}
