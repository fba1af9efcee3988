package model

import (
	"cmp"
	"math"
	"slices"

	"leadscore/datasets"
)

// move is one change that is tried.
type move struct {
	Change
	group  int  // moves of one field or type of event exclude each other; they lie together, the greatest gain first
	next   int  // the first move of the next group
	free   bool // it changes nothing but the logit: no rule looks at it, no requirement, and it is no event
	rows   int  // training rows that had the value
	filled bool // it fills in a required field that is not marked actionable
	any    bool // and any value would do
	ruled  bool // a rule may look at it

	// with this move alone
	gain  float64 // of the primary target's logit
	said  verdict // of the rules
	fills bool    // a required field is known with it that was missing
}

// newSearch lists the moves and scores each alone; nil: there is none.
func newSearch(s *Scorer, l *Lead, now *Prediction) *search {
	x := &search{s: s, lead: s.unmade(l), now: now, found: map[[MostChanges]int]*solution{}, needs: map[int]float64{},
		cut: math.Inf(1), cutLogit: math.Inf(1), steps: budget}
	x.said, x.at = now.verdict(), s.moment(l)
	x.blind = s.targeted[0] > 0 || s.targeted[1] > 0
	x.cost = 100 + 15*len(s.features)
	if s.rules != nil {
		x.cost += 20*s.artifact.Rules.Size() + 20*len(l.Events)
	}
	if s.events != nil {
		x.cost += 10*len(s.events.columns) + 20*len(l.Events)
	}
	groups := map[int]int{} // of columns
	group := 0
	for i := range s.actions {
		a := &s.actions[i]
		if a.column < 0 {
			for n := 1; n <= a.times; n++ {
				x.add(move{Change: Change{Feature: a.Event, Event: true, column: -1, times: n}, ruled: a.ruled}, group)
			}
		} else {
			groups[a.column] = group
			for _, v := range s.values(a, x.lead.Values[a.column]) {
				x.add(move{Change: Change{Feature: a.Field, column: a.column, value: v}, ruled: a.ruled}, group)
			}
		}
		group++
	}
	for _, stage := range []Stage{MQL, SQL} {
		for _, column := range s.requires(stage) {
			if _, there := groups[column]; there || !x.lead.Values[column].Missing() || s.events.makes(column) {
				continue
			}
			groups[column] = group
			x.fill(column, group)
			group++
		}
	}
	if len(x.moves) == 0 {
		return nil
	}
	x.meet(x.order(groups))
	return x
}

// order puts the groups that change more than the logit first and the greatest gains of a group first, so that a search
// can stop where what follows is too little. It returns the groups of columns under their new numbers.
func (x *search) order(groups map[int]int) map[int]int {
	for i := range x.moves {
		m := &x.moves[i]
		m.free = !m.ruled && !m.fills && !m.Event
	}
	slices.SortStableFunc(x.moves, func(a, b move) int {
		switch {
		case a.group != b.group && a.free != b.free:
			if b.free {
				return -1
			}
			return 1
		case a.group != b.group:
			return cmp.Compare(a.group, b.group)
		}
		return cmp.Compare(b.gain, a.gain)
	})
	renamed := map[int]int{}
	for i := range x.moves {
		m := &x.moves[i]
		g, ok := renamed[m.group]
		if !ok {
			g = len(renamed)
			renamed[m.group] = g
		}
		m.group = g
	}
	x.best = make([][MostChanges + 1]float64, len(renamed)+1)
	for n := 1; n <= MostChanges; n++ {
		x.best[len(renamed)][n] = math.Inf(-1)
	}
	next := len(x.moves)
	for i := len(x.moves) - 1; i >= 0; i-- {
		m := &x.moves[i]
		m.next = next
		if i > 0 && x.moves[i-1].group == m.group {
			continue
		}
		next = i // and m is the greatest of its group
		x.best[m.group] = x.best[m.group+1]
		for n := 1; n <= MostChanges; n++ {
			x.best[m.group][n] = max(x.best[m.group][n], m.gain+x.best[m.group+1][n-1])
		}
	}
	out := map[int]int{}
	for column, group := range groups {
		if g, ok := renamed[group]; ok {
			out[column] = g
		}
	}
	return out
}

// add takes a move if enough training rows had its value.
func (x *search) add(m move, group int) {
	if x.steps -= x.cost; x.steps < 0 {
		return
	}
	m.group, m.rows = group, math.MaxInt
	if err := x.score(&m); err != nil {
		return
	}
	if !m.Event {
		var known bool
		if m.rows, known = x.s.rowsOf(m.column, &x.scored); known && m.rows < leastRows {
			return
		}
	}
	m.gain, m.said = x.scored.Logits[0]-x.now.Logits[0], x.scored.verdict()
	m.fills = !m.Event && x.lead.Values[m.column].Missing() && x.s.requiring(m.column) != ""
	x.moves = append(x.moves, m)
}

// score scores the lead with some moves into x.scored.
func (x *search) score(moves ...*move) error {
	x.trial.Values = append(x.trial.Values[:0], x.lead.Values...)
	x.trial.Events = append(x.trial.Events[:0], x.lead.Events...)
	x.trial.AsOf, x.trial.Previous = x.lead.AsOf, x.lead.Previous
	for _, m := range moves {
		x.s.apply(&x.trial, &m.Change)
	}
	return x.s.Score(&x.trial, &x.scored)
}

// verdict is what the rules said; it stays when the prediction is reused.
func (p *Prediction) verdict() verdict {
	return verdict{p.RuleScore, slices.Clone(p.groups), p.hard}
}

// fill adds the move that fills in a required field: the value that most training rows had, or where nothing but the
// requirement and rules look at the column any that no rule names.
func (x *search) fill(column, group int) {
	s := x.s
	f := &s.artifact.Schema.Fields[column]
	ruled := s.artifact.Rules.Reads()(f.Name)
	m := move{Change: Change{Feature: f.Name, column: column}, filled: true, ruled: ruled}
	var candidates []datasets.Value
	read := false
	for k := range s.features {
		if s.source[k] == column {
			read = true
			for _, c := range s.artifact.Pipeline.Choices(k, datasets.Value{}) {
				candidates = append(candidates, c.Value)
			}
			candidates = append(candidates, s.artifact.Pipeline.Samples(k)...)
		}
	}
	now := s.moment(x.lead)
	switch {
	case f.Kind == datasets.Time:
		if now == datasets.MissingTime {
			return
		}
		candidates = []datasets.Value{datasets.At(now)}
	case !read:
		m.any = true
		candidates = []datasets.Value{anything(f.Kind)}
	}
	best := -1
	for _, v := range candidates {
		before := len(x.moves)
		m.value = v
		x.add(m, group)
		switch {
		case len(x.moves) == before:
		case best < 0:
			best = before
		default: // one of the two stays
			if last := len(x.moves) - 1; x.moves[last].rows > x.moves[best].rows {
				x.moves[best] = x.moves[last]
			}
			x.moves = x.moves[:len(x.moves)-1]
		}
	}
}

// anything is some value of a kind.
func anything(k datasets.Kind) datasets.Value {
	switch k {
	case datasets.Numeric:
		return datasets.Number(0)
	case datasets.Boolean:
		return datasets.Bool(false)
	case datasets.Text:
		return datasets.Words("…")
	}
	return datasets.Level("…")
}

// meet finds which fields meet in a pair of features, and how much that may be worth.
func (x *search) meet(groups map[int]int) {
	n := x.moves[len(x.moves)-1].group + 1
	x.slack = make([][]float64, n)
	for g := range x.slack {
		x.slack[g] = make([]float64, n)
	}
	for f := range x.s.features {
		parents := x.s.features[f].Parents
		table := x.s.targets[0].effects[f].table
		if len(parents) != 2 || len(table) == 0 {
			continue
		}
		most := 2 * (slices.Max(table) - slices.Min(table))
		for _, a := range x.groupsOf(groups, x.s.source[parents[0]]) {
			for _, b := range x.groupsOf(groups, x.s.source[parents[1]]) {
				if a != b {
					x.slack[a][b] += most
					x.slack[b][a] += most
				}
			}
		}
	}
	var all []float64
	for a := range x.slack {
		all = append(all, x.slack[a][:a]...)
	}
	slices.Sort(all)
	for _, most := range all[max(0, len(all)-MostChanges):] { // three moves are three twos
		x.loose += most
	}
}

// groupsOf are the groups that may change a column: its own, or for one that is made from events those of all events.
func (x *search) groupsOf(groups map[int]int, column int) (out []int) {
	if g, ok := groups[column]; ok {
		return []int{g}
	}
	if !x.s.events.makes(column) {
		return nil
	}
	for i := range x.moves {
		if m := &x.moves[i]; m.Event && !slices.Contains(out, m.group) {
			out = append(out, m.group)
		}
	}
	return out
}
