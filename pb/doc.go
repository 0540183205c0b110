// Package pb holds the .proto files and the code generated from them, and nothing else.
//
// To change a message, edit the .proto file and run go generate ./pb: it needs node (npx) for the pinned buf compiler,
// and takes protoc-gen-go from the module's tools.
package pb

//go:generate sh -c "cd .. && npx --yes @bufbuild/buf@1.75.0 generate pb"
