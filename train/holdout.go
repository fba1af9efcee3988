package train

import (
	"fmt"
	"strconv"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// scoreHoldout scores the hold-out rows through the finished scorer, as a file is scored. drift, which may be nil, counts them.
func scoreHoldout(s *model.Scorer, d *data, drift *model.DriftMeter) (*Holdout, error) {
	table := d.heldOut
	if table == nil {
		var err error
		if table, err = datasets.SelectRows(d.leads, d.holdout); err != nil {
			return nil, err
		}
	}
	h := &Holdout{Weights: d.weightsOf(d.holdout), Leads: table}
	var c model.Columns
	var held []int // the rows, in the order of the table
	if d.ruleEvents != nil {
		for row, in := range d.holdout {
			if in {
				held = append(held, row)
			}
		}
	}
	for _, b := range table.Batches {
		from := len(h.Columns.Score)
		events := func(row int) []datasets.Event {
			if held == nil {
				return nil
			}
			return d.ruleEvents[held[from+row]]
		}
		if err := s.ScoreBatchEvents(b, events, &c); err != nil {
			return nil, fmt.Errorf("scoring the hold-out: %w", err)
		}
		if drift != nil {
			if err := drift.ObserveBatch(b, &c, h.weightsFrom(from, b.Rows())); err != nil {
				return nil, err
			}
		}
		h.Columns.Append(&c)
		for i := range b.Rows() {
			if d.ids >= 0 {
				h.IDs = append(h.IDs, b.Value(d.ids, i).String())
			}
		}
	}
	for i, in := range d.holdout {
		if !in {
			continue
		}
		h.Labels = append(h.Labels, d.outcomes[0].Label[i] == positive)
		if d.ids < 0 {
			h.IDs = append(h.IDs, strconv.Itoa(d.number(i)))
		}
	}
	return h, nil
}

// weightsFrom are the weights of n rows; nil: all 1.
func (h *Holdout) weightsFrom(row, n int) []float64 {
	if h.Weights == nil {
		return nil
	}
	return h.Weights[row : row+n]
}

// measure evaluates target k of the artifact, whose labels are outcome i, on the hold-out. Rules and
// blend speak of the primary target, so only its card has them.
func measure(d *data, i, k int, h *Holdout, a *model.Artifact, seed uint64, workers int) (*model.TargetCard, error) {
	var labels []bool
	var keep []int
	at := 0
	for row, in := range d.holdout {
		if !in {
			continue
		}
		if l := d.outcomes[i].Label[row]; l != setAside {
			labels = append(labels, l == positive)
			keep = append(keep, at)
		}
		at++
	}
	pick := func(all []float64) []float64 {
		out := make([]float64, len(keep))
		for j, r := range keep {
			out[j] = all[r]
		}
		return out
	}
	var weight []float64
	if h.Weights != nil {
		weight = pick(h.Weights)
	}
	p := pick(h.Columns.Probabilities[k])
	scorers := []evaluate.Scorer{{Name: "model", Score: p, Probability: p}}
	if k == 0 && a.Rules != nil {
		points := pick(h.Columns.RuleScore)
		ruleP := make([]float64, len(points))
		for j, s := range points {
			ruleP[j] = a.Blend.RuleProbability(s)
		}
		scorers = append(scorers,
			evaluate.Scorer{Name: "rules", Score: points, Probability: ruleP},
			evaluate.Scorer{Name: "blend", Score: pick(h.Columns.Score), Probability: pick(h.Columns.Blended)})
	}
	in := d.measured(i)
	card, err := evaluate.Card(labels, scorers, pick(h.Columns.Score), evaluate.Options{
		Seed: seed, Workers: workers, Weight: weight, Cluster: d.clusters(in), Months: d.months(in), Segments: d.segmentColumns(a.Pipeline, keep),
		Cuts: []evaluate.Cut{
			{Stage: string(model.MQL), Target: a.Policy.MQL.Target, Score: a.Policy.MQL.MinScore, Of: pick(a.StageScores(model.MQL, &h.Columns))},
			{Stage: string(model.SQL), Target: a.Policy.SQL.Target, Score: a.Policy.SQL.MinScore, Of: pick(a.StageScores(model.SQL, &h.Columns))},
		},
	})
	if err != nil {
		return nil, err
	}
	card.Months = d.withTraining(i, card.Months)
	card.Split = d.splitBy
	card.Train, card.Holdout = d.sample(i, false), d.sample(i, true)
	return card, nil
}

// measured tells which rows a target is measured on: those of the hold-out whose label is known.
func (d *data) measured(target int) func(row int) bool {
	label := d.outcomes[target].Label
	return func(row int) bool { return d.holdout[row] && label[row] != setAside }
}

// warnOfSeparation says so when a model is too good to be true.
func (d *data) warnOfSeparation(c *model.Card) {
	for _, o := range d.outcomes {
		t := c.Targets[o.Target.Name]
		if auc := t.Scores["model"].AUC.Value; auc > .995 {
			c.Findings = append(c.Findings, model.Finding{Reason: "too good", Text: fmt.Sprintf(
				"target %q is told apart almost perfectly (hold-out AUC %.4f): look for a column that was filled in after the outcome", o.Target.Name, auc)})
		}
	}
}
