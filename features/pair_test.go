package features

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

// The code of a pair is a.coarse·nb + b.coarse, and its name says both sides.
func TestPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(50, 50))
	table := tableOf(t, 0, crm(rng, 500)...)
	base := mustFit(t, table, nil, crmSpec(Additive))
	before := len(base.Features())
	p, err := base.WithPairs([][2]string{{"visits", "country"}, {"email", "stars"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Features()) != before || len(p.Features()) != before+2 {
		t.Fatalf("%d features became %d and %d", before, len(base.Features()), len(p.Features()))
	}
	pair := p.Features()[before]
	a, b := pair.Parents[0], pair.Parents[1]
	ofA, levelsA := p.Coarse(a)
	ofB, levelsB := p.Coarse(b)
	if pair.Name != "visits × country" || p.Features()[before+1].Name != "email.domain_class × stars" || pair.Column != "" || len(pair.Levels) != len(levelsA)*len(levelsB) {
		t.Fatalf("pair %q of %d cells", pair.Name, len(pair.Levels))
	}
	var block Block
	p.Cells(table.Batches[0], &block)
	for i := range block.Rows {
		x, y := ofA[block.Codes[a][i]], ofB[block.Codes[b][i]]
		code := block.Codes[before][i]
		if int(code) != x*len(levelsB)+y || pair.Levels[code] != levelsA[x]+" × "+levelsB[y] {
			t.Fatalf("row %d: code %d, %q of coarse %d and %d", i, code, pair.Levels[code], x, y)
		}
	}
	// A cell that has no effect on one side has none in the pair.
	row := make([]datasets.Value, len(table.Schema.Fields))
	table.Batches[0].Row(0, row)
	row[5] = datasets.Value{} // agreed: never missing in training
	q, err := base.WithPairs([][2]string{{"agreed", "visits"}})
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]Cell, before+1)
	q.Row(row, datasets.MissingTime, cells)
	if want := len(q.Features()[before].Levels); int(cells[before].Code) != want {
		t.Errorf("code %d, want %d: no effect", cells[before].Code, want)
	}
}

func TestPairProblemsAreNamedAllAtOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 51))
	table := tableOf(t, 0, crm(rng, 300)...)
	p := mustFit(t, table, nil, crmSpec(Additive))
	_, err := p.WithPairs([][2]string{{"vists", "country"}, {"created_at", "country"}, {"visits", "visits"}, {"stars", "visits"}, {"visits", "stars"}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{`no feature "vists" (did you mean "visits"?)`, `column "created_at" has several features`, `"visits" is paired with itself`, "is there already"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
	if _, err := mustFit(t, table, nil, crmSpec(Linear)).WithPairs([][2]string{{"visits", "country"}}); err == nil {
		t.Error("pairs of a linear encoding are accepted")
	}
}

// Levels on the side of a pair have at least 20 rows; the others, and levels never seen, share one.
func TestCoarseLevels(t *testing.T) {
	words := append(repeat(20, "twenty"), repeat(19, "nineteen")...)
	words = append(words, repeat(30, "thirty", "")...)
	p := mustFit(t, tableOf(t, 0, wordsOf("w", words...)), nil, Spec{Encoding: Additive})
	of, levels := p.Coarse(0)
	if want := []string{"thirty", "twenty", "other", "missing"}; !slices.Equal(levels, want) {
		t.Errorf("coarse levels %q, want %q", levels, want)
	}
	if want := []int{0, 1, 2, 3, 2}; !slices.Equal(of, want) {
		t.Errorf("coarse codes %v, want %v", of, want)
	}
}

func TestFinerSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(52, 52))
	table := tableOf(t, 0, crm(rng, 2000)...)
	p := mustFit(t, table, nil, crmSpec(Additive))
	name, at := "", -1
	for f, feature := range p.Features() { // a number with many bins
		if feature.Ordered > 20 {
			name, at = feature.Name, f
		}
	}
	_, before := p.Coarse(at)
	fine, some, err := p.Finer([]string{name, "country"})
	if err != nil || !some {
		t.Fatalf("finer: %v, %v", some, err)
	}
	if _, still := p.Coarse(at); len(still) != len(before) {
		t.Error("the pipeline itself was changed")
	}
	of, after := fine.Coarse(at)
	if len(after) <= len(before) || len(after) > finerBins+1 || !slices.IsSorted(of[:p.Features()[at].Ordered]) {
		t.Errorf("%d levels became %d, codes %v", len(before), len(after), of)
	}
	for f, feature := range p.Features() {
		_, x := p.Coarse(f)
		if _, y := fine.Coarse(f); feature.Name != name && !slices.Equal(x, y) {
			t.Errorf("%s was refined too", feature.Name)
		}
	}
	pairs := [][2]string{{name, "country"}}
	paired, err := fine.WithPairs(pairs)
	if err != nil {
		t.Fatal(err)
	}
	_, country := p.Coarse(paired.Features()[len(paired.Features())-1].Parents[1])
	if cells := len(paired.Features()[len(paired.Features())-1].Levels); cells != len(after)*len(country) {
		t.Errorf("%d cells, want %d × %d", cells, len(after), len(country))
	}
	if _, some, err := fine.Finer([]string{name, "nobody"}); some || err != nil {
		t.Errorf("twice finer: %v, %v; want nothing finer", some, err)
	}
	if _, _, err := paired.Finer([]string{name}); err == nil {
		t.Error("sides of a pair that is there already are refined")
	}
}
