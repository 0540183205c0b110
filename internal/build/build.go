// Package build says which build of the program this is: what a release was stamped with, or what the Go toolchain knows.
package build

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// stamped is the version that a release was built as, and commit of what, with -dirty after it if there were changes beside it:
// the linker writes them, by -X aoiworld/internal/build.stamped=v1.2.3. They do not change while the program runs.
var (
	stamped = ""
	commit  = ""
)

// digits is how much of a commit is told.
const digits = 12

// Info is which build this is.
type Info struct {
	// Version is a release's, as in v1.2.3; of other builds what the toolchain makes of the repository's tags, or (devel).
	Version string
	// Revision is the commit, in 12 digits, or empty where it is not known; Modified says that there were changes beside it.
	Revision string
	Modified bool
	// Go is the toolchain's version, as in go1.26.0.
	Go string
}

// Read returns which build this is.
func Read() Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return read(info, stamped, commit)
}

// read is Read of what the toolchain has written and of stamps.
func read(info *debug.BuildInfo, stamp, commit string) Info {
	i := Info{Version: info.Main.Version, Go: info.GoVersion}
	if stamp != "" {
		i.Version = stamp
	}
	if i.Version == "" {
		i.Version = "(unknown)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Revision = s.Value[:min(len(s.Value), digits)]
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
	if commit != "" {
		commit, i.Modified = strings.CutSuffix(commit, "-dirty")
		i.Revision = commit[:min(len(commit), digits)]
	}
	return i
}

// String returns it on one line, as in v1.2.3 (0123456789ab), go1.26.0.
func (i Info) String() string {
	text := i.Version
	if i.Revision != "" {
		text += fmt.Sprintf(" (%s)", i.Revision)
	}
	if i.Modified {
		text += " with changes"
	}
	if i.Go != "" {
		text += ", " + i.Go
	}
	return text
}
