package main

import "syscall"

// dieWithParent makes the kernel end a program when its parent does.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
