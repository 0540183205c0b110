// Release builds the archives of a release: for each system the server and the bots, stamped with the version and the
// commit, with what one needs to run them. They are built from the commit, not from the files beside it that somebody may
// be changing: from one commit, by one Go, they are the same bytes wherever they are built.
//
//	go run ./internal/release --version v1.2.3 --output dist
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"time"
)

// version finds versions: v1.2.3, or v1.2.3-rc.1.
var version = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$`)

// errUsage is a command line that says nothing useful.
var errUsage = errors.New("want --version v1.2.3")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		stop()
		_, _ = fmt.Fprintln(os.Stderr, "release:", err) // nobody else to tell
		os.Exit(1)
	}
}

// run builds what a command line asks for.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	r := release{programs: programs}
	flags.StringVar(&r.version, "version", "", "of the release, as in v1.2.3")
	flags.StringVar(&r.output, "output", "dist", "the folder for the archives")
	only := flags.String("only", "", "one system alone, as in linux/amd64")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !version.MatchString(r.version) || flags.NArg() > 0 {
		return fmt.Errorf("%w, got %q", errUsage, r.version)
	}
	sources, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(sources)
	if err := r.checkOut(ctx, ".", sources); err != nil {
		return err
	}
	systems := all
	if *only != "" {
		systems = []string{*only}
	}
	return r.build(ctx, systems)
}

// checkOut writes the files of a repository's last commit into a folder, from which the release is built.
func (r *release) checkOut(ctx context.Context, repository, folder string) error {
	git := func(args ...string) ([]byte, error) {
		args = append([]string{"-C", repository, "-c", "core.autocrlf=false"}, args...)
		said, err := exec.CommandContext(ctx, "git", args...).Output()
		if err != nil {
			return nil, fmt.Errorf("there is no commit to build: git %q: %w", args, told(err))
		}
		return said, nil
	}
	said, err := git("log", "-1", "--format=%H %ct")
	if err != nil {
		return err
	}
	var seconds int64
	if _, err := fmt.Sscan(string(said), &r.commit, &seconds); err != nil {
		return fmt.Errorf("git log says %q: %w", said, err)
	}
	r.root, r.made = folder, time.Unix(seconds, 0).UTC()
	packed, err := git("archive", "--format=zip", "-0", r.commit)
	if err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	return os.CopyFS(folder, files)
}
