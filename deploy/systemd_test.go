package deploy

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-systemd/v22/unit"

	"aoiworld/cmd"
)

// unitFile is the service's.
const unitFile = "systemd/aoiworld.service"

// settings returns what a section of the unit says, by the names.
func settings(t *testing.T, section string) map[string][]string {
	t.Helper()
	options, err := unit.DeserializeOptions(strings.NewReader(file(t, unitFile)))
	must(t, err)
	all := map[string][]string{}
	for _, o := range options {
		if o.Section == section {
			all[o.Name] = append(all[o.Name], o.Value)
		}
	}
	return all
}

// TestUnit: the service is started, reloaded, stopped and begun anew as the program wants it.
func TestUnit(t *testing.T) {
	s := settings(t, "Service")
	one := func(name string) string {
		if len(s[name]) != 1 {
			t.Fatalf("%s: %q", name, s[name])
		}
		return s[name][0]
	}
	start, check := strings.Fields(one("ExecStart")), strings.Fields(s["ExecReload"][0])
	typed(t, unitFile, start[1:]...)
	typed(t, unitFile, check[1:]...)
	if start[0] != check[0] || !slices.Equal(start[len(start)-2:], check[len(check)-2:]) || s["ExecReload"][1] != "/bin/kill -HUP $MAINPID" {
		t.Errorf("it is started by %q and reloaded by %q", start, s["ExecReload"])
	}
	wrong := cmd.Execute(t.Context(), cmd.Program{Stdout: io.Discard, Stderr: io.Discard}, []string{"serve", "--set", "world.rows=none"})
	if one("RestartPreventExitStatus") != strconv.Itoa(wrong) || one("Restart") != "on-failure" {
		t.Errorf("a wrong configuration ends with %d, and %q is not begun anew", wrong, s["RestartPreventExitStatus"])
	}
	cfg := loaded(t, "", s["Environment"]...)
	stop, err := time.ParseDuration(one("TimeoutStopSec"))
	must(t, err)
	if least := cfg.Limits.ShutdownTimeout + afterwards; stop < least {
		t.Errorf("it has %v to stop, and needs %v", stop, least)
	}
	files, err := strconv.Atoi(one("LimitNOFILE"))
	must(t, err)
	if files-128 < cfg.Limits.Connections {
		t.Errorf("%d files for %d connections", files, cfg.Limits.Connections)
	}
	state := "/var/lib/" + one("StateDirectory")
	if cfg.World.RescueDirectory != state || one("WorkingDirectory") != state || one("ProtectSystem") != "strict" {
		t.Errorf("it may write to %s, and a broken world goes to %s", state, cfg.World.RescueDirectory)
	}
}

// TestUnitKeepsSecrets: the folders of the configuration and of what is kept are as closed as the operator's document makes them.
func TestUnitKeepsSecrets(t *testing.T) {
	s := settings(t, "Service")
	for setting, folder := range map[string]string{"ConfigurationDirectory": "/etc/", "StateDirectory": "/var/lib/"} {
		made := regexp.MustCompile(`install -d -m (\d+) .* ` + folder + s[setting][0] + "\n").FindStringSubmatch(file(t, "../docs/operations.md"))
		if made == nil || !slices.Equal(s[setting+"Mode"], made[1:]) || !strings.HasSuffix(made[1], "0") {
			t.Errorf("%s has mode %q, and the document makes it by %q", setting, s[setting+"Mode"], made)
		}
	}
}

// TestUnitOutlivesCrash: a program that crashes as a service does so by a signal, which is no exit code for which it is not begun anew;
// the stacks of all goroutines are in the log, and nothing of its memory on the disk.
func TestUnitOutlivesCrash(t *testing.T) {
	s := settings(t, "Service")
	if os.Getenv("CRASH") != "" {
		go func() { panic("on purpose") }()
		select {}
	}
	if runtime.GOOS == "windows" {
		t.Skip("it has no signals")
	}
	if !slices.Equal(s["LimitCORE"], []string{"0"}) {
		t.Errorf("what is in its memory may be written down: %q", s["LimitCORE"])
	}
	crash := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -c 0; exec "$0" -test.run '^TestUnitOutlivesCrash$'`, os.Args[0])
	crash.Env = append(append(os.Environ(), "CRASH=1", "GOTRACEBACK="), s["Environment"]...)
	said, err := crash.CombinedOutput()
	status, is := crash.ProcessState.Sys().(syscall.WaitStatus)
	if !is || !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("it ends with %v, and exit codes %q are not begun anew", err, s["RestartPreventExitStatus"])
	}
	if !bytes.Contains(said, []byte("on purpose")) || !bytes.Contains(said, []byte("testing.(*T).Run")) {
		t.Errorf("these are not all stacks: %s", said)
	}
}

// TestUnitIsUnderstood: systemd itself finds nothing wrong with the unit, and calls it well confined, where there is a systemd.
func TestUnitIsUnderstood(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip(err)
	}
	program, err := os.Executable() // one that is there, in place of the installed one
	must(t, err)
	name := filepath.Join(t.TempDir(), "aoiworld.service")
	must(t, os.WriteFile(name, []byte(strings.ReplaceAll(file(t, unitFile), "/usr/local/bin/aoiworld", program)), 0o600))
	said, err := exec.CommandContext(t.Context(), tool, "verify", "--man=no", name).CombinedOutput()
	for line := range bytes.Lines(said) {
		if bytes.Contains(line, []byte("aoiworld.service")) {
			t.Errorf("%s", line)
		}
	}
	if err != nil && len(said) == 0 {
		t.Error(err)
	}
	const most = "20" // of 100: what is exposed
	if said, err := exec.CommandContext(t.Context(), tool, "security", "--offline=true", "--threshold="+most, name).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
