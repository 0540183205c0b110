// Release builds the archives of a release: for each system the server and the bots, stamped with the version, with what one
// needs to run them. From one commit, by one Go, they are the same bytes wherever they are built.
//
//	go run ./internal/release --version v1.2.3 --output dist
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
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
	r := release{root: ".", programs: programs}
	flags.StringVar(&r.version, "version", "", "of the release, as in v1.2.3")
	flags.StringVar(&r.output, "output", "dist", "the folder for the archives")
	only := flags.String("only", "", "one system alone, as in linux/amd64")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !version.MatchString(r.version) || flags.NArg() > 0 {
		return fmt.Errorf("%w, got %q", errUsage, r.version)
	}
	made, err := commitTime(ctx)
	if err != nil {
		return err
	}
	r.made = made
	systems := all
	if *only != "" {
		systems = []string{*only}
	}
	return r.build(ctx, systems)
}

// commitTime returns when the commit was made that is built: the time of everything in the archives. SOURCE_DATE_EPOCH, in
// seconds since 1970, is another.
func commitTime(ctx context.Context) (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		said, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("there is no commit to take the time of, nor SOURCE_DATE_EPOCH: %w", err)
		}
		text = strings.TrimSpace(string(said))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
