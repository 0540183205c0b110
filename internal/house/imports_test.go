package house

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// module begins the import paths of our packages.
const module = "aoiworld/"

// everything lets a folder import any of our packages.
const everything = "*"

// mayImport is the table of ARCHITECTURE.md: what the packages of a folder may import of ours. "net/*" is any in net/.
var mayImport = map[string][]string{
	".":   {everything},
	"cmd": {everything},
	"server": {
		"aoi", "world", "view", "view/*", "player", "net/*", "pb/native", "conf", "ops", "ops/*", "npc", "auth", "moderation",
		"overload", "web", "internal/build",
	},
	"aoi":                  {},
	"world":                {"aoi"},
	"view":                 {"aoi", "world", "view/press", "view/crowd"},
	"view/press":           {"world"},
	"view/crowd":           {"aoi"},
	"view/stream":          {"aoi", "world", "view/press", "view/crowd", "net/native", "net/codes", "net/wire"},
	"player":               {"auth", "aoi", "world", "view", "view/*", "net/*", "pb/native"},
	"net/wire":             {},
	"npc":                  {"aoi", "world"},
	"net/poll":             {"net/wire"},
	"net/tcp":              {"net/wire"},
	"net/ws":               {"net/wire"},
	"net/entry":            {"net/wire"},
	"net/ws/wstest":        {"net/wire"},
	"net/malformed":        {"net/wire", "net/classic", "net/native", "net/ws/wstest"},
	"net/memnet":           {"net/wire"},
	"net/classic":          {"pb", "net/wire"},
	"net/native":           {"pb/native", "net/wire", "net/codes"},
	"net/codes":            {},
	"pb/native":            {},
	"pb":                   {},
	"auth":                 {},
	"conf":                 {},
	"moderation":           {"auth", "world", "player"},
	"overload":             {},
	"ops":                  {"world", "player", "overload", "internal/build"},
	"ops/tracing":          {"player", "internal/build"},
	"deploy":               {},
	"ops/admin":            {"aoi", "world", "view/press", "player", "moderation", "ops/figures"},
	"ops/figures":          {"world", "player"},
	"client":               {"net/native", "net/codes", "net/wire", "pb/native"},
	"client_sim":           {"client_sim/*"},
	"client_sim/page":      {"client_sim/bot"},
	"client_sim/study":     {"client_sim/bot", "client_sim/operator", "client_sim/page"},
	"client_sim/capacity":  {"client_sim/bot", "client_sim/page", "client_sim/study"},
	"client_sim/tune":      {"client_sim/bot", "client_sim/operator", "client_sim/page", "client_sim/study"},
	"client_sim/model":     {"client_sim/bot", "client_sim/page", "client_sim/study"},
	"client_sim/operator":  {},
	"client_sim/probe":     {"client_sim/bot"},
	"client_sim/scenario":  {"client_sim/bot"},
	"client_sim/bot":       {"client_sim/link", "client_sim/thread", "client", "net/wire", "net/classic", "net/native", "net/codes", "pb", "pb/native"},
	"client_sim/link":      {"client_sim/thread"},
	"client_sim/thread":    {},
	"examples/tag":         {"cmd", "conf", "server", "examples/tag/*", "examples/browser-tag"},
	"examples/tag/game":    {"server", "player", "world", "net/wire", "client_sim/bot", "examples/tag/tagpb"},
	"examples/tag/tagpb":   {},
	"sim":                  {"auth", "aoi", "world", "view", "view/*", "player", "client", "net/*", "pb/native"},
	"bench":                {"bench/*", "net/*", "client_sim/bot"},
	"bench/floor":          {"net/*", "bench/side"},
	"bench/naive":          {"net/*", "pb", "bench/side"},
	"bench/side":           {},
	"web":                  {},
	"examples/browser-tag": {},
	"internal/blocks":      {},
	"internal/build":       {},
	"internal/house":       {},
	"internal/release":     {},
}

// strangers is the folder whose tests must not know the server either, or the bots would not prove anything.
const strangers = "client_sim"

// importsDownwards objects to imports that the table does not allow. Tests may import what they like, but for the
// bots', which may import what any of the bots' packages may.
func importsDownwards(f goFile) (complaints []string) {
	allowed, known := mayImport[f.folder()]
	if !known {
		return []string{f.path + ": a new folder needs a row in mayImport and one in ARCHITECTURE.md"}
	}
	stranger := f.folder() == strangers || strings.HasPrefix(f.folder(), strangers+"/")
	switch {
	case f.isTest() && stranger:
		allowed = append(slices.Concat(mayImport[strangers], mayImport[strangers+"/bot"]), f.folder())
	case f.isTest():
		return nil
	}
	for _, i := range f.tree.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if ours, is := strings.CutPrefix(path, module); err == nil && is && !matches(allowed, ours) {
			complaints = append(complaints, fmt.Sprintf("%s imports %s, which %s may not", f.path, ours, f.folder()))
		}
	}
	return complaints
}

// matches reports whether a package is among those of a list.
func matches(list []string, name string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		folder, all := strings.CutSuffix(entry, "*")
		return entry == name || all && strings.HasPrefix(name, folder)
	})
}

// architectureRow finds a row of the table of folders: the folders, as links, and what they may import.
var architectureRow = regexp.MustCompile(`(?m)^\| (.*\]\(.*) \|.*\| ([^|]+) \|$`)

// architectureAgrees objects to what mayImport allows and ARCHITECTURE.md does not, and to folders that the document
// leaves out. What the document says of a folder holds for the folders in it.
func architectureAgrees(r repository) (complaints []string) {
	const document = "ARCHITECTURE.md"
	told := map[string][]string{}
	for _, row := range architectureRow.FindAllStringSubmatch(r.texts[document], -1) {
		cell := strings.NewReplacer("everything", everything, "–", "").Replace(row[2])
		imports := strings.FieldsFunc(cell, func(c rune) bool { return c == ',' || c == ' ' })
		for _, target := range link.FindAllStringSubmatch(row[1], -1) {
			told[strings.Replace(target[1], "main.go", ".", 1)] = imports
		}
	}
	for folder, allowed := range mayImport {
		if !r.paths[folder] || strings.HasPrefix(folder, "internal/") {
			continue
		}
		top := folder
		if _, has := told[folder]; !has {
			top, _, _ = strings.Cut(folder, "/")
		}
		imports, has := told[top]
		if !has {
			complaints = append(complaints, fmt.Sprintf("%s has no row for %s", document, folder))
		}
		for _, name := range allowed {
			if has && !matches(imports, name) && !strings.HasPrefix(name, top+"/") {
				complaints = append(complaints, fmt.Sprintf("%s does not let %s import %s", document, folder, name))
			}
		}
	}
	return complaints
}
