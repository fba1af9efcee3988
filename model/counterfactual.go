package model

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
)

// Counterfactual is a change of a lead that would move its recommendation up. The lead with it, scored, has exactly this
// stage, score and probability.
type Counterfactual struct {
	Changes     []Change
	Stage       Stage
	Score       float64
	Probability float64 // calibrated, of the primary target, as Prediction.Probability
}

// Change is one thing that is different: a field has another value, or more events of a type have happened just before the
// as-of moment.
type Change struct {
	Feature string // name of the column, or type of the events
	Event   bool
	From    string // the value as it was read, or "missing"; of events how many there are
	// To is likewise. "": any value would do, for only the requirement looks at it.
	To   string
	Text string // a sentence without a full stop

	column int
	value  datasets.Value
	times  int
}

// Apply returns the lead with the changes; l itself stays as it is. Event features that Score made of the lead's events are
// taken out, so that they are made anew of its new events.
func (s *Scorer) Apply(l *Lead, changes []Change) *Lead {
	out := s.unmade(l)
	for i := range changes {
		s.apply(out, &changes[i])
	}
	return out
}

func (s *Scorer) apply(l *Lead, c *Change) {
	if !c.Event {
		l.Values[c.column] = c.value
		return
	}
	at := s.before(l)
	for range c.times {
		l.Events = append(l.Events, datasets.Event{Type: c.Feature, At: at})
	}
}

// before is when events of a change happen: the last moment that counts, or where none is known that of the latest event.
func (s *Scorer) before(l *Lead) int64 {
	if at := s.moment(l); at != datasets.MissingTime {
		return at - 1
	}
	latest := int64(0)
	for i := range l.Events {
		latest = max(latest, l.Events[i].At)
	}
	return latest
}

// unmade copies a lead without the event features that its events give. What it brings of its own stays.
func (s *Scorer) unmade(l *Lead) *Lead {
	out := &Lead{Values: slices.Clone(l.Values), Events: slices.Clone(l.Events), AsOf: l.AsOf, Previous: l.Previous}
	if s.events == nil {
		return out
	}
	var p Prediction
	p.derived = make([]datasets.Value, len(s.events.columns))
	s.events.plan.Row(out.Events, s.moment(l), p.derived, &p.history)
	for i, column := range s.events.columns {
		if out.Values[column] == p.derived[i] {
			out.Values[column] = datasets.Value{}
		}
	}
	return out
}

// MostChanges is the greatest number of changes that are tried together.
const MostChanges = 3

// mostCounterfactuals is how many are told: alternatives with different fields.
const mostCounterfactuals = 3

// leastRows is how many training rows must have had a value for it to be proposed.
const leastRows = 20

// counterfactuals finds the fewest changes that move the lead to a higher stage: one, else two, else three of what the policy
// marks actionable and of the required fields that are missing. Of changes of the same fields the one with the smallest
// score that reaches the stage is kept, among equals the one that more training rows had; what is told are the first
// three by the same order.
//
// Every change alone goes through Score. Changes that do not meet in a pair of features, a rule or the events add up in the
// logit exactly, so two and three are added up from the tables and only what gets there is scored; those that meet are
// scored together. The work is bounded by a count of steps (budget), not by a clock, so that the same lead has the same
// answer everywhere; where it ends, what was found so far is told.
func (s *Scorer) counterfactuals(l *Lead, now *Prediction) []Counterfactual {
	if now.Stage == SQL {
		return nil
	}
	x := newSearch(s, l, now)
	if x == nil {
		return nil
	}
	for n := 1; n <= MostChanges && len(x.found) == 0; n++ {
		x.try(n)
	}
	found := make([]*solution, 0, len(x.found))
	for _, f := range x.found {
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b *solution) int { return a.compare(b) })
	var out []Counterfactual
	for _, f := range found[:min(mostCounterfactuals, len(found))] {
		c := Counterfactual{Stage: f.stage, Score: f.score, Probability: f.probability}
		for _, m := range f.moves {
			c.Changes = append(c.Changes, s.change(l, &x.moves[m]))
		}
		out = append(out, c)
	}
	return out
}

// solution is a set of moves that reaches a higher stage.
type solution struct {
	moves       []int
	stage       Stage
	score       float64
	probability float64
	rows        int // the fewest training rows that had one of the values
}

func (a *solution) compare(b *solution) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(b.rows, a.rows), slices.Compare(a.moves, b.moves))
}

// change tells a move.
func (s *Scorer) change(l *Lead, m *move) Change {
	c, w := m.Change, s.words
	if c.Event {
		n := 0
		for i := range l.Events {
			if l.Events[i].Type == c.Feature && features.Before(l.Events[i].At, s.moment(l)) {
				n++
			}
		}
		c.From, c.To = strconv.Itoa(n), strconv.Itoa(n+c.times)
		if c.times == 1 {
			c.Text = w.T("change.event", w.T("event.of", c.Feature))
		} else {
			c.Text = w.T("change.events", strconv.Itoa(c.times), w.T("events.of", c.Feature))
		}
		return c
	}
	present := l.Values[c.column]
	c.From = text(present, missing)
	if !m.any {
		c.To = c.value.String()
	}
	switch stages := s.requiring(c.column); {
	case m.filled && m.any:
		c.Text = w.T("change.required", c.Feature, stages)
	case m.filled:
		c.Text = w.T("change.such", c.Feature, s.shown(c.value), stages)
	case present.Missing():
		c.Text = w.T("change.fill", c.Feature, s.shown(c.value))
	default:
		c.Text = w.T("change.from", c.Feature, s.shown(present), s.shown(c.value))
	}
	return c
}

// requiring names the stages that require a column.
func (s *Scorer) requiring(column int) string {
	var stages []string
	for _, stage := range []Stage{MQL, SQL} {
		if slices.Contains(s.requires(stage), column) {
			stages = append(stages, string(stage))
		}
	}
	return strings.Join(stages, s.words.texts["and"])
}

// rowsOf is how many training rows had what a feature that reads the column made of the scored lead; known is false
// where training did not count them, or no feature reads it.
func (s *Scorer) rowsOf(column int, p *Prediction) (rows int, known bool) {
	for f := range s.features {
		e := &s.artifact.Targets[0].Effects[f]
		if s.source[f] != column || len(e.Rows) == 0 {
			continue
		}
		code := int(p.cells[f].Code)
		if code >= len(e.Rows) {
			return 0, true
		}
		return e.Rows[code], true
	}
	return math.MaxInt, false
}
