package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/model"
)

// lead is a row of the generated file of these tests.
type lead struct {
	id, source, size string
	visits           float64
	created, label   string
}

// makeLeads draws leads whose log-odds are linear in visits and source.
func makeLeads(n int, seed uint64) []lead {
	rng := rand.New(rand.NewPCG(seed, 1))
	sources := []string{"web", "partner", "event", "ads"}
	leads := make([]lead, n)
	for i := range leads {
		s := rng.IntN(len(sources))
		visits := math.Floor(rng.ExpFloat64() * 5)
		eta := -1.5 + .25*visits + []float64{0, 1, -.5, -1}[s]
		label := "lost"
		if rng.Float64() < model.Sigmoid(eta) {
			label = "won"
		}
		leads[i] = lead{
			id: fmt.Sprintf("L%05d", i), source: sources[s], size: []string{"1-10", "11-50", "51-200"}[rng.IntN(3)], visits: visits,
			created: fmt.Sprintf("2025-%02d-%02dT%02d:00:00Z", 1+i*12/n, 1+rng.IntN(28), rng.IntN(24)), label: label,
		}
	}
	return leads
}

func writeLeads(t testing.TB, leads []lead) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("lead_id,created_at,source,company_size,visits,status\n")
	for _, l := range leads {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%g,%s\n", l.id, l.created, l.source, l.size, l.visits, l.label)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func config(path string) Config {
	return Config{
		Leads:   Leads{Path: path, ID: "lead_id"},
		Targets: []Target{{Name: "won", Column: "status", Positive: []string{"won"}}},
	}
}

func run(t testing.TB, c Config) *Result {
	t.Helper()
	r, err := Run(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// artifactBytes is the artifact as it would be saved, without what was measured on the hold-out and
// without the digest of the file, which covers hold-out rows by design.
func artifactBytes(t testing.TB, a *model.Artifact) []byte {
	t.Helper()
	bare := *a
	bare.Card = &model.Card{}
	var b bytes.Buffer
	if err := bare.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustContain(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}
