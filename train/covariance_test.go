package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/train/glm"
)

// answered gives the explanation of leads, each the JSON of its columns.
func answered(t *testing.T, a *model.Artifact, leads []map[string]any, each func(row int, e *model.Explanation)) {
	t.Helper()
	scorer, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	var e model.Explanation
	for i, lead := range leads {
		raw := map[string]json.RawMessage{}
		for name, value := range lead {
			if raw[name], err = json.Marshal(value); err != nil {
				t.Fatal(err)
			}
		}
		values, _, err := scorer.ParseLead(raw, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := scorer.Advise(&model.Lead{Values: values, AsOf: datasets.MissingTime}, 0, &e); err != nil {
			t.Fatal(err)
		}
		if !e.Interval.Known() || e.Interval.Lower > e.Probability || e.Interval.Upper < e.Probability {
			t.Fatalf("row %d: probability %v is not within %v", i, e.Probability, e.Interval)
		}
		each(i, &e)
	}
}

// written is a file of leads with an id and an outcome, 1 with the probability of each eta; the columns in order.
func written(t *testing.T, columns []string, leads []map[string]any, etas []float64, rng *rand.Rand) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("lead_id")
	for _, name := range columns {
		b.WriteString("," + name)
	}
	b.WriteString(",status\n")
	for i, lead := range leads {
		fmt.Fprintf(&b, "L%d", i)
		for _, name := range columns {
			b.WriteString(",")
			if v := lead[name]; v != nil {
				fmt.Fprint(&b, v)
			}
		}
		status := 0
		if rng.Float64() < model.Sigmoid(etas[i]) {
			status = 1
		}
		fmt.Fprintf(&b, ",%d\n", status)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func plain(path, kind string) Config {
	c := config(path)
	c.Targets[0] = Target{Name: "won", Column: "status", Positive: []string{"1"}}
	c.Interactions, c.Model.Calibrate, c.Model.Kind = "none", "none", kind
	return c
}

// TestIntervalsOfLinearModelsCoverTheTruth: over leads drawn from a truth that is linear in numbers, of which
// some are missing, 95 % intervals hold the true probability as often as they say, averaged over rows and draws. Where
// cross-validation chooses the penalty, it is larger here than the truth asks for, and the intervals hold a bit less.
func TestIntervalsOfLinearModelsCoverTheTruth(t *testing.T) {
	const draws, rows = 40, 1500
	for name, c := range map[string]struct {
		penalty *float64
		least   float64
	}{"penalty 1": {new(1.0), .92}, "penalty by cross-validation": {nil, .9}} {
		t.Run(name, func(t *testing.T) {
			var all, missing, far tally
			for seed := range uint64(draws) {
				rng := rand.New(rand.NewPCG(seed, 6))
				city := make([]float64, 8)
				for k := range city {
					city[k] = .5 * rng.NormFloat64()
				}
				leads, etas := make([]map[string]any, rows), make([]float64, rows)
				for i := range leads {
					k, visits, pages := min(rng.IntN(8), rng.IntN(8)), math.Round(100*rng.ExpFloat64())/100, math.Round(100*rng.NormFloat64())/100
					leads[i] = map[string]any{"city": fmt.Sprintf("c%d", k), "visits": visits, "pages": pages}
					etas[i] = -.8 + city[k] + .5*visits + .4*pages
					if rng.IntN(6) == 0 {
						leads[i]["pages"] = nil
						etas[i] += -.4*pages + .7
					}
				}
				settings := plain(written(t, []string{"city", "visits", "pages"}, leads, etas, rng), "linear")
				settings.Model.Penalty = c.penalty
				answered(t, run(t, settings).Artifact, leads, func(i int, e *model.Explanation) {
					truth := model.Sigmoid(etas[i])
					all.count(truth, e.Interval.Lower, e.Interval.Upper)
					if leads[i]["pages"] == nil {
						missing.count(truth, e.Interval.Lower, e.Interval.Upper)
					}
					if leads[i]["visits"].(float64) > 2 {
						far.count(truth, e.Interval.Lower, e.Interval.Upper)
					}
				})
			}
			t.Logf("all %.3f, missing %.3f, far from the mean %.3f", all.share(), missing.share(), far.share())
			if p := all.share(); p < c.least || p > .98 {
				t.Errorf("%.3f of the intervals hold the truth; want %v to .98", p, c.least)
			}
			for what, p := range map[string]float64{"missing": missing.share(), "far from the mean": far.share()} {
				if p < c.least-.03 || p > .995 { // rows of a draw share a coefficient: 40 draws have a standard error of up to .034
					t.Errorf("%s: %.3f of the intervals hold the truth; want %.2f to .995", what, p, c.least-.03)
				}
			}
		})
	}
}

// TestLinearIntervalIsThatOfTheFit: a row's interval is its logit's standard error as glm tells it of the row of the design, for
// few columns to the precision of float32, for many to that of a byte a correlation.
func TestLinearIntervalIsThatOfTheFit(t *testing.T) {
	for name, c := range map[string]struct {
		cities, rows int
		bits         int
		tolerance    float64
	}{"few columns": {6, 800, 0, 1e-5}, "many columns": {760, 9_000, 8, 5e-3}} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 7))
			leads, etas := make([]map[string]any, c.rows), make([]float64, c.rows)
			for i := range leads {
				city, shop := rng.IntN(c.cities), rng.IntN(c.cities)
				leads[i] = map[string]any{"city": fmt.Sprintf("c%d", city), "shop": fmt.Sprintf("s%d", shop), "visits": math.Round(100*rng.ExpFloat64()) / 100}
				etas[i] = math.Sin(float64(city)) + math.Cos(float64(shop)) + .3*leads[i]["visits"].(float64)
				if rng.IntN(5) == 0 {
					leads[i]["visits"] = nil
				}
				if rng.IntN(9) == 0 {
					leads[i]["city"] = nil
				}
			}
			settings := plain(written(t, []string{"city", "shop", "visits"}, leads, etas, rng), "linear").withDefaults()
			ctx := t.Context()
			table, err := datasets.Read(ctx, settings.Leads.Path, settings.readOptions())
			if err != nil {
				t.Fatal(err)
			}
			d, err := label(t.Context(), table, &settings)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.split(settings.Split); err != nil {
				t.Fatal(err)
			}
			s := d.trainingSample(0)
			p, _, err := features.Fit(d.leads, d.train, features.Spec{Encoding: features.Linear, MinLevel: 3, Drop: []string{"lead_id"}})
			if err != nil {
				t.Fatal(err)
			}
			x, layout, err := p.Matrix(d.leads, s.rows)
			if err != nil {
				t.Fatal(err)
			}
			fit, err := glm.Ridge(ctx, &glm.Problem{X: x, Y: s.y}, 2, glm.Settings{Covariance: true})
			if err != nil {
				t.Fatal(err)
			}
			effects, shift := p.Effects(layout, x, fit.Coef)
			centred, mean := countEffects(effects, p, layout, x, s)
			target := s.target(fit.Intercept + shift + mean)
			target.Effects, target.Covariance = centred, centreLinear(p, layout, x, fit, centred).pack()
			if target.Covariance == nil || target.Covariance.Bits != c.bits {
				t.Fatalf("want a covariance of %d bits of %d columns", c.bits, x.Cols())
			}
			a := &model.Artifact{
				Format: model.Format, Name: "won", ID: "lead_id", Schema: d.leads.Schema, Pipeline: p, Targets: []model.Target{target},
				Blend: model.Blend{Method: model.BlendModel}, Card: &model.Card{},
			}
			all, _, err := p.Matrix(d.leads, nil)
			if err != nil {
				t.Fatal(err)
			}
			worst := 0.0
			answered(t, a, leads[:400], func(i int, e *model.Explanation) {
				row := make([]float64, all.Cols())
				for j, d := range all.Dense() {
					if v := d.Values[i]; v == v {
						row[j] = (v - d.Center) / d.Scale
					}
				}
				for b := range all.Blocks() {
					if code := int(all.Blocks()[b].At(i)); code < all.Blocks()[b].Levels {
						row[all.BlockStart(b)+code] = 1
					} else {
						return // no effect is another row in tables that are centred
					}
				}
				logit := func(p float64) float64 { return math.Log(p / (1 - p)) }
				got := (logit(e.Interval.Upper) - logit(e.Interval.Lower)) / 2 / 1.959963984540054
				worst = max(worst, math.Abs(got/fit.LogitSE(row)-1))
			})
			t.Logf("worst %.2g", worst)
			if !(worst < c.tolerance) {
				t.Errorf("a standard error is off by %v; want at most %v", worst, c.tolerance)
			}
		})
	}
}

// TestIntervalsBesideManyCompanies: with a category so large that it is eliminated every probability has an interval too, and
// it holds the truth as often as it says, among leads of large and of small companies.
func TestIntervalsBesideManyCompanies(t *testing.T) {
	const companies, rows = 1100, 24_000
	rng := rand.New(rand.NewPCG(1, 8))
	effect := make([]float64, companies)
	for k := range effect {
		effect[k] = .8 * rng.NormFloat64()
	}
	leads, etas := make([]map[string]any, rows), make([]float64, rows)
	size, company := make([]int, companies), make([]int, rows)
	for i := range leads {
		k, visits := i%companies, rng.IntN(15)
		if i >= 12*companies {
			k = min(rng.IntN(companies), rng.IntN(companies), rng.IntN(companies))
		}
		size[k]++
		company[i] = k
		leads[i] = map[string]any{"company": fmt.Sprintf("a%d", k), "region": fmt.Sprintf("r%d", k%7), "visits": visits}
		etas[i] = -1 + effect[k] + .1*float64(visits) + .3*float64(k%7-3)
	}
	c := plain(written(t, []string{"company", "region", "visits"}, leads, etas, rng), "additive")
	c.Split.Holdout = .05
	c.Features.MinLevel = 8
	r := run(t, c)
	v := r.Artifact.Targets[0].Covariance
	if v == nil || v.Levels == nil || len(v.Levels.Kept) == 0 {
		t.Fatal("no category stands apart")
	}
	var large, small tally
	answered(t, r.Artifact, leads, func(i int, e *model.Explanation) {
		which := &small
		if size[company[i]] > 25 {
			which = &large
		}
		which.count(model.Sigmoid(etas[i]), e.Interval.Lower, e.Interval.Upper)
	})
	t.Logf("large %.3f of %v, small %.3f of %v", large.share(), large.all, small.share(), small.all)
	for _, share := range []float64{large.share(), small.share()} {
		if share < .92 || share > .98 {
			t.Errorf("%.3f of the intervals hold the truth; want .92 to .98", share)
		}
	}
}
