package deploy

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// meta is what every object begins with.
type meta struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name        string            `yaml:"name"`
		Labels      map[string]string `yaml:"labels"`
		Annotations map[string]string `yaml:"annotations"`
	} `yaml:"metadata"`
}

// selector is what chooses pods.
type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

// configMap, kubeService, policy, budget and statefulSet are the objects, as far as they are used here.
type (
	configMap struct {
		meta `yaml:",inline"`
		Data map[string]string `yaml:"data"`
	}
	kubeService struct {
		meta `yaml:",inline"`
		Spec struct {
			Type                     string            `yaml:"type"`
			ClusterIP                string            `yaml:"clusterIP"`
			ExternalTrafficPolicy    string            `yaml:"externalTrafficPolicy"`
			PublishNotReadyAddresses bool              `yaml:"publishNotReadyAddresses"`
			Selector                 map[string]string `yaml:"selector"`
			Ports                    []struct {
				Name       string `yaml:"name"`
				Port       int    `yaml:"port"`
				TargetPort string `yaml:"targetPort"`
			} `yaml:"ports"`
		} `yaml:"spec"`
	}
	policy struct {
		meta `yaml:",inline"`
		Spec struct {
			PodSelector selector `yaml:"podSelector"`
			PolicyTypes []string `yaml:"policyTypes"`
			Ingress     []struct {
				From []struct {
					NamespaceSelector selector `yaml:"namespaceSelector"`
				} `yaml:"from"`
				Ports []struct {
					Port string `yaml:"port"`
				} `yaml:"ports"`
			} `yaml:"ingress"`
		} `yaml:"spec"`
	}
	budget struct {
		meta `yaml:",inline"`
		Spec struct {
			MaxUnavailable int      `yaml:"maxUnavailable"`
			Selector       selector `yaml:"selector"`
		} `yaml:"spec"`
	}
	statefulSet struct {
		meta `yaml:",inline"`
		Spec struct {
			ServiceName string   `yaml:"serviceName"`
			Replicas    int      `yaml:"replicas"`
			Selector    selector `yaml:"selector"`
			Template    struct {
				Metadata struct {
					Labels      map[string]string `yaml:"labels"`
					Annotations map[string]string `yaml:"annotations"`
				} `yaml:"metadata"`
				Spec pod `yaml:"spec"`
			} `yaml:"template"`
			VolumeClaimTemplates []struct {
				Metadata struct {
					Name string `yaml:"name"`
				} `yaml:"metadata"`
				Spec map[string]any `yaml:"spec"`
			} `yaml:"volumeClaimTemplates"`
		} `yaml:"spec"`
	}
)

// pod is what runs.
type pod struct {
	Grace            int  `yaml:"terminationGracePeriodSeconds"`
	ServiceLinks     bool `yaml:"enableServiceLinks"`
	AutomountService bool `yaml:"automountServiceAccountToken"`
	SecurityContext  struct {
		RunAsNonRoot   bool              `yaml:"runAsNonRoot"`
		RunAsUser      int               `yaml:"runAsUser"`
		RunAsGroup     int               `yaml:"runAsGroup"`
		FSGroup        int               `yaml:"fsGroup"`
		SeccompProfile map[string]string `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container `yaml:"containers"`
	Volumes    []struct {
		Name      string `yaml:"name"`
		ConfigMap struct {
			Name string `yaml:"name"`
		} `yaml:"configMap"`
		Secret struct {
			SecretName  string `yaml:"secretName"`
			DefaultMode int    `yaml:"defaultMode"`
		} `yaml:"secret"`
	} `yaml:"volumes"`
}

// container is its program.
type container struct {
	Name  string   `yaml:"name"`
	Image string   `yaml:"image"`
	Args  []string `yaml:"args"`
	Env   []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
	Ports []struct {
		Name          string `yaml:"name"`
		ContainerPort int    `yaml:"containerPort"`
	} `yaml:"ports"`
	StartupProbe   probe `yaml:"startupProbe"`
	ReadinessProbe probe `yaml:"readinessProbe"`
	LivenessProbe  probe `yaml:"livenessProbe"`
	Resources      struct {
		Requests map[string]string `yaml:"requests"`
		Limits   map[string]string `yaml:"limits"`
	} `yaml:"resources"`
	SecurityContext struct {
		AllowPrivilegeEscalation bool                `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool                `yaml:"readOnlyRootFilesystem"`
		Capabilities             map[string][]string `yaml:"capabilities"`
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

// probe asks how the program is.
type probe struct {
	HTTPGet struct {
		Path string `yaml:"path"`
		Port string `yaml:"port"`
	} `yaml:"httpGet"`
	PeriodSeconds    int `yaml:"periodSeconds"`
	TimeoutSeconds   int `yaml:"timeoutSeconds"`
	FailureThreshold int `yaml:"failureThreshold"`
}

// manifest is everything that is applied.
type manifest struct {
	config   configMap
	services []kubeService
	policy   policy
	budget   budget
	set      statefulSet
}

// manifests returns everything that is applied, each object of a kind and a version that we know.
func manifests(t *testing.T) (m manifest) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(file(t, "kubernetes/aoiworld.yaml")))
	for {
		var node yaml.Node
		if err := d.Decode(&node); errors.Is(err, io.EOF) {
			return m
		} else if err != nil {
			t.Fatal(err)
		}
		var is meta
		must(t, node.Decode(&is))
		text, err := yaml.Marshal(&node)
		must(t, err)
		var into any
		switch is.APIVersion + " " + is.Kind {
		case "v1 ConfigMap":
			into = &m.config
		case "v1 Service":
			m.services = append(m.services, kubeService{})
			into = &m.services[len(m.services)-1]
		case "networking.k8s.io/v1 NetworkPolicy":
			into = &m.policy
		case "policy/v1 PodDisruptionBudget":
			into = &m.budget
		case "apps/v1 StatefulSet":
			into = &m.set
		default:
			t.Fatalf("nobody knows %s of %s", is.Kind, is.APIVersion)
		}
		strict(t, is.Kind, string(text), into)
	}
}

// at returns where a volume is mounted.
func (c container) at(volume string) string {
	for _, m := range c.VolumeMounts {
		if m.Name == volume {
			return m.MountPath
		}
	}
	return "nowhere"
}

// TestKubernetes: the pod has the files, the ports and the time that the program wants, and all objects mean the same pod.
func TestKubernetes(t *testing.T) {
	m := manifests(t)
	p := m.set.Spec.Template.Spec
	c := p.Containers[0]
	name := filepath.Join(t.TempDir(), "aoiworld.yaml")
	must(t, os.WriteFile(name, []byte(m.config.Data["aoiworld.yaml"]), 0o600))
	cfg := loaded(t, name)
	typed(t, "StatefulSet", c.Args...)
	if got, want := c.Args[slices.Index(c.Args, "-c")+1], c.at("config")+"/aoiworld.yaml"; got != want {
		t.Errorf("the configuration is read from %s, and is in %s", got, want)
	}
	if got, want := cfg.Ops.AdminTokenFile, c.at("secret")+"/admin.token"; got != want {
		t.Errorf("the token is read from %s, and is in %s", got, want)
	}
	for _, kept := range []string{cfg.Moderation.File, cfg.World.RescueDirectory + "/"} {
		if !strings.HasPrefix(kept, c.at(m.set.Spec.VolumeClaimTemplates[0].Metadata.Name)+"/") {
			t.Errorf("%s is not kept", kept)
		}
	}
	if grace, least := time.Duration(p.Grace)*time.Second, cfg.Limits.ShutdownTimeout+afterwards; grace <= least {
		t.Errorf("the server has %v to stop, and needs %v", grace, least)
	}
	for _, v := range p.Volumes {
		if mode := v.Secret.DefaultMode; v.Name == "secret" && (mode&0o007 != 0 || mode&0o040 == 0 || p.SecurityContext.FSGroup != p.SecurityContext.RunAsGroup) {
			t.Errorf("the secret has mode %04o, and group %d", mode, p.SecurityContext.FSGroup)
		}
		if v.ConfigMap.Name != "" && v.ConfigMap.Name != m.config.Metadata.Name {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
	}
	if user := fmt.Sprintf("%d:%d", p.SecurityContext.RunAsUser, p.SecurityContext.RunAsGroup); user != imageUser || !p.SecurityContext.RunAsNonRoot {
		t.Errorf("it runs as %s, and the image is made for %s", user, imageUser)
	}
	if c.Env[0].Name != "GOMEMLIMIT" || quantity(t, c.Env[0].Value) >= 0.95*quantity(t, c.Resources.Limits["memory"]) {
		t.Errorf("%v of %v", c.Env, c.Resources.Limits)
	}
	for _, labels := range []map[string]string{
		m.set.Spec.Selector.MatchLabels, m.budget.Spec.Selector.MatchLabels, m.policy.Spec.PodSelector.MatchLabels,
		m.services[0].Spec.Selector, m.services[1].Spec.Selector,
	} {
		if !maps.Equal(labels, m.set.Spec.Template.Metadata.Labels) {
			t.Errorf("%v chooses other pods than %v", labels, m.set.Spec.Template.Metadata.Labels)
		}
	}
	if m.set.Spec.Replicas != 1 || m.set.Spec.ServiceName != m.services[1].Metadata.Name {
		t.Errorf("%d pods of %s", m.set.Spec.Replicas, m.set.Spec.ServiceName)
	}
}

// TestKubernetesPorts: every port is one that the program listens on, and the operation port is not for players.
func TestKubernetesPorts(t *testing.T) {
	m := manifests(t)
	name := filepath.Join(t.TempDir(), "aoiworld.yaml")
	must(t, os.WriteFile(name, []byte(m.config.Data["aoiworld.yaml"]), 0o600))
	want := portsOf(loaded(t, name))
	c := m.set.Spec.Template.Spec.Containers[0]
	got := map[string]string{}
	for _, p := range c.Ports {
		got[p.Name] = fmt.Sprint(p.ContainerPort)
	}
	if !maps.Equal(got, want) {
		t.Errorf("the container's ports are %v, want %v", got, want)
	}
	if at := m.set.Spec.Template.Metadata.Annotations["prometheus.io/port"]; at != want["ops"] {
		t.Errorf("Prometheus asks port %s", at)
	}
	var published []string
	for _, s := range m.services {
		for _, p := range s.Spec.Ports {
			published = append(published, s.Metadata.Name+" "+p.TargetPort)
			if want[p.TargetPort] != fmt.Sprint(p.Port) {
				t.Errorf("%s: port %d is %s", s.Metadata.Name, p.Port, p.TargetPort)
			}
		}
	}
	if !slices.Equal(published, []string{"aoiworld ws", "aoiworld classic", "aoiworld native", "aoiworld-ops ops"}) {
		t.Errorf("published: %q", published)
	}
	for _, rule := range m.policy.Spec.Ingress {
		for _, p := range rule.Ports {
			if want[p.Port] == "" || (p.Port == "ops") != (len(rule.From) > 0) {
				t.Errorf("port %s is open to %v", p.Port, rule.From)
			}
		}
	}
	l := run(t)
	for path, p := range map[string]probe{"/readyz": c.ReadinessProbe, "/healthz": c.LivenessProbe} {
		if p.HTTPGet.Path != path || p.HTTPGet.Port != "ops" {
			t.Errorf("%+v, want %s", p, path)
		}
		if status, _ := l.get(t, path); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if c.StartupProbe.HTTPGet != c.ReadinessProbe.HTTPGet {
		t.Errorf("it has started when %+v", c.StartupProbe.HTTPGet)
	}
}
