package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/train/glm"
)

// TestWithoutVanishedIsTheSameFunction: cutting the pairs that vanished out of a fit leaves every lead its
// linear predictor, and what is left stands where the new pipeline looks for it.
func TestWithoutVanishedIsTheSameFunction(t *testing.T) {
	c := config(writeLeads(t, makeLeads(4000, 3))).withDefaults()
	c.Interactions = "none"
	table, err := datasets.Read(context.Background(), c.Leads.Path, c.readOptions())
	if err != nil {
		t.Fatal(err)
	}
	d, err := label(t.Context(), table, &c)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.split(Split{By: "random", Holdout: .2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	spec := c.Features
	spec.AsOf, spec.Encoding, spec.Drop = c.Leads.AsOf, features.Additive, []string{c.Leads.ID}
	pipeline, _, err := features.Fit(d.leads, d.train, spec)
	if err != nil {
		t.Fatal(err)
	}
	s := d.trainingSample(0)
	estimate := func(p *features.Pipeline, before *additiveFit) *additiveFit {
		fit, err := d.estimate(context.Background(), p, s.rows, s.y, before, glm.AdditiveSettings{})
		if err != nil {
			t.Fatal(err)
		}
		return fit
	}
	main := estimate(pipeline, nil)
	with, err := pipeline.WithPairs([][2]string{{"source", "company_size"}, {"source", "visits"}, {"company_size", "visits"}})
	if err != nil {
		t.Fatal(err)
	}
	fit := estimate(with, main)
	first := slices.IndexFunc(with.Features(), func(f features.Feature) bool { return f.Parents != nil })
	for f := first; f < len(with.Features()); f++ { // whatever was estimated, let the first and the last be gone
		fit.result.Dropped[f] = f != first+1
		b := fit.blocks[f]
		for k := range fit.result.Coef[b.Start : b.Start+b.Size] {
			fit.result.Coef[b.Start+k] = 0
			if f == first+1 {
				fit.result.Coef[b.Start+k] = float64(1 + k)
			}
		}
	}
	kept := fit.kept()
	cut, err := fit.withoutVanished(main, kept)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(cut.pipeline.Features()); got != first+1 || !slices.Equal(cut.kept(), kept) {
		t.Fatalf("%d features and the pairs %v, want %d and %v", got, cut.kept(), first+1, kept)
	}
	want, err := fit.predict(d, d.holdout)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cut.predict(d, d.holdout)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Fatalf("lead %d: %v, want %v", i, got[i], want[i])
		}
	}
	for f, at := range cut.layout.Features {
		if at.Block != f || cut.blocks[f].Start != cut.x.BlockStart(f) || cut.blocks[f].Size != cut.x.Blocks()[f].Levels {
			t.Errorf("feature %d stands at block %d, columns from %d", f, at.Block, cut.blocks[f].Start)
		}
	}
}
