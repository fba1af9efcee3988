package train

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// GateConfig is the gate section: what a new version must meet to be promoted.
type GateConfig struct {
	Metric string   // "": auc | log_loss
	Test   string   // "": worse | non_inferior, see model.Gate.Judge
	Margin *float64 // in the metric's unit; nil: 0.005
	MinAUC *float64 // nil: not demanded
	MaxECE *float64 // likewise
}

const defaultMargin = .005

// Champion is the promoted version that a new one is held against.
type Champion struct {
	Version string        // in the registry
	Scorer  *model.Scorer // nil: it cannot be loaded, Err says why
	Err     error
}

// JudgeGate decides whether a run may be promoted over a champion (nil: there is none, and only the minima count). Both score
// the run's hold-out, which the run's fit has not seen; the champion through its own artifact. What keeps them from being compared is
// a reason to refuse: nobody knows then whether the new one is worse.
func JudgeGate(c GateConfig, r *Result, champion *Champion) *model.Gate {
	a := r.Artifact
	nan := model.Figure(math.NaN())
	g := &model.Gate{
		Passed: true, Reasons: []string{}, Target: a.Targets[0].Name, Metric: c.Metric, Test: c.Test, Margin: defaultMargin,
		ChallengerValue: nan, ChampionValue: nan, P: nan,
		Difference: model.Estimate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN()},
		MinAUC:     c.MinAUC, MaxECE: c.MaxECE,
	}
	if g.Metric == "" {
		g.Metric = model.GateAUC
	}
	if g.Test == "" {
		g.Test = model.GateWorse
	}
	if c.Margin != nil {
		g.Margin = *c.Margin
	}
	m := r.Card.Targets[g.Target].Scores["model"]
	g.AUC, g.ECE = model.Figure(m.AUC.Value), model.Figure(m.ECE.Value)
	g.Demand()
	if champion == nil {
		return g
	}
	g.Champion = champion.Version
	if err := compareWith(g, r, champion); err != nil {
		g.Refuse("it cannot be compared with %s: %v", champion.Version, err)
	}
	return g
}

// compareWith fills in the comparison and judges it.
func compareWith(g *model.Gate, r *Result, champion *Champion) error {
	if champion.Scorer == nil {
		return champion.Err
	}
	if err := sameOutcome(champion.Scorer.Artifact(), r.Artifact); err != nil {
		return err
	}
	p, err := scoreAs(champion.Scorer, r)
	if err != nil {
		return err
	}
	h := r.Holdout
	use := unseen(g, h, champion.Scorer.Artifact())
	sample := func(p []float64) evaluate.Sample {
		var s evaluate.Sample
		for i := range h.Labels {
			if use(i) {
				s.Label, s.Probability = append(s.Label, h.Labels[i]), append(s.Probability, p[i])
				if h.Weights != nil {
					s.Weight = append(s.Weight, h.Weights[i])
				}
			}
		}
		s.Score = s.Probability
		return s
	}
	mine, theirs := sample(h.Columns.Probability), sample(p)
	o := evaluate.Options{Replicates: noBootstrap}
	all, err := evaluate.Compare("challenger", mine, "champion", theirs, o)
	if err != nil {
		return err
	}
	of := func(s evaluate.Sample) (model.Figure, error) {
		m, err := evaluate.Measure(s, o)
		if g.Metric == model.GateLogLoss {
			return model.Figure(m.LogLoss.Value), err
		}
		return model.Figure(m.AUC.Value), err
	}
	if g.ChallengerValue, err = of(mine); err != nil {
		return err
	}
	if g.ChampionValue, err = of(theirs); err != nil {
		return err
	}
	g.Rows = rounded(size(mine.Weight, len(mine.Label)))
	for _, x := range all {
		if x.Metric == g.Metric {
			g.Difference = x.Difference
		}
	}
	g.Judge()
	return nil
}

// sameOutcome reports how the champion's primary outcome is another one than the challenger's.
func sameOutcome(champion, challenger *model.Artifact) error {
	a, b := champion.Targets[0].Outcome, challenger.Targets[0].Outcome
	if a.Column == b.Column && slices.Equal(a.Positive, b.Positive) && slices.Equal(a.Negative, b.Negative) && a.At == b.At && a.Horizon == b.Horizon {
		return nil
	}
	return fmt.Errorf("it predicts another outcome: %s, and this one %s", outcomeText(a), outcomeText(b))
}

func outcomeText(o model.Outcome) string {
	text := fmt.Sprintf("%q is %s", o.Column, strings.Join(o.Positive, " or "))
	if len(o.Negative) > 0 {
		text += ", not " + strings.Join(o.Negative, " or ")
	}
	if o.Horizon != "" {
		text += " within " + o.Horizon
	}
	if o.At != "" {
		text += fmt.Sprintf(" (at %q)", o.At)
	}
	return text
}

// scoreAs scores the hold-out rows of a run with another model, which finds its columns there by name and kind. Columns
// that it reads and the run did not are an error that names them: scored as missing they would make it look bad. Reading the
// file a second time for them was rejected: rows may come from several files, moments and changes, and the column that is
// excluded now is most often a leak, with which the champion would win by cheating.
func scoreAs(s *model.Scorer, r *Result) ([]float64, error) {
	a := s.Artifact()
	have := r.Holdout.Leads.Schema
	made, events := a.EventColumns(), false
	var absent, other []string
	place := make([]int, len(a.Schema.Fields))
	for i, f := range a.Schema.Fields {
		place[i] = -1
		if !a.Pipeline.Uses(f.Name) { // rules may read it, and the policy; the probability does not
			continue
		}
		events = events || made[f.Name]
		k := have.Index(f.Name)
		switch {
		case k < 0 || have.Fields[k].Kind == datasets.Unknown && f.Kind != datasets.Unknown:
			absent = append(absent, f.Name)
		case have.Fields[k].Kind != f.Kind:
			other = append(other, fmt.Sprintf("%s (%v, now %v)", f.Name, f.Kind, have.Fields[k].Kind))
		default:
			place[i] = k
		}
	}
	if len(absent) > 0 {
		return nil, fmt.Errorf("it reads columns that this training did not, excluded or without a value: %s", strings.Join(absent, ", "))
	}
	if len(other) > 0 {
		return nil, fmt.Errorf("it reads columns as another kind: %s", strings.Join(other, ", "))
	}
	if events {
		if err := sameEvents(a.Events, r.Artifact.Events); err != nil {
			return nil, err
		}
	}
	p := make([]float64, 0, len(r.Holdout.Labels))
	var c model.Columns
	for _, b := range r.Holdout.Leads.Batches {
		columns := make([]datasets.Column, len(place))
		for i, k := range place {
			if k >= 0 {
				columns[i] = *b.Column(k)
			} else {
				columns[i] = datasets.ColumnOf(a.Schema.Fields[i].Kind, b.Rows(), func(int) datasets.Value { return datasets.Value{} })
			}
		}
		as, err := datasets.NewBatch(a.Schema, b.Rows(), columns)
		if err != nil {
			return nil, err
		}
		if err := s.ScoreBatch(as, &c); err != nil {
			return nil, err
		}
		p = append(p, c.Probability...)
	}
	if len(p) != len(r.Holdout.Labels) {
		return nil, fmt.Errorf("%d rows were scored of %d", len(p), len(r.Holdout.Labels))
	}
	return p, nil
}

// sameEvents reports how event features of the same name mean something else to the champion.
func sameEvents(champion, challenger *model.EventFeatures) error {
	if challenger == nil { // columns of the same names stand in its file
		return fmt.Errorf("it has features of events, and this training had no log")
	}
	type setting struct {
		HalfLife int64 `json:"half_life"`
	}
	var a, b setting
	for e, to := range map[*model.EventFeatures]*setting{champion: &a, challenger: &b} {
		text, err := json.Marshal(e.Plan)
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			return fmt.Errorf("reading its event features: %w", err)
		}
	}
	columns := func(e *model.EventFeatures) []string { return []string{e.Lead, e.At, e.Type, e.ID, e.Channel} }
	if a != b || !reflect.DeepEqual(columns(champion), columns(challenger)) {
		return fmt.Errorf("its event features are made in another way: half-life or columns of the log differ")
	}
	return nil
}
