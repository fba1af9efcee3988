package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// leads are rows with every kind of column, and missing cells in most of them.
func leads(t testing.TB, rows int, seed uint64) *datasets.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	schema := &datasets.Schema{
		Fields: []datasets.Field{
			{Name: "lead_id", Kind: datasets.Text},
			{Name: "source", Kind: datasets.Categorical},
			{Name: "visits", Kind: datasets.Numeric},
			{Name: "do_not_email", Kind: datasets.Boolean},
			{Name: "created_at", Kind: datasets.Time},
			{Name: "first_seen", Kind: datasets.Time},
			{Name: "email", Kind: datasets.Categorical},
			{Name: "title", Kind: datasets.Categorical},
			{Name: "size", Kind: datasets.Categorical},
			{Name: "empty", Kind: datasets.Unknown},
		},
		Nulls: datasets.DefaultNulls,
	}
	levels := map[int][]string{
		1: {"web", "webinar", "referral", "event", "cold call <list>"},
		6: {"a@acme.example", "b@gmail.com", "c@mailinator.com", "d@corp.example", "e@yahoo.com"},
		7: {"CEO", "Marketing Manager", "Software Engineer", "VP Sales", "Student"},
		8: {"1-10", "11-50", "51-200", "201-500", "1000+"},
	}
	columns := make([]datasets.Column, len(schema.Fields))
	start := int64(1.7e15)
	for i, f := range schema.Fields {
		c := datasets.Column{Kind: f.Kind, Levels: levels[i]}
		for row := range rows {
			gone := r.IntN(8) == 0
			switch f.Kind {
			case datasets.Text:
				c.Texts = append(c.Texts, fmt.Sprintf("L%04d", row))
			case datasets.Categorical:
				code := int32(min(r.IntN(len(c.Levels)), r.IntN(len(c.Levels))))
				if gone {
					code = -1
				}
				c.Codes = append(c.Codes, code)
			case datasets.Numeric, datasets.Boolean:
				x := math.Round(r.ExpFloat64() * 5)
				if f.Kind == datasets.Boolean {
					x = float64(r.IntN(2))
				}
				if gone {
					x = math.NaN()
				}
				c.Numbers = append(c.Numbers, x)
			case datasets.Time:
				at := start + r.Int64N(1e13)
				if i == 5 {
					at -= 1e13
					if gone {
						at = datasets.MissingTime
					}
				}
				c.Times = append(c.Times, at)
			}
		}
		columns[i] = c
	}
	b, err := datasets.NewBatch(schema, rows, columns)
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}
}

// fixture is an artifact with every kind of feature. Its effects are drawn at random, for nothing here
// depends on where they come from; the counts are those of the leads.
func fixture(t testing.TB, table *datasets.Table, e features.Encoding) *Artifact {
	t.Helper()
	pipeline, _, err := features.Fit(table, nil, features.Spec{Encoding: e, AsOf: "created_at", Drop: []string{"lead_id"}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 9))
	var block features.Block
	pipeline.Cells(table.Batches[0], &block)
	target := func(name string) Target {
		tg := Target{Name: name, BaseRate: .3, Intercept: -1 + r.Float64()}
		for f, feature := range pipeline.Features() {
			n := len(feature.Levels)
			te := TermEffect{Effect: features.Effect{Table: make([]float64, n)}, Rows: make([]int, n), Positives: make([]int, n)}
			for code := range te.Table {
				te.Table[code] = .5 * r.NormFloat64()
			}
			if feature.Linear {
				te.Slope = .5 * r.NormFloat64()
			}
			for i, code := range block.Codes[f] {
				if int(code) < n {
					te.Rows[code]++
					te.Positives[code] += i % 3 / 2
					te.Mean += te.Table[code] / float64(block.Rows)
				}
			}
			tg.Effects = append(tg.Effects, te)
		}
		return tg
	}
	points := func(x float64) rules.Points { return rules.Points{Fixed: x} }
	limit := 30.0
	return &Artifact{
		Format: Format, Name: "won", ID: "lead_id", AsOf: "created_at",
		Schema: table.Schema, Outcomes: []string{"status", "closed_at"}, Pipeline: pipeline,
		Targets: []Target{target("won"), target("sql")},
		Rules: &rules.File{Version: 1, Scorecards: []rules.Scorecard{{
			Name: "default", Bounds: &rules.Bounds{Min: 0, Max: 100},
			Groups: []rules.Group{{Name: "fit", Cap: &limit, Rules: []rules.Rule{
				{Name: "partner", When: rules.Condition{Field: "source", In: []any{"referral", "webinar"}}, Points: points(20)},
				{Name: "visits", When: rules.Condition{CEL: `lead["visits"] > 3.0`}, Points: points(25)},
			}}},
			Hard: []rules.HardRule{{Name: "no mail", When: rules.Condition{Field: "do_not_email", In: []any{true}}, Stage: "disqualify"}},
		}}},
		Blend:  Blend{Method: BlendLogit, Intercept: -.3, Logit: .8, Rule: 1.2},
		Policy: Policy{MQL: StageRule{MinScore: 45}, SQL: StageRule{MinScore: 65, Required: []string{"email", "title"}}},
		Card:   &Card{Targets: map[string]*TargetCard{"won": {BaseRate: .3, Scores: map[string]Metrics{}}}, Rows: table.Rows(), Run: &Run{At: "2026-01-01T00:00:00Z"}},
	}
}

// withoutRules is the fixture of a model alone.
func withoutRules(t testing.TB, table *datasets.Table, e features.Encoding) *Artifact {
	a := fixture(t, table, e)
	a.Rules, a.Blend = nil, Blend{Method: BlendModel}
	return a
}

func scorer(t testing.TB, a *Artifact) *Scorer {
	t.Helper()
	s, err := NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// leadAt is a row of a table as a lead.
func leadAt(table *datasets.Table, row int) *Lead {
	l := &Lead{Values: make([]datasets.Value, len(table.Schema.Fields)), AsOf: datasets.MissingTime}
	table.Batches[0].Row(row, l.Values)
	return l
}

func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
