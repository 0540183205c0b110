package deploy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"aoiworld/cmd"
	"aoiworld/conf"
	"aoiworld/net/entry"
	"aoiworld/server"
)

// live is a server that runs.
type live struct{ operation string }

// run starts a server with TLS, on ports of its own, until the test ends.
func run(t *testing.T) live {
	t.Helper()
	cfg := conf.Default()
	cfg.Net.TLS = conf.TLS{CertFile: filepath.Join(t.TempDir(), "cert.pem"), KeyFile: filepath.Join(t.TempDir(), "key.pem")}
	certificate, key, err := entry.SelfSigned([]string{"localhost"}, time.Now(), time.Now().Add(time.Hour))
	must(t, err)
	must(t, os.WriteFile(cfg.Net.TLS.CertFile, certificate, 0o600))
	must(t, os.WriteFile(cfg.Net.TLS.KeyFile, key, 0o600))
	for _, address := range []*string{
		&cfg.Net.TCP.Classic.Address, &cfg.Net.TCP.Native.Address, &cfg.Net.WS.Address, &cfg.Ops.Address,
	} {
		*address = "127.0.0.1:0"
	}
	s, err := server.New(cfg, slog.New(slog.DiscardHandler), server.Extension{})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-s.Ready()
	return live{"http://" + s.Addresses()[conf.OpsAddress].String()}
}

// get returns what the operation port answers.
func (l live) get(t *testing.T, path string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.operation+path, http.NoBody)
	must(t, err)
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	must(t, err)
	return w.StatusCode, string(body)
}

// metrics returns what the server tells Prometheus.
func (l live) metrics(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	status, text := l.get(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, text)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	must(t, err)
	return families
}

// must ends a test that cannot go on.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file returns the content of a file.
func file(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	must(t, err)
	return string(content)
}

// usage finds how a command says that it is used: the words by which it is called.
var usage = regexp.MustCompile(`(?m)^Usage:\n  aoiworld((?: [a-z]+)*)`)

// untyped says why words are no command of the program with flags that it knows, or returns the empty string. Of words that it does
// not know, and of those that need another, the program says how the command above them is used.
func untyped(t *testing.T, words ...string) string {
	t.Helper()
	var help, said bytes.Buffer
	p := cmd.Program{Stdout: &help, Stderr: &said}
	if code := cmd.Execute(t.Context(), p, append(slices.Clone(words), "--help")); code != 0 {
		return said.String()
	}
	found := usage.FindStringSubmatch(help.String())
	if found == nil {
		return "it does not say how it is used"
	}
	called := strings.Fields(found[1])
	if len(called) == 0 || len(words) < len(called) || !slices.Equal(called, words[:len(called)]) {
		return fmt.Sprintf("it is taken for aoiworld%s", found[1])
	}
	if strings.Contains(help.String(), "\n  aoiworld"+found[1]+" [command]") {
		return "it wants another word"
	}
	return ""
}

// typed complains unless words are a command of the program with flags that it knows.
func typed(t *testing.T, where string, words ...string) {
	t.Helper()
	if why := untyped(t, words...); why != "" {
		t.Errorf("%s: aoiworld %s: %s", where, strings.Join(words, " "), why)
	}
}

// TestBadCommandsAreCaught: what is no command is told from one.
func TestBadCommandsAreCaught(t *testing.T) {
	for words, good := range map[string]bool{
		"serve": true, "serve -c file": true, "admin set log.level=debug -c file": true, "healthy --ready": true,
		"": false, "srve": false, "serve --fast": false, "admin": false, "admin nothing": false, "config chek -c file": false,
	} {
		if why := untyped(t, strings.Fields(words)...); (why == "") != good {
			t.Errorf("aoiworld %s: %q", words, why)
		}
	}
}

// shell finds the shell blocks of a document, and command a command of the program in one.
var (
	shell   = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```")
	command = regexp.MustCompile(`(?m)(?:(?:^|\./|-- |exec aoiworld )aoiworld(?:-new)?|go run \.) ([a-z][^\n>|$#&]*)`)
)

// TestCommandsOfDocuments: what an operator is told to type is a command with flags that it knows.
func TestCommandsOfDocuments(t *testing.T) {
	documents, err := filepath.Glob("../docs/*.md")
	must(t, err)
	found := 0
	for _, at := range append(documents, "../README.md", "../README.zh-CN.md") {
		for _, block := range shell.FindAllStringSubmatch(file(t, at), -1) {
			for _, match := range command.FindAllStringSubmatch(block[1], -1) {
				typed(t, at, strings.Fields(match[1])...)
				found++
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d commands were found", found)
	}
}

// loaded returns the configuration of a file and of variables of the environment.
func loaded(t *testing.T, name string, env ...string) conf.Config {
	t.Helper()
	cfg, err := conf.Load(conf.Source{File: name, Env: env})
	must(t, err)
	return cfg
}

// afterwards is how long a server takes to end, at most, when its players have gone: the operation port, spans, and the log.
const afterwards = 4 * time.Second

// portsOf returns the ports that a configuration listens on, by the last part but one of their keys.
func portsOf(cfg conf.Config) map[string]string {
	ports := map[string]string{}
	for name, address := range map[string]string{
		"classic": cfg.Net.TCP.Classic.Address, "native": cfg.Net.TCP.Native.Address, "ws": cfg.Net.WS.Address, "ops": cfg.Ops.Address,
	} {
		ports[name] = address[strings.LastIndex(address, ":")+1:]
	}
	return ports
}

// TestDefaultPorts: what stands in the files here, and in the documents, are the ports that nobody has to configure.
func TestDefaultPorts(t *testing.T) {
	for name, port := range portsOf(conf.Default()) {
		for _, at := range []string{"compose/aoiworld.yaml", "Dockerfile", "kubernetes/aoiworld.yaml", "../docs/operations.md"} {
			if !strings.Contains(file(t, at), port) {
				t.Errorf("%s does not know port %s of %s", at, port, name)
			}
		}
	}
}

// TestReloadIsDocumented: the operator's document knows which settings can change while a server runs. Of the limits, which nearly all
// can, it names those that cannot.
func TestReloadIsDocumented(t *testing.T) {
	live, told := conf.Settings(conf.Default()), map[string]bool{}
	for _, row := range settingsOf.FindAllStringSubmatch(file(t, "../docs/operations.md"), -1) {
		for _, key := range code.FindAllStringSubmatch(row[2], -1) {
			told[row[1]+"."+key[1]] = true
		}
	}
	limits := reflect.TypeFor[conf.Limits]()
	for i := range limits.NumField() {
		key := "limits." + limits.Field(i).Tag.Get("key")
		if _, is := live[key]; is == told[key] {
			t.Errorf("%s can change: %v, among those that cannot: %v", key, is, told[key])
		}
		delete(live, key)
		delete(told, key)
	}
	for key := range live {
		if !told[key] {
			t.Errorf("nobody is told that %s can change", key)
		}
		delete(told, key)
	}
	for key := range told {
		t.Errorf("%s cannot change", key)
	}
}

// settingsOf finds a row of the table of such settings.
var settingsOf = regexp.MustCompile("(?m)^\\| `(world|limits|ops|log)` \\| ([^|]*) \\|$")
