package model

import (
	"math"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// EffectLine is one feature's part of the log-odds.
type EffectLine struct {
	Feature string
	Value   string  // as it was read, or "missing"
	Effect  float64 // log-odds, relative to the average lead
	Text    string  // a sentence with the observed rate and count where training has them
}

// Explanation is a prediction with its reasons. Baseline + Σ Effects.Effect = Logits[0].
type Explanation struct {
	Prediction
	LeadID   string       // "" without an id column or an id
	Interval Interval     // of Probability; zero: the model has none
	Baseline float64      // log-odds of the average lead: intercept + Σ mean effects
	Effects  []EffectLine // every feature, in pipeline order
	Reasons  []EffectLine // the strongest of each sign, by |effect|; equals in pipeline order
	Trace    []rules.Line // of the first scorecard: Σ Points = RuleScore
	// Traces are those of the scorecards after the first: Σ Points of Traces[i] = RuleScores[i+1]; nil: there are none.
	Traces   [][]rules.Line
	Previous Stage    // that the lead was in; "": not known
	Because  []string // what decided the stage, and what was not met
	Warnings []string // fields that are missing or unseen and matter
	// Counterfactuals are the fewest changes that would move the stage up, at most three alternatives; nil: the stage is SQL, or no
	// change of what the policy marks actionable was found.
	Counterfactuals []Counterfactual

	strongest []int // scratch: features by |effect|
	effects   []float64
	parts     []part
}

// Explain scores one lead and says why; reasons is the number of Reasons wanted that speak for a conversion, and of those
// that speak against it.
//
// A feature's effect is its contribution to the logit less the mean contribution over the training
// rows, so an average value has an effect of 0 and the effects add up exactly. For an additive model these are the
// Shapley values of the logit, without sampling.
func (s *Scorer) Explain(l *Lead, reasons int) (*Explanation, error) {
	e := &Explanation{}
	if err := s.Advise(l, reasons, e); err != nil {
		return nil, err
	}
	e.Effects = make([]EffectLine, len(s.features))
	for f := range s.features {
		e.Effects[f] = s.line(f, l, e)
	}
	if s.rules != nil {
		_, _, e.Trace = s.rules.Trace(l.Values, l.Events, s.moment(l))
		for i := 1; i < s.cards; i++ {
			_, _, lines := s.rules.TraceCard(i, l.Values, l.Events, s.moment(l))
			e.Traces = append(e.Traces, lines)
		}
	}
	e.Counterfactuals = s.counterfactuals(l, &e.Prediction)
	return e, nil
}

// Advise is Explain without Effects, Trace, Traces and Counterfactuals: the prediction, its strongest reasons, because and
// warnings. e may be reused.
func (s *Scorer) Advise(l *Lead, reasons int, e *Explanation) error {
	if err := s.Score(l, &e.Prediction); err != nil {
		return err
	}
	t := &s.artifact.Targets[0]
	e.LeadID, e.Baseline, e.Interval, e.Previous = "", t.Intercept, Interval{}, l.Previous.Stage
	if v := s.targets[0].covariance; v != nil {
		var variance float64
		variance, e.parts = v.variance(e.cells, e.parts)
		e.Interval = s.targets[0].interval(e.Logits[0], variance)
	}
	if s.id >= 0 {
		e.LeadID = text(l.Values[s.id], "")
	}
	for f := range t.Effects {
		e.Baseline += t.Effects[f].Mean
	}
	e.Effects, e.Trace, e.Traces, e.Counterfactuals = e.Effects[:0], nil, nil, nil
	e.effects = grow(e.effects, len(s.features))
	for f := range s.features {
		cell := e.cells[f]
		e.effects[f] = s.targets[0].effects[f].of(cell.Code, cell.Z) - t.Effects[f].Mean
	}
	e.strongest = strongest(e.strongest[:0], e.effects, reasons)
	e.Reasons = e.Reasons[:0]
	for _, f := range e.strongest {
		e.Reasons = append(e.Reasons, s.line(f, l, e))
	}
	e.Because = s.because(l, &e.Prediction, e.Because[:0])
	e.Warnings = s.warnings(l, &e.Prediction, e.Warnings[:0])
	if open := s.openStay(l); open != "" {
		e.Warnings = append(e.Warnings, open)
	}
	return nil
}

func (s *Scorer) line(f int, l *Lead, e *Explanation) EffectLine {
	line := EffectLine{Feature: s.features[f].Name, Effect: e.effects[f]}
	cell, moment := e.cells[f], s.moment(l)
	var value datasets.Value
	if column := s.source[f]; column >= 0 {
		if value = l.Values[column]; column == s.asOf && moment != datasets.MissingTime {
			value = datasets.At(moment) // what the feature read: a request's as_of goes before the lead's own cell
		}
		line.Value = text(value, missing)
	} else if code := int(cell.Code); code < len(s.features[f].Levels) {
		line.Value = s.features[f].Levels[code] // a pair has no column of its own
	}
	line.Text = s.sentence(f, value, moment, cell, line.Effect)
	return line
}

// matter is the least spread of a feature's effects, in log-odds, for its absence to deserve a warning:
// at .1 a standard deviation moves the odds by a tenth, and a probability of one half by 2.5 points.
const matter = .1

// spread is the standard deviation of the feature's effect over the training rows; where they are not
// counted the largest distance of an effect from the mean stands in. The z of a linear feature has a
// variance of at most 1.
func (e *TermEffect) spread() float64 {
	sum, rows, largest := 0.0, 0, 0.0
	for code, x := range e.Table {
		d := x - e.Mean
		largest = max(largest, math.Abs(d))
		if code < len(e.Rows) {
			sum += float64(e.Rows[code]) * d * d
			rows += e.Rows[code]
		}
	}
	if rows > 0 {
		return math.Hypot(e.Slope, math.Sqrt(sum/float64(rows)))
	}
	return math.Hypot(e.Slope, largest)
}

const missing = "missing"

// text is a value as it was read.
func text(v datasets.Value, none string) string {
	if v.Missing() {
		return none
	}
	return v.String()
}
