package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/access"
)

const oneLead = `{"lead":{"lead_id":"L-1","source":"web","visits":3}}`

// TestKilledUnderLoad: kill -9 while leads are scored, batches stream and versions are promoted, again and again. The next server is ready and answers as before;
// the registry, its models and the keys are whole, and the prediction log has each answer of more than a second before the kill, once.
func TestKilledUnderLoad(t *testing.T) {
	e := newEstate(t)
	right := map[string]bool{} // answers, one a version
	logged := map[string]bool{}
	for round := range 3 {
		s := start(t, e.serverArgs...)
		tr := &http.Transport{}
		hc := &http.Client{Transport: tr, Timeout: time.Minute}
		if status, b, err := e.ask(hc, "GET", s.url+"/readyz", "", "", ""); status != 200 {
			t.Fatalf("round %d: not ready: %d %s %v", round, status, b, err)
		}
		if round == 0 {
			for _, version := range []string{"v2", "v1"} {
				if status, b, err := e.ask(hc, "POST", s.url+"/v1/models/won/promote", "application/json", "", `{"version":"`+version+`"}`); status != 200 {
					t.Fatal(status, b, err)
				}
				_, b, _ := e.ask(hc, "POST", s.url+"/v1/score", "application/json", "", oneLead)
				right[b] = true
			}
			if len(right) != 2 {
				t.Fatalf("the versions answer alike: %v", right)
			}
		}
		var clients sync.WaitGroup
		var mu sync.Mutex
		answered := map[string]time.Time{}
		var stopped atomic.Bool
		for client := range 3 {
			clients.Go(func() {
				for n := 0; !stopped.Load(); n++ {
					id := fmt.Sprintf("round-%d-%d-%d", round, client, n)
					status, b, err := e.ask(hc, "POST", s.url+"/v1/score", "application/json", id, oneLead)
					if err != nil {
						return // killed
					}
					if status != 200 || !right[b] {
						t.Errorf("%d %s", status, b)
						return
					}
					mu.Lock()
					answered[id] = time.Now()
					mu.Unlock()
				}
			})
		}
		clients.Go(func() {
			for !stopped.Load() {
				if _, _, err := e.ask(hc, "POST", s.url+"/v1/score/batch", "application/x-ndjson", "batch", strings.Repeat(oneLead+"\n", 100)); err != nil {
					return
				}
			}
		})
		clients.Go(func() {
			for n := 0; !stopped.Load(); n++ {
				status, b, err := e.ask(hc, "POST", s.url+"/v1/models/won/promote", "application/json", "", `{"version":"`+[]string{"v2", "v1"}[n%2]+`"}`)
				if err != nil {
					return
				}
				if status != 200 {
					t.Errorf("%d %s", status, b)
				}
			}
		})
		enough := time.Now().Add(time.Duration(1200+150*round) * time.Millisecond)
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			n := len(answered)
			mu.Unlock()
			if n >= 100 && time.Now().After(enough) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%d answers within 30 s: %s", n, s.text())
			}
		}
		killed := time.Now()
		if err := s.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.end()
		stopped.Store(true)
		clients.Wait()
		tr.CloseIdleConnections()
		for id, at := range answered {
			if killed.Sub(at) > time.Second {
				logged[id] = true
			}
		}
		e.whole(t)
	}
	if len(logged) < 50 {
		t.Fatalf("only %d answers were early enough", len(logged))
	}
	s := start(t, e.serverArgs...)
	hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	if status, b, err := e.ask(hc, "POST", s.url+"/v1/score", "application/json", "last", oneLead); status != 200 || !right[b] {
		t.Errorf("%d %s %v", status, b, err)
	}
	logged["last"] = true
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.end(); err != nil {
		t.Fatalf("%v: %s", err, s.text())
	}
	e.holds(t, logged)
}

// whole sees that what a killed server left on disk can be read.
func (e *estate) whole(t *testing.T) {
	t.Helper()
	all, err := e.registry.List()
	if err != nil || len(all) != 1 || len(all[0].Versions) != 2 || all[0].Champion != "v1" && all[0].Champion != "v2" {
		t.Fatalf("the registry: %+v, %v", all, err)
	}
	for _, version := range all[0].Versions {
		if _, err := model.Load(e.registry.Path("won", version)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.registry.Earlier("won"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(e.keys)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := access.ParseKeys(b); err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
}

// holds reads the whole prediction log: each of these requests stands in it once, each batch's row too, and nothing waits in a journal.
func (e *estate) holds(t *testing.T, requests map[string]bool) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(e.log, ".*")); len(left) > 0 {
		t.Errorf("left in the log's folder: %v", left)
	}
	paths, err := filepath.Glob(filepath.Join(e.log, "*.parquet"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	table, err := datasets.ReadAll(t.Context(), paths, datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	id := table.Schema.Index(model.LogRequestID)
	rows := map[string]int{}
	for _, b := range table.Batches {
		for row := range b.Rows() {
			rows[b.Value(id, row).Str]++
		}
	}
	missing := 0
	for request := range requests {
		if rows[request] == 0 {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d answers are not in the log of %d rows", missing, len(requests), table.Rows())
	}
	for request, n := range rows {
		if n != 1 && strings.Contains(request, "-") {
			t.Errorf("%s stands in the log %d times", request, n)
		}
	}
	t.Logf("%d rows in %d files; all of the %d answers that must be there", table.Rows(), len(paths), len(requests))
}
