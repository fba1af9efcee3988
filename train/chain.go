package train

import (
	"context"
	"fmt"

	"leadscore/features"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// noBootstrap is for figures whose interval needs none.
const noBootstrap = -1

// viaNone is the Target.Via of a target that is modelled directly and not compared with a chain.
const viaNone = "none"

// chain finds the target that a new one is conditional on, among those before it.
func (d *data) chain(o *Outcomes) error {
	t := o.Target
	switch {
	case t.Via == "" || t.Via == viaNone:
		return nil
	case len(d.outcomes) == 0:
		return fmt.Errorf("reading target %q: via: the primary target is modelled directly, because its effects must add up to its logit", t.Name)
	case t.Prior != 0:
		return fmt.Errorf("reading target %q: via: give the prior to the target %q; of leads that reached it the file's share is taken as it is", t.Name, t.Via)
	}
	for i, earlier := range d.outcomes {
		if earlier.Target.Name == t.Via {
			o.given = i
			return nil
		}
	}
	return fmt.Errorf("reading target %q: via: no target %q before it", t.Name, t.Via)
}

// otherWay returns what a target could be conditional on instead: a direct one on the target before it, a chained
// one on none (-1). ok is false where there is no other way, or none is wanted.
func (d *data) otherWay(target int) (given int, ok bool) {
	o := d.outcomes[target]
	switch {
	case target == 0 || o.Target.Via == viaNone:
		return -1, false
	case o.given >= 0:
		return -1, true
	}
	return target - 1, true
}

// anyOtherWay reports whether some target will be fitted in another way too.
func (d *data) anyOtherWay() bool {
	for i := range d.outcomes {
		if _, ok := d.otherWay(i); ok {
			return true
		}
	}
	return false
}

// compareWays fits each later target in the other way, directly or conditional on the target before it, and
// compares both on the hold-out. The artifact stays as it is. Where few training rows reached the earlier target
// there is no comparison, and a finding says so.
func (d *data) compareWays(ctx context.Context, c *Config, base *features.Pipeline, fits []*fitted, h *Holdout, card *model.Card) error {
	for i, o := range d.outcomes {
		given, ok := d.otherWay(i)
		if !ok {
			continue
		}
		e := *d
		e.outcomes = append([]*Outcomes(nil), d.outcomes...)
		other := *o
		other.given = given
		e.outcomes[i] = &other
		e.quick, e.keep = true, true
		via := max(given, o.given)
		name := d.outcomes[via].Target.Name
		if given >= 0 {
			if s := e.sample(i, false); min(s.Positives, s.Rows-s.Positives) < MinPerClass {
				card.Findings = append(card.Findings, model.Finding{Reason: "chain", Text: fmt.Sprintf(
					"P(%s) was not compared with P(%s) · P(%s | %s): of the training rows with %s, %d converted and %d did not; at least %d of each are wanted",
					o.Target.Name, name, o.Target.Name, name, name, s.Positives, s.Rows-s.Positives, MinPerClass)})
				continue
			}
		}
		f, err := e.fit(ctx, i, base, c, false)
		if err != nil {
			return fmt.Errorf("fitting target %q in another way: %w", o.Target.Name, err)
		}
		all := append([]*fitted(nil), fits...)
		all[i] = f
		p, err := e.probabilities(all, c, base)
		if err != nil {
			return err
		}
		mine, err := d.scored(i, h.Columns.Probabilities[i])
		if err != nil {
			return err
		}
		others, err := e.scored(i, p[i])
		if err != nil {
			return err
		}
		ways := map[string]evaluate.Sample{model.WayDirect: mine, model.WayChained: others}
		used := model.WayDirect
		if o.given >= 0 {
			ways[model.WayDirect], ways[model.WayChained], used = others, mine, model.WayChained
		}
		chain := &model.Chain{Given: name, Used: used, Scores: map[string]model.Metrics{}}
		for way, s := range ways {
			if chain.Scores[way], err = evaluate.Measure(s, evaluate.Options{Replicates: noBootstrap}); err != nil {
				return fmt.Errorf("evaluating target %q: %w", o.Target.Name, err)
			}
		}
		chain.Comparisons, err = evaluate.Compare(model.WayChained, ways[model.WayChained], model.WayDirect, ways[model.WayDirect], evaluate.Options{Replicates: noBootstrap})
		if err != nil {
			return fmt.Errorf("comparing two ways to target %q: %w", o.Target.Name, err)
		}
		card.Targets[o.Target.Name].Chain = chain
	}
	return nil
}

// probabilities scores the hold-out with fits that are not those of the artifact, through a scorer of their own.
func (d *data) probabilities(fits []*fitted, c *Config, base *features.Pipeline) ([][]float64, error) {
	a := &model.Artifact{
		Format: model.Format, Name: c.Name, ID: c.Leads.ID, AsOf: d.form.column(), Schema: d.heldOut.Schema,
		Blend: model.Blend{Method: model.BlendModel},
	}
	var err error
	if a.Pipeline, a.Targets, err = share(base, fits); err != nil {
		return nil, err
	}
	if c.Leads.Offset != "" {
		if a.Pipeline, err = d.appendOffset(a.Pipeline, a.Targets, c.Leads.Offset); err != nil {
			return nil, err
		}
	}
	scorer, err := model.NewScorer(a)
	if err != nil {
		return nil, fmt.Errorf("making a scorer: %w", err)
	}
	h, err := scoreHoldout(scorer, d, nil)
	if err != nil {
		return nil, err
	}
	return h.Columns.Probabilities, nil
}

// scored is the hold-out rows of a target with known labels, and their probabilities of all hold-out rows.
func (d *data) scored(target int, p []float64) (evaluate.Sample, error) {
	var s evaluate.Sample
	at := 0
	for row, in := range d.holdout {
		if !in {
			continue
		}
		if l := d.outcomes[target].Label[row]; l != setAside {
			s.Label = append(s.Label, l == positive)
			s.Probability = append(s.Probability, p[at])
			if d.weights != nil {
				s.Weight = append(s.Weight, d.weights[row])
			}
		}
		at++
	}
	if at != len(p) {
		return s, fmt.Errorf("evaluating: %d probabilities for %d hold-out rows", len(p), at)
	}
	s.Score, s.Cluster = s.Probability, d.clusters(d.measured(target))
	return s, nil
}

// outside counts the training rows that converted without the target that they are given, which the chain cannot
// tell: P(given) · P(target | given) has no room for them.
func (d *data) outside() {
	for _, o := range d.outcomes {
		if o.given < 0 {
			continue
		}
		g, n := d.outcomes[o.given], 0
		for i, in := range d.train {
			if in && o.Label[i] == positive && g.Label[i] == negative {
				n++
			}
		}
		if n > 0 {
			d.findings = append(d.findings, model.Finding{Column: o.Target.Column, Reason: "chain", Text: fmt.Sprintf(
				"%d training rows have %s without %s; P(%s) · P(%s | %s) is too low by their share", n, o.Target.Name, g.Target.Name, g.Target.Name, o.Target.Name, g.Target.Name)})
		}
	}
}
