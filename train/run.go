package train

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
)

// Progress is told what Run is about to do: a step such as "fitting won". It may be nil.
type Progress func(step string)

func (p Progress) step(format string, args ...any) {
	if p != nil {
		p(fmt.Sprintf(format, args...))
	}
}

// RulesError is a rules file that does not fit the data; the caller knows where the file's lines are.
type RulesError struct{ Problems []rules.Problem }

func (e *RulesError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Path + ": " + p.Text
	}
	return "checking the rules against the leads: " + strings.Join(lines, "; ")
}

// Run trains: read, label, split, features, fit, blend, policy, artifact, hold-out. Nothing of a
// hold-out row reaches anything that is fitted: each step takes the training rows alone, and the
// hold-out is seen only by the finished Scorer. Run writes no file.
func Run(ctx context.Context, c Config, progress Progress) (result *Result, err error) {
	step := progress.step
	c = c.withDefaults()
	d, read, weight, err := gather(ctx, &c, step)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.log.close()) }()
	if err := c.Policy.check(d); err != nil {
		return nil, err
	}
	if err := checkSegments(c.Segments, d.leads.Schema); err != nil {
		return nil, err
	}
	d.segments = c.Segments
	if err := d.checkActionable(&c); err != nil {
		return nil, err
	}
	step("looking for leaks")
	suspects, audited, err := d.audit(&c)
	if err != nil {
		return nil, err
	}
	trained := d.trainedRows(c.Workers)
	defer func() { _, _ = trained() }() // it ends before Run does
	if c.Rules == nil {                 // a rule may read the id
		if err := d.forgetIDs(); err != nil {
			return nil, err
		}
	}

	var beside map[string]*model.Beside
	if by := d.otherSplit(c.Split); by != "" { // before the model itself, whose memory is then not there yet
		step("fitting beside, split by %s", by)
		if beside, err = d.beside(ctx, &c, by); err != nil {
			return nil, fmt.Errorf("measuring beside, split by %s: %w", by, err)
		}
	}

	step("fitting features")
	pipeline, notes, err := d.fitFeatures(ctx, &c)
	if err != nil {
		return nil, err
	}
	d.note(notes)
	scorecard, err := compileRules(c.Rules, d.leads)
	if err != nil {
		return nil, err
	}
	d.noteUnseen(c.Rules)
	if err := c.Policy.Grades.check(scorecard); err != nil {
		return nil, err
	}

	a := &model.Artifact{
		Format: model.Format, Name: c.Name, ID: c.Leads.ID,
		Schema: d.leads.Schema, Outcomes: d.outcomeColumns, Rules: c.Rules,
	}
	d.markAsOf(a, c.Leads.AsOf)
	if d.events != nil {
		a.Events = &model.EventFeatures{Plan: d.events, Lead: c.Events.Lead, At: c.Events.At, Type: c.Events.Type, ID: c.Events.ID, Channel: c.Events.Channel, Moments: c.Events.moments(c.Zone)}
	}
	a.Weight = weight
	d.keep = d.anyOtherWay()
	var fits []*fitted
	for i := range d.outcomes {
		step("fitting %s", d.outcomes[i].Target.Name)
		f, err := d.fit(ctx, i, pipeline, &c, i == 0 && scorecard != nil)
		if err != nil {
			return nil, fmt.Errorf("fitting target %q: %w", d.outcomes[i].Target.Name, err)
		}
		f.logits = calibrated(f.target.Calibration, f.logits)
		fits = append(fits, f)
	}
	if a.Pipeline, a.Targets, err = share(pipeline, fits); err != nil {
		return nil, err
	}
	if c.Leads.Offset != "" {
		if a.Pipeline, err = d.appendOffset(a.Pipeline, a.Targets, c.Leads.Offset); err != nil {
			return nil, err
		}
	}
	primary := fits[0]

	step("choosing thresholds")
	if err := d.readRuleEvents(ctx, scorecard); err != nil {
		return nil, err
	}
	ruled, err := scoreRules(scorecard, d, a)
	if err != nil {
		return nil, err
	}
	var blended *model.BlendCard
	a.Blend, blended, err = fitBlend(ctx, c.Blend, primary, ruled)
	if err != nil {
		return nil, err
	}
	models := &fittedModels{data: d, population: d.population, targets: c.Targets, fits: fits, blend: a.Blend, ruled: ruled}
	var meanwhile sync.WaitGroup // neither needs the other, and both are a sort of the training rows
	meanwhile.Go(func() { a.Reference = d.reference(primary, c.Leads.Offset) })
	chosen, err := choosePolicy(c.Policy, models)
	meanwhile.Wait()
	if err != nil {
		return nil, err
	}
	a.Policy = chosen.policy
	if a.TrainedRows, err = trained(); err != nil {
		return nil, err
	}

	step("scoring the hold-out")
	a.Card = d.card(read)
	a.Card.Audit, a.Card.Audited = suspects, audited
	scorer, err := model.NewScorer(a)
	if err != nil {
		return nil, fmt.Errorf("making a scorer of the new model: %w", err)
	}
	drift := scorer.NewDriftMeter()
	holdout, err := scoreHoldout(scorer, d, drift)
	if err != nil {
		return nil, err
	}
	for i := range d.outcomes {
		t, err := measure(d, i, i, holdout, a, c.Model.Seed, c.Workers)
		if err != nil {
			return nil, fmt.Errorf("evaluating target %q: %w", d.outcomes[i].Target.Name, err)
		}
		t.BaseRate, t.Coefficients, t.Fit = fits[i].target.BaseRate, fits[i].coefficients, fits[i].summary
		t.Account, t.Beside = d.account(i), beside[d.outcomes[i].Target.Name]
		if i == 0 {
			t.Blend = blended
		}
		a.Card.Targets[d.outcomes[i].Target.Name] = t
	}
	if err := d.compareWays(ctx, &c, pipeline, fits, holdout, a.Card); err != nil {
		return nil, err
	}
	d.warnOfSeparation(a.Card)
	if correctPriors(a, fits, &c) {
		models.blend, models.corrected, models.known = a.Blend, true, nil
		if chosen, err = choosePolicy(c.Policy, models); err != nil {
			return nil, err
		}
		a.Policy = chosen.policy
		a.Reference = d.reference(primary, c.Leads.Offset)
		if scorer, err = model.NewScorer(a); err != nil {
			return nil, fmt.Errorf("making a scorer of the corrected model: %w", err)
		}
		drift = scorer.NewDriftMeter()
		if holdout, err = scoreHoldout(scorer, d, drift); err != nil {
			return nil, err
		}
	}
	if a.Card.Targets[d.outcomes[0].Target.Name].Choices, err = chosen.measured(holdout, models); err != nil {
		return nil, fmt.Errorf("measuring thresholds: %w", err)
	}
	a.Card.Findings = append(a.Card.Findings, chosen.findings...)
	a.Card.Targets[d.outcomes[0].Target.Name].Drift = drift.Drift()
	if err := d.addPoints(a, fits); err != nil {
		return nil, err
	}
	return &Result{Artifact: a, Card: a.Card, Holdout: holdout}, nil
}

// fitFeatures learns the features that the configuration asks for from the training rows.
func (d *data) fitFeatures(ctx context.Context, c *Config) (*features.Pipeline, []features.Note, error) {
	if err := d.addEvents(ctx, c.Workers); err != nil {
		return nil, nil, err
	}
	spec := c.Features
	spec.AsOf, spec.Encoding = d.form.column(), features.Encoding(c.Model.Kind)
	if c.Leads.ID != "" {
		spec.Drop = append(append([]string(nil), spec.Drop...), c.Leads.ID)
	}
	if c.Leads.Offset != "" {
		spec.Drop = append(append([]string(nil), spec.Drop...), c.Leads.Offset)
	}
	var notes []features.Note
	if d.events != nil && spec.Encoding == features.Additive {
		var err error
		if spec, notes, err = d.withoutWeakEvents(ctx, c, spec); err != nil {
			return nil, nil, err
		}
	}
	p, more, err := features.FitWeighted(d.leads, d.train, d.weights, spec)
	return p, append(notes, more...), err
}

func (d *data) fit(ctx context.Context, target int, p *features.Pipeline, c *Config, needFolds bool) (*fitted, error) {
	switch linear := c.Model.Kind == "linear"; {
	case linear && c.Pairs != nil:
		return nil, errors.New("features.interactions: named pairs need model.kind additive")
	case !linear && c.Model.Penalty != nil:
		return nil, errors.New("model.penalty: a number needs model.kind linear; additive estimates one λ a feature (want auto)")
	case linear:
		return d.fitLinear(ctx, target, p, c, needFolds)
	}
	return d.fitAdditive(ctx, target, p, c)
}

func compileRules(f *rules.File, leads *datasets.Table) (*rules.Set, error) {
	if f == nil {
		return nil, nil
	}
	set, problems := rules.Compile(f, leads.Schema)
	if len(problems) > 0 {
		return nil, &RulesError{problems}
	}
	return set, nil
}
