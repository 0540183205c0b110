package blocks

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// goRun finds a command that a reader will type, and so wants to see working.
var goRun = regexp.MustCompile(`\bgo run\b`)

// Marks returns what is wrong with the marks of blocks, a line each: go run in a block without a mark, and a block
// that is run and has nothing in it.
func Marks(blocks []Block) (complaints []string) {
	for _, b := range blocks {
		switch {
		case b.Kind == Unmarked && goRun.MatchString(b.Script):
			complaints = append(complaints, fmt.Sprintf("%v: go run in a block without a mark: run, serve, or not run: why", b))
		case b.Kind != Unmarked && strings.TrimSpace(b.Script) == "":
			complaints = append(complaints, fmt.Sprintf("%v: a marked block without a command", b))
		}
	}
	return complaints
}

// Syntax returns what bash finds wrong with the scripts of blocks without running them, an entry for each bad block.
func Syntax(ctx context.Context, blocks []Block) (complaints []string) {
	for _, b := range blocks {
		said, err := exec.CommandContext(ctx, "bash", "-n", "-c", b.Script, b.String()).CombinedOutput()
		if err != nil {
			complaints = append(complaints, fmt.Sprintf("%v: no shell: %s", b, bytes.TrimSpace(said)))
		}
	}
	return complaints
}
