package blocks

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Kind says what is to be done with a block.
type Kind uint8

// The kinds of blocks.
const (
	Unmarked Kind = iota // has only to be shell
	Run                  // is run to its end
	Serve                // runs until the document ends
	NotRun               // says why it is not run
)

// Block is a block of shell in a document.
type Block struct {
	Document string
	Line     int // of the first line of the script, from 1
	Kind     Kind
	Exit     int // the exit code of a block that is Run
	Script   string
}

// String returns where the block stands, as in docs/faq.md:12.
func (b Block) String() string { return fmt.Sprintf("%s:%d", b.Document, b.Line) }

// Parse returns the blocks of shell in a document, in order. The error joins everything that is wrong with its marks and
// fences; a line each begins with the place.
func Parse(document, text string) ([]Block, error) {
	p := parser{document: document}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		p.take(strings.TrimSuffix(line, "\r"))
	}
	p.end()
	return p.blocks, errors.Join(p.problems...)
}

var (
	// fence opens or closes a block: its indentation, its marks, and the language.
	fence = regexp.MustCompile("^( *)(`{3,}|~{3,}) *([^` ]*)[^`]*$")
	// comment is a comment on a line of its own.
	comment = regexp.MustCompile(`^ *<!-- *(.*?) *--> *$`)
	// markLike is how a comment begins that is meant as a mark.
	markLike = regexp.MustCompile(`^(run|serve|not run)\b`)
	// mark is a mark: the exit code, and the reason.
	mark = regexp.MustCompile(`^(?:run(?:: exit (\d{1,3}))?|serve|not run: \S.*)$`)
)

// otherShells are names of the language that would hide a block from us.
var otherShells = map[string]bool{"bash": true, "shell": true, "console": true, "zsh": true, "shell-session": true}

// parser reads a document line by line.
type parser struct {
	document string
	line     int
	blocks   []Block
	problems []error

	above  *string // the comment on the line above
	hidden bool    // inside a comment of several lines
	open   string  // the fence that is open, or nothing
	indent string  // of the open fence
	shell  bool    // whether the open fence holds shell
	block  Block
}

// object notes what is wrong on the current line.
func (p *parser) object(format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf("%s:%d: %s", p.document, p.line, fmt.Sprintf(format, args...)))
}

// take reads the next line.
func (p *parser) take(line string) {
	switch {
	case p.open != "":
		p.inside(line)
	case p.hidden:
		p.hidden = !strings.Contains(line, "-->")
	default:
		p.outside(line)
	}
}

// inside reads a line of a block, or the fence that closes it.
func (p *parser) inside(line string) {
	if closing := strings.TrimSpace(line); strings.HasPrefix(closing, p.open) && strings.Trim(closing, p.open[:1]) == "" {
		if p.shell {
			p.blocks = append(p.blocks, p.block)
		}
		p.open = ""
		return
	}
	p.block.Script += strings.TrimPrefix(line, p.indent) + "\n"
}

// outside reads a line of text, a comment, or the fence that opens a block.
func (p *parser) outside(line string) {
	opening, remark := fence.FindStringSubmatch(line), comment.FindStringSubmatch(line)
	shell := opening != nil && opening[3] == "sh"
	if p.above != nil && !shell && markLike.MatchString(*p.above) {
		p.object("the mark <!-- %s --> is not on the line above a block of sh", *p.above)
	}
	switch {
	case opening != nil:
		p.begin(opening[1], opening[2], opening[3])
	case remark == nil && strings.Contains(line, "<!--"):
		_, rest, _ := strings.Cut(line, "<!--")
		p.hidden = !strings.Contains(rest, "-->")
	}
	p.above = nil
	if remark != nil {
		p.above = &remark[1]
	}
}

// begin opens a block.
func (p *parser) begin(indent, open, language string) {
	p.indent, p.open, p.shell = indent, open, language == "sh"
	p.block = Block{Document: p.document, Line: p.line + 1}
	if otherShells[language] {
		p.object("a block of %s: call it sh, so that it is checked", language)
	}
	if !p.shell || p.above == nil {
		return
	}
	found := mark.FindStringSubmatch(*p.above)
	switch {
	case found == nil:
		p.object("<!-- %s --> is no mark", *p.above)
	case strings.HasPrefix(found[0], "run"):
		p.block.Kind = Run
		p.block.Exit, _ = strconv.Atoi(found[1]) // nothing is 0
	case found[0] == "serve":
		p.block.Kind = Serve
	default:
		p.block.Kind = NotRun
	}
}

// end objects to what is open when the document ends.
func (p *parser) end() {
	switch {
	case p.open != "":
		p.object("the block before line %d is never closed", p.block.Line)
	case p.hidden:
		p.object("a comment is never closed")
	case p.above != nil && markLike.MatchString(*p.above):
		p.object("the mark <!-- %s --> has no block", *p.above)
	}
}
