//go:build unix

package blocks

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ports are those of the documents, by the variables that move them to another host.
var ports = map[string]string{
	"AOIWORLD_NET_TCP_CLASSIC_ADDRESS": "8999",
	"AOIWORLD_NET_TCP_NATIVE_ADDRESS":  "9000",
	"AOIWORLD_NET_WS_ADDRESS":          "8080",
	"AOIWORLD_OPS_ADDRESS":             "9090",
	"CLIENT_SIM_SERVER":                "9000",
	"CLIENT_SIM_CLASSIC_SERVER":        "8999",
}

// ourVariables begin the names of what a block must not inherit: our programs' settings, and what git tells its hooks.
var ourVariables = []string{"AOIWORLD_", "CLIENT_SIM_", "GIT_"}

// environment returns the environment of a block: base without what is ours, and every address on host.
func environment(base []string, host string) []string {
	env := slices.DeleteFunc(slices.Clone(base), func(variable string) bool {
		return slices.ContainsFunc(ourVariables, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
	for name, port := range ports {
		env = append(env, name+"="+net.JoinHostPort(host, port))
	}
	slices.Sort(env)
	return env
}

// hostTries is how many hosts are tried before none is found.
const hostTries = 10

// RandomHost returns a loopback host, as in 127.83.2.190, on which the ports of the documents are free.
func RandomHost() (string, error) {
	var err error
	for range hostTries {
		var b [3]byte
		_, _ = rand.Read(b[:]) // it never fails
		host := fmt.Sprintf("127.%d.%d.%d", 1+b[0]%254, b[1], 1+b[2]%254)
		if err = free(host); err == nil {
			return host, nil
		}
	}
	return "", err
}

// free returns why a server could not listen on a host.
func free(host string) error {
	for _, port := range ports {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return err
		}
		_ = l.Close() // nobody came
	}
	return nil
}

// Copy makes dir a repository with the tracked files of the one at root, as they are in the working tree, committed.
func Copy(ctx context.Context, root, dir string) error {
	list, err := git(ctx, root, "ls-files", "-z")
	if err != nil {
		return err
	}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		err := copyFile(filepath.Join(root, path), filepath.Join(dir, path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // deleted, and not staged
			return err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all", "--force"},
		{
			"-c", "user.name=documents", "-c", "user.email=documents@localhost", "-c", "commit.gpgsign=false",
			"commit", "--quiet", "--no-verify", "--message", "As in the working tree",
		},
	} {
		if _, err := git(ctx, dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// git runs git in a directory, told nothing by whoever runs us, and returns what it printed.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var errText bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	cmd.Dir, cmd.Stderr = dir, &errText
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s in %s: %w: %s", strings.Join(args, " "), dir, err, bytes.TrimSpace(errText.Bytes()))
	}
	return out, nil
}

// copyFile copies a file or a symbolic link, with its mode, and makes the folders that it needs.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}
