package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// errProc says that a file of /proc is not as it should be.
var errProc = errors.New("unreadable /proc")

// clockTick is the unit of CPU time in /proc: USER_HZ is 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuTime is CPU time of a process.
type cpuTime struct{ user, system time.Duration }

// total is both halves.
func (c cpuTime) total() time.Duration { return c.user + c.system }

// parseStat reads the CPU time in a /proc/PID/stat. The program's name, which may hold anything, stands in brackets.
func parseStat(b []byte) (cpuTime, error) {
	const user, system = 11, 12 // counted from behind the brackets
	end := bytes.LastIndexByte(b, ')')
	fields := strings.Fields(string(b[end+1:]))
	if end < 0 || len(fields) <= system {
		return cpuTime{}, fmt.Errorf("%w: stat %.40q", errProc, b)
	}
	u, errUser := strconv.ParseUint(fields[user], 10, 40)
	s, errSystem := strconv.ParseUint(fields[system], 10, 40)
	if err := errors.Join(errUser, errSystem); err != nil {
		return cpuTime{}, fmt.Errorf("%w: stat: %w", errProc, err)
	}
	return cpuTime{time.Duration(u) * clockTick, time.Duration(s) * clockTick}, nil
}

// parseBusy reads in a /proc/stat how long all cores together have been busy: with anything but idling and waiting for disks.
func parseBusy(b []byte) (busy time.Duration, err error) {
	const idle, waiting = 3, 4
	line, _, _ := bytes.Cut(b, []byte("\n"))
	fields := strings.Fields(string(line))
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("%w: stat %.40q", errProc, b)
	}
	for i, field := range fields[1:9] { // what follows is counted in these already
		n, err := strconv.ParseUint(field, 10, 40)
		if err != nil {
			return 0, fmt.Errorf("%w: stat: %w", errProc, err)
		}
		if i != idle && i != waiting {
			busy += time.Duration(n) * clockTick
		}
	}
	return busy, nil
}

// parseRSS reads the memory in a /proc/PID/status, in bytes.
func parseRSS(b []byte) (float64, error) {
	for line := range strings.Lines(string(b)) {
		value, is := strings.CutPrefix(line, "VmRSS:")
		if !is {
			continue
		}
		kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 40)
		if err != nil {
			return 0, fmt.Errorf("%w: status: %w", errProc, err)
		}
		return float64(kilobytes) * 1024, nil
	}
	return 0, fmt.Errorf("%w: a status without VmRSS", errProc)
}

// procCPU returns the CPU time of a process so far.
func procCPU(pid int) (cpuTime, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return cpuTime{}, err
	}
	return parseStat(b)
}

// procBusy returns how long all cores together have been busy so far.
func procBusy() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	return parseBusy(b)
}

// procRSS returns the memory of a process, in bytes.
func procRSS(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseRSS(b)
}

// findSoftirqd returns the process ids of ksoftirqd, where they can be seen: a container often hides them.
func findSoftirqd() (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm") // the pattern is right
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil || !bytes.HasPrefix(b, []byte("ksoftirqd/")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// sumCPU returns the CPU time of several processes together; false when one cannot be read, or there is none.
func sumCPU(pids []int) (sum time.Duration, ok bool) {
	for _, pid := range pids {
		t, err := procCPU(pid)
		if err != nil {
			return 0, false
		}
		sum += t.total()
	}
	return sum, len(pids) > 0
}
