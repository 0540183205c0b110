// Package blocks runs the shell blocks of the documents, so that what a reader is told to type works.
//
// In Markdown, an HTML comment on the line above a block fenced as sh is its mark:
//
//	<!-- run -->                it is run as written, and succeeds
//	<!-- run: exit 1 -->        it is run as written, and ends with this exit code
//	<!-- serve -->              it runs in the background until the document ends, and says ready before anything else is run
//	<!-- not run: why -->       it is not run, for a reason
//
// A block without a mark has only to be shell; but one that has "go run" in it must say why it is not run. The blocks of a
// document run in order, each in a bash -eu of its own, in the root of one fresh copy of the tracked files. No address is
// fixed: the environment points each server at a loopback host of its own, and the bots at the server that was started
// last.
//
// Documents are checked by every go test; they are run where a flag asks for it:
//
//	go test ./internal/blocks -run-documents -timeout 30m
package blocks
