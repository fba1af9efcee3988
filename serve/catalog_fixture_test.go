package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/model/registry"
)

// epoch is when tests of files take place: long after any file of theirs was written, so that stamps have settled.
var epoch = time.Now().Add(24 * time.Hour)

// versionOf is the model.json of a model that differs by its intercept.
func versionOf(t testing.TB, name string, intercept float64, change ...func(*model.Artifact)) []byte {
	t.Helper()
	fixtures.Lock()
	defer fixtures.Unlock()
	a := fixtures.made[name]
	if a == nil {
		a = artifact(t, name)
		fixtures.made[name] = a
	}
	copied := *a
	copied.Targets = append([]model.Target(nil), a.Targets...)
	copied.Targets[0].Intercept = intercept
	for _, f := range change {
		f(&copied)
	}
	path := filepath.Join(t.TempDir(), "model.json")
	if err := copied.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var fixtures = struct {
	sync.Mutex
	made map[string]*model.Artifact
}{made: map[string]*model.Artifact{}}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// shelf is a registry with versions v1, v2 and so on of some models; v1 is promoted.
func shelf(t testing.TB, versions int, names ...string) *registry.Registry {
	t.Helper()
	r, err := registry.Open(filepath.Join(t.TempDir(), "models"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for v := 1; v <= versions; v++ {
			put(t, r, name, float64(v))
		}
		promoteOnDisk(t, r, name, "v1")
	}
	return r
}

// put adds a version to a registry and returns it.
func put(t testing.TB, r *registry.Registry, name string, intercept float64) string {
	t.Helper()
	run := t.TempDir()
	write(t, filepath.Join(run, "model.json"), versionOf(t, name, intercept))
	version, err := r.Add(name, run)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func promoteOnDisk(t testing.TB, r *registry.Registry, name, version string) {
	t.Helper()
	if err := r.Promote(name, version, epoch); err != nil {
		t.Fatal(err)
	}
}

// catalogHarness serves a catalog.
func catalogHarness(t testing.TB, c Catalog, change ...func(*Config)) *harness {
	t.Helper()
	h, err := openHarness(t, c, change...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func openHarness(t testing.TB, c Catalog, change ...func(*Config)) (*harness, error) {
	t.Helper()
	h := &harness{log: &journal{}}
	settings := config(h.log, Limits{Drain: time.Millisecond})
	settings.Catalog, settings.Clock = c, func() time.Time { return epoch }
	for _, f := range change {
		f(&settings)
	}
	var err error
	h.Server, err = New(settings)
	h.doc, h.router = document(t)
	return h, err
}

// answeredBy is the version in the registry, or where there is none of the content, that answers a request.
func (h *harness) answeredBy(t testing.TB, query string) string {
	t.Helper()
	a := h.do(t, "POST", "/v1/score"+query, jsonBody, good)
	_, rest, ok := strings.Cut(a.body, `"registry_version":"`)
	if !ok {
		_, rest, ok = strings.Cut(a.body, `"version":"`)
	}
	if a.status != 200 || !ok {
		t.Fatalf("%d %s", a.status, a.body)
	}
	version, _, _ := strings.Cut(rest, `"`)
	return version
}

// metric is the value of a line of /metrics; "" where there is none.
func (h *harness) metric(t testing.TB, series string) string {
	t.Helper()
	for _, line := range strings.Split(h.do(t, "GET", "/metrics", "", "").body, "\n") {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return value
		}
	}
	return ""
}

func (h *harness) lines(message string) int {
	return strings.Count(h.log.String(), fmt.Sprintf(`"msg":%q`, message))
}
