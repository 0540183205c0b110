// Package deploy is how the server is run in production: a container image, a compose file, a unit for systemd, manifests for
// Kubernetes, charts for Grafana and alerts for Prometheus. It has nothing but files, and the tests that hold them to the
// program: to its configuration, its ports, its exit codes and its metrics.
package deploy
