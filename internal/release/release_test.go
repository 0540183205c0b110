package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// made is when what the tests build was made.
var made = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// must ends a test that cannot go on.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unpack returns the files of an archive, and checks that nothing in it tells of who packed it.
func unpack(t *testing.T, packed []byte) map[string]file {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	must(t, err)
	all := map[string]file{}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(made) {
			t.Errorf("%s is of %d, %d, %q, of %v", h.Name, h.Uid, h.Gid, h.Uname, h.ModTime)
		}
		all[h.Name] = file{h.Name, content, fs.FileMode(h.Mode)}
	}
}

// TestRelease builds what there is for this system, twice: the same bytes, in which the programs know their version.
func TestRelease(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("it links programs, and unpacks no zip archives")
	}
	system := runtime.GOOS + "/" + runtime.GOARCH
	server := map[string]string{"aoiworld": programs["aoiworld"]}
	r := release{root: "../..", output: t.TempDir(), version: "v1.2.3-rc.4", made: made, programs: server}
	must(t, r.build(t.Context(), []string{system}))
	base := "aoiworld_v1.2.3-rc.4_" + strings.ReplaceAll(system, "/", "_")
	packed, err := os.ReadFile(filepath.Join(r.output, base+".tar.gz"))
	must(t, err)
	sums, err := os.ReadFile(filepath.Join(r.output, "SHA256SUMS"))
	must(t, err)
	if want := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256(packed), base); string(sums) != want {
		t.Errorf("sums %q, want %q", sums, want)
	}
	files := unpack(t, packed)
	for _, name := range []string{
		"README.md", "CHANGELOG.md", "aoiworld.sample.yaml", "deploy/systemd/aoiworld.service", "docs/operations.md",
	} {
		if len(files[path.Join(base, name)].content) == 0 {
			t.Errorf("there is no %s", name)
		}
	}
	for name := range files {
		if strings.HasSuffix(name, ".go") || strings.Contains(name, "..") {
			t.Errorf("%s does not belong there", name)
		}
	}
	program := files[base+"/aoiworld"]
	name := filepath.Join(t.TempDir(), "aoiworld")
	must(t, os.WriteFile(name, program.content, program.mode))
	said, err := exec.CommandContext(t.Context(), name, "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(said), "aoiworld v1.2.3-rc.4") || !strings.Contains(string(said), runtime.Version()) {
		t.Errorf("it says %q, %v", said, err)
	}
	again := release{root: r.root, output: t.TempDir(), version: r.version, made: made, programs: server}
	must(t, again.build(t.Context(), []string{system}))
	if other, err := os.ReadFile(filepath.Join(again.output, base+".tar.gz")); err != nil || !bytes.Equal(other, packed) {
		t.Errorf("built again it is something else: %v", err)
	}
}

// TestZipped: what Windows is given can be unpacked, has no other time than the release's, and is the same each time.
func TestZipped(t *testing.T) {
	files := []file{{"a/b.txt", []byte("text"), 0o644}, {"c.exe", []byte("program"), 0o755}}
	packed, err := zipped("base", files, made)
	must(t, err)
	if again, err := zipped("base", files, made); err != nil || !bytes.Equal(packed, again) {
		t.Error("packed again it is something else")
	}
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	must(t, err)
	for i, f := range r.File {
		content, err := fs.ReadFile(r, f.Name)
		must(t, err)
		if f.Name != "base/"+files[i].name || !bytes.Equal(content, files[i].content) || !f.Modified.Equal(made) || f.Mode() != files[i].mode {
			t.Errorf("%s, %q, of %v, mode %v", f.Name, content, f.Modified, f.Mode())
		}
	}
}

// TestBadReleases: what is no version is none, and nothing is built.
func TestBadReleases(t *testing.T) {
	for _, args := range [][]string{
		{}, {"--version", "1.2.3"}, {"--version", "v1.2"}, {"--version", "v1.2.3 -X main.x=y"}, {"--version", "v1.2.3", "now"},
	} {
		if err := run(t.Context(), args); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", args, err)
		}
	}
	r := release{root: "../..", output: t.TempDir(), version: "v1.2.3", made: made, programs: programs}
	for _, system := range []string{"linux", "plan10/amd64"} {
		if err := r.build(t.Context(), []string{system}); err == nil {
			t.Errorf("there is something for %s", system)
		}
	}
}

// TestCommitTime: whoever builds again may say when that was.
func TestCommitTime(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", fmt.Sprint(made.Unix()))
	if got, err := commitTime(t.Context()); err != nil || !got.Equal(made) {
		t.Errorf("%v, %v", got, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if got, err := commitTime(t.Context()); err == nil {
		t.Errorf("yesterday was %v", got)
	}
}
