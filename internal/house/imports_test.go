package house

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// module begins the import paths of our packages.
const module = "aoiworld/"

// everything lets a folder import any of our packages.
const everything = "*"

// mayImport is the table of ARCHITECTURE.md: what the packages of a folder may import of ours.
var mayImport = map[string][]string{
	".":              {everything},
	"cmd":            {everything},
	"aoi":            {},
	"world":          {"aoi"},
	"view":           {"aoi", "world"},
	"player":         {"aoi", "world", "view", "net/wire", "net/classic"},
	"net/wire":       {},
	"net/tcp":        {"net/wire"},
	"net/ws":         {"net/wire"},
	"net/memnet":     {"net/wire"},
	"net/classic":    {"pb", "net/wire"},
	"pb":             {},
	"conf":           {},
	"ops":            {"world", "player"},
	"client_sim":     {"client_sim/bot"},
	"client_sim/bot": {"net/wire", "net/classic", "pb"},
	"sim":            {"aoi", "world", "view", "player", "net/wire", "net/classic", "net/memnet"},
	"internal/house": {},
}

// importsDownwards objects to imports that the table does not allow. Tests may import what they like, but for the bots',
// who stay strangers.
func importsDownwards(f goFile) (complaints []string) {
	allowed, known := mayImport[f.folder()]
	if !known {
		return []string{f.path + ": a new folder needs a row in mayImport, and one in ARCHITECTURE.md"}
	}
	if f.isTest() && !strings.HasPrefix(f.path, "client_sim/") || slices.Contains(allowed, everything) {
		return nil
	}
	for _, i := range f.tree.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		ours, is := strings.CutPrefix(path, module)
		if err == nil && is && ours != f.folder() && !slices.Contains(allowed, ours) {
			complaints = append(complaints, fmt.Sprintf("%s imports %s, which %s may not", f.path, ours, f.folder()))
		}
	}
	return complaints
}
