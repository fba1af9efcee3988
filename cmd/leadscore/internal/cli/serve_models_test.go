//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leadscore/model/registry"
	"leadscore/serve/api"
)

// registryOf has versions v1, v2 and so on of each name; v1 is promoted.
func registryOf(t *testing.T, versions int, names ...string) (dir string) {
	t.Helper()
	b, err := os.ReadFile("../../../../model/testdata/model.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	run := t.TempDir()
	if err := os.WriteFile(filepath.Join(run, "model.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "models")
	r, err := registry.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for range versions {
			if _, err := r.Add(name, run); err != nil {
				t.Fatal(err)
			}
		}
		cmd(t, 0, "models", "promote", name+"@v1", "--registry", dir)
	}
	return dir
}

// served runs a server on a port of its own and returns its address; it stops with the test.
func served(t *testing.T, args ...string) (url string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := &addressLog{found: make(chan string, 1)}
	done := make(chan int, 1)
	go func() {
		done <- Run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--drain", "1ms"}, args...), Streams{Out: log, Err: log, Now: time.Now})
	}()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		select {
		case code := <-done:
			if code != 0 {
				t.Errorf("exit %d after a stop, want 0", code)
			}
		case <-time.After(20 * time.Second):
			t.Error("the server did not stop")
		}
	})
	select {
	case url = <-log.found:
	case code := <-done:
		done <- code
		t.Fatalf("the server ended with %d", code)
	case <-time.After(20 * time.Second):
		t.Fatal("the server did not say where it listens")
	}
	return url
}

// versions are the registry's, by name with a star for the default, of what is served.
func versions(t *testing.T, url string) string {
	t.Helper()
	c, err := api.NewClient(url, api.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Models(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, m := range list {
		mark := ""
		if m.Default {
			mark = "*"
		} else if !m.Champion {
			mark = "-"
		}
		fmt.Fprintf(&b, "%s%s %s ", mark, m.Name, m.RegistryVersion)
	}
	return strings.TrimSpace(b.String())
}

// becomes waits for what is served.
func becomes(t *testing.T, url, want string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		got := versions(t, url)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is served, want %s", got, want)
		}
	}
}

func TestServeSaysWhatItServes(t *testing.T) {
	dir := registryOf(t, 3, "lost", "won")
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "*lost v1 won v1"},
		{[]string{"--default", "won", "--keep", "1"}, "*won v1 lost v1 -won v3 -lost v3"},
		{[]string{"--model", "won"}, "*won v1"},
		{[]string{"--model", "won@champion", "--model", "lost@v2", "--model", "won@v3"}, "*won v1 lost v2 -won v3"},
		{[]string{"--split", "won@v2=10%", "--shadow", "lost@v3"}, "*lost v1 won v1 -lost v3 -won v2"},
	} {
		url := served(t, append([]string{"--registry", dir}, test.args...)...)
		if got := versions(t, url); got != test.want {
			t.Errorf("%v: %s, want %s", test.args, got, test.want)
		}
	}
}

// TestServeFollowsTheCommandLine: promotions and rollbacks beside a running server, by the clock and on SIGHUP alone.
func TestServeFollowsTheCommandLine(t *testing.T) {
	dir := registryOf(t, 2, "won")
	watched := served(t, "--registry", dir, "--watch", "10ms")
	asked := served(t, "--registry", dir, "--watch", "0")
	cmd(t, 0, "models", "promote", "won@v2", "--registry", dir)
	becomes(t, watched, "*won v2")
	if got := versions(t, asked); got != "*won v1" {
		t.Errorf("%s is served without being asked to look", got)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	becomes(t, asked, "*won v2")
	cmd(t, 0, "models", "rollback", "won", "--registry", dir)
	becomes(t, watched, "*won v1")

	r, err := http.Post(watched+"/v1/models/won/promote", "application/json", strings.NewReader(`{"version":"v2"}`))
	if err != nil {
		t.Fatal(err)
	}
	var p api.Promotion
	err = json.NewDecoder(r.Body).Decode(&p)
	_ = r.Body.Close()
	if err != nil || p != (api.Promotion{Name: "won", Version: "v2", Previous: "v1"}) {
		t.Errorf("%d %+v %v", r.StatusCode, p, err)
	}
	stdout, _ := cmd(t, 0, "models", "list", "--registry", dir)
	says(t, stdout, "won@v2  champion")
}

func TestServeRefusesWrongModels(t *testing.T) {
	dir := registryOf(t, 1, "won")
	for _, test := range []struct {
		code int
		args []string
		want []string
	}{
		{2, nil, []string{"no model: say --model run/model.json"}},
		{2, []string{"--model", "nowhere.json"}, []string{"no file nowhere.json"}},
		{2, []string{"--model", ""}, []string{"neither a path nor a name"}},
		{2, []string{"--registry", dir, "--split", "won@v1=10", "--split", "won=10%", "--shadow", "won", "--max-age", "90", "--keep", "-1", "--watch", "-1s", "--shadow-queue", "0"}, []string{
			`--split: "won@v1=10": the share is "10"; want 0% to 100%`, `--split: "won=10%": want NAME@VERSION=10%`, `--shadow: "won": want NAME@VERSION`,
			`--max-age: "90" is no age; want one such as 90d`, "--keep: -1", "--watch: -1s", "--shadow-queue: 0",
		}},
		{2, []string{"--registry", dir, "--split", "won@v1=NaN%"}, []string{`"NaN%"; want 0% to 100%`}},
		{1, []string{"--registry", dir, "--model", "won@v7"}, []string{`version "v7" of won is not there; it has v1`}},
		{1, []string{"--registry", dir, "--model", "wonn"}, []string{`did you mean "won"?`}},
		{1, []string{"--registry", dir, "--split", "won@v7=10%"}, []string{`version "v7" of won is not there`}},
		{2, []string{"--registry", filepath.Join(dir, "absent")}, []string{"reading --registry: no folder "}},
		{1, []string{"--registry", t.TempDir()}, []string{"nothing in the registry is promoted"}},
	} {
		var out, errs bytes.Buffer
		code := Run(t.Context(), append([]string{"serve", "--addr", "127.0.0.1:0"}, test.args...), Streams{Out: &out, Err: &errs, Now: time.Now})
		if code != test.code {
			t.Errorf("%v: exit %d, want %d: %s", test.args, code, test.code, errs.String())
		}
		says(t, errs.String(), test.want...)
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "90d": 90 * 24 * time.Hour, "36h": 36 * time.Hour, "36500d": 36500 * 24 * time.Hour} {
		if got, err := ageOf(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"0d", "-1d", "36501d", "1.5d", "d", "0", "-1h", "90", "soon"} {
		if got, err := ageOf(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}
