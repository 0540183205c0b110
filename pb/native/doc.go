// Package nativepb holds the .proto files of the native dialect and the code generated from them, and nothing else.
// codes.proto is written from net/codes. To change a message, edit native.proto and run go generate ./pb.
package nativepb
