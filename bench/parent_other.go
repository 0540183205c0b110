//go:build !linux

package main

import "syscall"

// dieWithParent leaves it to the programs, whose standard input ends.
func dieWithParent() *syscall.SysProcAttr { return nil }
