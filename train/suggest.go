package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
)

// SuggestOptions are what rules are asked for; the zero value is the documented default.
type SuggestOptions struct {
	MaxRules       int     // 0: 20; a table of a number is one rule, and so is each list of a category's values
	PointsToDouble float64 // points that double the odds; 0: 10
}

const (
	defaultMaxRules       = 20
	defaultPointsToDouble = 10
	mostRules             = 1000
	// leastKept is the share of the variance that a rule must keep to be worth its line.
	leastKept = .005
)

// Suggest turns the primary target of a model into a rules file: whole points, as few rules as asked for. It looks at the model alone,
// which knows of each feature how much each of its codes moves the log-odds and how many training rows have it; no lead is read, so
// that any labelled leads may judge the rules (MeasureSuggestion).
//
// Rules are chosen one by one: each time the one that leaves least of
//
//	Σ features  Var(effect − points/factor),   factor = PointsToDouble / ln 2
//
// over the training rows, features by themselves. The points of a feature's earlier rules are set anew each time. What pairs of
// features say of each side by itself is counted as that side's, so that a pair that is left out takes as little with it as can be.
// Choosing by the AUC on labelled leads was rejected: the choice would flatter itself on them.
//
// A number has one rule, a table of its neighbouring bins or a range; a category one for each list of values with like effects, and
// nothing for the rest; counts of events one for each step. Score 0 is therefore no lead in particular, and points may be
// negative: the file has no bounds, which would make leads beyond them equal.
func Suggest(a *model.Artifact, o SuggestOptions) (*Suggested, error) {
	var problems []error
	if o.MaxRules < 0 || o.MaxRules > mostRules {
		problems = append(problems, fmt.Errorf("suggesting rules: at most %d rules; want 1 to %d", o.MaxRules, mostRules))
	}
	if !(o.PointsToDouble >= 0) || o.PointsToDouble > 1000 || o.PointsToDouble > 0 && o.PointsToDouble < 1 {
		problems = append(problems, fmt.Errorf("suggesting rules: %v points to double the odds; want 1 to 1000", o.PointsToDouble))
	}
	for f, feature := range a.Pipeline.Features() {
		if plain, ok := a.Pipeline.Plain(f); ok && plain.Linear && a.Pipeline.Encoding() == features.Additive {
			problems = append(problems, fmt.Errorf("suggesting rules: the model adds the offset %q to the log-odds, which no rule can hold", feature.Name))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if o.MaxRules == 0 {
		o.MaxRules = defaultMaxRules
	}
	if o.PointsToDouble == 0 {
		o.PointsToDouble = defaultPointsToDouble
	}
	s := &Suggested{artifact: a, factor: o.PointsToDouble / math.Ln2}
	s.terms = termsOf(a)
	for i := range s.terms {
		s.total += s.terms[i].loss(nil, s.factor)
	}
	for i := range s.terms {
		s.terms[i].slack = slackShare * s.total
	}
	if !(s.total > 0) {
		return nil, errors.New("suggesting rules: the model has no effect that differs between leads, so there is nothing to give points for")
	}
	s.choose(o.MaxRules)
	s.Suggestion = &model.Suggestion{Model: a.Name + "@" + a.Version, Target: a.Targets[0].Name, PointsToDouble: o.PointsToDouble, Findings: []model.Finding{}, LeftOut: []model.LeftOut{}, Lines: []model.SuggestedRule{}}
	s.write()
	if len(s.Lines) == 0 {
		return nil, fmt.Errorf("suggesting rules: no rule is worth a point; left out: %s", strings.Join(s.leftNames(), ", "))
	}
	set, problem := rules.Compile(s.Rules, a.Schema)
	if len(problem) > 0 {
		return nil, fmt.Errorf("suggesting rules: they do not compile, which is a bug of leadscore: %w", &RulesError{problem})
	}
	s.set = set
	return s, s.addTests()
}

// Suggested is rules on their way out of a model.
type Suggested struct {
	*model.Suggestion
	artifact *model.Artifact
	factor   float64 // points a unit of log-odds
	terms    []term
	total    float64 // Σ variances
	set      *rules.Set
}

// term is a feature with an effect.
type term struct {
	feature      int // of the pipeline
	name, group  string
	effect, rows []float64 // by code; of linear numbers by bins of theirs
	positives    []int     // by code; nil: not counted
	slack        float64   // mean of squares that its steps may lose, see segments
	made         maker     // nil: no condition says it
	reason       string    // why
}

// maker is the rules of a term so far. It does not change: next makes another one.
type maker interface {
	next(t *term, factor float64) maker // with one more rule, the one that leaves least; nil: there is none
	points(t *term) []int               // by code
	rules(t *term) []madeRule           // in the order of the file
}

// madeRule is a rule and the codes that have its points.
type madeRule struct {
	rule  rules.Rule
	cells []madeCell
}

type madeCell struct {
	points int
	codes  []int
}

// loss is the variance of what points leave of the effect; nil: of all of it.
func (t *term) loss(points []int, factor float64) float64 {
	left := t.effect
	if points != nil {
		left = make([]float64, len(t.effect))
		for k, e := range t.effect {
			left[k] = e - float64(points[k])/factor
		}
	}
	total := 0.0
	for _, n := range t.rows {
		total += n
	}
	if total <= 0 {
		return 0
	}
	m, v := meanOf(left, t.rows, 0, len(left)), 0.0
	for k, x := range left {
		v += float64(float64(t.rows[k]*(x-m)) * (x - m))
	}
	return v / total
}

// choose adds rules, at most so many.
func (s *Suggested) choose(most int) {
	left := make([]float64, len(s.terms))
	next := make([]maker, len(s.terms))
	propose := func(i int) {
		if t := &s.terms[i]; t.made != nil {
			next[i] = t.made.next(t, s.factor)
		}
	}
	for i := range s.terms {
		left[i] = s.terms[i].loss(nil, s.factor)
		propose(i)
	}
	for range most {
		best, gain := -1, leastKept*s.total
		for i := range s.terms {
			if next[i] == nil {
				continue
			}
			if g := left[i] - s.terms[i].loss(next[i].points(&s.terms[i]), s.factor); g > gain {
				best, gain = i, g
			}
		}
		if best < 0 {
			return
		}
		s.terms[best].made = next[best]
		left[best] -= gain
		propose(best)
	}
}

// groupOrder is the order of the groups in the file.
var groupOrder = []string{"fit", "engagement", "intent"}

// write fills in the file, its lines and what is left out.
func (s *Suggested) write() {
	kept := 0.0
	type line struct {
		rule rules.Rule
		line model.SuggestedRule
	}
	groups := map[string][]line{}
	order := make([]int, len(s.terms))
	gain := make([]float64, len(s.terms))
	for i := range s.terms {
		t := &s.terms[i]
		order[i] = i
		all := t.loss(nil, s.factor)
		if t.made != nil {
			gain[i] = all - t.loss(t.made.points(t), s.factor)
		}
		kept += gain[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case gain[i] > gain[j]:
			return -1
		case gain[i] < gain[j]:
			return 1
		}
		return 0
	})
	names := map[string]bool{}
	for _, i := range order {
		t := &s.terms[i]
		var made []madeRule
		if t.made != nil {
			made = t.made.rules(t)
		}
		if len(made) == 0 {
			if share := t.loss(nil, s.factor) / s.total; share >= leastKept/10 {
				s.LeftOut = append(s.LeftOut, model.LeftOut{Feature: t.name, Reason: t.reason, Share: model.Figure(share)})
			}
			continue
		}
		for k, m := range made {
			m.rule.Name = unused(m.rule.Name, names)
			l := model.SuggestedRule{Group: t.group, Rule: m.rule.Name, Features: s.sides(t), Kept: model.Figure(s.alone(t, made, k) / s.total)}
			for _, c := range m.cells {
				l.Cells = append(l.Cells, t.cell(c))
			}
			groups[t.group] = append(groups[t.group], line{m.rule, l})
		}
	}
	slices.SortStableFunc(s.LeftOut, func(x, y model.LeftOut) int {
		switch {
		case x.Share > y.Share:
			return -1
		case x.Share < y.Share:
			return 1
		}
		return 0
	})
	s.Kept = model.Figure(kept / s.total)
	card := rules.Scorecard{Name: "default"}
	for _, name := range groupOrder {
		if len(groups[name]) == 0 {
			continue
		}
		g := rules.Group{Name: name}
		for _, l := range groups[name] {
			g.Rules, s.Lines = append(g.Rules, l.rule), append(s.Lines, l.line)
		}
		card.Groups = append(card.Groups, g)
	}
	s.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{card}}
}

// alone is what rule k of a term takes away of the variance behind those before it.
func (s *Suggested) alone(t *term, made []madeRule, k int) float64 {
	points := make([]int, len(t.effect))
	before := 0.0
	for i, m := range made[:k+1] {
		if i == k {
			before = t.loss(points, s.factor)
		}
		for _, c := range m.cells {
			for _, code := range c.codes {
				points[code] += c.points
			}
		}
	}
	return before - t.loss(points, s.factor)
}

// sides names the features of a term.
func (s *Suggested) sides(t *term) []string {
	all := s.artifact.Pipeline.Features()
	var names []string
	for _, f := range all[t.feature].Parents {
		names = append(names, all[f].Name)
	}
	if names == nil {
		names = []string{t.name}
	}
	return names
}

// cell counts the training rows of some codes.
func (t *term) cell(c madeCell) model.SuggestedCell {
	rows, positives := 0.0, 0
	for _, code := range c.codes {
		rows += t.rows[code]
		if t.positives != nil {
			positives += t.positives[code]
		}
	}
	out := model.SuggestedCell{Points: c.points, Rows: rounded(rows), Rate: model.Figure(math.NaN())}
	if t.positives != nil && out.Rows > 0 {
		out.Rate = model.Figure(float64(positives) / rows)
	}
	return out
}

func (s *Suggested) leftNames() []string {
	names := make([]string, len(s.LeftOut))
	for i, l := range s.LeftOut {
		names[i] = l.Feature
	}
	return names
}

// unused returns the name, or with a number behind it the first that is not taken, and takes it.
func unused(name string, taken map[string]bool) string {
	out := name
	for i := 2; taken[out]; i++ {
		out = fmt.Sprintf("%s (%d)", name, i)
	}
	taken[out] = true
	return out
}
