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
	by       []int           // target that decides each of them; -1: the score of the blend
	findings []model.Finding
}

// check refuses at once what choosePolicy could not do after a long training.
func (c PolicyConfig) check(d *data) error {
	var problems []error
	for _, s := range c.stages() {
		way, target := s.config.Choose, 0
		if s.config.Target != "" {
			target = slices.IndexFunc(d.outcomes, func(o *Outcomes) bool { return o.Target.Name == s.config.Target })
			switch {
			case target < 0:
				problems = append(problems, fmt.Errorf("reading policy.%s: no target %q", s.key, s.config.Target))
				continue
			case d.outcomes[target].given >= 0 && s.config.MinScore == nil:
				problems = append(problems, fmt.Errorf("reading policy.%s: target %q is conditional on %q, and no training row has its probability out of fold; want a number as min_score, or another target",
					s.key, s.config.Target, d.outcomes[d.outcomes[target].given].Target.Name))
				continue
			}
		}
		if way == nil {
			continue
		}
		p := d.population(target, false)
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

// fittedModels is the models of a run and what is asked of their training rows.
type fittedModels struct {
	data       *data // of the hold-out; not looked at before measured
	population func(target int, held bool) evaluate.Population
	targets    []Target
	fits       []*fitted // of each target, the primary one first
	blend      model.Blend
	ruled      *ruledRows // nil without rules
	corrected  bool       // whether correctPriors has been there

	known map[int]*evaluate.Cutoffs // by what decides
}

// deciding is what a stage is decided by: the target's place, and -1 where it is the score of the blend.
func (t *fittedModels) deciding(c StageConfig) int {
	if c.Target == "" {
		return -1
	}
	return slices.IndexFunc(t.targets, func(x Target) bool { return x.Name == c.Target })
}

// cutoffs are those of what decides.
func (t *fittedModels) cutoffs(by int) (*evaluate.Cutoffs, *fitted, error) {
	target := max(by, 0)
	f := t.fits[target]
	if known := t.known[by]; known != nil {
		return known, f, nil
	}
	shift := priorShift(t.targets[target], shareOf(f.labels, f.weight))
	s := trainingScores(t.blend, f, t.ruled)
	if by >= 0 {
		extra := 0.0
		if t.corrected && by > 0 { // the logits of the primary target are corrected themselves
			extra = shift
		}
		s = ownScores(f, extra)
	}
	cutoffs, err := evaluate.NewCutoffs(s, subsampled(t.population(target, false), shift, t.corrected))
	if err != nil {
		return nil, nil, fmt.Errorf("choosing thresholds: %w", err)
	}
	if t.known == nil {
		t.known = map[int]*evaluate.Cutoffs{}
	}
	t.known[by] = cutoffs
	return cutoffs, f, nil
}

// choosePolicy fixes the thresholds that the configuration leaves open, on training scores whose
// model part is out of fold, of the target that decides. A cut-off selects all leads from it up, so the leads of SQL count for MQL's too. A chosen SQL is
// never below MQL where both are decided by the same; a number is taken as it is.
func choosePolicy(c PolicyConfig, t *fittedModels) (*chosenPolicy, error) {
	out := &chosenPolicy{}
	choose := func(by int, w evaluate.Way, asked string) (evaluate.Cutoff, error) {
		if w.By == evaluate.ByScore { // no rows are looked at, and a conditional target has none
			by = -1
		}
		cutoffs, f, err := t.cutoffs(by)
		if err != nil {
			return evaluate.Cutoff{}, err
		}
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
		by := t.deciding(stage.config)
		out.by = append(out.by, by)
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
		cut, err := choose(by, w, text)
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
	if sql.Score < mql.Score && out.by[0] == out.by[1] {
		if sql.By == evaluate.ByScore {
			out.say("SQL's min_score %s is below MQL's cut-off %s: no lead becomes MQL by its score", decimal(sql.Score), decimal(mql.Score))
		} else {
			if c.SQL.Choose != nil {
				out.say("SQL by %s: the cut-off is raised from %s to MQL's %s", sql.Asked, decimal(sql.Score), decimal(mql.Score))
			}
			sql.Score = mql.Score
		}
	}
	out.policy = model.Policy{MQL: out.rule(model.MQL, c.MQL, mql.Score), SQL: out.rule(model.SQL, c.SQL, sql.Score), Grades: chooseGrades(c.Grades, t.ruled, t.fits[0].weight), Actionable: slices.Clone(c.Actionable)}
	cost := out.costs[0] // of the other ways: MQL's, else SQL's
	if !cost.Known() {
		cost = out.costs[1]
	}
	score, _, err := t.cutoffs(-1)
	if err != nil {
		return nil, err
	}
	for _, w := range otherWays(score.Rate()) {
		if i := slices.Index(out.ways, w); i >= 0 && out.by[i] < 0 {
			continue
		}
		if _, err := choose(-1, w, w.String()); err != nil {
			return nil, err
		}
		out.costs[len(out.costs)-1] = cost
	}
	return out, nil
}

// rule is what a lead needs for a stage.
func (c *chosenPolicy) rule(stage model.Stage, s StageConfig, score float64) model.StageRule {
	r := model.StageRule{MinScore: score, Required: slices.Clone(s.Required), Stay: s.Stay, Target: s.Target}
	if s.Leave != nil {
		leave := *s.Leave
		if leave > score {
			c.say("%s's leave %s is above its cut-off %s, which was chosen: a lead leaves the stage below the cut-off", stage, decimal(leave), decimal(score))
			leave = score
		}
		r.Leave = &leave
	}
	return r
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
// policy's own two miss there beyond chance. Those that a target decides are measured on its outcomes.
func (c *chosenPolicy) measured(h *Holdout, t *fittedModels) ([]model.Choice, error) {
	primary := evaluate.Sample{Label: h.Labels, Score: h.Columns.Score, Weight: h.Weights}
	out := make([]model.Choice, len(c.choices))
	shifts := map[int]float64{} // by target, whose training rows need not be counted for each choice
	for i, choice := range c.choices {
		s, by := primary, 0
		if i < len(c.by) && c.by[i] >= 0 {
			by = c.by[i]
			var err error
			if s, err = t.data.scored(by, h.Columns.Probabilities[by]); err != nil {
				return nil, err
			}
			s = evaluate.Sample{Label: s.Label, Score: scoresOf(s.Probability), Weight: s.Weight}
		}
		shift, known := shifts[by]
		if !known {
			shift = priorShift(t.targets[by], shareOf(t.fits[by].labels, t.fits[by].weight))
			shifts[by] = shift
		}
		p := subsampled(t.population(by, true), shift, true)
		var err error
		if out[i], err = evaluate.MeasureChoice(choice, s, p, c.costs[i]); err != nil {
			return nil, err
		}
		if i < len(c.ways) {
			c.missed(out[i], c.ways[i], evaluate.Wilson(float64(out[i].Selected), size(s.Weight, len(s.Label))))
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
func trainingScores(b model.Blend, f *fitted, ruled *ruledRows) evaluate.Sample {
	s := evaluate.Sample{Label: f.labels, Weight: f.weight, Score: make([]float64, len(f.logits))}
	if b.Method == model.BlendModel || b.Method == model.BlendLogit {
		s.Probability = make([]float64, len(f.logits))
	}
	inParallel(len(s.Score), func(lo, hi int) {
		parts := make([]float64, len(b.Groups))
		for i, eta := range f.logits[lo:hi] {
			rule := 0.0
			if ruled != nil {
				rule = ruled.row(lo+i, parts)
			}
			score, p := b.Score(model.Sigmoid(eta), rule, parts)
			if s.Score[lo+i] = score; s.Probability != nil {
				s.Probability[lo+i] = p
			}
		}
	})
	return s
}

// ownScores are the scores of a target's training rows by its model alone; extra is added to the logits.
func ownScores(f *fitted, extra float64) evaluate.Sample {
	p := make([]float64, len(f.logits))
	for i, eta := range f.logits {
		p[i] = model.Sigmoid(eta + extra)
	}
	return evaluate.Sample{Label: f.labels, Weight: f.weight, Score: scoresOf(p), Probability: p}
}

func scoresOf(probability []float64) []float64 {
	out := make([]float64, len(probability))
	for i, p := range probability {
		out[i] = model.ScoreOf(p)
	}
	return out
}

// shareOf is the share of the rows that are positive, by weight.
func shareOf(labels []bool, weight []float64) float64 {
	positive := 0.0
	for i, l := range labels {
		if l {
			positive += weightAt(weight, i)
		}
	}
	return positive / size(weight, len(labels))
}

// roundScore keeps one decimal: a threshold is read by people.
func roundScore(s float64) float64 { return math.Round(s*10) / 10 }

// decimal writes a cut-off in as many decimals as it has.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
