package bot

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// Machine is where a run was made.
type Machine struct {
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Kernel  string `json:"kernel,omitempty"`
	CPU     string `json:"cpu,omitempty"` // its model's name
	Cores   int    `json:"cores"`         // that this process may use
	Go      string `json:"go"`
	Version string `json:"version"` // of this program
}

// thisMachine describes the machine that it runs on, as far as the system tells. It is asked before anybody keeps a processor.
func thisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version()}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	m.CPU = cpuModel("/proc/cpuinfo")
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Version = info.Main.Version
	}
	return m
}

// cpuModel returns the name of the first processor in a file like /proc/cpuinfo, or nothing.
func cpuModel(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// proc is where Linux tells what it counts.
const proc = procfs.DefaultMountPoint

// stolen is for how long the host of a virtual machine has run something else when a core of it had something to do, of all cores
// together, by what is told in a directory like /proc; 0 where that is not known.
func stolen(dir string) time.Duration {
	fs, err := procfs.NewFS(dir)
	if err != nil {
		return 0
	}
	all, err := fs.Stat()
	if err != nil {
		return 0
	}
	return time.Duration(all.CPUTotal.Steal * float64(time.Second))
}
