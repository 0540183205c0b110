package wstest

import (
	"fmt"
	"io"
	"slices"

	"aoiworld/net/wire"
)

// The limits that a reader under test has to keep.
const (
	MaxPayload = 4096                               // bytes of the largest frame of ours
	MaxMessage = 4 * (wire.HeaderSize + MaxPayload) // bytes of the largest message
)

// Case is one row of the table.
type Case struct {
	Name    string
	Section string // of RFC 6455
	Sends   string // the client's bytes behind the handshake; where they are cut makes no difference
	Want    Outcome
}

// Outcome is what comes of a client's bytes.
type Outcome struct {
	Frames string // those that are delivered, back to back. One is delivered as soon as it is whole
	Says   string // what the server says, in the words of Words, with commas in between
	// Ends is what ends the connection: io.EOF is a close of the client's, io.ErrUnexpectedEOF is that it left without one,
	// after it had sent everything; the others are breaches, and those of package wire.
	Ends error
}

// Cases returns the table.
func Cases() []Case {
	return slices.Concat(
		lengths(), masks(), reservedBits(), opcodes(), boundaries(), // section 5.2 and 5.3
		fragments(), brokenFragments(), // 5.4
		pings(), brokenControls(), // 5.5
		closes(), closeCodes(), closeReasons(), // 5.5.1 and 7.4
		texts(), limits(), inner(), departures(),
	)
}

// good returns a case of a client without fault, which leaves in the end.
func good(name, section, sends, frames, says string) Case {
	return Case{Name: name, Section: section, Sends: sends, Want: Outcome{frames, says, io.ErrUnexpectedEOF}}
}

// bad returns a case of a client that breaks the rules of WebSocket, after frames have been delivered.
func bad(name, section, sends, frames string) Case {
	return Case{Name: name, Section: section, Sends: sends, Want: Outcome{frames, "close 1002", wire.ErrProtocol}}
}

// ends returns a case of another end.
func ends(name, section, sends, frames, says string, end error) Case {
	return Case{Name: name, Section: section, Sends: sends, Want: Outcome{frames, says, end}}
}

// String describes an outcome.
func (o Outcome) String() string {
	return fmt.Sprintf("frames %.200q, says %.200s, ends with %v", o.Frames, o.Says, o.Ends)
}
