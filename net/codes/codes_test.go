package codes

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// update rewrites what is written from the tables: go test ./net/codes -update.
var update = flag.Bool("update", false, "rewrite codes.proto, codes.md and the limits in native.proto")

// TestWritten: the files that are written from the tables are up to date.
func TestWritten(t *testing.T) {
	for file, write := range map[string]func(before string) (string, error){
		"../../pb/native/codes.proto":  func(string) (string, error) { return protoFile(), nil },
		"../../pb/native/native.proto": withLimits,
		"../../docs/codes.md":          func(string) (string, error) { return document(), nil },
	} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := write(string(before))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if string(before) == want {
			continue
		}
		if !*update {
			t.Errorf("%s is not what the tables say: go test ./net/codes -update", file)
		} else if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// withLimits is native.proto with the message Limits that the table says, in the place of the one that is there.
func withLimits(proto string) (string, error) {
	const begins, ends = "// Limits are", "\n}\n"
	before, after, begun := strings.Cut(proto, begins)
	_, after, ended := strings.Cut(after, ends)
	if !begun || !ended {
		return "", fmt.Errorf("no message between %q and %q", begins, ends)
	}
	var b strings.Builder
	b.WriteString(begins + " what a client may do. 0 is no limit.\nmessage Limits {")
	for _, r := range Limits() {
		fmt.Fprintf(&b, "\n  %s %s = %d; // %s", r.Type, r.Name, r.Number, r.Text)
	}
	return before + b.String() + ends + after, nil
}

// TestLimitsHaveAPlace: a file without the message, or without its end, is not written to.
func TestLimitsHaveAPlace(t *testing.T) {
	for _, proto := range []string{"", "message Welcome {\n}\n", "message Welcome {\n}\n// Limits are what\nmessage Limits {"} {
		if got, err := withLimits(proto); err == nil {
			t.Errorf("%q becomes %q", proto, got)
		}
	}
}

// protoFile is pb/native/codes.proto.
func protoFile() string {
	var b strings.Builder
	b.WriteString(`// The numbers that clients of the native dialect are told. Written from net/codes: go test ./net/codes -update.
syntax = "proto3";

package aoiworld.v1;

option csharp_namespace = "Aoiworld.V1";
option go_package = "aoiworld/pb/native;nativepb";

// ErrorCode says what was wrong with a message.
enum ErrorCode {
  ERROR_NONE = 0;
`)
	for _, r := range Errors() {
		fmt.Fprintf(&b, "  ERROR_%s = %d; // %s\n", r.Name, r.Code, r.Text)
	}
	b.WriteString(`}

// CloseCode says why a connection ends. 4000 to 4499 invite to come back after a back-off.
enum CloseCode {
  CLOSE_NONE = 0;
`)
	for _, r := range Closes() {
		fmt.Fprintf(&b, "  CLOSE_%s = %d; // %s\n", r.Name, r.Code, r.Text)
	}
	b.WriteString("}\n")
	return b.String()
}

// document is docs/codes.md.
func document() string {
	var b strings.Builder
	b.WriteString(`# Codes

Written from ` + "`net/codes`" + `: ` + "`go test ./net/codes -update`" + `.

## Errors

What an ` + "`Error`" + ` of the [native dialect](native.md) says was wrong with a message. It had no effect; the connection goes on
unless the error is fatal.

| code | name | meaning |
|---|---|---|
`)
	for _, r := range Errors() {
		fmt.Fprintf(&b, "| %d | %s | %s |\n", r.Code, r.Name, r.Text)
	}
	b.WriteString(`
## Closes

Why a connection ends: the code of the WebSocket close frame and, in the native dialect, of the fatal ` + "`Error`" + ` or the
` + "`Goodbye`" + ` before it. 1006 is what a client sees when the connection ended without a word.

| code | name | meaning | come back? | error before it |
|---|---|---|---|---|
`)
	for _, r := range Closes() {
		back, before := "after a back-off", ""
		if r.Code.Final() {
			back = "no"
		}
		if r.Error != 0 {
			before = r.Error.Row().Name
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", r.Code, r.Name, r.Text, back, before)
	}
	b.WriteString(`
## Limits

What the ` + "`Limits`" + ` of a ` + "`Welcome`" + ` say that a client may do. 0 is no limit. All limits that there are, and what they
are by default, are in [protocol.md](protocol.md#limits).

| field | | type | of what | beyond it |
|---|---|---|---|---|
`)
	for _, r := range Limits() {
		beyond := "closed, " + r.Close.Row().Name
		if r.Close == 0 {
			beyond = r.Error.Row().Name
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", r.Number, r.Name, r.Type, r.Text, beyond)
	}
	return b.String()
}

// TestTables: numbers rise, names are unique, texts fit into a control frame, and rows are found.
func TestTables(t *testing.T) {
	if !slices.IsSortedFunc(Errors(), func(a, b ErrorRow) int { return int(a.Code) - int(b.Code) }) {
		t.Error("errors are not by rising number")
	}
	if !slices.IsSortedFunc(Closes(), func(a, b CloseRow) int { return int(a.Code) - int(b.Code) }) {
		t.Error("closes are not by rising number")
	}
	names := map[string]bool{}
	for _, r := range Errors() {
		if names[r.Name] || len(r.Text) > 120 || r.Text == "" || r.Code.Row() != r {
			t.Errorf("error %+v", r)
		}
		names[r.Name] = true
	}
	names = map[string]bool{}
	for _, r := range Closes() {
		if names[r.Name] || len(r.Text) > 120 || r.Text == "" || r.Code.Row() != r {
			t.Errorf("close %+v", r)
		}
		if r.Error != 0 && r.Error.Row().Name == "" {
			t.Errorf("close %+v names an error that is none", r)
		}
		names[r.Name] = true
	}
	for i, r := range Limits() {
		if r.Number != i+1 || names[r.Name] || r.Text == "" || (r.Error.Row().Name == "") == (r.Close.Row().Name == "") {
			t.Errorf("limit %+v", r)
		}
		names[r.Name] = true
	}
	if (Error(1).Row() != ErrorRow{}) || (Close(1).Row() != CloseRow{}) {
		t.Error("numbers that are none have rows")
	}
	if CloseGoodbye.Final() || ClosePeerLeft.Final() || CloseShutdown.Final() || !CloseText.Final() || !CloseVersion.Final() {
		t.Error("final is wrong")
	}
}
