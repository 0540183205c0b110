package conf

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// update rewrites the files that are made from the configuration: go test ./conf -update.
var update = flag.Bool("update", false, "rewrite docs/config.md and the sample file")

// file writes a configuration file.
func file(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "aoiworld.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// problems loads a source that is wrong, and returns what is.
func problems(t testing.TB, s Source) []string {
	t.Helper()
	_, err := Load(s)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%+v: error %v, want an *Error", s, err)
	}
	return e.Problems
}

// keys returns all keys with their defaults, without the sections.
func keys() (all []field) {
	c := Default()
	for _, f := range fields(&c) {
		if !f.section {
			all = append(all, f)
		}
	}
	return all
}

func TestDefaultIsPossible(t *testing.T) {
	c := Default()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	if loaded, err := Load(Source{}); err != nil || !cmp.Equal(loaded, c) {
		t.Errorf("nothing loads to %+v, %v", loaded, err)
	}
}

// TestDefaultExposesNothing holds what security rests on when nobody configures anything.
func TestDefaultExposesNothing(t *testing.T) {
	c := Default()
	for _, address := range []string{c.Net.TCP.Classic.Address, c.Net.WS.Address, c.Ops.Address} {
		if !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("listens on %s", address)
		}
	}
	if c.Net.InsecurePlaintext || c.Ops.InsecurePublic || len(c.Net.WS.AllowedOrigins) > 0 {
		t.Errorf("%+v and %+v allow what should be asked for", c.Net, c.Ops)
	}
}

// TestGeneratedFiles holds the sample and the documentation to the struct.
func TestGeneratedFiles(t *testing.T) {
	for name, want := range map[string]string{"aoiworld.sample.yaml": Sample(), "../docs/config.md": Docs()} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the configuration says (%v): go test ./conf -update", name, err)
		}
	}
}

// commentedKey finds the mark in front of a key of the sample file.
var commentedKey = regexp.MustCompile(`(?m)^( *)#([a-z_]+: )`)

// TestSampleIsTheDefault loads the sample file as it is, and with all keys uncommented.
func TestSampleIsTheDefault(t *testing.T) {
	uncommented := commentedKey.ReplaceAllString(Sample(), "$1$2")
	if got, want := len(commentedKey.FindAllString(Sample(), -1)), len(keys()); got != want {
		t.Errorf("%d keys are commented out, want %d", got, want)
	}
	for name, content := range map[string]string{"as it is": Sample(), "uncommented": uncommented} {
		c, err := Load(Source{File: file(t, content)})
		if diff := cmp.Diff(Default(), c); diff != "" || err != nil {
			t.Errorf("%s: %v (-default +sample):\n%s", name, err, diff)
		}
	}
}

// TestUncommentedSampleCounts shows that what is uncommented is really read: each key alone, given another value.
func TestUncommentedSampleCounts(t *testing.T) {
	for _, f := range keys() {
		name := f.path[strings.LastIndex(f.path, ".")+1:]
		line := regexp.MustCompile(`(?m)^( *)#` + name + `: .*$`)
		for i := range line.FindAllString(Sample(), -1) {
			n := -1
			changed := line.ReplaceAllStringFunc(Sample(), func(found string) string {
				if n++; n == i {
					return line.ReplaceAllString(found, "${1}"+name+": [[]]")
				}
				return found
			})
			told := problems(t, Source{File: file(t, changed)})
			if len(told) != 1 || !strings.Contains(told[0], name+": want") {
				t.Errorf("%s, number %d: told %q", name, i, told)
			}
		}
	}
}

// TestEveryKeyIsExplained: with a sentence, and numbers with their unit, their range, and what 0 means where it stands
// for something.
func TestEveryKeyIsExplained(t *testing.T) {
	docs := comments()
	for _, f := range keys() {
		text := docs[f.comment]
		if len(text) < 10 || !strings.HasSuffix(text, ".") || strings.Contains(text, "- ") {
			t.Errorf("%s: its comment is %q", f.path, text)
		}
		if f.kind() == "" {
			t.Errorf("%s: no word for what it holds", f.path)
		}
		if !f.value.CanInt() && !f.value.CanFloat() {
			continue
		}
		low, high, ok := strings.Cut(f.limits, "..")
		if !ok || !(bound(low) < bound(high)) {
			t.Errorf("%s: its range is %q", f.path, f.limits)
		}
		if f.unit == "" && f.kind() != "duration" {
			t.Errorf("%s has no unit", f.path)
		}
		if bound(low) == 0 && !regexp.MustCompile(`\b0 (is|leaves|cuts|takes) `).MatchString(text) {
			t.Errorf("%s: its comment does not say what 0 means: %q", f.path, text)
		}
	}
}

// TestSectionsAreExplained: their comments head the sample's sections and the documentation's.
func TestSectionsAreExplained(t *testing.T) {
	c, docs := Default(), comments()
	for _, f := range fields(&c) {
		if text := docs[f.comment]; f.section && !strings.HasSuffix(text, ".") {
			t.Errorf("%s: its comment is %q", f.path, text)
		}
	}
}

// TestDocsHaveEveryKey reads the generated table back.
func TestDocsHaveEveryKey(t *testing.T) {
	for _, f := range keys() {
		row := "(?m)^\\| `" + regexp.QuoteMeta(f.path) + "` \\| [^|]+ \\| `[^`]*` \\| [^|]* \\| [^|]{10,} \\|$"
		if n := len(regexp.MustCompile(row).FindAllString(Docs(), -1)); n != 1 {
			t.Errorf("%s has %d rows", f.path, n)
		}
	}
	for _, want := range []string{
		"| `limits.frame_timeout` | duration | `10s` | 1s to 10m | ",
		"| `world.movement.mode` | text | `\"off\"` | off, log, enforce | ",
		"| `net.ws.allowed_origins` | list | `[]` |  | ",
		"| `limits.max_pending` | whole number | `131072` | bytes, 4096 to 16777216 | ",
	} {
		if !strings.Contains(Docs(), want) {
			t.Errorf("there is no %q", want)
		}
	}
}

func TestPrintRoundTrips(t *testing.T) {
	c := Default()
	c.World.TickRate, c.World.Seed, c.Limits.IdleTimeout = 12.5, 1<<63, 90*time.Second
	c.World.Bounds = Bounds{MinX: -1e9, MaxX: 1e9, MinZ: -0.125, MaxZ: 777}
	c.World.Spawn = Bounds{MinX: 1, MaxX: 1, MinZ: 0, MaxZ: 0.5}
	c.Net.TCP.Classic.Address, c.Net.WS.Path = "", "/~a:b,c"
	c.Net.WS.AllowedOrigins = []string{"https://example.org", "[::1]:8080", "null"}
	c.Log.Format = "json"
	got, err := Load(Source{File: file(t, Print(c))})
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("%v, printed and loaded (-want +got):\n%s", err, diff)
	}
}

func TestDurationsArePrintedShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 10 * time.Second: "10s", time.Minute: "1m", 90 * time.Second: "1m30s", time.Hour: "1h",
		10 * time.Hour: "10h", 70 * time.Minute: "1h10m", 100 * time.Millisecond: "100ms",
		time.Hour + time.Second: "1h0m1s",
	} {
		if got := shorten(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
		if back, err := time.ParseDuration(shorten(d)); back != d {
			t.Errorf("%s means %v (%v), want %v", shorten(d), back, err, d)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"one two three", "one two\nthree"},
		{"  spaces   go ", "spaces\ngo"},
		{"unbreakable", "unbreakable"},
		{"a unbreakable b", "a\nunbreakable\nb"},
	} {
		if got := wrap(c.text, 7); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}
