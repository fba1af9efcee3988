package serve

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leadscore/model/registry"
)

// TestWhatIsServed: which models and versions a catalog comes to, and which of them a request gets.
func TestWhatIsServed(t *testing.T) {
	r := shelf(t, 4, "won", "lost")
	put(t, r, "unpromoted", 1)
	file := filepath.Join(t.TempDir(), "model.json")
	write(t, file, versionOf(t, "file", 0))
	for _, test := range []struct {
		name    string
		catalog Catalog
		answer  map[string]string // by query; "" is 404
	}{
		{"a whole registry", Catalog{Registry: r},
			map[string]string{"": "v1", "?model=won": "v1", "?model=won@champion": "v1", "?model=won@v1": "v1", "?model=won@v2": "", "?model=unpromoted": "", "?model=won@": ""}},
		{"the newest too", Catalog{Registry: r, Keep: 2},
			map[string]string{"?model=won": "v1", "?model=won@v4": "v4", "?model=won@v3": "v3", "?model=lost@v3": "v3", "?model=won@v2": ""}},
		{"one of them", Catalog{Registry: r, Wanted: []Ref{{Name: "won"}}}, map[string]string{"": "v1", "?model=lost": ""}},
		{"a pinned version", Catalog{Registry: r, Wanted: []Ref{{Name: "won", Version: "v3"}}},
			map[string]string{"": "v3", "?model=won": "v3", "?model=won@champion": "v3", "?model=won@v1": ""}},
		{"two versions", Catalog{Registry: r, Wanted: []Ref{{Name: "won"}, {Name: "won", Version: "v3"}, {Name: "won", Version: "v1"}}},
			map[string]string{"?model=won": "v1", "?model=won@v3": "v3", "?model=won@v1": "v1"}},
		{"a file and a name", Catalog{Registry: r, Wanted: []Ref{{Path: file}, {Name: "lost"}}}, map[string]string{"?model=lost": "v1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := catalogHarness(t, test.catalog)
			for query, want := range test.answer {
				if want == "" {
					if a := h.do(t, "POST", "/v1/score"+query, jsonBody, good); a.status != 404 {
						t.Errorf("%q: %d %s", query, a.status, a.body)
					}
				} else if got := h.answeredBy(t, query); got != want {
					t.Errorf("%q is answered by %s, want %s", query, got, want)
				}
			}
		})
	}
	h := catalogHarness(t, Catalog{Registry: r, Default: "won"})
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); !strings.Contains(a.body, `"model":{"name":"won"`) {
		t.Errorf("the default is not won: %s", a.body)
	}
	if a := h.do(t, "GET", "/v1/models", "", ""); strings.Count(a.body, `"default":true`) != 1 || strings.Count(a.body, `"champion":true`) != 2 {
		t.Error(a.body)
	}
}

// TestStartRefuses: what was asked for by name must be there; of a whole registry, what is there is served.
func TestStartRefuses(t *testing.T) {
	r := shelf(t, 1, "won")
	put(t, r, "unpromoted", 1)
	empty, err := registry.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		catalog    Catalog
		challenger Challenger
		want       string
	}{
		{Catalog{Registry: r, Wanted: []Ref{{Name: "won"}, {Name: "wom"}}}, Challenger{}, `did you mean "won"`},
		{Catalog{Registry: r, Wanted: []Ref{{Name: "unpromoted"}}}, Challenger{}, "no version of \"unpromoted\" is promoted; it has v1"},
		{Catalog{Registry: r, Wanted: []Ref{{Name: "won", Version: "v7"}}}, Challenger{}, `version "v7" of won is not there; it has v1`},
		{Catalog{Registry: r, Wanted: []Ref{{Name: "won", Version: "../won/v1"}}}, Challenger{}, "is not there"},
		{Catalog{Registry: r, Wanted: []Ref{{Name: "../models/won"}}}, Challenger{}, "cannot name a model"},
		{Catalog{Registry: r}, Challenger{Name: "won", Version: "v1/../v1", Share: .1}, "is not there"},
		{Catalog{Wanted: []Ref{{Path: "nowhere/model.json"}}}, Challenger{}, "nowhere"},
		{Catalog{Wanted: []Ref{{Name: "won"}}}, Challenger{}, "no registry"},
		{Catalog{Registry: empty}, Challenger{}, "nothing in the registry is promoted"},
		{Catalog{Registry: r, Default: "lost"}, Challenger{}, `the default is to be "lost"`},
		{Catalog{Registry: r}, Challenger{Name: "won", Version: "v5", Share: .1}, "loading won@v5"},
		{Catalog{Registry: r}, Challenger{Name: "lost", Version: "v1", Share: .1}, "loading lost@v1"},
		{Catalog{Registry: r}, Challenger{Name: "won", Version: "v1", Share: 1.5}, "its share is 1.5; want 0 to 1"},
	} {
		_, err := openHarness(t, test.catalog, func(c *Config) {
			if test.challenger.Name != "" {
				c.Challengers = []Challenger{test.challenger}
			}
		})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v; want %s", test.catalog.Wanted, err, test.want)
		}
	}
	write(t, r.Path("bad", "v1"), []byte("{"))
	write(t, filepath.Join(r.Dir(), "bad", "champion"), []byte("v1\n"))
	h := catalogHarness(t, Catalog{Registry: r})
	if a := h.do(t, "GET", "/v1/models", "", ""); !strings.Contains(a.body, `"failed":[{"name":"bad","registry_version":"v1","error":`) || !strings.Contains(a.body, "truncated") {
		t.Error(a.body)
	}
	if h.answeredBy(t, "") != "v1" {
		t.Error("a bad model beside it stops a good one")
	}
}

// TestFaultsOfFiles: whatever becomes of a file while it is served, the last good model stays and says why; mended, it goes on.
func TestFaultsOfFiles(t *testing.T) {
	is := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	whole, next := versionOf(t, "won", 1), versionOf(t, "won", 7)
	for _, test := range []struct {
		name string
		harm func(t *testing.T, path string)
		want string
	}{
		{"truncated", func(t *testing.T, path string) { write(t, path, whole[:len(whole)/2]) }, "truncated"},
		{"empty", func(t *testing.T, path string) { write(t, path, nil) }, "the file is empty"},
		{"edited", func(t *testing.T, path string) {
			write(t, path, bytes.Replace(whole, []byte(`0.3`), []byte(`0.4`), 1))
		}, "edited or damaged"},
		{"newer", func(t *testing.T, path string) {
			newer := bytes.Replace(whole, []byte(`"format": 1`), []byte(`"format": 2`), 1)
			if bytes.Equal(newer, whole) {
				newer = bytes.Replace(whole, []byte(`"format":1`), []byte(`"format":2`), 1)
			}
			write(t, path, newer)
		}, "use a newer leadscore"},
		{"vanished", func(t *testing.T, path string) { is(t, os.Remove(path)) }, "no such file"},
		{"vanished with its directory", func(t *testing.T, path string) { is(t, os.RemoveAll(filepath.Dir(path))) }, "no such file"},
		{"replaced by a directory", func(t *testing.T, path string) { is(t, os.Remove(path)); is(t, os.Mkdir(path, 0o755)) }, "is a directory"},
	} {
		for _, byPath := range []bool{true, false} {
			t.Run(test.name, func(t *testing.T) {
				r := shelf(t, 1, "won")
				path := r.Path("won", "v1")
				c := Catalog{Registry: r}
				if byPath {
					c = Catalog{Wanted: []Ref{{Path: path}}}
				}
				h := catalogHarness(t, c)
				before := h.do(t, "POST", "/v1/score", jsonBody, good).body
				test.harm(t, path)
				for range 3 {
					h.Reload()
				}
				if after := h.do(t, "POST", "/v1/score", jsonBody, good).body; after != before {
					t.Errorf("another answer\n%s\n%s", before, after)
				}
				list := h.do(t, "GET", "/v1/models", "", "").body
				missing := !byPath && strings.Contains(list, `no model \"won\" in the registry`) // the registry has nothing else
				if !strings.Contains(list, `"reload_error":{"error":"`) || !strings.Contains(list, test.want) && !missing || !strings.Contains(list, `"since":"`+stamp(epoch)) {
					t.Errorf("want %q: %s", test.want, list)
				}
				if n := h.metric(t, `leadscore_model_reload_errors_total{model="won"}`); n != "3" {
					t.Errorf("%s errors counted, want 3", n)
				}
				if n := h.lines("a model could not be loaded"); n != 1 {
					t.Errorf("logged %d times: %s", n, h.log)
				}
				if h.do(t, "GET", "/readyz", "", "").status != 200 {
					t.Error("not ready, though it scores")
				}
				is(t, os.RemoveAll(path))
				write(t, path, next)
				h.Reload()
				if after := h.do(t, "POST", "/v1/score", jsonBody, good).body; after == before {
					t.Error("the mended model is not served")
				}
				if list := h.do(t, "GET", "/v1/models", "", "").body; strings.Contains(list, "reload_error") {
					t.Error(list)
				}
			})
		}
	}
}

// TestFaultsOfARegistry: what is wrong with the champion's file or the whole directory leaves what is served as it is.
func TestFaultsOfARegistry(t *testing.T) {
	r := shelf(t, 3, "lost", "won")
	h := catalogHarness(t, Catalog{Registry: r, Keep: 1})
	champion := filepath.Join(r.Dir(), "lost", "champion")
	for _, test := range []struct{ champion, want string }{
		{"v9\n", "v9"}, {"rubbish", "want a version such as v1"}, {"", "want a version such as v1"},
	} {
		write(t, champion, []byte(test.champion))
		h.Reload()
		if list := h.do(t, "GET", "/v1/models", "", "").body; !strings.Contains(list, test.want) || strings.Count(list, "reload_error") != 1 {
			t.Errorf("%q: %s", test.champion, list)
		}
		if h.answeredBy(t, "?model=lost") != "v1" || h.answeredBy(t, "?model=won") != "v1" || h.answeredBy(t, "?model=lost@v3") != "v3" {
			t.Error("something else is served")
		}
	}
	write(t, r.Path("lost", "v2"), []byte("{"))
	write(t, champion, []byte("v2\n"))
	h.Reload()
	if h.answeredBy(t, "?model=lost") != "v1" {
		t.Error("the last good champion is not served")
	}
	if err := os.Rename(r.Dir(), r.Dir()+".away"); err != nil {
		t.Fatal(err)
	}
	h.Reload()
	if h.answeredBy(t, "") != "v1" || h.answeredBy(t, "?model=won") != "v1" || !strings.Contains(h.do(t, "POST", "/v1/score", jsonBody, good).body, `"name":"lost"`) {
		t.Error("an unmounted registry takes its models with it, or changes the default")
	}
	if err := os.Rename(r.Dir()+".away", r.Dir()); err != nil {
		t.Fatal(err)
	}
	write(t, champion, []byte("v3\n"))
	h.Reload()
	if list := h.do(t, "GET", "/v1/models", "", "").body; h.answeredBy(t, "") != "v3" || strings.Contains(list, "reload_error") {
		t.Error("it does not come back: ", list)
	}
}

// TestChangesAreSeen: a rewrite of the same size and in the same moment, and a link that is swapped, as in a Kubernetes volume.
func TestChangesAreSeen(t *testing.T) {
	one, two := versionOf(t, "won", 1), versionOf(t, "won", 2)
	if len(one) != len(two) {
		t.Fatalf("sizes %d and %d", len(one), len(two))
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "model.json")
	now := time.Now()
	write(t, path, one)
	at := now.Add(-time.Second)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	h := catalogHarness(t, Catalog{Wanted: []Ref{{Path: path}}}, func(c *Config) { c.Clock = func() time.Time { return now } })
	first := h.answeredBy(t, "")
	write(t, path, two)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	h.Reload()
	if h.answeredBy(t, "") == first {
		t.Error("a rewrite within the moment is not seen")
	}
	loads := h.lines("model loaded")
	h.Reload()
	if h.lines("model loaded") != loads {
		t.Error("the same content was swapped in")
	}

	for name, b := range map[string][]byte{"one": one, "two": two} {
		write(t, filepath.Join(dir, name, "model.json"), b)
	}
	link := filepath.Join(dir, "data")
	if err := os.Symlink("one", link); err != nil {
		t.Fatal(err)
	}
	h = catalogHarness(t, Catalog{Wanted: []Ref{{Path: filepath.Join(link, "model.json")}}})
	if err := os.Symlink("two", link+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link+".new", link); err != nil {
		t.Fatal(err)
	}
	h.Reload()
	if h.answeredBy(t, "") == first {
		t.Error("a swapped link is not seen")
	}
}

// TestWorkLooksAtEachTickAndSignal: nothing is looked at in between, and Work ends with its context.
func TestWorkLooksAtEachTickAndSignal(t *testing.T) {
	r := shelf(t, 3, "won")
	tick, signal := make(chan time.Time), make(chan os.Signal)
	h := catalogHarness(t, Catalog{Registry: r, Tick: tick, Reload: signal})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { h.Work(ctx); close(done) }()
	promoteOnDisk(t, r, "won", "v2")
	if h.answeredBy(t, "") != "v1" {
		t.Error("swapped without a tick")
	}
	tick <- epoch
	tick <- epoch // taken when the look before is over
	if got := h.answeredBy(t, ""); got != "v2" {
		t.Errorf("after a tick %s answers", got)
	}
	promoteOnDisk(t, r, "won", "v3")
	signal <- syscall.SIGHUP
	tick <- epoch
	if got := h.answeredBy(t, ""); got != "v3" {
		t.Errorf("after a signal %s answers", got)
	}
	cancel()
	<-done
}
