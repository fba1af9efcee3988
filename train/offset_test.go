package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
)

// offsetFile writes leads with a column of log-odds; a NaN is left empty.
func offsetFile(t *testing.T, leads []lead, offset func(i int, l lead) float64) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("lead_id,created_at,source,company_size,visits,old,status\n")
	for i, l := range leads {
		text := ""
		if o := offset(i, l); !math.IsNaN(o) {
			text = fmt.Sprint(o)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%g,%s,%s\n", l.id, l.created, l.source, l.size, l.visits, text, l.label)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func offsetConfig(path, kind string) Config {
	c := config(path)
	c.Leads.Offset = "old"
	c.Model.Kind = kind
	return c
}

// truth is the logit that makeLeads draws from.
func truth(l lead) float64 {
	return -1.5 + .25*l.visits + map[string]float64{"web": 0, "partner": 1, "event": -.5, "ads": -1}[l.source]
}

// A constant offset moves the intercept by as much the other way, and nothing else.
func TestConstantOffsetChangesNoProbability(t *testing.T) {
	leads := makeLeads(2500, 41)
	for _, kind := range []string{"additive", "linear"} {
		c := offsetConfig(offsetFile(t, leads, func(int, lead) float64 { return 2.25 }), kind)
		plain := config(offsetFile(t, leads, func(int, lead) float64 { return 2.25 }))
		plain.Model.Kind = kind
		plain.Features.Exclude = []string{"old"}
		got, want := run(t, c), run(t, plain)
		for i, p := range want.Holdout.Columns.Probability {
			if math.Abs(got.Holdout.Columns.Probability[i]-p) > 1e-6 {
				t.Fatalf("%s: lead %d has %v, without the offset %v", kind, i, got.Holdout.Columns.Probability[i], p)
			}
		}
		alike(t, kind+" policy", got.Artifact.Policy, want.Artifact.Policy, 1e-6)
	}
}

// With the truth as offset there is nothing left to learn, and what is told of the model is the truth's. Half of the
// truth leaves the other half: the offset's coefficient is 1 whatever the data says.
func TestOffsetIsFittedAndScoredWithCoefficientOne(t *testing.T) {
	leads := makeLeads(6000, 42)
	for _, kind := range []string{"additive", "linear"} {
		r := run(t, offsetConfig(offsetFile(t, leads, func(_ int, l lead) float64 { return truth(l) }), kind))
		all := r.Artifact.Pipeline.Features()
		last := len(all) - 1
		if all[last].Name != "old" || r.Artifact.Targets[0].Effects[last].Slope != 1 {
			t.Fatalf("%s: the last feature is %q with a slope of %v", kind, all[last].Name, r.Artifact.Targets[0].Effects[last].Slope)
		}
		for f, e := range r.Artifact.Targets[0].Effects[:last] {
			if s := e.Spread(); s > .12 {
				t.Errorf("%s: %s has effects of ±%.3f beside the truth", kind, all[f].Name, s)
			}
		}
		half := run(t, offsetConfig(offsetFile(t, leads, func(_ int, l lead) float64 { return truth(l) / 2 }), kind))
		a, b := r.Card.Targets["won"].Scores["model"].LogLoss.Value, half.Card.Targets["won"].Scores["model"].LogLoss.Value
		if math.Abs(a-b) > .01 {
			t.Errorf("%s: log loss %.4f beside the truth and %.4f beside half of it", kind, a, b)
		}
	}
}

// The logit is baseline plus effects, the offset one of them; a lead scores the same alone and in a batch; a lead
// without an offset is refused everywhere.
func TestScoringWithAnOffset(t *testing.T) {
	leads := makeLeads(1500, 43)
	path := offsetFile(t, leads, func(i int, l lead) float64 { return truth(l)/2 + float64(i%7)/3 })
	for _, kind := range []string{"additive", "linear"} {
		r := run(t, offsetConfig(path, kind))
		file := filepath.Join(t.TempDir(), "model.json")
		if err := r.Artifact.Save(file); err != nil {
			t.Fatal(err)
		}
		a, err := model.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := model.NewScorer(a)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]float64{}
		for i, id := range r.Holdout.IDs {
			at[id] = r.Holdout.Columns.Probability[i]
		}
		table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{Schema: a.Schema})
		if err != nil {
			t.Fatal(err)
		}
		var told [2]float64 // effects of the offset at two values
		row := make([]datasets.Value, len(a.Schema.Fields))
		old := a.Schema.Index("old")
		for i := range 200 {
			table.Batches[0].Row(i, row)
			e, err := s.Explain(&model.Lead{Values: row, AsOf: datasets.MissingTime}, 3)
			if err != nil {
				t.Fatal(err)
			}
			sum, offset := e.Baseline, math.NaN()
			for _, x := range e.Effects {
				sum += x.Effect
				if x.Feature == "old" {
					offset = x.Effect
				}
			}
			if math.Abs(sum-e.Logits[0]) > 1e-12*(1+math.Abs(sum)) {
				t.Fatalf("%s: baseline and effects are %v, the logit %v", kind, sum, e.Logits[0])
			}
			if p, held := at[row[0].String()]; held && p != e.Probability {
				t.Fatalf("%s: lead %s has %v, in the hold-out %v", kind, row[0], e.Probability, p)
			}
			if i == 0 {
				told[0] = offset
				row[old] = datasets.Number(row[old].Num + 1.5)
				if e, err = s.Explain(&model.Lead{Values: row, AsOf: datasets.MissingTime}, 3); err != nil {
					t.Fatal(err)
				}
				told[1] = e.Effects[len(e.Effects)-1].Effect
				if math.Abs(told[1]-told[0]-1.5) > 1e-12 {
					t.Errorf("%s: 1.5 more of the offset is %v more log-odds", kind, told[1]-told[0])
				}
			}
		}
		row[old] = datasets.Value{}
		_, err = s.Explain(&model.Lead{Values: row, AsOf: datasets.MissingTime}, 3)
		mustContain(t, err, `"old" is missing`)
		_, _, err = a.ParseLead(map[string]json.RawMessage{"visits": []byte("3")}, false)
		mustContain(t, err, `"old"`, "missing")
		_, _, err = a.ParseLead(map[string]json.RawMessage{"old": []byte("null")}, false)
		mustContain(t, err, `"old"`, "every row needs")
		gap := offsetFile(t, leads[:9], func(i int, _ lead) float64 { return []float64{1, math.NaN(), 3}[i%3] })
		_, err = datasets.Read(context.Background(), gap, datasets.ReadOptions{Schema: a.Schema})
		mustContain(t, err, "3 bad rows of 9", "line 3", `"old"`, "every row needs")
		_, err = datasets.Read(context.Background(), writeLeads(t, leads[:9]), datasets.ReadOptions{Schema: a.Schema})
		mustContain(t, err, `no column "old"`)
		if _, err := a.Points(0, 0); err == nil {
			t.Errorf("%s: there is a points card of a model with an offset", kind)
		}
	}
}

func TestWrongOffsetsAreNamed(t *testing.T) {
	leads := makeLeads(400, 44)
	fails := func(c Config, parts ...string) {
		t.Helper()
		_, err := Run(context.Background(), c, nil)
		mustContain(t, err, parts...)
	}
	fails(offsetConfig(offsetFile(t, leads, func(i int, _ lead) float64 {
		if i == 5 {
			return math.NaN()
		}
		return 1
	}), "additive"), "1 bad row of 400", "line 7", `"old"`, "every row needs")
	fails(offsetConfig(offsetFile(t, leads, func(i int, _ lead) float64 { return float64(i) / 4 }), "additive"), `"old"`, "199 of 400 rows", "row 202: 50.25", "want log-odds")
	c := offsetConfig(writeLeads(t, leads), "additive")
	fails(c, `"old"`)
	c.Leads.Weight = "old"
	fails(c, `"old" is both data.leads.weight and data.leads.offset`)
}

// Weights and offsets together keep the law of weights.
func TestWeightsAreCopiesBesideAnOffset(t *testing.T) {
	leads := makeLeads(2000, 45)
	copies := drawCopies(len(leads))
	for _, kind := range []string{"additive", "linear"} {
		a, b := weightConfig(weightedFile(t, leads, copies, false)), weightConfig(weightedFile(t, leads, copies, true))
		for _, c := range []*Config{&a, &b} {
			c.Leads.Offset, c.Model.Kind = "visits", kind
			c.Features.Columns = map[string]features.ColumnSpec{}
		}
		got, want := run(t, a), run(t, b)
		got.Artifact.Targets[0].Covariance, want.Artifact.Targets[0].Covariance = nil, nil
		alike(t, kind, got.Artifact.Targets, want.Artifact.Targets, 1e-5) // folds are fitted to 1e-10 of the objective
		alike(t, kind+" policy", got.Artifact.Policy, want.Artifact.Policy, 1e-6)
	}
}
