// Package tagpb holds the messages of tag, and nothing else.
//
// To change one, edit tag.proto and run go generate ./examples/tag/tagpb, as in package pb.
package tagpb

//go:generate npx --yes @bufbuild/buf@1.75.0 generate .
