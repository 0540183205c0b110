package house

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// link finds the target of a Markdown link, and block what is no Markdown.
var (
	link  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	block = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]+`")
)

// linksLead objects to relative links of documents that lead nowhere.
func linksLead(r repository) (complaints []string) {
	for _, at := range r.documents() {
		for _, match := range link.FindAllStringSubmatch(block.ReplaceAllString(r.texts[at], ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(match[1], "#")
			full := path.Join(path.Dir(at), target)
			if target == "" {
				full = at
			}
			if !r.paths[full] {
				complaints = append(complaints, fmt.Sprintf("%s links to %s, which is not there", at, match[1]))
			} else if anchor != "" && !slices.Contains(anchors(r.texts[full]), anchor) {
				complaints = append(complaints, fmt.Sprintf("%s links to %s, which no heading has", at, match[1]))
			}
		}
	}
	return complaints
}

// shown finds blocks of commands and of what programs say, which are the same in every language; pictures have words to translate, and so
// no language after the fence.
var shown = regexp.MustCompile("(?ms)^```(?:sh|text)\n(.*?)^```")

// translated objects to what README.md links to and shows, and its translation does not, or shows otherwise.
func translated(r repository) (complaints []string) {
	const from, to = "README.md", "README.zh-CN.md"
	for _, match := range link.FindAllStringSubmatch(r.texts[from], -1) {
		if target := "](" + match[1] + ")"; match[1] != to && !strings.Contains(r.texts[to], target) {
			complaints = append(complaints, fmt.Sprintf("%s links to %s, and %s does not", from, match[1], to))
		}
	}
	ours, theirs := shownLines(r.texts[from]), shownLines(r.texts[to])
	for i, line := range ours {
		if i == len(theirs) || theirs[i] != line {
			return append(complaints, fmt.Sprintf("%s shows %q, and %s does not, or not there", from, line, to))
		}
	}
	if len(theirs) > len(ours) {
		complaints = append(complaints, fmt.Sprintf("%s shows %q, and %s does not", to, theirs[len(ours)], from))
	}
	return complaints
}

// shownLines returns the lines of all blocks of a document that are the same in every language.
func shownLines(text string) (lines []string) {
	for _, match := range shown.FindAllStringSubmatch(text, -1) {
		lines = slices.AppendSeq(lines, strings.Lines(match[1]))
	}
	return lines
}

// heading finds the headings of a document, and notInAnchors what one loses when it becomes an anchor.
var (
	fence        = regexp.MustCompile("(?ms)^```.*?^```")
	heading      = regexp.MustCompile(`(?m)^#+ +(.+?)\s*$`)
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`)
)

// anchors returns the anchors of a document's headings. Of several that are equal all but the first are numbered.
func anchors(text string) (all []string) {
	seen := map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := notInAnchors.ReplaceAllString(strings.ToLower(match[1]), "")
		anchor := strings.ReplaceAll(name, " ", "-")
		if n := seen[anchor]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			all = append(all, anchor)
		}
		seen[anchor]++
	}
	return all
}

// phony finds the targets of the Makefile.
var phony = regexp.MustCompile(`(?m)^\.PHONY: (.*)$`)

// targetsTold objects to a target of the Makefile of which who wants to help is not told.
func targetsTold(r repository) (complaints []string) {
	for _, line := range phony.FindAllStringSubmatch(r.texts["Makefile"], -1) {
		for _, target := range strings.Fields(line[1]) {
			if !strings.Contains(r.texts["CONTRIBUTING.md"], "| `make "+target) {
				complaints = append(complaints, "CONTRIBUTING.md does not tell of make "+target)
			}
		}
	}
	return complaints
}

// leftovers are what no file of the repository has: notes to oneself, places that nobody has filled, paths of somebody's machine, and
// references to what a reader does not have. They are put together here so that this file has none.
var leftovers = map[string]*regexp.Regexp{
	"a note to oneself":       regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`),
	"a place to be filled":    regexp.MustCompile(`@[a-z_]+` + `@`),
	"a path of one machine":   regexp.MustCompile(`(^|[\s"'` + "`" + `(=:])/(work|root|home|Users)` + `/\w`),
	"a path out of the house": regexp.MustCompile(`\.\./sha` + `red`),
	"a number of a tracker":   regexp.MustCompile(`(?i)\b(issue|pull request)s? ?#?\d+\b|\(#\d+\)`),
}

// nothingLeftOver objects to leftovers in any file of text.
func nothingLeftOver(r repository) (complaints []string) {
	for at, text := range r.texts {
		for what, mark := range leftovers {
			for _, found := range mark.FindAllStringIndex(text, -1) {
				line := 1 + strings.Count(text[:found[1]], "\n")
				complaints = append(complaints, fmt.Sprintf("%s:%d has %s", at, line, what))
			}
		}
	}
	return complaints
}
