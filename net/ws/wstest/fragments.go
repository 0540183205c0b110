package wstest

import (
	"fmt"
	"strings"
)

// inPieces returns a message in fragments of so many bytes.
func inPieces(payload string, size int) string {
	var b strings.Builder
	first := byte(Begin)
	for len(payload) > size {
		b.WriteString(Message(first, payload[:size]))
		payload, first = payload[size:], Continue
	}
	b.WriteString(Message(first|0x80, payload))
	return b.String()
}

// fragments are messages in parts.
func fragments() []Case {
	const section = "5.4"
	var all []Case
	for _, size := range []int{1, 2, 3, 7, 8, 12} {
		name := fmt.Sprintf("fragments of %d bytes", size)
		all = append(all, good(name, section, inPieces(hello+hello, size), hello+hello, ""))
	}
	begun, rest := Message(Begin, hello[:3]), Message(End, hello[3:])
	pings := strings.Repeat(Message(Ping, "now"), 3)
	empty := Message(Continue, "")
	return append(all,
		good("a large message in fragments of 100 bytes", section, inPieces(frameOf(4104), 100), frameOf(4104), ""),
		good("a fragment with a whole frame", section, Message(Begin, hello)+Message(End, hello), hello+hello, ""),
		good("an empty message in two fragments", section, Message(Begin, "")+Message(End, "")+message(), hello, ""),
		good("an empty first fragment", section, Message(Begin, "")+Message(End, hello), hello, ""),
		good("an empty last fragment", section, Message(Begin, hello)+Message(End, ""), hello, ""),
		good("an empty fragment in the middle", section, begun+empty+rest, hello, ""),
		good("nothing but empty fragments around", section,
			Message(Begin, "")+empty+Message(Continue, hello)+empty+Message(End, ""), hello, ""),
		good("a thousand empty fragments", section, begun+strings.Repeat(empty, 1000)+rest, hello, ""),
		good("a ping between fragments", section, begun+Message(Ping, "now")+rest, hello, `pong "now"`),
		good("a pong between fragments", section, begun+Message(Pong, "x")+rest, hello, ""),
		good("pings between all fragments", section,
			begun+pings+Message(Continue, hello[3:7])+pings+Message(End, hello[7:]), hello,
			strings.TrimSuffix(strings.Repeat(`pong "now", `, 6), ", ")),
		good("a ping before the last fragment, which is empty", section,
			Message(Begin, hello)+Message(Ping, "")+Message(End, ""), hello, `pong ""`),
		good("two messages in fragments", section, begun+rest+begun+rest, hello+hello, ""),
		good("fragments, then a whole message", section, begun+rest+message(), hello+hello, ""),
	)
}

// brokenFragments are parts that do not make a message.
func brokenFragments() []Case {
	const section = "5.4"
	begun := Message(Begin, hello[:3])
	whole := message()
	return []Case{
		bad("continuation of nothing", section, Message(End, hello), ""),
		bad("continuation of nothing, to be continued", section, Message(Continue, hello), ""),
		bad("empty continuation of nothing", section, Message(End, ""), ""),
		bad("continuation behind a whole message", section, whole+Message(End, hello), hello),
		bad("continuation behind a message in fragments", section, begun+Message(End, hello[3:])+Message(End, hello), hello),
		bad("message inside a message", section, begun+whole, ""),
		bad("message begun inside a message", section, begun+begun, ""),
		bad("text inside a message", section, begun+Message(Text, "hello"), ""),
		bad("empty message inside a message", section, begun+Message(Binary, ""), ""),
		bad("message inside a message behind a ping", section, begun+Message(Pong, "")+whole, ""),
		bad("message inside a message of whole frames", section, Message(Begin, hello)+whole, hello),
	}
}
