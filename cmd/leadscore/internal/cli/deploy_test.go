package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func deployFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../../serve/deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// deployed reads settings as `leadscore serve` does, without serving.
func deployed(t *testing.T, settings string) *cobra.Command {
	t.Helper()
	cmd := newServe(Streams{})
	path := filepath.Join(t.TempDir(), "serve.yaml")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cmd.ParseFlags([]string{"--config", path}); err != nil {
		t.Fatal(err)
	}
	if err := newSettings(cmd, Streams{}).load(); err != nil {
		t.Fatalf("the settings are refused: %v\n%s", err, settings)
	}
	return cmd
}

// found is the first group of a pattern.
func found(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s", pattern)
	}
	return m[1]
}

// stopsWithin: what waits for the process waits longer than it may take to drain and stop.
func stopsWithin(t *testing.T, cmd *cobra.Command, seconds string) {
	t.Helper()
	drain, err := cmd.Flags().GetDuration("drain")
	if err != nil {
		t.Fatal(err)
	}
	stop, err := cmd.Flags().GetDuration("stop-timeout")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || time.Duration(n)*time.Second < drain+stop+5*time.Second {
		t.Errorf("%s s are too few for %s and %s", seconds, drain, stop)
	}
	if drain < 3*time.Second {
		t.Errorf("draining for %s is too short to be noticed", drain)
	}
}

// commandLine: the words after the binary are a command with flags that it has.
func commandLine(t *testing.T, words []string) {
	t.Helper()
	cmd, rest, err := newRoot(Streams{}).Find(words)
	if err != nil || !cmd.HasParent() || cmd.HasSubCommands() {
		t.Fatalf("%v is no command: %v", words, err)
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%v: %v", words, err)
	}
}

func TestSystemdUnit(t *testing.T) {
	unit := deployFile(t, "leadscore.service")
	commandLine(t, strings.Fields(found(t, unit, `(?m)^ExecStart=/usr/local/bin/leadscore (.+)$`)))
	cmd := deployed(t, deployFile(t, "serve.yaml"))
	stopsWithin(t, cmd, found(t, unit, `(?m)^TimeoutStopSec=(\d+)$`))
	for _, want := range []string{"DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "ExecReload=/bin/kill -HUP $MAINPID"} {
		if !strings.Contains(unit, want+"\n") {
			t.Errorf("the unit lacks %s", want)
		}
	}
}

func TestKubernetesManifest(t *testing.T) {
	manifest := deployFile(t, "kubernetes.yaml")
	_, settings, _ := strings.Cut(manifest, "  serve.yaml: |\n")
	settings, _, _ = strings.Cut(settings, "\n---")
	cmd := deployed(t, strings.ReplaceAll(settings, "    ", ""))
	stopsWithin(t, cmd, found(t, manifest, `terminationGracePeriodSeconds: (\d+)`))
	commandLine(t, strings.Split(found(t, manifest, `args: \[(.+)\]`), ", "))
	port := found(t, manifest, `containerPort: (\d+)`)
	if addr := cmd.Flags().Lookup("addr").Value.String(); addr != "0.0.0.0:"+port {
		t.Errorf("it listens on %s, the container's port is %s", addr, port)
	}
	for _, flag := range []string{"registry", "keys"} {
		if dir := found(t, cmd.Flags().Lookup(flag).Value.String(), `^(/[a-z]+)`); !strings.Contains(manifest, "mountPath: "+dir+",") {
			t.Errorf("nothing is mounted at %s of --%s", dir, flag)
		}
	}
	for _, want := range []string{"enableServiceLinks: false", "runAsNonRoot: true", "readOnlyRootFilesystem: true", "path: /readyz", "path: /healthz"} {
		if !strings.Contains(manifest, want) {
			t.Errorf("the manifest lacks %s", want)
		}
	}
}

// TestKeysBeginEmpty: the server starts with the file of keys that the manifest's secret has, lets nobody in, and takes the keys up that come,
// at the SIGHUP of the unit's ExecReload.
func TestKeysBeginEmpty(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(file, []byte(found(t, deployFile(t, "kubernetes.yaml"), `(?m)^  keys\.json: "(.*)"$`)), 0o600); err != nil {
		t.Fatal(err)
	}
	url := served(t, "--registry", registryOf(t, 1, "won"), "--keys", file, "--access-reload", "1h")
	ask := func(key string) int {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url+"/v1/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", key)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	stdout, _ := cmd(t, 0, "keys", "new", "--name", "crm", "--scope", "read", "--file", file)
	key := found(t, stdout, `(lsk_\S+)`)
	if status := ask(key); status != http.StatusUnauthorized {
		t.Fatalf("without keys: %d", status)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ask(key) != http.StatusOK; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the key is not taken up")
		}
	}
}

func TestDockerfile(t *testing.T) {
	file := deployFile(t, "Dockerfile")
	words := func(pattern string) []string {
		var all []string
		for _, word := range strings.Split(found(t, file, pattern), ", ") {
			all = append(all, strings.Trim(word, `"`))
		}
		return all
	}
	commandLine(t, words(`(?m)^CMD \[(.+)\]$`))
	if ping := words(`(?m)^HEALTHCHECK .* CMD \["/leadscore", (.+)\]$`); !slices.Equal(ping, []string{"ping"}) {
		t.Errorf("health check %v", ping)
	} else {
		commandLine(t, ping)
	}
	gomod, err := os.ReadFile("../../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if image, module := found(t, file, `FROM golang:([0-9.]+)-`), found(t, string(gomod), `(?m)^go (\d+\.\d+)`); image != module {
		t.Errorf("built with Go %s, go.mod says %s", image, module)
	}
}

// TestProxiesKnowTheRoutes: what the proxies treat by its path is a path of the server, and batches are never sent twice.
func TestProxiesKnowTheRoutes(t *testing.T) {
	routes, err := os.ReadFile("../../../../serve/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, pattern := range map[string]string{"nginx.conf": `location = (\S+)`, "envoy.yaml": `path: (/[a-z0-9/]+)`} {
		all := regexp.MustCompile(pattern).FindAllStringSubmatch(deployFile(t, name), -1)
		if len(all) < 3 {
			t.Errorf("%s has %d paths", name, len(all))
		}
		for _, m := range all {
			if !strings.Contains(string(routes), `"`+m[1]+`"`) {
				t.Errorf("%s: the server has no %s", name, m[1])
			}
		}
	}
	if batch := found(t, deployFile(t, "nginx.conf"), `(?s)location = /v1/score/batch \{(.*?)\n        \}`); !strings.Contains(batch, "proxy_next_upstream off;") ||
		!strings.Contains(batch, "proxy_request_buffering off;") || !strings.Contains(batch, "proxy_buffering off;") {
		t.Errorf("nginx holds batches back, or sends them twice:\n%s", batch)
	}
	if batch := found(t, deployFile(t, "envoy.yaml"), `path: /v1/score/batch\}\n\s+route: (\{.*\})`); strings.Contains(batch, "retry") {
		t.Errorf("Envoy sends batches twice: %s", batch)
	}
}
