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

// made is when what the tests pack was made.
var made = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// commit returns a release of the last commit, with the server alone. Sources without a repository have none.
func commit(t *testing.T) release {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "git", "-C", "../..", "rev-parse", "HEAD").Run(); err != nil {
		t.Skipf("no commit: %v", err)
	}
	r := release{output: t.TempDir(), version: "v1.2.3-rc.4", programs: map[string]string{"aoiworld": programs["aoiworld"]}}
	must(t, r.checkOut(t.Context(), "../..", t.TempDir()))
	return r
}

// must ends a test that cannot go on.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unpack returns the files of an archive, and checks that nothing in it tells of who packed it, and when.
func unpack(t *testing.T, packed []byte, made time.Time) map[string]file {
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

// TestRelease builds what there is for this system, twice, from two copies: the same bytes, in which the program knows its version and
// its commit.
func TestRelease(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("it links programs, and unpacks no zip archives")
	}
	system := runtime.GOOS + "/" + runtime.GOARCH
	r := commit(t)
	must(t, r.build(t.Context(), []string{system}))
	base := "aoiworld_v1.2.3-rc.4_" + strings.ReplaceAll(system, "/", "_")
	packed, err := os.ReadFile(filepath.Join(r.output, base+".tar.gz"))
	must(t, err)
	sums, err := os.ReadFile(filepath.Join(r.output, "SHA256SUMS"))
	must(t, err)
	if want := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256(packed), base); string(sums) != want {
		t.Errorf("sums %q, want %q", sums, want)
	}
	files := unpack(t, packed, r.made)
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
	if want := fmt.Sprintf("aoiworld v1.2.3-rc.4 (%.12s), %s\n", r.commit, runtime.Version()); err != nil || string(said) != want {
		t.Errorf("it says %q, %v, want %q", said, err, want)
	}
	again := commit(t)
	must(t, again.build(t.Context(), []string{system}))
	if other, err := os.ReadFile(filepath.Join(again.output, base+".tar.gz")); err != nil || !bytes.Equal(other, packed) {
		t.Errorf("built again it is something else: %v", err)
	}
}

// TestEnvironment: what is built does not depend on how Go is set up where it is built, by its variables or its file; where modules come
// from does.
func TestEnvironment(t *testing.T) {
	own := filepath.Join(t.TempDir(), "env")
	must(t, os.WriteFile(own, []byte("GOEXPERIMENT=arenas\nGOFIPS140=latest\nGOFLAGS=-race\nGOAMD64=v3\nGOPROXY=https://x.example\n"), 0o600))
	t.Setenv("GOENV", own)
	for _, name := range []string{"GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GOPROXY"} {
		t.Setenv(name, "")
	}
	t.Setenv("GONOSUMDB", "y.example")
	env, err := release{root: t.TempDir()}.environment(t.Context(), "linux", "amd64")
	must(t, err)
	asked := exec.CommandContext(t.Context(), "go", "env", "GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GOAMD64", "GOPROXY", "GONOSUMDB")
	asked.Env = env
	said, err := asked.Output()
	must(t, err)
	if want := "\noff\n-buildvcs=false\nv1\nhttps://x.example\ny.example\n"; string(said) != want {
		t.Errorf("Go builds with %q, want %q", said, want)
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
	r := commit(t)
	for _, system := range []string{"linux", "plan10/amd64"} {
		if err := r.build(t.Context(), []string{system}); err == nil {
			t.Errorf("there is something for %s", system)
		}
	}
}

// TestCheckOut: what is built is the commit, whatever lies beside it and has changed since.
func TestCheckOut(t *testing.T) {
	repository, folder := t.TempDir(), t.TempDir()
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", repository, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)
		c := exec.CommandContext(t.Context(), "git", args...)
		c.Env = append(os.Environ(), "GIT_COMMITTER_DATE="+made.Format(time.RFC3339))
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v: %s", args, err, said)
		}
	}
	var r release
	t.Setenv("LC_ALL", "C")
	if err := r.checkOut(t.Context(), repository, folder); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("a release of nothing: %v", err)
	}
	write := func(name, text string) { must(t, os.WriteFile(filepath.Join(repository, name), []byte(text), 0o600)) }
	git("init", "-q")
	write("a", "committed")
	git("add", "a")
	git("commit", "-q", "-m", "a")
	write("a", "changed")
	write("b", "beside it")
	must(t, r.checkOut(t.Context(), repository, folder))
	files, err := os.ReadDir(folder)
	must(t, err)
	content, err := os.ReadFile(filepath.Join(folder, "a"))
	if err != nil || len(files) != 1 || string(content) != "committed" || !r.made.Equal(made) || len(r.commit) < 40 {
		t.Errorf("%v, %q, %v, made %v of %q", files, content, err, r.made, r.commit)
	}
}
