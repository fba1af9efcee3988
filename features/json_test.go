package features

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/datasets"
)

// What is read back encodes as what was written, and writes the same bytes.
func TestJSONRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 30))
	for name, p := range pipelines(t, rng) {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q Pipeline
		if err := json.Unmarshal(b, &q); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(&q)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, again) {
			t.Fatalf("%s: written again it is another", name)
		}
		// Another order of columns, and columns more, change nothing.
		columns := crm(rng, 100)
		other := append([]testColumn{numbersOf("more", make([]float64, 100)...)}, columns...)
		other[1], other[8] = other[8], other[1]
		one, two := tableOf(t, 0, columns...), tableOf(t, 0, other...)
		if err := q.Bind(two.Schema); err != nil {
			t.Fatal(err)
		}
		var x, y Block
		p.Cells(one.Batches[0], &x)
		q.Cells(two.Batches[0], &y)
		for f := range x.Codes {
			for i := range 100 {
				if x.Codes[f][i] != y.Codes[f][i] || x.Z[f] != nil && math.Float64bits(x.Z[f][i]) != math.Float64bits(y.Z[f][i]) {
					t.Fatalf("%s, %s: read back it encodes otherwise", name, p.Features()[f].Name)
				}
			}
		}
	}
}

func TestJSONIsStrict(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 31))
	all := pipelines(t, rng)
	for _, c := range []struct{ pipeline, from, to string }{
		{"linear", `"encoding":"linear"`, `"encoding":"cubic"`},
		{"linear", `"encoding"`, `"encodings"`},
		{"linear", `"scale":`, `"scale":-`},
		{"linear", `"scale":`, `"scale":1e300,"edges":[1],"x":`},
		{"linear", `"missing":1`, `"missing":2`},
		{"linear", `"form":"linear"`, `"form":"bins"`},
		{"linear", `"read":"number"`, `"read":"word"`},
		{"linear", `"read":"number"`, `"read":"feelings"`},
		{"linear", `"levels":["present","missing"]`, `"levels":["present"]`},
		{"linear", `"name":"country"`, `"name":"visits"`},
		{"linear", `"other":-1`, `"other":-2`},
		{"linear", `"levels":["DE"`, `"levels":["DE","DE"`},
		{"linear", `"as_of":"created_at"`, `"as_of":""`},
		{"additive", `"edges":[`, `"edges":[1e300,`},
		{"additive", `"edges":[`, `"edges":[-1e300,`},
		{"additive", `"values":[`, `"values":[-1e300,`},
		{"additive", `"of":[0`, `"of":[99`},
		{"additive", `"of":[0`, `"of":[-2`},
		{"additive", `"ordered":`, `"ordered":9`},
		{"pairs", `"parents":[0`, `"parents":[-1`},
		{"pairs", `"parents":[0`, `"parents":[900`},
		{"pairs", `"parents":[0,`, `"parents":[0,0,`},
	} {
		b, err := json.Marshal(all[c.pipeline])
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(b), c.from, c.to, 1)
		if broken == string(b) {
			t.Errorf("%q is not in the JSON of %s", c.from, c.pipeline)
			continue
		}
		var p Pipeline
		if err := json.Unmarshal([]byte(broken), &p); err == nil {
			t.Errorf("%s with %q for %q is accepted", c.pipeline, c.to, c.from)
		}
	}
	for _, s := range []string{``, `{}`, `null`, `[]`, `{"encoding":"linear","features":[]}`} {
		var p Pipeline
		if err := p.UnmarshalJSON([]byte(s)); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
	b, _ := json.Marshal(all["linear"])
	var p Pipeline
	if err := p.UnmarshalJSON(append(b, "{}"...)); err == nil {
		t.Error("more after the end is accepted")
	}
}

func TestBindNamesEveryProblem(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 32))
	columns := crm(rng, 200)
	p := mustFit(t, tableOf(t, 0, columns...), nil, crmSpec(Linear))
	s := &datasets.Schema{}
	for _, f := range p.schema.Fields {
		switch f.Name {
		case "country":
			f.Name = "countri"
		case "visits":
			f.Kind = datasets.Categorical
		case "created_at":
			continue
		}
		s.Fields = append(s.Fields, f)
	}
	err := p.Bind(s)
	if err == nil {
		t.Fatal("a schema that lacks columns is accepted")
	}
	for _, want := range []string{`no column "country" (did you mean "countri"?)`, `column "visits" is categorical; the model was trained on a numeric one`, `no column "created_at"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "created_at"); n != 1 {
		t.Errorf("created_at is named %d times:\n%v", n, err)
	}
	p.Row(make([]datasets.Value, len(columns)), 0, make([]Cell, len(p.Features()))) // still bound as before
}

// Whatever is read encodes any row without a panic, and within its tables.
func FuzzPipelineJSON(f *testing.F) {
	rng := rand.New(rand.NewPCG(33, 33))
	table := tableOf(f, 0, crm(rng, 300)...)
	for _, e := range []Encoding{Linear, Additive} {
		p := mustFit(f, table, nil, crmSpec(e))
		if e == Additive {
			var err error
			if p, err = p.WithPairs([][2]string{{"visits", "country"}}); err != nil {
				f.Fatal(err)
			}
		}
		// One feature a seed keeps the seeds short.
		for i := range p.fitted {
			if p.fitted[i].Form == formPair {
				continue
			}
			b, err := json.Marshal(stored{Encoding: e, AsOf: p.asOfName, Features: p.fitted[i : i+1]})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
		b, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Pipeline
		if json.Unmarshal(b, &p) != nil {
			return
		}
		again, err := json.Marshal(&p)
		if err != nil {
			t.Fatalf("it was read but cannot be written: %v", err)
		}
		var q Pipeline
		if err := json.Unmarshal(again, &q); err != nil {
			t.Fatalf("it cannot be read back: %v", err)
		}
		schema := &datasets.Schema{}
		for _, name := range append([]string{p.asOfName}, columnsOf(&p)...) {
			if name != "" && schema.Index(name) < 0 {
				kind := datasets.Time
				for i := range p.fitted {
					if p.fitted[i].Column == name {
						kind = p.fitted[i].Kind
					}
				}
				schema.Fields = append(schema.Fields, datasets.Field{Name: name, Kind: kind})
			}
		}
		if p.Bind(schema) != nil {
			return // one column of two kinds
		}
		row, cells := make([]datasets.Value, len(schema.Fields)), make([]Cell, len(p.Features()))
		values := []datasets.Value{{}, datasets.Number(0), datasets.Number(math.Inf(1)), datasets.Number(-1e308), datasets.Number(3), datasets.Level("DE"), datasets.Level("x@gmail.com"),
			datasets.Level("10-20"), datasets.At(math.MaxInt64), datasets.At(-5), datasets.Bool(true), datasets.Words("CEO"), {Kind: datasets.Numeric, Num: math.NaN()}}
		for _, v := range values {
			for i := range row {
				row[i] = v
			}
			for _, at := range []int64{datasets.MissingTime, 0, math.MaxInt64} {
				p.Row(row, at, cells)
				for f, c := range cells {
					if int(c.Code) > len(p.Features()[f].Levels) || math.IsNaN(c.Z) || math.IsInf(c.Z, 0) {
						t.Fatalf("%s: %v of %v", p.Features()[f].Name, c, v)
					}
					p.Describe(f, row, at)
				}
			}
		}
	})
}

func columnsOf(p *Pipeline) []string {
	var names []string
	for i := range p.fitted {
		names = append(names, p.fitted[i].Column)
	}
	return names
}

// Edges that do not rise, where their number is right.
func TestCompileRefusesEdgesThatFall(t *testing.T) {
	b := learnBins(figures{xs: []float64{1, 2, 3, 4}}, 32)
	f := fitted{Feature: Feature{Name: "x", Column: "x", Levels: b.names(numberText), Other: -1, Missing: -1}, Kind: datasets.Numeric, Form: formBins, Edges: b.edges}
	if _, err := compile([]fitted{f}, 0, ""); err != nil {
		t.Fatal(err)
	}
	for _, edges := range [][]float64{{2, 1, 3}, {1, 1, 2}, {1, 2, math.Inf(1)}, {math.NaN(), 1, 2}} {
		f.Edges = edges
		if _, err := compile([]fitted{f}, 0, ""); err == nil {
			t.Errorf("edges %v are accepted", edges)
		}
	}
}
