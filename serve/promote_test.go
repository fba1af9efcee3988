package serve

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leadscore/model/registry"
	"leadscore/serve/api"
)

func TestPromoteRoute(t *testing.T) {
	r := shelf(t, 3, "won", "lost")
	put(t, r, "new", 1)
	h := catalogHarness(t, Catalog{Registry: r})
	for _, test := range []routeTest{
		{name: "promote", path: "/v1/models/won/promote", body: `{"version":"v3"}`, status: 200, want: []string{`{"name":"won","version":"v3","previous":"v1"}`}},
		{name: "it answers", path: "/v1/score?model=won", body: good, status: 200, want: []string{`"registry_version":"v3"`}},
		{name: "the champion again", path: "/v1/models/won/promote", body: `{"version":"v3"}`, status: 200, want: []string{`"previous":"v3"`}},
		{name: "another", path: "/v1/models/won/promote", contentType: "none", body: ` {"version" : "v2"} `, status: 200, want: []string{`"previous":"v3"`}},
		{name: "roll back", path: "/v1/models/won/rollback", status: 200, want: []string{`{"name":"won","version":"v3","previous":"v2"}`}},
		{name: "roll back further", path: "/v1/models/won/rollback", body: "{}", status: 200, want: []string{`"version":"v1","previous":"v3"`}},
		{name: "it answers too", path: "/v1/score?model=won", body: good, status: 200, want: []string{`"registry_version":"v1"`}},
		{name: "nothing before", path: "/v1/models/won/rollback", status: 409, want: []string{`"conflict"`, "none to go back to"}},
		{name: "the first of a model", path: "/v1/models/new/promote", body: `{"version":"v1"}`, status: 200, want: []string{`"previous":""`}},
		{name: "it is served", path: "/v1/score?model=new", body: good, status: 200, want: []string{`"name":"new"`}},
		{name: "the others stay", path: "/v1/score?model=lost", body: good, status: 200, want: []string{`"registry_version":"v1"`}},

		{name: "no such version", path: "/v1/models/won/promote", body: `{"version":"v9"}`, status: 404, field: "version", want: []string{`"unknown_model"`, "v1, v2, v3"}},
		{name: "a path", path: "/v1/models/won/promote", body: `{"version":"../lost/v1"}`, status: 404, field: "version"},
		{name: "no such model", path: "/v1/models/none/promote", body: `{"version":"v1"}`, status: 404, field: "name"},
		{name: "a version in the path", path: "/v1/models/won@v2/promote", body: `{"version":"v1"}`, status: 400, field: "name"},
		{name: "no version", path: "/v1/models/won/promote", body: `{}`, status: 400, field: "version"},
		{name: "no body", path: "/v1/models/won/promote", body: ``, status: 400, want: []string{"invalid_json"}},
		{name: "a number", path: "/v1/models/won/promote", body: `{"version":3}`, status: 400, field: "version"},
		{name: "twice", path: "/v1/models/won/promote", body: `{"version":"v1","version":"v2"}`, status: 400, field: "version", want: []string{"duplicate_key"}},
		{name: "a foreign key", path: "/v1/models/won/promote", body: `{"version":"v1","force":true}`, status: 400, field: "force", want: []string{"unknown_field"}},
		{name: "bytes after", path: "/v1/models/won/promote", body: `{"version":"v1"} x`, status: 400},
		{name: "a version to go back to", path: "/v1/models/won/rollback", body: `{"version":"v1"}`, status: 400, field: "version"},
		{name: "a query", path: "/v1/models/won/promote?model=lost", body: `{"version":"v1"}`, status: 400, field: "model"},
		{name: "half a query", path: "/v1/models/won/promote?%zz", body: `{"version":"v1"}`, status: 400, want: []string{"want no query parameters"}},
		{name: "too large", path: "/v1/models/won/promote", body: strings.Repeat(" ", 5000), status: 413},
		{name: "another type", path: "/v1/models/won/promote", contentType: "text/plain", body: `{"version":"v1"}`, status: 415},
		{name: "a method", method: "GET", path: "/v1/models/won/promote", status: 405},
	} {
		test.run(t, h)
	}
	history, err := r.History("won")
	if err != nil || len(history) != 5 || history[1].At != stamp(epoch) {
		t.Errorf("%v, %v", history, err)
	}
}

// TestPromoteNeedsARegistryThatIsFollowed: a fixed version or a file is not changed behind the operator's back.
func TestPromoteNeedsARegistryThatIsFollowed(t *testing.T) {
	r := shelf(t, 2, "won")
	const promotion = `{"version":"v2"}`
	conflict := routeTest{name: "conflict", path: "/v1/models/won/promote", body: promotion, status: 409, want: []string{`"conflict"`}}
	conflict.run(t, newHarness(t, Limits{}, loadedModel(t, "won")))
	conflict.run(t, catalogHarness(t, Catalog{Wanted: []Ref{{Path: r.Path("won", "v1")}}}))
	conflict.run(t, catalogHarness(t, Catalog{Registry: r, Wanted: []Ref{{Name: "won", Version: "v1"}}}))
	if c, err := r.Champion("won"); c != "v1" || err != nil {
		t.Errorf("champion %s, %v", c, err)
	}
}

// TestPromoteRefusesWhatDoesNotLoad, though an older content of the same version is in memory.
func TestPromoteRefusesWhatDoesNotLoad(t *testing.T) {
	r := shelf(t, 2, "won")
	h := catalogHarness(t, Catalog{Registry: r, Keep: 1})
	write(t, r.Path("won", "v2"), []byte(`{"format":1`))
	bad := routeTest{name: "promote", path: "/v1/models/won/promote", body: `{"version":"v2"}`, status: 422, field: "version", want: []string{"unloadable_model", "truncated"}}
	bad.run(t, h)
	if c, err := r.Champion("won"); c != "v1" || err != nil || h.answeredBy(t, "") != "v1" {
		t.Errorf("champion %s, %v", c, err)
	}
	write(t, r.Path("won", "v2"), versionOf(t, "won", 2))
	promoteOnDisk(t, r, "won", "v2")
	h.Reload()
	write(t, r.Path("won", "v1"), nil)
	back := routeTest{name: "roll back", path: "/v1/models/won/rollback", status: 422, field: "version", want: []string{"unloadable_model", "empty"}}
	back.run(t, h)
	if c, err := r.Champion("won"); c != "v2" || err != nil || h.answeredBy(t, "") != "v2" {
		t.Errorf("champion %s, %v", c, err)
	}
}

// sick is a registry on a disk that fails.
type sick struct {
	Registry
	promote, list, earlier error
	after                  func() // what happens on the disk all the same
}

func (s *sick) List() ([]registry.Model, error) {
	if s.list != nil {
		return nil, s.list
	}
	return s.Registry.List()
}

func (s *sick) Earlier(name string) (string, error) {
	if s.earlier != nil {
		return "", s.earlier
	}
	return s.Registry.Earlier(name)
}

func (s *sick) PromoteOver(name, version, champion string, now time.Time) error {
	if s.after != nil {
		s.after()
	}
	if s.promote != nil {
		return s.promote
	}
	return s.Registry.PromoteOver(name, version, champion, now)
}

func (s *sick) Rollback(name string, now time.Time) (string, error) {
	if s.promote != nil {
		return "", s.promote
	}
	return s.Registry.Rollback(name, now)
}

func TestPromoteOnASickDisk(t *testing.T) {
	r := shelf(t, 3, "won")
	promoteOnDisk(t, r, "won", "v2")
	disk := &sick{Registry: r}
	h := catalogHarness(t, Catalog{Registry: disk})
	full := errors.New("write champion: no space left on device")
	const promotion = `{"version":"v3"}`
	disk.promote = full
	for _, test := range []routeTest{
		{name: "promote", path: "/v1/models/won/promote", body: promotion, status: 500, want: []string{"registry_failed", "no space left"}},
		{name: "roll back", path: "/v1/models/won/rollback", status: 500, want: []string{"registry_failed", "no space left"}},
	} {
		test.run(t, h)
	}
	disk.promote, disk.earlier = nil, errors.New("input/output error")
	(&routeTest{name: "history", path: "/v1/models/won/rollback", status: 500, want: []string{"registry_failed", "input/output"}}).run(t, h)
	disk.earlier, disk.list = nil, errors.New("stale file handle")
	(&routeTest{name: "list", path: "/v1/models/won/promote", body: promotion, status: 500, want: []string{"registry_failed", "stale file handle"}}).run(t, h)
	disk.list = nil
	disk.after = func() { promoteOnDisk(t, r, "won", "v1") }
	(&routeTest{name: "a rival", path: "/v1/models/won/promote", body: promotion, status: 409, want: []string{"meanwhile"}}).run(t, h)
	if got := h.answeredBy(t, ""); got != "v1" {
		t.Errorf("%s answers, though the rival's v1 is the champion", got)
	}
}

// TestPromoteOnARealSickDisk: a directory that takes no writing, and one that fills up after the champion was written.
func TestPromoteOnARealSickDisk(t *testing.T) {
	r := shelf(t, 2, "won")
	h := catalogHarness(t, Catalog{Registry: r})
	home := filepath.Join(r.Dir(), "won")
	lock := filepath.Join(home, ".lock")
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // root writes where nobody may
		if err := os.Mkdir(lock, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(home, 0o555); err != nil {
		t.Fatal(err)
	}
	test := routeTest{name: "read-only", path: "/v1/models/won/promote", body: `{"version":"v2"}`, status: 500, want: []string{"registry_failed", "cannot be written to"}}
	test.run(t, h)
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if h.answeredBy(t, "") != "v1" {
		t.Error("something was promoted")
	}
	_ = os.Remove(lock)
	if _, err := os.Stat("/dev/full"); err != nil {
		return // only Linux has a disk that is always full
	}
	if err := os.Remove(filepath.Join(home, "history")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(home, "history")); err != nil {
		t.Fatal(err)
	}
	test.name, test.want = "full", []string{"registry_failed", "v2 is promoted, but the history was not written", "no space left"}
	test.run(t, h)
	if c, err := r.Champion("won"); c != h.answeredBy(t, "") || err != nil {
		t.Errorf("%s is the champion, another answers (%v)", c, err)
	}
}

// TestPromoteUnderLoad: each answer is wholly of one version, and after a promotion was answered of that one.
func TestPromoteUnderLoad(t *testing.T) {
	r := shelf(t, 3, "won")
	h := catalogHarness(t, Catalog{Registry: r, Wanted: []Ref{{Name: "won"}, {Name: "won", Version: "v1"}, {Name: "won", Version: "v2"}, {Name: "won", Version: "v3"}}})
	whole := map[string]string{}
	for _, v := range []string{"v1", "v2", "v3"} {
		whole[h.do(t, "POST", "/v1/score?model=won@"+v, jsonBody, good).body] = v
	}
	if len(whole) != 3 {
		t.Fatal("the versions do not differ")
	}
	ask := func(method, path, body string) string {
		q := httptest.NewRequest(method, path, strings.NewReader(body))
		q.Header.Set("Content-Type", jsonBody)
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, q)
		return w.Body.String()
	}
	stop, answers := make(chan bool), atomic.Int64{}
	var clients sync.WaitGroup
	for range 3 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := ask(http.MethodPost, "/v1/score", good); whole[got] == "" {
					t.Errorf("no version's answer: %s", got)
				}
				answers.Add(1)
			}
		})
	}
	for i := range 40 {
		want := []string{"v2", "v3", "v1"}[i%3]
		path, body := "/v1/models/won/promote", `{"version":"`+want+`"}`
		if got := ask(http.MethodPost, path, body); !strings.Contains(got, `"version":"`+want+`"`) {
			t.Fatalf("%s", got)
		}
		if got := whole[ask(http.MethodPost, "/v1/score", good)]; got != want {
			t.Errorf("%s answers after %s was promoted", got, want)
		}
		if i%5 == 0 {
			h.Reload()
		}
	}
	close(stop)
	clients.Wait()
	if answers.Load() == 0 {
		t.Error("nobody asked")
	}
}

// TestClientPromotes: the Go client, whose own model is no matter here.
func TestClientPromotes(t *testing.T) {
	h := catalogHarness(t, Catalog{Registry: shelf(t, 2, "won")}, func(c *Config) { c.Clock = time.Now })
	c, err := api.NewClient("http://"+h.listen(t), api.Options{HTTP: client(t), Model: "won"})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := c.Promote(t.Context(), "won", "v2"); err != nil || *p != (api.Promotion{Name: "won", Version: "v2", Previous: "v1"}) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := c.Rollback(t.Context(), "won"); err != nil || *p != (api.Promotion{Name: "won", Version: "v1", Previous: "v2"}) {
		t.Errorf("%+v, %v", p, err)
	}
	var p *api.Problem
	if _, err := c.Promote(t.Context(), "won", "v3"); !errors.As(err, &p) || p.Code != api.CodeUnknownModel {
		t.Errorf("%v", err)
	}
}
