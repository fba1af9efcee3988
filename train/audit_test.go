package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// auditOf reads a CSV of the columns id, won, and others, and audits it.
func auditOf(t *testing.T, csv string, target Target, o AuditOptions) ([]model.Suspect, *model.Audit) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{Force: map[string]datasets.Field{"won": {Name: "won", Kind: datasets.Categorical}}})
	if err != nil {
		t.Fatal(err)
	}
	s, a, err := Audit(table, target, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

var wonTarget = Target{Name: "won", Column: "won", Positive: []string{"yes"}}

// Rows that stand twice are found across the split, and only there.
func TestAuditFindsCopiesAcrossTheSplit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		id     func(i int) int // of a row
		amount func(i int) int
		same   bool
	}{
		{"nothing twice", func(i int) int { return i }, func(i int) int { return i*i*7919 + i }, false},
		{"rows twice", func(i int) int { return i }, func(i int) int { return (i / 2) * (i / 2) * 7919 }, true},
		{"no id", func(i int) int { return max(0, i-500) }, func(i int) int { return i*i*7919 + i }, false},
		{"leads twice", func(i int) int { return 1 + i/2 }, func(i int) int { return i*i*7919 + i }, false}, // the split keeps them together
	} {
		var b strings.Builder
		b.WriteString("id,won,amount,color\n")
		for i := range 1000 {
			id := ""
			if k := tt.id(i); k > 0 {
				id = fmt.Sprintf("L%d", k)
			}
			fmt.Fprintf(&b, "%s,%s,%d.5,%s\n", id, []string{"yes", "no", "no"}[i/2%3], tt.amount(i), []string{"red", "blue"}[i/2*7%13%2])
		}
		suspects, a := auditOf(t, b.String(), wonTarget, AuditOptions{ID: "id"})
		var kinds []string
		for _, s := range suspects {
			if s.Column == "" {
				kinds = append(kinds, s.Checks[0].Kind)
			}
		}
		if got := slices.Contains(kinds, model.CheckDuplicates); got != tt.same || got && a.Equal < 100 {
			t.Errorf("%s: checks %v, %d equal rows", tt.name, kinds, a.Equal)
		}
		want := 200
		if tt.name == "leads twice" {
			want = 100 // rows of leads that train are no hold-out
		}
		if a.EqualOf != want {
			t.Errorf("%s: %d hold-out rows compared, want %d", tt.name, a.EqualOf, want)
		}
	}
}

// Moments after as-of are counted and then read as missing, as features read them: t = as-of counts as known.
func TestAuditReadsMomentsAsFeaturesDo(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,won,created,seen,later,closed\n")
	day := func(i int) string { return fmt.Sprintf("2025-%02d-%02d", 1+i/28%12, 1+i%28) }
	for i := range 600 {
		k := i * 300 / 600
		fmt.Fprintf(&b, "L%d,%s,%s,%s,%s,%s\n", i, []string{"yes", "no", "no"}[i%3], day(k), day(k), day(k+1), day(k+1))
	}
	target := wonTarget
	target.At = "closed"
	suspects, a := auditOf(t, b.String(), target, AuditOptions{ID: "id", AsOf: "created"})
	if len(suspects) != 1 || suspects[0].Column != "later" || !suspects[0].Exclude {
		t.Fatalf("suspects %+v, want later alone", suspects)
	}
	var kinds []string
	for _, c := range suspects[0].Checks {
		kinds = append(kinds, c.Kind)
		if c.Rows != 600 || c.Of != 600 {
			t.Errorf("%s: %d of %d, want all 600", c.Kind, c.Rows, c.Of)
		}
	}
	slices.Sort(kinds)
	if !slices.Equal(kinds, []string{model.CheckAfterAsOf, model.CheckAfterEnd}) {
		t.Errorf("checks %v", kinds)
	}
	for _, c := range a.Columns {
		if want := map[string]float64{"seen": 1, "later": 0}[c.Column]; c.Filled != want {
			t.Errorf("%s is filled in by as-of in %v, want %v", c.Column, c.Filled, want)
		}
	}
}

// Of many rows a sample is read, the same whatever the cores, and the leak is found in it.
func TestAuditOfManyRowsReadsAFixedSample(t *testing.T) {
	table := wide(t, 70_000)
	target := Target{Name: "won", Column: "won", Positive: []string{"yes"}}
	s1, a1, err := Audit(table, target, AuditOptions{ID: "lead_id", Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	s2, a2, err := Audit(table, target, AuditOptions{ID: "lead_id", Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s1, s2) || !reflect.DeepEqual(a1, a2) {
		t.Error("workers change the audit")
	}
	if len(s1) > 0 {
		t.Errorf("noise is suspected: %+v", s1)
	}
	if a1.Of != 70_000 || a1.Rows < mostAudited*97/100 || a1.Rows > mostAudited*103/100 {
		t.Errorf("%d of %d rows read", a1.Rows, a1.Of)
	}
}

func TestBinsOfTheAudit(t *testing.T) {
	var values []float64
	learn := make([]bool, 0, 400)
	for i := range 400 {
		x := float64(i)
		if i%2 == 0 {
			x = 0
		}
		values, learn = append(values, x), append(learn, true)
	}
	edges := auditEdges(values, learn)
	zero := below(edges, 0)
	if below(edges, math.Nextafter(0, 1)) == zero || below(edges, -1) == zero {
		t.Errorf("half of the rows are 0, and 0 shares its bin: edges %v", edges)
	}
	if got := binName(edges, zero+1, false); got != "0" {
		t.Errorf("the bin of 0 is called %q", got)
	}
	if got := binName(edges, 1+below(edges, 1e9), false); !strings.HasPrefix(got, "from ") {
		t.Errorf("the last bin is called %q", got)
	}
	for i := range learn {
		learn[i] = false
	}
	if edges := auditEdges(values, learn); len(edges) > 0 {
		t.Errorf("edges %v from no training rows", edges)
	}
}
