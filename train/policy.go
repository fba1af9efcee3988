package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"leadscore/model"
	"leadscore/train/evaluate"
)

// topShare is the share of training leads that the automatic SQL threshold lets through: the band that
// sales can be expected to call first. A healthy funnel has 15–35 % of its leads in the top band of
// MQL; SQL is the sharper end of it.
const topShare = .1

// chosenPolicy is a policy and how it was chosen.
type chosenPolicy struct {
	policy   model.Policy
	choices  []model.Choice  // the policy's two, then what other ways would have chosen; not measured yet
	costs    []evaluate.Cost // of each choice
	ways     []evaluate.Way  // of the policy's two
	findings []model.Finding
}

// check refuses at once what choosePolicy could not do after a long training.
func (c PolicyConfig) check(p evaluate.Population) error {
	var problems []error
	for _, s := range c.stages() {
		way := s.config.Choose
		if way == nil {
			continue
		}
		if err := way.Check(); err != nil {
			problems = append(problems, fmt.Errorf("reading policy.%s: %w", s.key, err))
		} else if err := p.CheckDays(); err != nil && way.PerDay() {
			problems = append(problems, fmt.Errorf("reading policy.%s: %s: %w", s.key, way, err))
		}
	}
	return errors.Join(problems...)
}

// stageOf is a stage's part of the policy section.
type stageOf struct {
	key    string
	stage  model.Stage
	config StageConfig
	auto   evaluate.Way
}

// stages are the stages from the lower to the higher. Without a way of its own MQL is where the cut-off separates best (Youden's J),
// SQL the best tenth.
func (c PolicyConfig) stages() []stageOf {
	return []stageOf{
		{"mql", model.MQL, c.MQL, evaluate.Way{By: evaluate.ByYouden}},
		{"sql", model.SQL, c.SQL, evaluate.Way{By: evaluate.ByTop, Share: topShare}},
	}
}

// choosePolicy fixes the thresholds that the configuration leaves open, on training scores whose
// model part is out of fold. A cut-off selects all leads from it up, so the leads of SQL count for MQL's too. A chosen SQL is
// never below MQL; a number is taken as it is.
func choosePolicy(c PolicyConfig, b model.Blend, f *fitted, ruleScores []float64, p evaluate.Population) (*chosenPolicy, error) {
	s := trainingScores(b, f, ruleScores)
	cutoffs, err := evaluate.NewCutoffs(s, p)
	if err != nil {
		return nil, fmt.Errorf("choosing thresholds: %w", err)
	}
	out := &chosenPolicy{}
	choose := func(w evaluate.Way, asked string) (evaluate.Cutoff, error) {
		cut, err := cutoffs.Choose(w)
		if err != nil {
			return cut, fmt.Errorf("choosing thresholds: %w", err)
		}
		if w.By == evaluate.ByYouden || w.By == evaluate.ByTop { // nobody asked for exactly these: a score that is easily read
			cut.Score = roundScore(cut.Lowest)
		}
		out.choices = append(out.choices, model.Choice{
			By: cut.By, Asked: asked, Score: cut.Score, Met: cut.Met, Chosen: rounded(size(f.weight, len(f.labels))), Out: !f.inSample,
		})
		out.costs = append(out.costs, w.Cost)
		return cut, nil
	}
	for _, stage := range c.stages() {
		w, text := stage.auto, "min_score: auto"
		switch {
		case stage.config.MinScore != nil:
			w = evaluate.Way{By: evaluate.ByScore, Score: *stage.config.MinScore}
			text = w.String()
		case stage.config.Choose != nil:
			w = *stage.config.Choose
			text = w.String()
		}
		out.ways = append(out.ways, w)
		cut, err := choose(w, text)
		if err != nil {
			return nil, err
		}
		made := &out.choices[len(out.choices)-1]
		made.Stage = string(stage.stage)
		if cut.By == evaluate.ByScore { // no rows were looked at
			made.Chosen, made.Out = 0, false
		}
		switch {
		case !cut.Met:
			out.say("%s by %s: %s; the cut-off is %d, which no score reaches, so no lead becomes %s by its score", stage.stage, text, cut.Note, evaluate.Nothing, stage.stage)
		case cut.Note != "":
			out.say("%s by %s: %s", stage.stage, text, cut.Note)
		}
	}
	mql, sql := &out.choices[0], &out.choices[1]
	if sql.Score < mql.Score {
		if sql.By == evaluate.ByScore {
			out.say("SQL's min_score %s is below MQL's cut-off %s: no lead becomes MQL by its score", decimal(sql.Score), decimal(mql.Score))
		} else {
			if c.SQL.Choose != nil {
				out.say("SQL by %s: the cut-off is raised from %s to MQL's %s", sql.Asked, decimal(sql.Score), decimal(mql.Score))
			}
			sql.Score = mql.Score
		}
	}
	out.policy = model.Policy{
		MQL: model.StageRule{MinScore: mql.Score, Required: slices.Clone(c.MQL.Required)},
		SQL: model.StageRule{MinScore: sql.Score, Required: slices.Clone(c.SQL.Required)},

		Actionable: slices.Clone(c.Actionable),
	}
	cost := out.costs[0] // of the other ways: MQL's, else SQL's
	if !cost.Known() {
		cost = out.costs[1]
	}
	for _, w := range otherWays(cutoffs.Rate()) {
		if slices.Contains(out.ways, w) {
			continue
		}
		if _, err := choose(w, w.String()); err != nil {
			return nil, err
		}
		out.costs[len(out.costs)-1] = cost
	}
	return out, nil
}

func (c *chosenPolicy) say(format string, args ...any) {
	c.findings = append(c.findings, model.Finding{Reason: "threshold", Text: fmt.Sprintf(format, args...)})
}

// otherWays are the ways that a card tells of beside the policy's own: the best separation, the best tenth, a precision of one and a
// half, two and three times the base rate, and a capacity of a twentieth, a tenth and a fifth of the leads.
func otherWays(base float64) []evaluate.Way {
	ways := []evaluate.Way{{By: evaluate.ByYouden}, {By: evaluate.ByTop, Share: topShare}}
	for _, times := range []float64{1.5, 2, 3} {
		target, err := strconv.ParseFloat(strconv.FormatFloat(times*base, 'g', 3, 64), 64)
		if err == nil && target < 1 {
			ways = append(ways, evaluate.Way{By: evaluate.ByPrecision, Target: target})
		}
	}
	for _, share := range []float64{.05, .1, .2} {
		ways = append(ways, evaluate.Way{By: evaluate.ByCapacity, Share: share})
	}
	return ways
}

// measured fills the choices with what they give on the hold-out, which none of them has seen, and adds to the findings what the
// policy's own two miss there beyond chance.
func (c *chosenPolicy) measured(h *Holdout, p evaluate.Population) ([]model.Choice, error) {
	s := evaluate.Sample{Label: h.Labels, Score: h.Columns.Score, Weight: h.Weights}
	out := make([]model.Choice, len(c.choices))
	for i, choice := range c.choices {
		var err error
		if out[i], err = evaluate.MeasureChoice(choice, s, p, c.costs[i]); err != nil {
			return nil, err
		}
		if i < len(c.ways) {
			c.missed(out[i], c.ways[i], evaluate.Wilson(float64(out[i].Selected), size(h.Weights, len(h.Labels))))
		}
	}
	return out, nil
}

// missed says so where the interval of what a choice gives on the hold-out lies beyond what was asked; share is the part of the rows that
// it selects.
func (c *chosenPolicy) missed(got model.Choice, w evaluate.Way, share model.Estimate) {
	switch {
	case w.By == evaluate.ByPrecision && got.Precision.Upper < w.Target:
		c.say("%s by %s: on the hold-out %.3f of the selected leads convert (%.3f to %.3f)", got.Stage, got.Asked, got.Precision.Value, got.Precision.Lower, got.Precision.Upper)
	case w.PerDay() && got.Volume.Lower > w.Leads/w.Per:
		c.say("%s by %s: in the hold-out's days it selects %.1f leads a day: more leads come, or they score higher, than in training", got.Stage, got.Asked, got.Volume.Value)
	case w.By == evaluate.ByCapacity && !w.PerDay() && share.Lower > w.Share:
		c.say("%s by %s: it selects %.1f%% of the hold-out: its leads score higher than those of training", got.Stage, got.Asked, 100*share.Value)
	}
}

// trainingScores are the blended scores of the training rows of the primary target; with probabilities where the blend has one for every row.
func trainingScores(b model.Blend, f *fitted, ruleScores []float64) evaluate.Sample {
	s := evaluate.Sample{Label: f.labels, Weight: f.weight, Score: make([]float64, len(f.logits))}
	if b.Method == model.BlendModel || b.Method == model.BlendLogit {
		s.Probability = make([]float64, len(f.logits))
	}
	inParallel(len(s.Score), func(lo, hi int) {
		for i, eta := range f.logits[lo:hi] {
			rule := 0.0
			if ruleScores != nil {
				rule = ruleScores[lo+i]
			}
			score, p := b.Score(model.Sigmoid(eta), rule)
			if s.Score[lo+i] = score; s.Probability != nil {
				s.Probability[lo+i] = p
			}
		}
	})
	return s
}

// roundScore keeps one decimal: a threshold is read by people.
func roundScore(s float64) float64 { return math.Round(s*10) / 10 }

// decimal writes a cut-off in as many decimals as it has.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
