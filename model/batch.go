package model

import (
	"fmt"
	"slices"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// Columns are the predictions of a batch, column by column; the fields mean what those of Prediction do.
type Columns struct {
	// Previous is the stage that each row was in before, set by who asks for a batch to be scored; nil: not known.
	Previous []Previous
	// AsOf is the moment of rows that have none in an as-of column, likewise; nil: not known.
	AsOf *int64

	Probability   []float64 // the first of Probabilities, the same memory
	Blended       []float64
	Probabilities [][]float64 // target by row
	RuleScore     []float64
	RuleScores    [][]float64 // scorecard by row, of which the first is RuleScore, the same memory; empty: there is one, or none
	Score         []float64
	Grade         []string
	Stage         []Stage
	Changed       []bool
	Below         []Stage // what the row would be recommended for if it did not get SQL, and nurture for MQL
	Axes          []Axes  // nil: the policy has no Grades

	block features.Block
	row   []datasets.Value
	parts []float64
}

// Append adds the predictions of more rows of the same model, copied.
func (c *Columns) Append(more *Columns) {
	if c.Probabilities == nil {
		c.Probabilities = make([][]float64, len(more.Probabilities))
	}
	for t := range more.Probabilities {
		c.Probabilities[t] = append(c.Probabilities[t], more.Probabilities[t]...)
	}
	if len(c.Probabilities) > 0 {
		c.Probability = c.Probabilities[0]
	}
	c.Blended = append(c.Blended, more.Blended...)
	c.RuleScore = append(c.RuleScore, more.RuleScore...)
	if len(c.RuleScores) == 0 && len(more.RuleScores) > 0 {
		c.RuleScores = make([][]float64, len(more.RuleScores))
	}
	for i := range more.RuleScores {
		if i > 0 {
			c.RuleScores[i] = append(c.RuleScores[i], more.RuleScores[i]...)
		} else {
			c.RuleScores[0] = c.RuleScore
		}
	}
	c.Score = append(c.Score, more.Score...)
	c.Grade = append(c.Grade, more.Grade...)
	c.Stage = append(c.Stage, more.Stage...)
	c.Changed = append(c.Changed, more.Changed...)
	c.Below = append(c.Below, more.Below...)
	c.Axes = append(c.Axes, more.Axes...)
	c.Previous = append(c.Previous, more.Previous...)
}

// ScoreBatch scores each row of a batch under the artifact's schema, bit for bit what Score
// gives. The slices of dst are reused where they are long enough. Rows come without events: the columns of event features
// are theirs, or those of a lead without events.
//
// It goes feature by feature down the rows, which is the order of the batch's memory; each row's sum
// still has the order of Score: intercept, then the features.
func (s *Scorer) ScoreBatch(b *datasets.Batch, dst *Columns) error {
	return s.ScoreBatchEvents(b, func(int) []datasets.Event { return nil }, dst)
}

// ScoreBatchEvents is ScoreBatch with the events of each row, for the rules: a batch has its event features in columns.
func (s *Scorer) ScoreBatchEvents(b *datasets.Batch, events func(row int) []datasets.Event, dst *Columns) error {
	if err := s.sameColumns(b.Schema()); err != nil {
		return err
	}
	b, err := s.events.completeBatch(b)
	if err != nil {
		return fmt.Errorf("scoring a batch: %w", err)
	}
	n := b.Rows()
	for _, i := range s.needed {
		for row := range n {
			if b.Value(i, row).Missing() {
				return fmt.Errorf("scoring a batch: row %d: column %q is missing; %s", row+1, s.artifact.Schema.Fields[i].Name, NeededText)
			}
		}
	}
	given := int64(datasets.MissingTime)
	if dst.AsOf != nil {
		given = *dst.AsOf
	}
	s.artifact.Pipeline.CellsAsOf(b, given, &dst.block)
	dst.Probabilities = grow(dst.Probabilities, len(s.targets))
	for t := range s.targets {
		p := grow(dst.Probabilities[t], n)
		s.targets[t].probabilities(&dst.block, p)
		if g := s.targets[t].given; g >= 0 {
			for i, q := range dst.Probabilities[g] {
				p[i] *= q
			}
		}
		dst.Probabilities[t] = p
	}
	dst.Probability = dst.Probabilities[0]
	dst.Blended, dst.RuleScore, dst.Score = grow(dst.Blended, n), grow(dst.RuleScore, n), grow(dst.Score, n)
	dst.RuleScores = dst.RuleScores[:0]
	if s.cards > 1 {
		dst.RuleScores = grow(dst.RuleScores, s.cards)
		dst.RuleScores[0] = dst.RuleScore
		for i := 1; i < s.cards; i++ {
			dst.RuleScores[i] = grow(dst.RuleScores[i], n)
		}
	}
	dst.Grade, dst.Stage = grow(dst.Grade, n), grow(dst.Stage, n)
	dst.Changed, dst.Below, dst.Axes = grow(dst.Changed, n), grow(dst.Below, n), dst.Axes[:0]
	if dst.Previous != nil && len(dst.Previous) != n {
		return fmt.Errorf("scoring a batch: %d previous stages for %d rows", len(dst.Previous), n)
	}
	policy, blend := &s.artifact.Policy, &s.artifact.Blend
	row := 0
	c := Case{Known: func(stage Stage) bool {
		for _, column := range s.requires(stage) {
			if b.Value(column, row).Missing() {
				return false
			}
		}
		return true
	}}
	dst.parts = grow(dst.parts, len(blend.Groups))
	dst.row = grow(dst.row, len(s.artifact.Schema.Fields))
	clear(dst.row) // the rules look at no others than s.ruled
	chances := make([]float64, len(s.targets))
	var points rules.Memory
	if s.rules != nil {
		points = s.rules.Begin()
	}
	for row = range n {
		c.Hard, c.Previous, c.At = "", Previous{}, given
		if dst.Previous != nil {
			c.Previous = dst.Previous[row]
		}
		if s.asOf >= 0 {
			if v := b.Value(s.asOf, row); !v.Missing() {
				c.At = v.Time
			}
		}
		dst.RuleScore[row] = 0
		if s.rules != nil {
			for _, i := range s.ruled {
				dst.row[i] = b.Value(i, row)
			}
			of := events(row)
			r := points.ResultGroups(0, dst.row, of, c.At, s.parts(dst.parts))
			dst.RuleScore[row], c.Hard = r.Score, Stage(r.Hard)
			for i := 1; i < s.cards; i++ {
				dst.RuleScores[i][row] = points.ResultGroups(i, dst.row, of, c.At, nil).Score
			}
			if policy.Grades != nil {
				dst.Axes = append(dst.Axes, s.axes(&r))
			}
		}
		dst.Score[row], dst.Blended[row] = blend.Score(dst.Probability[row], dst.RuleScore[row], dst.parts)
		for t := range chances {
			chances[t] = dst.Probabilities[t][row]
		}
		c.Scores = s.decisive(dst.Score[row], chances)
		dst.Grade[row] = policy.Grade(c.Scores)
		dst.Stage[row], dst.Below[row] = policy.Decide(&c), Nurture
		if dst.Stage[row] == SQL {
			dst.Below[row] = policy.below(&c)
		}
		dst.Changed[row] = c.Previous.Stage != "" && Entered(c.Previous.Stage, dst.Stage[row])
	}
	if s.rules != nil {
		points.End() // after a panic it is in an unknown state and not used again
	}
	return nil
}

// StageScores are the scores that a stage of a batch is decided by. They may share the batch's memory.
func (a *Artifact) StageScores(stage Stage, c *Columns) []float64 {
	target := slices.IndexFunc(a.Targets, func(t Target) bool { return t.Name == a.Policy.rule(stage).Target })
	if target < 0 {
		return c.Score
	}
	out := make([]float64, len(c.Score))
	for i, p := range c.Probabilities[target] {
		out[i] = ScoreOf(p)
	}
	return out
}

// probabilities fills p, a row each, by way of the logits.
func (t *target) probabilities(block *features.Block, p []float64) {
	for i := range p {
		p[i] = t.intercept
	}
	for f := range t.effects {
		e, codes := &t.effects[f], block.Codes[f][:len(p)]
		z := block.Z[f]
		if e.slope == 0 || z == nil {
			for i, code := range codes {
				p[i] += e.of(code, 0)
			}
			continue
		}
		z = z[:len(p)]
		for i, code := range codes {
			p[i] += e.of(code, z[i])
		}
	}
	for i, logit := range p {
		p[i] = t.calibration.Apply(logit)
	}
}

// sameColumns reports how a batch's columns differ from the artifact's. Of a column that nothing reads
// the kind does not count.
func (s *Scorer) sameColumns(have *datasets.Schema) error {
	want := s.artifact.Schema
	if have == want {
		return nil
	}
	if len(have.Fields) != len(want.Fields) {
		return fmt.Errorf("scoring a batch: %d columns, the model's schema has %d", len(have.Fields), len(want.Fields))
	}
	for i := range want.Fields {
		if h, w := &have.Fields[i], &want.Fields[i]; h.Name != w.Name || h.Kind != w.Kind && s.reads[i] {
			return fmt.Errorf("scoring a batch: column %d is %q (%v), the model's schema has %q (%v)", i+1, h.Name, h.Kind, w.Name, w.Kind)
		}
	}
	return nil
}
