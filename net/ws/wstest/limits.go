package wstest

import (
	"io"
	"strings"

	"aoiworld/net/wire"
)

// texts are refused, since nothing that we say is text.
func texts() []Case {
	text := func(name, sends, frames string) Case {
		return ends(name, "5.6", sends, frames, "close 1003", wire.ErrText)
	}
	return []Case{
		text("a text", Message(Text, "hello"), ""),
		text("an empty text", Message(Text, ""), ""),
		text("a text that is no UTF-8", Message(Text, "\xff\xfe"), ""),
		text("a text with a frame of ours", Message(Text, hello), ""),
		text("a text in fragments", Message(0x01, "hel")+Message(End, "lo"), ""),
		text("a text behind a message", message()+Message(Text, "hello"), hello),
		text("a text behind a message in fragments", inPieces(hello, 4)+Message(Text, "hello"), hello),
		text("a text behind a ping", Message(Ping, "x")+Message(Text, "hello"), "").after(`pong "x"`),
	}
}

// limits are sizes that are too large, which is told before anything of that size has come.
func limits() []Case {
	large := frameOf(wire.HeaderSize + MaxPayload)
	full := strings.Repeat(large, 4) // MaxMessage bytes
	tooLarge := func(name, sends, frames string) Case {
		return ends(name, "7.4.1", sends, frames, "close 1009", wire.ErrTooLarge)
	}
	topBit := func(name, sends string) Case { // section 5.2: the most significant bit must be 0
		return bad(name, "5.2", sends, "")
	}
	return []Case{
		good("the largest message", "7.4.1", Message(Binary, full), full, ""),
		good("the largest message(), twice", "7.4.1", Message(Binary, full)+Message(Binary, full), full+full, ""),
		good("the largest message in fragments", "7.4.1", inPieces(full, 1000), full, ""),
		tooLarge("a message that is a byte too large", Declare(Binary, MaxMessage+1)+mask, ""),
		tooLarge("a message of 64 KiB", Declare(Binary, 1<<16)+mask, ""),
		tooLarge("a message of 4 GiB", long64(Binary, 1<<32)+mask, ""),
		tooLarge("a message of 2^63-1 bytes", long64(Binary, 1<<63-1)+mask, ""),
		tooLarge("a first fragment that is too large", Declare(Begin, MaxMessage+1)+mask, ""),
		tooLarge("fragments that are a byte too large together", Message(Begin, full)+Declare(End, 1)+mask, full),
		tooLarge("fragments that overflow together", Message(Begin, hello)+long64(End, 1<<63-1)+mask, hello),
		tooLarge("many fragments that are too large together",
			Message(Begin, "")+strings.Repeat(Message(Continue, large), 4)+Message(Continue, large), full),
		tooLarge("a message too large behind another", message()+Declare(Binary, MaxMessage+1)+mask, hello),
		topBit("a message of 2^63 bytes", long64(Binary, 1<<63)+mask),
		topBit("a message of 2^64-1 bytes", long64(Binary, 1<<64-1)+mask),
		topBit("a first fragment of 2^63 bytes", long64(Begin, 1<<63)+mask),
	}
}

// inner are messages and the frames of ours in them: each holds any number of whole ones.
func inner() []Case {
	const section = "5.6" // what binary data means is up to us
	truncated := func(name, sends, frames string) Case {
		return ends(name, section, sends, frames, "close 4504", wire.ErrTruncated)
	}
	tooLarge := func(name, sends, frames string) Case {
		return ends(name, section, sends, frames, "close 1009", wire.ErrTooLarge)
	}
	nothing := Frame(2, "")
	return []Case{
		good("several frames in a message", section, Message(Binary, hello+nothing+hello), hello+nothing+hello, ""),
		good("a frame without payload", section, Message(Binary, nothing), nothing, ""),
		good("fifty frames in a message", section, Message(Binary, strings.Repeat(hello, 50)), strings.Repeat(hello, 50), ""),
		good("fragments that cut frames", section, Message(Begin, hello+hello[:5])+Message(End, hello[5:]), hello+hello, ""),
		truncated("a message that ends inside a frame", Message(Binary, hello[:10]), ""),
		truncated("a message that ends inside a header", Message(Binary, hello+hello[:2]), hello),
		truncated("a message of one byte", Message(Binary, "\x00"), ""),
		truncated("a frame over two messages", Message(Binary, hello[:10])+Message(Binary, hello[10:]), ""),
		truncated("a header over two messages", Message(Binary, hello[:4])+Message(Binary, hello[4:]), ""),
		truncated("fragments that end inside a frame", inPieces(hello+hello[:9], 5), hello),
		truncated("an empty last fragment inside a frame", Message(Begin, hello[:9])+Message(End, ""), ""),
		tooLarge("a frame of 4 GiB", Message(Binary, "\xff\xff\xff\xff\x03\x00\x00\x00"), ""),
		tooLarge("a frame that is a byte too large", Message(Binary, string(wire.AppendHeader(nil, 3, MaxPayload+1))), ""),
		tooLarge("a frame too large behind another", Message(Binary, hello+string(wire.AppendHeader(nil, 3, 1<<31))), hello),
		tooLarge("a frame too large in fragments", inPieces(string(wire.AppendHeader(nil, 3, MaxPayload+1)), 3), ""),
	}
}

// departures are clients that leave without a close message.
func departures() []Case {
	const section = "7.1.1"
	left := func(name, sends, frames string) Case {
		return ends(name, section, sends, frames, "", io.ErrUnexpectedEOF)
	}
	ping := Message(Ping, "data")
	return []Case{
		left("left behind a message", message(), hello),
		left("left behind a byte", message()+message()[:1], hello),
		left("left inside a length", long16(Binary, 300)[:3], ""),
		left("left inside a mask", message()[:4], ""),
		left("left behind a header", message()[:6], ""),
		left("left inside a payload", message()[:len(message())-1], ""),
		left("left inside a payload, behind a frame", Message(Binary, hello+hello)[:6+len(hello)], hello),
		left("left between fragments", Message(Begin, hello), hello),
		left("left inside a ping", ping[:len(ping)-1], ""),
		left("left inside a close", Message(Close, code(1000, "bye"))[:8], ""),
	}
}
