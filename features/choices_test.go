package features

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
)

// Each choice has the code that it claims, and of bins it is the value in the bin that is nearest to the present one.
func TestChoicesHaveTheirCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for trial := range 60 {
		column := datasets.Column{Kind: datasets.Numeric}
		scale := math.Pow(10, float64(trial%9)-4)
		for range 400 {
			x := scale * r.NormFloat64()
			if trial%2 == 0 {
				x = math.Round(x)
			}
			column.Numbers = append(column.Numbers, x)
		}
		words := datasets.Column{Kind: datasets.Categorical, Levels: []string{"web", "fair", "other"}}
		yes := datasets.Column{Kind: datasets.Boolean}
		for range 400 {
			words.Codes, yes.Numbers = append(words.Codes, int32(r.IntN(4))-1), append(yes.Numbers, float64(r.IntN(2)))
		}
		schema := &datasets.Schema{Nulls: datasets.DefaultNulls, Fields: []datasets.Field{
			{Name: "x", Kind: datasets.Numeric}, {Name: "w", Kind: datasets.Categorical}, {Name: "b", Kind: datasets.Boolean}}}
		batch, err := datasets.NewBatch(schema, 400, []datasets.Column{column, words, yes})
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := Fit(&datasets.Table{Schema: schema, Batches: []*datasets.Batch{batch}}, nil, Spec{Encoding: Additive})
		if err != nil {
			t.Fatal(err)
		}
		cells := make([]Cell, len(p.Features()))
		row := make([]datasets.Value, 3)
		for f, feature := range p.Features() {
			at := schema.Index(feature.Column)
			for range 5 {
				batch.Row(r.IntN(400), row)
				present := row[at]
				choices := p.Choices(f, present)
				if want := p.fitted[f].own(); len(choices) != want {
					t.Fatalf("trial %d: %s has %d choices for %d codes", trial, feature.Name, len(choices), want)
				}
				for _, c := range choices {
					row[at] = c.Value
					p.Row(row, datasets.MissingTime, cells)
					if cells[f].Code != c.Code {
						t.Fatalf("trial %d: %s of %v has code %d, claimed is %d (%v)", trial, feature.Name, c.Value, cells[f].Code, c.Code, feature.Levels)
					}
					if feature.Name == "x" && trial%2 == 0 && !present.Missing() && c.Value.Num != math.Trunc(c.Value.Num) && scale >= 10 {
						t.Fatalf("trial %d: %v among whole numbers", trial, c.Value.Num)
					}
				}
			}
		}
	}
}

func TestInside(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ low, high, now, want float64 }{
		{1384.5, 1472, 120, 1385}, {1384.5, 1472, 2000, 1472}, {1384.5, 1472, 1400, 1400}, {1384.5, 1472, math.NaN(), 1385},
		{0, 1, .5, .5}, {3.5, inf, 1, 4}, {3, inf, 1, 4}, {-inf, 2.5, 9, 2}, {-inf, 2.5, math.NaN(), 2}, {-inf, -.5, 9, -1},
		{.31, .34, 0, .32}, {.31, .34, 1, .34}, {.31, .32, 0, .32}, {-2.5, -1.5, 3, -2}, {-inf, inf, math.NaN(), 0},
		{1e300, inf, 0, math.Nextafter(1e300, inf)}, {1, math.Nextafter(1, 2), 0, math.Nextafter(1, 2)},
	} {
		got, ok := inside(c.low, c.high, c.now)
		if !ok || got != c.want || !(got > c.low && got <= c.high) {
			t.Errorf("%v < x ≤ %v near %v: %v, %v; want %v", c.low, c.high, c.now, got, ok, c.want)
		}
	}
	if x, ok := inside(inf, inf, 0); ok {
		t.Errorf("a number above infinity: %v", x)
	}
}

func TestSamplesAreRead(t *testing.T) {
	for read, texts := range samples {
		classes := map[string]bool{}
		for _, text := range texts {
			if read == readSize {
				if math.IsNaN(companySize(text)) {
					t.Errorf("%q is no size", text)
				}
				continue
			}
			class := read.word(text)
			if class == seniorityUnknown || class == departmentOther || class == emailInvalid {
				t.Errorf("%q is read as %q", text, class)
			}
			classes[class] = true
		}
		if read != readSize && len(classes) != len(texts) {
			t.Errorf("%v: %d classes of %d texts", readingNames[read], len(classes), len(texts))
		}
	}
}
