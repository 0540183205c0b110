package deploy

import (
	"errors"
	"io"
	"net/url"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// strict reads YAML into what it must fit: a key that is not there is a mistake.
func strict(t *testing.T, where, text string, into any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", where, err)
	}
}

// instruction is one of a Dockerfile.
type instruction struct{ name, rest string }

// dockerfile returns the instructions of the Dockerfile, each on one line.
func dockerfile(t *testing.T) (all []instruction) {
	t.Helper()
	for line := range strings.SplitSeq(strings.ReplaceAll(file(t, "Dockerfile"), "\\\n", " "), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			name, rest, _ := strings.Cut(line, " ")
			all = append(all, instruction{name, strings.Join(strings.Fields(rest), " ")})
		}
	}
	return all
}

// words returns the words of an instruction in JSON form.
func (i instruction) words(t *testing.T) (words []string) {
	t.Helper()
	at := strings.Index(i.rest, "[")
	if at < 0 {
		t.Fatalf("%s %s: there is no shell that could read that", i.name, i.rest)
	}
	strict(t, i.name, i.rest[at:], &words)
	return words
}

// imageUser is who the program is in its container.
const imageUser = "65532:65532"

// TestDockerfile: what the image says of itself is so.
func TestDockerfile(t *testing.T) {
	var env []string
	last := map[string]instruction{}
	for _, i := range dockerfile(t) {
		last[i.name] = i
		switch i.name {
		case "ENV":
			env = append(env, i.rest)
		case "FROM", "ARG", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD":
		default:
			t.Errorf("%s is no instruction of ours", i.name)
		}
	}
	program := last["ENTRYPOINT"].words(t)[0]
	if cfg := loaded(t, "", env...); cfg.World.RescueDirectory != last["WORKDIR"].rest {
		t.Errorf("a broken world goes to %s, which nobody has made", cfg.World.RescueDirectory)
	}
	typed(t, "Dockerfile", last["CMD"].words(t)...)
	health := last["HEALTHCHECK"].words(t)
	typed(t, "Dockerfile", health[1:]...)
	if health[0] != program || !strings.Contains(last["RUN"].rest, "-o /image"+path.Dir(program)+"/") {
		t.Errorf("the image has %s, its health %s, and the build %s", program, health[0], last["RUN"].rest)
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath", "-X aoiworld/internal/build.stamped=$VERSION", "-X aoiworld/internal/build.commit=$COMMIT"} {
		if !strings.Contains(last["RUN"].rest, want) {
			t.Errorf("the program is built without %s", want)
		}
	}
	if last["USER"].rest != imageUser || !strings.Contains(last["COPY"].rest, "--chown="+imageUser) || last["STOPSIGNAL"].rest != "SIGTERM" {
		t.Errorf("user %s, what is kept %s, signal %s", last["USER"].rest, last["COPY"].rest, last["STOPSIGNAL"].rest)
	}
	exposed := strings.Fields(last["EXPOSE"].rest)
	for name, port := range portsOf(loaded(t, "")) {
		if !slices.Contains(exposed, port) {
			t.Errorf("port %s of %s is not exposed", port, name)
		}
	}
}

// TestStampOfImages: the commit that an image is stamped with, as its builder is told to, tells of changes, whatever tags there are.
func TestStampOfImages(t *testing.T) {
	const begin, end = `--build-arg COMMIT="$(`, `)" -t `
	var stamps []string
	for _, name := range []string{"Dockerfile", "../docs/operations.md"} {
		_, rest, _ := strings.Cut(file(t, name), begin)
		stamp, _, found := strings.Cut(rest, end)
		if !found {
			t.Fatalf("%s does not say how to stamp an image", name)
		}
		stamps = append(stamps, stamp)
	}
	if stamps[0] != stamps[1] {
		t.Errorf("two ways to stamp: %q", stamps)
	}
	repository := t.TempDir()
	do := func(command string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", "-c", command)
		c.Dir = repository
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", command, err, said)
		}
		return strings.TrimSpace(string(said))
	}
	do("git init -q && echo 1 > a && git add a && git -c user.name=x -c user.email=x@example.org commit -q -m a && git tag v1.2.3")
	head := do("git rev-parse HEAD")
	if got := do(stamps[0]); got != head {
		t.Errorf("the commit is %q, stamped as %q", head, got)
	}
	do("echo 2 > a")
	if got := do(stamps[0]); got != head+"-dirty" {
		t.Errorf("with changes it is stamped as %q", got)
	}
}

// composition is a compose file.
type composition struct {
	Name     string             `yaml:"name"`
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
}

// service is one of its containers.
type service struct {
	Image string `yaml:"image"`
	Build struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
	Command     []string          `yaml:"command"`
	DependsOn   any               `yaml:"depends_on"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Environment map[string]string `yaml:"environment"`
	Healthcheck struct {
		Test        []string      `yaml:"test"`
		Interval    time.Duration `yaml:"interval"`
		Timeout     time.Duration `yaml:"timeout"`
		StartPeriod time.Duration `yaml:"start_period"`
	} `yaml:"healthcheck"`
	Ulimits     map[string]int `yaml:"ulimits"`
	Sysctls     map[string]int `yaml:"sysctls"`
	ReadOnly    bool           `yaml:"read_only"`
	CapDrop     []string       `yaml:"cap_drop"`
	SecurityOpt []string       `yaml:"security_opt"`
	NetworkMode string         `yaml:"network_mode"`
	StopGrace   time.Duration  `yaml:"stop_grace_period"`
	Restart     string         `yaml:"restart"`
}

// mounted returns what of a service's volumes is at a path: the source, and whether there is one.
func (s service) mounted(at string) (source string, is bool) {
	for _, v := range s.Volumes {
		parts := strings.Split(v, ":")
		if below, within := strings.CutPrefix(at, parts[1]); within && (below == "" || below[0] == '/') {
			return parts[0] + below, true
		}
	}
	return "", false
}

// compose returns the compose file.
func compose(t *testing.T) (c composition) {
	t.Helper()
	strict(t, "compose.yaml", file(t, "compose/compose.yaml"), &c)
	return c
}

// TestCompose: the containers have the files, the ports and the time that their programs want.
func TestCompose(t *testing.T) {
	all := compose(t)
	c := all.Services["aoiworld"]
	cfg := loaded(t, "compose/aoiworld.yaml")
	health := c.Healthcheck.Test
	if len(health) < 3 || health[0] != "CMD" || health[1] != "/usr/local/bin/aoiworld" {
		t.Fatalf("health is asked by %q, without a shell", health)
	}
	for _, words := range [][]string{c.Command, health[2:], all.Services["token"].Command} {
		typed(t, "compose.yaml", words...)
		if source, is := c.mounted(words[slices.Index(words, "-c")+1]); !is || source != "./aoiworld.yaml" {
			t.Errorf("%q names a configuration that is not there", words)
		}
	}
	ports := portsOf(cfg)
	for _, published := range c.Ports {
		parts := strings.Split(published, ":")
		known := slices.ContainsFunc([]string{"ws", "classic", "native", "ops"}, func(name string) bool { return ports[name] == parts[2] })
		if parts[0] != "127.0.0.1" || !known {
			t.Errorf("%s is published, and the ports are %v", published, ports)
		}
	}
	for _, kept := range []string{cfg.Ops.AdminTokenFile, cfg.Moderation.File, cfg.World.RescueDirectory} {
		for _, s := range []service{c, all.Services["token"]} {
			if source, is := s.mounted(kept); !is || !strings.HasPrefix(source, "state") {
				t.Errorf("%s is not kept", kept)
			}
		}
	}
	if least := cfg.Limits.ShutdownTimeout + afterwards; c.StopGrace < least {
		t.Errorf("the server has %v to stop, and needs %v", c.StopGrace, least)
	}
	if c.Ulimits["nofile"] < cfg.Limits.Connections || !c.ReadOnly || !slices.Contains(c.CapDrop, "ALL") {
		t.Errorf("%d files for %d connections; read-only: %v; dropped %v", c.Ulimits["nofile"], cfg.Limits.Connections, c.ReadOnly, c.CapDrop)
	}
	if context := path.Join("compose", c.Build.Context, c.Build.Dockerfile); context != "../deploy/Dockerfile" {
		t.Errorf("it is built by %s", context)
	}
}

// TestMonitoring: Prometheus asks the server, Grafana asks Prometheus, and both find their files.
func TestMonitoring(t *testing.T) {
	all := compose(t)
	var p struct {
		Global struct {
			ScrapeInterval     time.Duration `yaml:"scrape_interval"`
			EvaluationInterval time.Duration `yaml:"evaluation_interval"`
		} `yaml:"global"`
		RuleFiles     []string `yaml:"rule_files"`
		ScrapeConfigs []struct {
			JobName       string `yaml:"job_name"`
			StaticConfigs []struct {
				Targets []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	strict(t, "prometheus.yaml", file(t, "prometheus/prometheus.yaml"), &p)
	target := "aoiworld:" + portsOf(loaded(t, "compose/aoiworld.yaml"))["ops"]
	if s := p.ScrapeConfigs[0]; s.JobName != given["job"][0] || s.StaticConfigs[0].Targets[0] != target {
		t.Errorf("asks %+v, want %s", s, target)
	}
	for _, name := range p.RuleFiles {
		file(t, "prometheus/"+name)
	}
	if source, is := all.Services["prometheus"].mounted("/etc/prometheus/prometheus.yaml"); !is || source != "../prometheus/prometheus.yaml" {
		t.Errorf("Prometheus has %s", source)
	}
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, Type, UID, Access, URL string
			IsDefault                    bool           `yaml:"isDefault"`
			JSONData                     map[string]any `yaml:"jsonData"`
		} `yaml:"datasources"`
	}
	strict(t, "datasources", file(t, "grafana/provisioning/datasources/prometheus.yaml"), &sources)
	if u, err := url.Parse(sources.Datasources[0].URL); err != nil || all.Services[u.Hostname()].Image == "" || u.Port() != "9090" {
		t.Errorf("Grafana asks %v, %v", u, err)
	}
	var providers struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type string
			Options    struct{ Path string }
		} `yaml:"providers"`
	}
	strict(t, "dashboards", file(t, "grafana/provisioning/dashboards/aoiworld.yaml"), &providers)
	folder, is := all.Services["grafana"].mounted(providers.Providers[0].Options.Path)
	if !is || path.Clean("compose/"+folder) != "grafana/dashboards" {
		t.Errorf("Grafana looks for dashboards in %s", folder)
	}
	home := all.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if at, is := all.Services["grafana"].mounted(home); !is || file(t, "compose/"+at) == "" {
		t.Errorf("Grafana begins with %s", home)
	}
}

// quantity returns an amount of memory of Kubernetes, or of Go, in bytes.
func quantity(t *testing.T, text string) float64 {
	t.Helper()
	for suffix, factor := range map[string]float64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30} {
		if digits, is := strings.CutSuffix(text, suffix); is {
			n, err := strconv.ParseFloat(digits, 64)
			must(t, err)
			return n * factor
		}
	}
	t.Fatalf("%q is no amount of memory", text)
	return 0
}
