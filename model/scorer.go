package model

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model/rules"
)

// Lead is one lead to score.
type Lead struct {
	Values []datasets.Value // in the order of Artifact.Schema; the id among them
	Events []datasets.Event
	AsOf   int64 // microseconds since 1970 UTC; datasets.MissingTime: the as-of column, if there is one
	// Previous is the stage that the lead was in; zero: not known, and the lead is decided as a new one.
	Previous Previous
}

// Prediction is what scoring one lead gives. A Prediction may be reused: Score overwrites it.
type Prediction struct {
	Probability   float64   // calibrated, of the primary target, by the model alone; never 0 or 1
	Blended       float64   // probability after the blend; NaN where the method gives none (Blend.Score)
	Probabilities []float64 // of each target, in the order of the artifact
	Logits        []float64 // uncalibrated, of each target; of a target that is Given another, of the conditional model
	RuleScore     float64   // of the first scorecard, the one that is blended; 0 without rules
	RuleScores    []float64 // of each scorecard, in the order of the file; empty: there is one, or none
	Score         float64   // 0–100
	Grade         string    // A–D (Policy.Grade)
	Stage         Stage
	// Changed is whether the stage is entered now (Entered); false where the lead's Previous is not known.
	Changed bool
	Axes    Axes

	hard    Stage           // what a hard rule asked for; "" none
	decided [2]float64      // scores that MQL and SQL were decided by
	groups  []float64       // points of each group, where the blend weighs them
	next    *rules.Question // what would settle most of what is unknown; nil: nothing is
	cells   []features.Cell // what the pipeline made of the lead
	derived []datasets.Value
	history history.Scratch
}

// Scorer scores leads under one artifact. It is immutable and may be used by many goroutines, each
// with its own Prediction or Columns.
type Scorer struct {
	artifact *Artifact
	columns  columns
	features []features.Feature
	source   []int // column of each feature in the schema; -1 has none
	targets  []target
	rules    *rules.Set // nil without rules
	cards    int        // scorecards of the rules
	events   *events    // nil without event features
	id, asOf int        // columns; -1 without
	required [2][]int   // columns that MQL and SQL require
	targeted [2]int     // targets whose probability decides MQL and SQL; -1: the score
	needed   []int      // columns without which a lead is not scored
	matters  []bool     // features whose value makes a difference (see warnings)
	reads    []bool     // columns of the schema that a prediction depends on
	ruled    []int      // those that the rules look at
	actions  []action   // what a counterfactual may change
	words    *words     // the language of texts
	kept     sentences  // in it
	framed   framings   // likewise
	subjects []subject  // features in that language
	average  string     // the base rate, likewise
}

type target struct {
	intercept   float64
	effects     []effect
	calibration *Calibration
	covariance  *covariance // nil: no intervals
	given       int         // an earlier target that this one is conditional on; -1: none
}

type effect struct {
	table []float64
	slope float64
}

// NeededText says why a lead without a required column is an error: scored as missing it would have a plausible
// and wrong probability.
const NeededText = "every lead needs a number here, which the model adds to the log-odds"

// maxZ bounds a standardised number: a value a billion standard deviations away scores as one that
// is, so that no sum of effects overflows.
const maxZ = 1e9

// of is the contribution of a cell to the log-odds. A code beyond the table has no effect.
func (e *effect) of(code uint32, z float64) float64 {
	sum := 0.0
	if int(code) < len(e.table) {
		sum = e.table[code]
	}
	if e.slope != 0 {
		sum += float64(e.slope * min(max(z, -maxZ), maxZ)) // converted: a fused sum would differ between machines
	}
	return sum
}

// NewScorer checks an artifact and compiles it. The error is an *InvalidError that names everything
// scoring could not work with: tables that do not fit their features, numbers that are not finite,
// columns that are not in the schema, rules that do not compile.
func NewScorer(a *Artifact) (*Scorer, error) { return compile(a) }

// prepare lays out what scoring reads; the artifact has been checked.
func (s *Scorer) prepare() {
	a := s.artifact
	for i := range a.Schema.Fields {
		if a.Schema.Fields[i].Required {
			s.needed = append(s.needed, i)
		}
	}
	s.features = a.Pipeline.Features()
	for f := range s.features {
		s.source = append(s.source, a.Schema.Index(s.features[f].Column))
	}
	s.reads = s.readColumns()
	if a.Rules != nil {
		s.cards = len(a.Rules.Scorecards)
	}
	for i := range a.Targets {
		t := target{intercept: a.Targets[i].Intercept, calibration: a.Targets[i].Calibration, given: a.given(i)}
		if i == 0 { // the only one that is answered with an interval
			t.covariance = a.Targets[i].Covariance.prepare(s.features)
		}
		for f := range a.Targets[i].Effects {
			e := &a.Targets[i].Effects[f]
			t.effects = append(t.effects, effect{e.Table, e.Slope})
		}
		s.targets = append(s.targets, t)
	}
	for f := range s.features {
		s.matters = append(s.matters, a.Targets[0].Effects[f].spread() >= matter)
	}
	s.speak(newWords(English, textsEnglish))
}

// Artifact returns what the scorer was made of; it is shared, not to be changed.
func (s *Scorer) Artifact() *Artifact { return s.artifact }

// Score scores one lead; without rules it allocates nothing when p is reused. The error names a lead
// that does not fit the schema, which ParseLead and Batch.Row never make. A number that is NaN is missing. Of a model with
// event features the ones that l.Values lacks are made from l.Events, and put there.
func (s *Scorer) Score(l *Lead, p *Prediction) error {
	fields := s.artifact.Schema.Fields
	if len(l.Values) != len(fields) {
		return fmt.Errorf("scoring a lead: %d values for a schema of %d columns", len(l.Values), len(fields))
	}
	for i := range fields {
		if k := l.Values[i].Kind; k != fields[i].Kind && k != datasets.Unknown {
			return fmt.Errorf("scoring a lead: column %q: %v value, want %v", fields[i].Name, k, fields[i].Kind)
		}
	}
	for _, i := range s.needed {
		if l.Values[i].Missing() {
			return fmt.Errorf("scoring a lead: column %q is missing; %s", fields[i].Name, NeededText)
		}
	}
	asOf := s.moment(l)
	if s.events != nil {
		s.events.complete(l, asOf, p)
	}
	p.cells = grow(p.cells, len(s.features))
	s.artifact.Pipeline.Row(l.Values, asOf, p.cells)
	p.Logits = grow(p.Logits, len(s.targets))
	p.Probabilities = grow(p.Probabilities, len(s.targets))
	for t := range s.targets {
		logit := s.targets[t].intercept
		effects := s.targets[t].effects
		for f := range effects {
			logit += effects[f].of(p.cells[f].Code, p.cells[f].Z)
		}
		p.Logits[t], p.Probabilities[t] = logit, s.targets[t].calibration.Apply(logit)
		if g := s.targets[t].given; g >= 0 {
			p.Probabilities[t] *= p.Probabilities[g]
		}
	}
	p.Probability, p.RuleScore, p.RuleScores, p.hard, p.next, p.Axes = p.Probabilities[0], 0, p.RuleScores[:0], "", nil, Axes{}
	if s.rules != nil {
		p.groups = grow(p.groups, len(s.artifact.Blend.Groups))
		r := s.rules.ResultGroups(0, l.Values, l.Events, asOf, s.parts(p.groups))
		p.RuleScore, p.hard, p.next, p.Axes = r.Score, Stage(r.Hard), r.Next, s.axes(&r)
		if s.cards > 1 {
			p.RuleScores = append(p.RuleScores, p.RuleScore)
			for i := 1; i < s.cards; i++ {
				points, _ := s.rules.ScoreCard(i, l.Values, l.Events, asOf)
				p.RuleScores = append(p.RuleScores, points)
			}
		}
	}
	p.Score, p.Blended = s.artifact.Blend.Score(p.Probability, p.RuleScore, p.groups)
	p.decided = s.decisive(p.Score, p.Probabilities)
	p.Grade = s.artifact.Policy.Grade(p.decided)
	p.Stage = s.artifact.Policy.Decide(&Case{Scores: p.decided, Hard: p.hard, Previous: l.Previous, At: asOf, Known: func(stage Stage) bool {
		for _, column := range s.requires(stage) {
			if l.Values[column].Missing() {
				return false
			}
		}
		return true
	}})
	p.Changed = l.Previous.Stage != "" && Entered(l.Previous.Stage, p.Stage)
	return nil
}

// parts is where the points of groups go; nil: no one asks for them.
func (s *Scorer) parts(groups []float64) []float64 {
	if s.artifact.Blend.Groups == nil {
		return nil
	}
	return groups
}

// axes grades what the rules say.
func (s *Scorer) axes(r *rules.Result) Axes {
	g := s.artifact.Policy.Grades
	if g == nil {
		return Axes{}
	}
	return Axes{Fit: r.Fit, Engagement: r.Engagement, Grade: g.Grade(r.Fit, r.Engagement)}
}

// decisive are the scores that MQL and SQL are decided by.
func (s *Scorer) decisive(score float64, probabilities []float64) [2]float64 {
	out := [2]float64{score, score}
	for i, target := range s.targeted {
		if target >= 0 {
			out[i] = ScoreOf(probabilities[target])
		}
	}
	return out
}

// moment is the as-of of a lead: its own, or else the as-of column's.
func (s *Scorer) moment(l *Lead) int64 {
	if l.AsOf == datasets.MissingTime && s.asOf >= 0 && !l.Values[s.asOf].Missing() {
		return l.Values[s.asOf].Time
	}
	return l.AsOf
}

func (s *Scorer) requires(stage Stage) []int {
	if stage == SQL {
		return s.required[1]
	}
	return s.required[0]
}

// grow returns a slice of n, the given one if it is long enough. Its content is of no use.
func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}
