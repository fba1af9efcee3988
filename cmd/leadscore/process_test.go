package main

import (
	"bufio"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leadscore/model/registry"
	"leadscore/serve/access"
)

// estate is what a server keeps on disk: a registry with two versions of one model, keys and the prediction log.
type estate struct {
	registry   *registry.Registry
	keys, log  string
	secret     string
	serverArgs []string
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	dir := t.TempDir()
	e := &estate{keys: filepath.Join(dir, "keys.jsonl"), log: filepath.Join(dir, "log")}
	b, err := os.ReadFile("../../model/testdata/model.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	for _, made := range []string{run, e.log} {
		if err := os.Mkdir(made, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(run, "model.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if e.registry, err = registry.Open(filepath.Join(dir, "models")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := e.registry.Add("won", run); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.registry.Promote("won", "v1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if e.secret, err = access.NewSecret(rand.Reader); err != nil {
		t.Fatal(err)
	}
	hash, _ := access.HashOf(e.secret)
	var text strings.Builder
	if err := access.WriteKeys(&text, []access.Key{{Name: "crm", Hash: hash, Scopes: access.Score | access.Read | access.Admin}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.keys, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	e.serverArgs = []string{"serve", "--registry", e.registry.Dir(), "--keys", e.keys, "--prediction-log", e.log, "--addr", "127.0.0.1:0", "--access-log", "none", "--watch", "20ms", "--prediction-log-buffer", "1000000"}
	return e
}

// server is a process of the command.
type server struct {
	*exec.Cmd
	url    string
	stderr sync.WaitGroup
	mu     sync.Mutex
	said   strings.Builder
}

// start runs the command and waits until it says where it listens.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{Cmd: exec.Command(os.Args[0], args...)}
	s.Env = append(os.Environ(), asCommand+"=1")
	out, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() })
	found := make(chan string, 1)
	s.stderr.Go(func() {
		defer close(found)
		for in := bufio.NewScanner(out); in.Scan(); {
			s.mu.Lock()
			s.said.WriteString(in.Text() + "\n")
			s.mu.Unlock()
			if _, addr, ok := strings.Cut(in.Text(), " on http://"); ok {
				select {
				case found <- "http://" + addr:
				default:
				}
			}
		}
	})
	select {
	case s.url = <-found:
	case <-time.After(30 * time.Second):
	}
	if s.url == "" {
		t.Fatalf("the server does not listen: %s", s.text())
	}
	return s
}

func (s *server) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// end waits for the process to end.
func (s *server) end() error {
	s.stderr.Wait()
	return s.Wait()
}

// ask sends one request with the key. status is 0 where there was no whole answer.
func (e *estate) ask(hc *http.Client, method, url, contentType, id, body string) (status int, answer string, err error) {
	q, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	q.Header.Set("X-API-Key", e.secret)
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	if id != "" {
		q.Header.Set("X-Request-Id", id)
	}
	resp, err := hc.Do(q)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return 0, "", err
	}
	return resp.StatusCode, string(b), nil
}
