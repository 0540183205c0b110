//go:build unix

package blocks

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCopy: a copy has what is tracked, as it is in the working tree, and nothing else; and it is a repository in which
// nothing has changed.
func TestCopy(t *testing.T) {
	need(t, "git")
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "of-whoever-runs-us")) // as in a hook
	from, to := t.TempDir(), t.TempDir()
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		at := filepath.Join(from, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "as committed", 0o644)
	write("in a/folder.sh", "#!/bin/sh", 0o755)
	write("gone.txt", "", 0o644)
	write(".gitignore", "*.log\n", 0o644)
	write("forced.log", "", 0o644)
	if err := os.Symlink("a.txt", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"add", "-f", "forced.log"}} {
		if _, err := git(t.Context(), from, args...); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "as edited", 0o644)
	write("untracked.txt", "", 0o644)
	write("ignored.log", "", 0o644)
	if err := os.Remove(filepath.Join(from, "gone.txt")); err != nil {
		t.Fatal(err)
	}

	if err := Copy(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	tracked, err := git(t.Context(), to, "ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	want := "100644 .gitignore\n100644 a.txt\n100644 forced.log\n100755 in a/folder.sh\n120000 link\n"
	if diff := cmp.Diff(want, string(tracked)); diff != "" {
		t.Error(diff)
	}
	if text, err := os.ReadFile(filepath.Join(to, "link")); string(text) != "as edited" {
		t.Errorf("a.txt is %q (%v)", text, err)
	}
	if status, err := git(t.Context(), to, "status", "--porcelain", "--ignored"); err != nil || len(status) > 0 {
		t.Errorf("status %q, %v", status, err)
	}
}

func TestCopyOfNoRepository(t *testing.T) {
	need(t, "git")
	err := Copy(t.Context(), t.TempDir(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "git ls-files") {
		t.Error(err)
	}
}

func TestEnvironment(t *testing.T) {
	got := environment([]string{"PATH=/bin", "AOIWORLD_OPS_ADDRESS=x", "CLIENT_SIM_BOTS=9", "GIT_DIR=y", "MY_GIT_DIR=z"}, "127.9.8.7")
	want := []string{
		"AOIWORLD_NET_TCP_CLASSIC_ADDRESS=127.9.8.7:8999", "AOIWORLD_NET_TCP_NATIVE_ADDRESS=127.9.8.7:9000", "AOIWORLD_NET_WS_ADDRESS=127.9.8.7:8080",
		"AOIWORLD_OPS_ADDRESS=127.9.8.7:9090", "CLIENT_SIM_CLASSIC_SERVER=127.9.8.7:8999", "CLIENT_SIM_SERVER=127.9.8.7:9000", "MY_GIT_DIR=z", "PATH=/bin",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRandomHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("127.0.0.1 may be the only loopback host")
	}
	seen := map[string]bool{}
	for range 5 {
		host, err := RandomHost()
		if err != nil {
			t.Fatal(err)
		}
		address, err := netip.ParseAddr(host)
		if err != nil || !address.IsLoopback() || seen[host] {
			t.Errorf("host %q, %v", host, err)
		}
		seen[host] = true
	}
}
