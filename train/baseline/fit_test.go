package baseline

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/train/evaluate"
)

// The order of the training rows, the seed and the iteration of golearn's maps change no bit; rows are scored each by itself.
func TestLaws(t *testing.T) {
	all := makeRows(900, 3, 3, 4, 6, 2, 5, 8)
	train, ask := pick(all, span(0, 600)), pick(all, span(600, 900))
	for _, name := range Names() {
		want := scored(t, fitted(t, name, train, 1), ask)
		for _, p := range want {
			if !(p > 0 && p < 1) {
				t.Fatalf("%s: probability %v", name, p)
			}
		}
		if slices.Max(want)-slices.Min(want) < .1 {
			t.Fatalf("%s: all probabilities are alike, which shows nothing", name)
		}
		for seed := range uint64(10) {
			order := rand.New(rand.NewPCG(seed, 1)).Perm(600)
			if got := scored(t, fitted(t, name, pick(train, order), seed), ask); !slices.Equal(got, want) {
				t.Errorf("%s: another order of the training rows gives other probabilities", name)
			}
		}
		m := fitted(t, name, train, 1)
		order := rand.New(rand.NewPCG(9, 1)).Perm(300)
		got := scored(t, m, pick(ask, append(order, order...)))
		for i, row := range order {
			if got[i] != want[row] || got[i+300] != want[row] {
				t.Fatalf("%s: row %d scores otherwise in another order or twice", name, row+1)
			}
		}
		if got := scored(t, m, Rows{Columns: ask.Columns}); !slices.Equal(got, want) {
			t.Errorf("%s: labels of the rows to score change their probabilities", name)
		}
		if got := scored(t, m, pick(ask, nil)); got == nil || len(got) != 0 {
			t.Errorf("%s: no rows give %v", name, got)
		}
	}
}

// Twice the rows are the same shares: naive Bayes moves by its smoothing alone.
func TestRowsTwice(t *testing.T) {
	r := makeRows(800, 4, 3, 4, 6)
	twice := pick(r, append(span(0, 800), span(0, 800)...))
	once, double := scored(t, fitted(t, "naive_bayes", r, 1), r), scored(t, fitted(t, "naive_bayes", twice, 1), r)
	for i := range once {
		if math.Abs(once[i]-double[i]) > .02 {
			t.Fatalf("row %d: %v with the rows once, %v with them twice", i+1, once[i], double[i])
		}
	}
}

func auc(t *testing.T, m Model, r Rows) (value, lower float64) {
	t.Helper()
	e, err := evaluate.AUC(evaluate.Sample{Label: r.Label, Score: scored(t, m, r)})
	if err != nil {
		t.Fatal(err)
	}
	return e.Value, e.Lower
}

func TestBaselinesRankGeneratedLeads(t *testing.T) {
	leads, label := generatedLeads(t, 6000, 1)
	use := make([]bool, len(label))
	for i := range use {
		use[i] = i < len(use)*3/4
	}
	all := coded(t, leads, label, use, "lead_id")
	cut := len(label) * 3 / 4
	for _, name := range Names() {
		m := fitted(t, name, pick(all, span(0, cut)), 1)
		held := pick(all, span(cut, len(label)))
		if value, lower := auc(t, m, held); lower < .55 {
			t.Errorf("%s: AUC %.3f, at least %.3f; want it above chance", name, value, lower)
		} else {
			t.Logf("%s: AUC %.3f", name, value)
		}
	}
}

// Of real leads the columns known before contact, at random halves.
func TestBaselinesOnRealLeads(t *testing.T) {
	dir := os.Getenv("LEADSCORE_DATA")
	if dir == "" {
		t.Skip("LEADSCORE_DATA is not set")
	}
	leads, err := datasets.Read(t.Context(), filepath.Join(dir, "xeducation_leads.csv"), datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	converted := leads.Schema.Index("Converted")
	var label []bool
	for _, b := range leads.Batches {
		for row := range b.Rows() {
			label = append(label, b.Value(converted, row).Num == 1)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	use := make([]bool, len(label))
	var train, held []int
	for i := range use {
		if use[i] = rng.IntN(2) == 0; use[i] {
			train = append(train, i)
		} else {
			held = append(held, i)
		}
	}
	all := coded(t, leads, label, use, "Prospect ID", "Lead Number", "Converted", "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
		"Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score")
	for _, name := range Names() {
		value, lower := auc(t, fitted(t, name, pick(all, train), 1), pick(all, held))
		if lower < .75 {
			t.Errorf("%s: AUC %.3f, at least %.3f; want .75", name, value, lower)
		}
		t.Logf("%s: AUC %.3f", name, value)
	}
}

func TestBadRowsAreRefused(t *testing.T) {
	good := func() Rows { return makeRows(60, 5, 3, 2) }
	cases := []struct {
		name string
		make func() Rows
		want []string
	}{
		{"no rows", func() Rows {
			return Rows{Columns: []Column{{Name: "a", Levels: 2, Codes: nil}}}
		}, []string{"there are no rows"}},
		{"no columns", func() Rows { return Rows{Label: []bool{true, false}} }, []string{"there is no column"}},
		{"nothing", func() Rows { return Rows{} }, []string{"there are no rows", "there is no column"}},
		{"one class", func() Rows { r := good(); clear(r.Label); return r }, []string{"0 of 60 rows converted"}},
		{"code too high", func() Rows { r := good(); r.Columns[1].Codes[7] = 2; return r }, []string{`column "b": row 8 has code 2; want 0 to 1`}},
		{"highest code", func() Rows { r := good(); r.Columns[0].Codes[0] = math.MaxUint32; return r }, []string{`column "a": row 1 has code 4294967295`}},
		{"no levels", func() Rows { r := good(); r.Columns[0].Levels = 0; return r }, []string{`column "a" has 0 levels`}},
		{"short column and more", func() Rows {
			r := good()
			r.Columns[0].Codes = r.Columns[0].Codes[:59]
			r.Columns[1].Codes[0] = 9
			clear(r.Label)
			return r
		}, []string{`column "a" has 59 codes; want 60`, `column "b": row 1 has code 9`, "0 of 60 rows"}},
	}
	for _, c := range cases {
		for _, name := range Names() {
			m, err := Fit(name, c.make(), 1)
			if err == nil || m != nil {
				t.Errorf("%s: %s was fitted", c.name, name)
				continue
			}
			for _, want := range append(c.want, "fitting "+name+": ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v; want %q in it", c.name, err, want)
				}
			}
		}
	}
	if _, err := Fit("forest", good(), 1); err == nil || !strings.Contains(err.Error(), `"forest"; want naive_bayes or tree`) {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestRowsOfAnotherLayoutAreRefused(t *testing.T) {
	train := makeRows(200, 6, 3, 2)
	for _, name := range Names() {
		m := fitted(t, name, train, 1)
		for want, change := range map[string]func(r *Rows){
			"there are 1 columns; the model was fitted on 2":   func(r *Rows) { r.Columns = r.Columns[:1] },
			`column 1 is "c" with 3 levels`:                    func(r *Rows) { r.Columns[0].Name = "c" },
			`column 2 is "b" with 5 levels`:                    func(r *Rows) { r.Columns[1].Levels = 5 },
			`column "b": row 200 has code 2; want 0 to 1`:      func(r *Rows) { r.Columns[1].Codes[199] = 2 },
			`column "b" has 199 codes; want 200, one a row`:    func(r *Rows) { r.Columns[1].Codes = r.Columns[1].Codes[:199] },
			`column 1 is "b" with 2 levels; the model was fit`: func(r *Rows) { slices.Reverse(r.Columns) },
		} {
			r := pick(train, span(0, 200))
			change(&r)
			if p, err := m.Probabilities(r); err == nil || p != nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q in it", name, err, want)
			}
		}
	}
}

// Whatever the rows, there is an error or probabilities, and never a panic.
func FuzzFit(f *testing.F) {
	f.Add([]byte{3, 2, 0, 1, 1, 0, 2, 1, 0, 0, 1}, uint8(0))
	f.Add([]byte{1, 1, 0, 0, 0, 0}, uint8(1))
	f.Add([]byte{0, 255, 9, 9}, uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		if len(b) < 2 || len(b) > 600 {
			return
		}
		r := Rows{Columns: []Column{{Name: "a", Levels: int(b[0] % 16)}, {Name: "b", Levels: int(b[1] % 16)}}}
		for i, x := range b[2:] {
			r.Columns[i%2].Codes = append(r.Columns[i%2].Codes, uint32(x>>1))
			if i%2 == 0 {
				r.Label = append(r.Label, x&1 == 1)
			}
		}
		m, err := Fit(Names()[int(which)%len(Names())], r, uint64(which))
		if err != nil {
			return
		}
		p, err := m.Probabilities(r)
		if err != nil || len(p) != len(r.Label) {
			t.Fatalf("%d probabilities for %d rows: %v", len(p), len(r.Label), err)
		}
		for _, x := range p {
			if !(x > 0 && x < 1) {
				t.Fatalf("probability %v", x)
			}
		}
	})
}
