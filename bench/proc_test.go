package main

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = " S 1 2 2 0 -1 4194560 900 0 1 0 123 45 6 7 20 0 9 0 100 1 2 3"
	for name, c := range map[string]struct {
		line string
		want cpuTime
		bad  bool
	}{
		"plain":              {"17 (aoiworld)" + rest, cpuTime{1230 * time.Millisecond, 450 * time.Millisecond}, false},
		"brackets in a name": {"17 (a) S 9 (b c)" + rest, cpuTime{1230 * time.Millisecond, 450 * time.Millisecond}, false},
		"empty":              {"", cpuTime{}, true},
		"cut short":          {"17 (x) S 1 2 2 0 -1 4194560 900 0 1 0 123", cpuTime{}, true},
		"no number":          {"17 (x) S 1 2 2 0 -1 4194560 900 0 1 0 123 4x 6", cpuTime{}, true},
		"below nothing":      {"17 (x) S 1 2 2 0 -1 4194560 900 0 1 0 -1 45 6", cpuTime{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseStat([]byte(c.line))
			if got != c.want || errors.Is(err, errProc) != c.bad {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestParseBusy(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		want time.Duration
		bad  bool
	}{
		"plain":        {"cpu  1 2 3 1000 500 4 5 6 7 8\ncpu0 9 9 9 9 9 9 9 9 9 9\n", 210 * time.Millisecond, false},
		"none":         {"", 0, true},
		"other line":   {"cpu0 1 2 3 4 5 6 7 8 9 10\n", 0, true},
		"cut short":    {"cpu 1 2 3 4", 0, true},
		"not a number": {"cpu 1 2 x 4 5 6 7 8 9 10", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseBusy([]byte(c.page))
			if got != c.want || errors.Is(err, errProc) != c.bad {
				t.Errorf("%v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestParseRSS(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		want float64
		bad  bool
	}{
		"plain":   {"Name:\tx\nVmRSS:\t   13256 kB\nRssAnon:\t 1 kB\n", 13256 * 1024, false},
		"missing": {"Name:\tkthreadd\n", 0, true},
		"broken":  {"VmRSS:\t much\n", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseRSS([]byte(c.page))
			if got != c.want || errors.Is(err, errProc) != c.bad {
				t.Errorf("%v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// TestProcOfThisProcess: the kernel's files are as the parsers expect them.
func TestProcOfThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc here")
	}
	if rss, err := procRSS(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("RSS %v, %v", rss, err)
	}
	before, err := procCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		after, err := procCPU(os.Getpid())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("a busy process has taken no time since %+v: %v", before, err)
		}
		if after.total() > before.total() {
			break
		}
	}
	if _, ok := sumCPU(nil); ok {
		t.Error("no process at all has a CPU time")
	}
	if sum, ok := sumCPU([]int{os.Getpid()}); !ok || sum < before.total() {
		t.Errorf("%v, %v of this process alone", sum, ok)
	}
}
