package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// all are the systems that there are archives for.
var all = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

// programs are what is built, by their packages.
var programs = map[string]string{"aoiworld": ".", "client_sim": "./client_sim"}

// extras are the files that go with the programs, and what they are called in the archive.
var extras = map[string]string{
	"README.md": "README.md", "README.zh-CN.md": "README.zh-CN.md", "CHANGELOG.md": "CHANGELOG.md",
	"conf/aoiworld.sample.yaml": "aoiworld.sample.yaml",
}

// folders go into the archive whole, but for Go files.
var folders = []string{"deploy", "docs"}

// handed are the settings of the machine that a build has too: which Go it is, where modules come from, and where they are
// kept. What is built does not depend on them.
var handed = []string{
	"GOTOOLCHAIN", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOVCS", "GOAUTH",
	"GOPATH", "GOMODCACHE", "GOCACHE",
}

// release is what is built.
type release struct {
	root     string // the files of the commit
	output   string
	version  string
	commit   string
	made     time.Time         // when the commit was, and so everything in the archives
	programs map[string]string // what is built, as in programs
}

// build builds the archives for some systems, and the list of their sums.
func (r release) build(ctx context.Context, systems []string) error {
	if err := os.MkdirAll(r.output, 0o755); err != nil {
		return err
	}
	var sums []string
	for _, system := range systems {
		name, content, err := r.archive(ctx, system)
		if err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
		if err := os.WriteFile(filepath.Join(r.output, name), content, 0o644); err != nil {
			return err
		}
		sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name))
	}
	slices.Sort(sums)
	return os.WriteFile(filepath.Join(r.output, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644)
}

// archive builds the programs for a system, and returns them and what goes with them in one file.
func (r release) archive(ctx context.Context, system string) (name string, content []byte, err error) {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return "", nil, fmt.Errorf("want a system, as in linux/amd64")
	}
	folder, err := os.MkdirTemp("", "release")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(folder)
	base := strings.Join([]string{"aoiworld", r.version, goos, goarch}, "_")
	files, err := r.extraFiles()
	if err != nil {
		return "", nil, err
	}
	for program, from := range r.programs {
		if goos == "windows" {
			program += ".exe"
		}
		binary := filepath.Join(folder, program)
		if err := r.compile(ctx, goos, goarch, from, binary); err != nil {
			return "", nil, err
		}
		built, err := os.ReadFile(binary)
		if err != nil {
			return "", nil, err
		}
		files = append(files, file{program, built, 0o755})
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	if goos == "windows" {
		content, err = zipped(base, files, r.made)
		return base + ".zip", content, err
	}
	content, err = tarred(base, files, r.made)
	return base + ".tar.gz", content, err
}

// compile builds a program for a system.
func (r release) compile(ctx context.Context, goos, goarch, from, to string) error {
	absolute, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	const stamps = "-s -w -X aoiworld/internal/build.stamped=%s -X aoiworld/internal/build.commit=%s"
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", absolute,
		"-ldflags", fmt.Sprintf(stamps, r.version, r.commit), from)
	build.Dir = r.root
	if build.Env, err = r.environment(ctx, goos, goarch); err != nil {
		return err
	}
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// environment returns what Go is told of how to build for a system: everything that what is built depends on, wherever it is
// built. Go takes a variable that is empty for one that is not set, so its file of settings is left out as a whole.
func (r release) environment(ctx context.Context, goos, goarch string) ([]string, error) {
	settings := exec.CommandContext(ctx, "go", append([]string{"env", "-json"}, handed...)...)
	settings.Dir = r.root
	said, err := settings.Output()
	if err != nil {
		return nil, told(err)
	}
	var values map[string]string
	if err := json.Unmarshal(said, &values); err != nil {
		return nil, err
	}
	env := os.Environ()
	for _, name := range handed {
		env = append(env, name+"="+values[name])
	}
	return append(env, "GOENV=off", "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOFLAGS=-buildvcs=false",
		"GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off", "GOAMD64=v1", "GOARM64=v8.0"), nil
}

// told adds to the error of a command what it said of it.
func told(err error) error {
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(failed.Stderr))
	}
	return err
}

// extraFiles returns the files that go with the programs.
func (r release) extraFiles() (files []file, err error) {
	add := func(from, name string) error {
		content, err := os.ReadFile(filepath.Join(r.root, from))
		files = append(files, file{filepath.ToSlash(name), content, 0o644})
		return err
	}
	for from, name := range extras {
		if err := add(from, name); err != nil {
			return nil, err
		}
	}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(r.root, folder), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) == ".go" {
				return err
			}
			name, err := filepath.Rel(r.root, path)
			if err != nil {
				return err
			}
			return add(name, name)
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
