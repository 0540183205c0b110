package wstest

import (
	"fmt"
	"strings"

	"aoiworld/net/wire"
)

// hello is a small frame of ours.
const hello = "\x05\x00\x00\x00\x03\x00\x00\x00hello"

// message returns it as a client sends it.
func message() string { return Message(Binary, hello) }

// frameOf returns a frame of ours that is so many bytes long, its header included.
func frameOf(size int) string { return Frame(7, strings.Repeat("x", size-wire.HeaderSize)) }

// lengths are the three forms of a length.
func lengths() []Case {
	const section = "5.2"
	var all []Case
	for _, n := range []int{8, 9, 124, 125, 126, 127, 128, 255, 256, 257, 4104} {
		f := frameOf(n)
		all = append(all, good(fmt.Sprintf("length %d", n), section, Message(Binary, f), f, ""))
	}
	short := mask + veiled(mask, hello)
	unasked := func(name, sends string) Case { // longer than need be
		return bad(name, section, sends, "")
	}
	all = append(all,
		good("nothing at all", section, "", "", ""),
		good("length 0", section, Message(Binary, "")+message(), hello, ""),
		good("two messages", section, message()+message(), hello+hello, ""),
		good("a hundred messages", section, strings.Repeat(message(), 100), strings.Repeat(hello, 100), ""),
		unasked("16 bits for a short length", long16(Binary, len(hello))+short),
		unasked("64 bits for a short length", long64(Binary, uint64(len(hello)))+short),
		bad("16 bits for length 0", section, long16(Binary, 0)+mask, ""),
		bad("64 bits for length 0", section, long64(Binary, 0)+mask, ""),
	)
	for _, n := range []int{125, 126, 300} {
		f := frameOf(n)
		all = append(all, unasked(fmt.Sprintf("64 bits for length %d", n), long64(Binary, uint64(n))+mask+veiled(mask, f)))
	}
	return all
}

// masks are how payloads are veiled, and that they must be.
func masks() []Case {
	var all []Case
	for _, key := range []string{
		"\x00\x00\x00\x00", "\xff\xff\xff\xff", "\x01\x02\x03\x04", "\x80\x00\x00\x00", "\x00\x00\x00\x80", "\x82\x85\x88\x89",
	} {
		for _, n := range []int{8, 9, 10, 11} {
			f := frameOf(n)
			name := fmt.Sprintf("mask % x over %d bytes", key, n)
			all = append(all, good(name, "5.3", masked(Binary, key, f)+message(), f+hello, ""))
		}
	}
	keys := masked(Begin, "abcd", hello[:5]) + masked(Continue, "\x00\x00\x00\x00", hello[5:6]) + masked(End, "wxyz", hello[6:])
	all = append(all,
		good("a mask for each fragment", "5.3", keys, hello, ""),
		good("a masked ping", "5.3", masked(Ping, "\x10\x20\x30\x40", "abcde"), "", `pong "abcde"`),
		bad("unmasked message", "5.1", unmasked(Binary, hello), ""),
		bad("unmasked message of 16-bit length", "5.1", unmasked(Binary, frameOf(300)), ""),
		bad("unmasked message of 64-bit length", "5.1", "\x82\x7f"+strings.Repeat("\x00", 8), ""),
		bad("unmasked empty message", "5.1", unmasked(Binary, ""), ""),
		bad("unmasked text", "5.1", unmasked(Text, "hello"), ""),
		bad("unmasked ping", "5.1", unmasked(Ping, ""), ""),
		bad("unmasked pong", "5.1", unmasked(Pong, "x"), ""),
		bad("unmasked close", "5.1", unmasked(Close, code(1000, "")), ""),
		bad("unmasked behind masked", "5.1", message()+unmasked(Binary, hello), hello),
		bad("unmasked last fragment", "5.1", Message(Begin, hello[:4])+unmasked(End, hello[4:]), ""),
	)
	return all
}

// reservedBits are for extensions, of which none was agreed on.
func reservedBits() []Case {
	var all []Case
	for bits := 1; bits < 8; bits++ {
		name := fmt.Sprintf("reserved bits %03b", bits)
		all = append(all, bad(name, "5.2", Message(byte(Binary|bits<<4), hello), ""))
	}
	const rsv1, rsv2, rsv3 = 0x40, 0x20, 0x10
	return append(all,
		bad("RSV1 of a text", "5.2", Message(Text|rsv1, "hello"), ""),
		bad("RSV1 of a ping", "5.2", Message(Ping|rsv1, ""), ""),
		bad("RSV2 of a pong", "5.2", Message(Pong|rsv2, ""), ""),
		bad("RSV3 of a close", "5.2", Message(Close|rsv3, code(1000, "")), ""),
		bad("RSV1 of a first fragment", "5.2", Message(Begin|rsv1, hello[:3])+Message(End, hello[3:]), ""),
		bad("RSV1 of a later fragment", "5.2", Message(Begin, hello[:3])+Message(End|rsv1, hello[3:]), ""),
		bad("reserved bits behind a message", "5.2", message()+Message(Binary|rsv2, hello), hello),
	)
}

// opcodes are those that mean nothing.
func opcodes() []Case {
	var all []Case
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		all = append(all, bad(fmt.Sprintf("opcode %d", op), "5.2", Message(0x80|op, ""), ""))
	}
	return append(all,
		bad("opcode 3 with a payload", "5.2", Message(0x83, hello), ""),
		bad("opcode 11 with a payload", "5.2", Message(0x8b, "x"), ""),
		bad("opcode 3 without FIN", "5.2", Message(0x03, hello), ""),
		bad("opcode 15 without FIN", "5.2", Message(0x0f, ""), ""),
		bad("opcode 7 inside a message", "5.2", Message(Begin, hello[:3])+Message(0x87, ""), ""),
		bad("opcode 12 behind a message", "5.2", message()+Message(0x8c, ""), hello),
	)
}

// boundaries put each byte of a header, its mask included, on either side of the end of a buffer. Readers have buffers of a
// power of two.
func boundaries() []Case {
	var all []Case
	for _, buffer := range []int{512, 4096} {
		for before := 1; before < len(message()); before += 2 {
			const header = 2 + 2 + len(mask) // of a message of 16-bit length
			first := frameOf(buffer - before - header)
			name := fmt.Sprintf("%d bytes of a message before byte %d", before, buffer)
			all = append(all, good(name, "5.2", Message(Binary, first)+message(), first+hello, ""))
		}
	}
	return all
}
