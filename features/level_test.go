package features

import (
	"math"
	"slices"
	"testing"

	"leadscore/datasets"
)

func TestLevels(t *testing.T) {
	words := append(repeat(12, "b", "a", "other", "missing"), repeat(15, "c")...)
	words = append(words, repeat(9, "rare")...)
	words = append(words, "\xff", "")
	for range 12 {
		words = append(words, "\xfe") // not UTF-8: cannot be kept
	}
	p := mustFit(t, tableOf(t, 10, wordsOf("w", words...)), nil, Spec{})
	f := p.Features()[0]
	want := []string{"c", "a", "b", "missing", "other", "(other)", "(missing)"}
	if !slices.Equal(f.Levels, want) || f.Other != 5 || f.Missing != 6 || f.Linear || f.Ordered != 0 {
		t.Fatalf("levels %q, other %d, missing %d; want %q", f.Levels, f.Other, f.Missing, want)
	}
	for word, code := range map[string]uint32{"c": 0, "other": 4, "rare": 5, "never seen": 5, "\xfe": 5, "": 6, "(other)": 5} {
		if got := codeOfWord(p, word); got != code {
			t.Errorf("%q has code %d, want %d", word, got, code)
		}
	}
}

// Where training merged nothing and missed nothing, what is new has no effect.
func TestUnseenLevelsHaveNoEffect(t *testing.T) {
	p := mustFit(t, tableOf(t, 0, wordsOf("w", repeat(10, "a", "b")...)), nil, Spec{})
	for _, word := range []string{"c", ""} {
		if got := codeOfWord(p, word); got != 2 {
			t.Errorf("%q has code %d; want 2, the number of levels", word, got)
		}
	}
}

func codeOfWord(p *Pipeline, word string) uint32 {
	v := datasets.Value{}
	if word != "" {
		v = datasets.Level(word)
	}
	cells := make([]Cell, 1)
	p.Row([]datasets.Value{v}, datasets.MissingTime, cells)
	return cells[0].Code
}

func TestMinLevelBoundary(t *testing.T) {
	words := append(repeat(10, "ten", "x"), repeat(9, "nine")...)
	p := mustFit(t, tableOf(t, 0, wordsOf("w", words...)), nil, Spec{})
	if got := p.Features()[0].Levels; !slices.Equal(got, []string{"ten", "x", "other"}) {
		t.Errorf("levels of 10 and 9 rows: %q", got)
	}
	p = mustFit(t, tableOf(t, 0, wordsOf("w", words...)), nil, Spec{MinLevel: 9})
	if got := p.Features()[0].Levels; !slices.Equal(got, []string{"ten", "x", "nine"}) {
		t.Errorf("levels of at least 9 rows: %q", got)
	}
}

func TestNumbersAsCategories(t *testing.T) {
	var xs []float64
	for _, x := range []float64{2.5, -1, 1000000, 0, math.Copysign(0, -1), math.NaN()} {
		for range 10 {
			xs = append(xs, x)
		}
	}
	xs = append(xs, 7)
	p := mustFit(t, tableOf(t, 4, numbersOf("plan", xs...)), nil, Spec{Columns: map[string]ColumnSpec{"plan": {Kind: datasets.Categorical}}})
	if got, want := p.Features()[0].Levels, []string{"-1", "0", "2.5", "1000000", "other", "missing"}; !slices.Equal(got, want) {
		t.Fatalf("levels %q, want %q", got, want)
	}
	cells := make([]Cell, 1)
	for x, code := range map[float64]uint32{-1: 0, 2.5: 2, 2.4999: 4, 7: 4, 1e300: 4, math.Inf(1): 4} {
		p.Row([]datasets.Value{datasets.Number(x)}, 0, cells)
		if cells[0].Code != code {
			t.Errorf("%v has code %d, want %d", x, cells[0].Code, code)
		}
	}
}

func TestBooleans(t *testing.T) {
	c := testColumn{name: "opted", kind: datasets.Boolean}
	for i := range 5 {
		c.cells = append(c.cells, datasets.Bool(i == 0))
	}
	p := mustFit(t, tableOf(t, 0, c), nil, Spec{})
	if got := p.Features()[0].Levels; !slices.Equal(got, []string{"no", "yes"}) {
		t.Errorf("levels %q", got)
	}
	c.cells = append(c.cells, datasets.Value{})
	for _, e := range []Encoding{Linear, Additive} {
		p = mustFit(t, tableOf(t, 0, c), nil, Spec{Encoding: e})
		if got := p.Features()[0].Levels; !slices.Equal(got, []string{"no", "yes", "missing"}) {
			t.Errorf("%s: levels %q", e, got)
		}
	}
	p = mustFit(t, tableOf(t, 0, c), nil, Spec{Columns: map[string]ColumnSpec{"opted": {Kind: datasets.Numeric}}})
	if !p.Features()[0].Linear {
		t.Error("a boolean asked for as a number is not one")
	}
}
