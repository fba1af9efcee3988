package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/baseline"
	"leadscore/train/evaluate"
)

// Contenders are what a model is compared with, and how. The zero value compares it with its own rules and blend.
type Contenders struct {
	Rules     *rules.File // in the place of the artifact's, without a blend, which would have to be fitted anew; nil: the artifact's, if it has any
	With      []Version
	Columns   []string // numbers of the file: higher is likelier, and a lead without one stands last
	Baselines []string // of baseline.Names, fitted to TrainOn
	TrainOn   string   // a labelled file; its leads that are measured too are left out

	Capacity     float64  // leads that can be worked; 0: a tenth
	Win, Contact *float64 // worth of a conversion and cost of working a lead; nil: not told in money

	AllowTrainingRows bool // measure rows that were in training too
}

// Version is another model under a name.
type Version struct {
	Name   string
	Scorer *model.Scorer
}

// TrainingRowsError says that rows to compare on were in the training of a model, which they would flatter.
type TrainingRowsError struct {
	Path  string
	Texts []string // one a model
}

func (e *TrainingRowsError) Error() string {
	return fmt.Sprintf("comparing on %s: %s; what a model was trained on flatters it: compare on leads that were held out, or allow it", e.Path, strings.Join(e.Texts, "; "))
}

// Compare measures a model and its contenders on the same rows of a labelled file, which are read and labelled as Evaluate
// does. The target is the model's primary one. The error is a *TrainingRowsError where rows were in training, and a *RulesError for rules
// that do not fit the file.
//
// A model that lacks columns is refused: without them it is not the scorer that is asked about.
func Compare(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions, now time.Time, events []string, c Contenders) (_ *model.Contest, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	a := s.Artifact()
	doing := "comparing on " + path
	f, err := readLabelled(ctx, doing, s, a.Targets[:1], path, o, now, events)
	if err != nil {
		return nil, err
	}
	m := &contest{labelledFile: f, doing: doing, path: path, options: o, now: now, events: events, refused: &TrainingRowsError{Path: path}}
	defer func() { err = errors.Join(err, f.log.close()) }()
	if err := m.admit("", f); err != nil {
		return nil, err
	}
	for _, v := range c.With {
		if err := m.addVersion(ctx, v); err != nil {
			return nil, err
		}
	}
	if len(m.refused.Texts) > 0 && !c.AllowTrainingRows {
		return nil, m.refused
	}
	versions := m.entrants
	m.entrants = nil
	h, _, err := f.score(ctx)
	if err != nil {
		return nil, err
	}
	m.addModel(h, c.Rules)
	if err := m.addFile(ctx, c); err != nil {
		return nil, err
	}
	m.entrants = append(m.entrants, versions...)
	if err := m.addBaselines(ctx, c); err != nil {
		return nil, err
	}
	if len(m.entrants) < 2 {
		return nil, fmt.Errorf("%s: nothing to compare the model with: it has no rules; give rules, other versions, columns or baselines", doing)
	}
	result, err := evaluate.Contest(h.Labels, m.entrants, evaluate.ContestOptions{
		Options:  evaluate.Options{Seed: f.config.Model.Seed, Workers: o.Workers, Weight: h.Weights, Cluster: f.clusters(func(row int) bool { return f.holdout[row] })},
		Capacity: c.Capacity, Win: c.Win, Contact: c.Contact,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if a.Seal() == nil {
		result.Model = a.Name + "@" + a.Version
	}
	result.Target, result.Rows, result.Digest, result.BadRows = a.Targets[0].Name, f.sample(0, true), f.read.Digest, f.read.BadTotal
	result.Findings = slices.Concat([]model.Finding{}, f.card(f.read).Findings, m.found)
	return result, m.explain(result.Movers, h)
}

// Check finds what is wrong before anything is read.
func (c *Contenders) Check() error {
	var problems []error
	names := map[string]string{"model": "the model", "rules": "the rules", "blend": "the blend"}
	take := func(name, what string) {
		if other, taken := names[name]; taken {
			problems = append(problems, fmt.Errorf("comparing: two scorers are named %q: %s and %s", name, other, what))
		}
		names[name] = what
	}
	for _, v := range c.With {
		take(v.Name, "another model")
	}
	for _, name := range c.Columns {
		take(name, "a column")
	}
	for _, name := range c.Baselines {
		if !slices.Contains(baseline.Names(), name) {
			problems = append(problems, fmt.Errorf("comparing: unknown baseline %q; want %s", name, strings.Join(baseline.Names(), " or ")))
			continue
		}
		take(name, "a baseline")
	}
	if len(c.Baselines) > 0 && c.TrainOn == "" {
		problems = append(problems, errors.New("comparing: baselines need labelled leads to be fitted to"))
	}
	if len(c.Baselines) == 0 && c.TrainOn != "" {
		problems = append(problems, errors.New("comparing: leads to fit baselines to, but no baselines"))
	}
	return errors.Join(problems...)
}

// contest is a comparison in the making.
type contest struct {
	*labelledFile
	doing, path string
	options     datasets.ReadOptions
	now         time.Time
	events      []string

	entrants []evaluate.Entrant
	found    []model.Finding
	refused  *TrainingRowsError
}

// admit refuses a model that lacks columns and notes which of its training rows are here. name is "" for the model itself.
func (m *contest) admit(name string, f *labelledFile) error {
	a := f.scorer.Artifact()
	who := "the model"
	if name != "" {
		who = fmt.Sprintf("model %q", name)
	}
	made := a.EventColumns()
	var lacks []string
	for _, column := range f.read.Absent {
		if a.Pipeline.Uses(column) && (!made[column] || f.log == nil) && (column != a.AsOf || a.Snapshots == "") {
			lacks = append(lacks, fmt.Sprintf("%q", column))
		}
	}
	if len(lacks) > 0 {
		hint := ""
		if a.LacksEvents(f.read.Absent) && f.log == nil {
			hint = " (its event features need the log of events)"
		}
		return fmt.Errorf("%s: the file lacks %d columns that %s uses: %s%s", m.doing, len(lacks), who, atMost(lacks, 10), hint)
	}
	seen, why, known := f.seen()
	if !known {
		m.found = append(m.found, model.Finding{Reason: "in training?", Text: who + ": " + why})
	}
	if text := seenText(seen, who); text != "" {
		m.refused.Texts = append(m.refused.Texts, text)
		m.found = append(m.found, model.Finding{Reason: "in training", Text: text + ": these figures flatter it"})
	}
	return nil
}

// addModel adds the model, and without other rules its own and the blend.
func (m *contest) addModel(h *Holdout, other *rules.File) {
	a := m.scorer.Artifact()
	add := func(name, kind string, score, p []float64) {
		m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: name, Score: score, Probability: p}, Kind: kind})
	}
	add("model", model.ContestModel, h.Columns.Probability, h.Columns.Probability)
	switch {
	case other != nil && a.Rules != nil:
		m.found = append(m.found, model.Finding{Reason: "blend", Text: "the blend is left out: it was fitted to the model's own rules, not to these"})
	case other == nil && a.Rules != nil:
		p := make([]float64, len(h.Columns.RuleScore))
		for i, points := range h.Columns.RuleScore {
			p[i] = a.Blend.RuleProbability(points)
		}
		add("rules", model.ContestRules, h.Columns.RuleScore, p)
		if a.Blend.Method != model.BlendModel && a.Blend.Method != model.BlendRules { // else it is one of the two
			add("blend", model.ContestBlend, h.Columns.Score, h.Columns.Blended)
		}
	}
}

// addVersion scores the rows by another model, which must look at the same ones.
func (m *contest) addVersion(ctx context.Context, v Version) (err error) {
	events := m.events
	if v.Scorer.Artifact().Events == nil {
		events = nil
	}
	f, err := readLabelled(ctx, fmt.Sprintf("%s by %q", m.doing, v.Name), v.Scorer, m.scorer.Artifact().Targets[:1], m.path, m.options, m.now, events)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	if err := m.admit(v.Name, f); err != nil {
		return err
	}
	if why := m.otherRows(f); why != "" {
		return fmt.Errorf("%s: model %q looks at other rows than the model: %s", m.doing, v.Name, why)
	}
	a, mine := v.Scorer.Artifact(), m.scorer.Artifact().Targets[0]
	k := slices.IndexFunc(a.Targets, func(t model.Target) bool { return t.Name == mine.Name })
	if k < 0 {
		k = slices.IndexFunc(a.Targets, func(t model.Target) bool { return t.Outcome.Column == mine.Outcome.Column })
	}
	if k < 0 {
		return fmt.Errorf("%s: model %q has no target %q, and none whose outcome stands in column %q", m.doing, v.Name, mine.Name, mine.Outcome.Column)
	}
	h, _, err := f.score(ctx)
	if err != nil {
		return err
	}
	p := h.Columns.Probabilities[k]
	m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: v.Name, Score: p, Probability: p}, Kind: model.ContestVersion})
	return nil
}

// otherRows says how the rows of another reading of the file differ; "": they do not.
func (m *contest) otherRows(f *labelledFile) string {
	if m.read.Rows != f.read.Rows {
		return fmt.Sprintf("%d of the file, not %d", f.read.Rows, m.read.Rows)
	}
	asOf := func(a *model.Artifact) string {
		if a.Snapshots != "" {
			return a.Snapshots
		}
		return a.AsOf
	}
	if x, y := asOf(f.scorer.Artifact()), asOf(m.scorer.Artifact()); x != y && x != "" && y != "" {
		return fmt.Sprintf("its leads are as of %q, not of %q", x, y)
	}
	if f.rows() != m.rows() {
		return fmt.Sprintf("%d leads and moments, not %d", f.rows(), m.rows())
	}
	for i := range m.used {
		if m.used[i] != f.used[i] || m.number(i) != f.number(i) || m.used[i] && m.outcomes[0].Label[i] != f.outcomes[0].Label[i] ||
			m.asOf != nil && f.asOf != nil && m.asOf[i] != f.asOf[i] || weightAt(m.weights, i) != weightAt(f.weights, i) {
			return fmt.Sprintf("row %d of the file is used, labelled or weighted otherwise", m.number(i))
		}
	}
	return ""
}

// mostReasons is how many reasons a mover is told with.
const mostReasons = 3

// explain fills in who the movers are and why the model places them so.
func (m *contest) explain(of *model.Movers, h *Holdout) error {
	first, row := make([]int, len(m.leads.Batches)), 0
	for k, b := range m.leads.Batches {
		first[k] = row
		row += b.Rows()
	}
	held := m.held()
	var e model.Explanation
	for down, movers := range [][]model.Mover{of.Up, of.Down} {
		for i := range movers {
			mover := &movers[i]
			at := held[mover.Row]
			mover.Lead = h.IDs[mover.Row]
			k := len(first) - 1
			for first[k] > at || m.leads.Batches[k].Rows() == 0 {
				k--
			}
			lead := &model.Lead{Values: make([]datasets.Value, len(m.leads.Schema.Fields)), AsOf: datasets.MissingTime}
			m.leads.Batches[k].Row(at-first[k], lead.Values)
			if err := m.scorer.Advise(lead, mostReasons, &e); err != nil {
				return fmt.Errorf("%s: %w", m.doing, err)
			}
			if p := h.Columns.Probability[mover.Row]; math.Abs(e.Probability-p) > 1e-12 {
				return fmt.Errorf("%s: row %d is explained with a probability of %v and was scored %v; this is a bug of leadscore", m.doing, m.number(at), e.Probability, p)
			}
			for _, r := range e.Reasons {
				if (r.Effect < 0) == (down == 1) { // what speaks for the place that the model gives
					mover.Reasons = append(mover.Reasons, model.MoverReason(r))
				}
			}
			mover.Row = m.number(at)
		}
	}
	return nil
}

// held are the rows that are measured.
func (m *contest) held() []int {
	var held []int
	for i, in := range m.holdout {
		if in {
			held = append(held, i)
		}
	}
	return held
}
