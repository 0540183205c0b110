package wstest

import (
	"fmt"
	"io"
	"strings"
)

// The longest payload of a control message has 125 bytes.
const (
	fifth   = "ppppppppppppppppppppppppp"
	longest = fifth + fifth + fifth + fifth + fifth
)

// pings are pings, which are answered, and pongs, which are not.
func pings() []Case {
	const flood = 200 // of a peer within its budget
	many := strings.TrimSuffix(strings.Repeat(`pong "x", `, flood), ", ")
	return []Case{
		good("a ping", "5.5.2", Message(Ping, "data"), "", `pong "data"`),
		good("an empty ping", "5.5.2", Message(Ping, ""), "", `pong ""`),
		good("a ping of a byte", "5.5.2", Message(Ping, "x"), "", `pong "x"`),
		good("the longest ping", "5.5.2", Message(Ping, longest), "", fmt.Sprintf("pong %q", longest)),
		good("a ping of bytes that are no text", "5.5.2", Message(Ping, "\x00\xff\xfe\x80"), "", `pong "\x00\xff\xfe\x80"`),
		good("a ping that looks like a close", "5.5.2", Message(Ping, "\x88\x02\x03\xe8"), "", `pong "\x88\x02\x03\xe8"`),
		good("pings in order", "5.5.2", Message(Ping, "1")+Message(Ping, "2")+Message(Ping, "3"), "",
			`pong "1", pong "2", pong "3"`),
		good("a ping between messages", "5.5.2", message()+Message(Ping, "x")+message(), hello+hello, `pong "x"`),
		good("many pings", "5.5.2", strings.Repeat(Message(Ping, "x"), flood), "", many),
		good("an unasked pong", "5.5.3", Message(Pong, "data")+message(), hello, ""),
		good("an empty pong", "5.5.3", Message(Pong, "")+message(), hello, ""),
		good("the longest pong", "5.5.3", Message(Pong, longest)+message(), hello, ""),
		good("many pongs", "5.5.3", strings.Repeat(Message(Pong, "data"), flood)+message(), hello, ""),
	}
}

// brokenControls are control messages that are too long or in parts.
func brokenControls() []Case {
	tooLong := longest + "p"
	reason := code(1000, tooLong[2:])
	return []Case{
		bad("ping of 126 bytes", "5.5", Message(Ping, tooLong), ""),
		bad("pong of 126 bytes", "5.5", Message(Pong, tooLong), ""),
		bad("close of 126 bytes", "5.5", Message(Close, reason), ""),
		bad("ping of 64 KiB, which is not waited for", "5.5", Declare(Ping, 1<<16)+mask, ""),
		bad("pong of 2^63-1 bytes", "5.5", long64(Pong, 1<<63-1)+mask, ""),
		bad("close of 2^64-1 bytes", "5.5", long64(Close, 1<<64-1)+mask, ""),
		bad("short ping with a length of 16 bits", "5.5", long16(Ping, 5)+mask+"abcde", ""),
		bad("short ping with a length of 64 bits", "5.5", long64(Ping, 5)+mask+"abcde", ""),
		bad("ping to be continued", "5.5", Message(Ping&^0x80, "x"), ""),
		bad("pong to be continued", "5.5", Message(Pong&^0x80, ""), ""),
		bad("close to be continued", "5.5", Message(Close&^0x80, code(1000, "")), ""),
		bad("ping to be continued inside a message", "5.5", Message(Begin, hello)+Message(Ping&^0x80, "x"), hello),
		bad("ping of 126 bytes behind a message", "5.5", message()+Message(Ping, tooLong), hello),
		bad("a ping, and a bad one", "5.5", Message(Ping, "x")+Message(Ping&^0x80, ""), "").after(`pong "x"`),
	}
}

// after returns a case in which the server has said something before it closed.
func (c Case) after(said string) Case {
	c.Want.Says = said + ", " + c.Want.Says
	return c
}

// closes are the clients' goodbyes, behind which nothing is heard.
func closes() []Case {
	goodbye := Message(Close, code(1000, ""))
	closed := func(name, sends, frames string) Case {
		return ends(name, "5.5.1", sends, frames, "close 1000", io.EOF)
	}
	return []Case{
		closed("a close", goodbye, ""),
		closed("a close behind a message", message()+goodbye, hello),
		closed("a close between fragments", Message(Begin, hello[:3])+goodbye, ""),
		closed("a close between fragments of whole frames", Message(Begin, hello)+goodbye, hello),
		closed("a message behind a close", goodbye+message(), ""),
		closed("a ping behind a close", goodbye+Message(Ping, "x"), ""),
		closed("a close behind a close", goodbye+Message(Close, code(1001, "")), ""),
		closed("rubbish behind a close", goodbye+"\xff\xff\xff\xff\xff\xff", ""),
		closed("a ping before a close", Message(Ping, "x")+goodbye, "").after(`pong "x"`),
		ends("a close without a code", "5.5.1", Message(Close, ""), "", "close", io.EOF),
		bad("a close of one byte", "5.5.1", Message(Close, "\x03"), ""),
	}
}

// closeCodes are the codes that may be sent, and those that may not.
func closeCodes() []Case {
	const section = "7.4"
	var all []Case
	for _, n := range []uint16{
		1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3001, 3999, 4000, 4001, 4499, 4500, 4999,
	} {
		says := fmt.Sprintf("close %d", n)
		all = append(all, ends("close code "+says[6:], section, Message(Close, code(n, "")), "", says, io.EOF))
	}
	for _, n := range []uint16{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 9999, 65535} {
		all = append(all, bad(fmt.Sprintf("close code %d, which may not be sent", n), section, Message(Close, code(n, "")), ""))
	}
	// Registered with IANA after the RFC, as 1012 and 1013 were.
	newest := ends("close code 1014", section, Message(Close, code(1014, "")), "", "close 1014", io.EOF)
	return append(all, newest)
}

// closeReasons are the texts behind the codes.
func closeReasons() []Case {
	var all []Case
	for name, reason := range map[string]string{
		"a word": "bye", "of several bytes a letter": "Grüße, 再见, 👋", "with a zero": "a\x00b", "as long as may be": longest[2:],
	} {
		all = append(all, ends("close reason "+name, "5.5.1", Message(Close, code(4000, reason)), "", "close 4000", io.EOF))
	}
	for name, reason := range map[string]string{
		"no UTF-8": "\xff\xfe", "cut inside a letter": "再"[:2], "a lone continuation": "a\x80b", "an overlong zero": "\xc0\x80",
		"half a surrogate pair": "\xed\xa0\x80", "beyond Unicode": "\xf4\x90\x80\x80", "five bytes long": "\xf8\x88\x80\x80\x80",
		"bad at the end": longest[3:] + "\xc3",
	} {
		all = append(all, bad("close reason "+name, "8.1", Message(Close, code(1000, reason)), ""))
	}
	return all
}
