package model

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// broad is a model of 40 features, half of them actionable with 32 values each, with so many rules.
func broad(tb testing.TB, ruled int) (*Scorer, *Lead) {
	tb.Helper()
	const columns, rows = 40, 2000
	r := rand.New(rand.NewPCG(1, 2))
	schema := &datasets.Schema{Nulls: datasets.DefaultNulls}
	cells := make([]datasets.Column, columns)
	for i := range columns {
		schema.Fields = append(schema.Fields, datasets.Field{Name: fmt.Sprintf("c%d", i), Kind: datasets.Numeric})
		cells[i].Kind = datasets.Numeric
		for range rows {
			cells[i].Numbers = append(cells[i].Numbers, r.NormFloat64())
		}
	}
	b, err := datasets.NewBatch(schema, rows, cells)
	if err != nil {
		tb.Fatal(err)
	}
	table := &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}
	pipeline, _, err := features.Fit(table, nil, features.Spec{Encoding: features.Additive})
	if err != nil {
		tb.Fatal(err)
	}
	target := Target{Name: "won", BaseRate: .1, Intercept: -4}
	for _, f := range pipeline.Features() {
		e := TermEffect{Effect: features.Effect{Table: make([]float64, len(f.Levels))}}
		for code := range e.Table {
			e.Table[code] = .3 * r.NormFloat64()
			e.Rows, e.Positives = append(e.Rows, 60), append(e.Positives, 6)
		}
		target.Effects = append(target.Effects, e)
	}
	a := &Artifact{Format: Format, Name: "broad", Schema: schema, Pipeline: pipeline, Targets: []Target{target}, Blend: Blend{Method: BlendModel},
		Policy: Policy{MQL: StageRule{MinScore: 99.99}, SQL: StageRule{MinScore: 100}}}
	for i := range columns / 2 {
		a.Policy.Actionable = append(a.Policy.Actionable, Actionable{Field: fmt.Sprintf("c%d", i)})
	}
	if ruled > 0 {
		group := rules.Group{Name: "fit"}
		for i := range ruled {
			group.Rules = append(group.Rules, rules.Rule{Name: fmt.Sprint(i), When: rules.Condition{All: []rules.Condition{
				{Event: fmt.Sprintf("e%d", i%10)}, {Field: fmt.Sprintf("c%d", i%columns)}}}, Points: rules.Points{Fixed: 1}})
		}
		a.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{group}}}}
		a.Blend = Blend{Method: BlendLogit, Logit: 1, Rule: .1}
		a.Policy.Actionable = append(a.Policy.Actionable, Actionable{Event: "e1"}, Actionable{Event: "e2"})
	}
	l := leadAt(table, 0)
	for i := range 100 {
		l.Events = append(l.Events, datasets.Event{Type: fmt.Sprintf("e%d", i%10), At: int64(i)})
	}
	return scorer(tb, a), l
}

// The worst case of a search: nothing gets there, so that everything is tried until the budget ends.
func BenchmarkCounterfactuals(b *testing.B) {
	for _, ruled := range []int{0, 200} {
		b.Run(fmt.Sprintf("%d rules", ruled), func(b *testing.B) {
			s, l := broad(b, ruled)
			for b.Loop() {
				if e, err := s.Explain(l, 3); err != nil || len(e.Counterfactuals) > 0 {
					b.Fatal(err, e.Counterfactuals)
				}
			}
		})
	}
}
