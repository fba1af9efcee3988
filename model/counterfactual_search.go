package model

import (
	"math"
	"slices"

	"leadscore/datasets"
)

// move is one change that is tried.
type move struct {
	Change
	group  int  // moves of one field or type of event exclude each other
	rows   int  // training rows that had the value
	filled bool // it fills in a required field that is not marked actionable
	any    bool // and any value would do
	ruled  bool // a rule may look at it

	// with this move alone
	gain  float64 // of the primary target's logit
	rule  float64 // rule score
	hard  Stage
	fills bool // a required field is known with it that was missing
}

// search is one search for counterfactuals.
type search struct {
	s     *Scorer
	lead  *Lead // as it is, without event features
	now   *Prediction
	moves []move
	found map[[MostChanges]int]*solution // by groups, rising, -1 behind the last
	slack map[[2]int]float64             // by two groups: how far their pairs of features may lift the logit beyond the sum of their gains

	need   float64 // least logit that reaches a higher stage where neither rules nor fields that are filled in change; +Inf: none does
	steps  int     // left of the budget
	cost   int     // steps of scoring a lead
	trial  Lead
	scored Prediction
}

// The budget of a search in steps of some 3 ns: passing over a combination is one, judging a sum predicts.
const (
	budget   = 10_000_000
	predicts = 40
)

// newSearch lists the moves and scores each alone; nil: there is none.
func newSearch(s *Scorer, l *Lead, now *Prediction) *search {
	x := &search{s: s, lead: s.unmade(l), now: now, found: map[[MostChanges]int]*solution{}, slack: map[[2]int]float64{}, steps: budget}
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
	x.meet(groups)
	x.need = x.threshold()
	return x
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
	m.gain, m.rule, m.hard = x.scored.Logits[0]-x.now.Logits[0], x.scored.RuleScore, x.scored.hard
	m.fills = !m.Event && x.lead.Values[m.column].Missing() && x.s.requiring(m.column) != ""
	x.moves = append(x.moves, m)
}

// score scores the lead with some moves into x.scored.
func (x *search) score(moves ...*move) error {
	x.trial.Values = append(x.trial.Values[:0], x.lead.Values...)
	x.trial.Events = append(x.trial.Events[:0], x.lead.Events...)
	x.trial.AsOf = x.lead.AsOf
	for _, m := range moves {
		x.s.apply(&x.trial, &m.Change)
	}
	return x.s.Score(&x.trial, &x.scored)
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
	for f := range x.s.features {
		parents := x.s.features[f].Parents
		if len(parents) != 2 {
			continue
		}
		a, ok1 := groups[x.s.source[parents[0]]]
		b, ok2 := groups[x.s.source[parents[1]]]
		if !ok1 {
			a, ok1 = x.eventGroup(parents[0])
		}
		if !ok2 {
			b, ok2 = x.eventGroup(parents[1])
		}
		if table := x.s.targets[0].effects[f].table; len(table) > 0 && (ok1 || ok2) {
			most := 2 * (slices.Max(table) - slices.Min(table))
			for _, g := range x.together(a, ok1, b, ok2) {
				x.slack[g] += most
			}
		}
	}
}

// anyEvent stands for the groups of all events: a feature of events may depend on several types.
const anyEvent = -1

func (x *search) eventGroup(f int) (int, bool) {
	return anyEvent, x.s.events.makes(x.s.source[f])
}

// together lists the pairs of groups that meet where two sides of a pair of features may change.
func (x *search) together(a int, ok1 bool, b int, ok2 bool) [][2]int {
	if !ok1 || !ok2 || a == b {
		return nil
	}
	var out [][2]int
	for _, i := range x.groupsOf(a) {
		for _, k := range x.groupsOf(b) {
			out = append(out, [2]int{min(i, k), max(i, k)})
		}
	}
	return out
}

func (x *search) groupsOf(g int) []int {
	if g != anyEvent {
		return []int{g}
	}
	var out []int
	for i := range x.moves {
		if m := &x.moves[i]; m.Event && !slices.Contains(out, m.group) {
			out = append(out, m.group)
		}
	}
	return out
}

// judge is the score and stage of a logit of the primary target, with what rules and required fields say.
func (x *search) judge(logit, rule float64, hard Stage, known func(Stage) bool) (float64, Stage) {
	a := x.s.artifact
	score, _ := a.Blend.Score(x.s.targets[0].calibration.Apply(logit), rule)
	return score, a.Policy.Decide(score, hard, known)
}

// known says whether what a stage requires is known with some moves.
func (x *search) known(moves []int) func(Stage) bool {
	return func(stage Stage) bool {
		for _, column := range x.s.requires(stage) {
			if x.lead.Values[column].Missing() && !slices.ContainsFunc(moves, func(m int) bool { return x.moves[m].column == column && !x.moves[m].Event }) {
				return false
			}
		}
		return true
	}
}

// threshold finds search.need by bisection, a trifle too low rather than too high.
func (x *search) threshold() float64 {
	blend := &x.s.artifact.Blend
	if blend.Method == BlendRules || blend.Method == BlendLogit && blend.Logit <= 0 {
		return math.Inf(-1) // the score does not rise with the logit: nothing is passed over
	}
	reaches := func(logit float64) bool {
		_, stage := x.judge(logit, x.now.RuleScore, x.now.hard, x.known(nil))
		return stage.rank() > x.now.Stage.rank()
	}
	low, high := x.now.Logits[0], 1e6
	if !reaches(high) {
		return math.Inf(1)
	}
	for range 100 {
		if middle := low/2 + high/2; reaches(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return low - 1e-9
}

// try tries all sets of n moves of different groups.
func (x *search) try(n int) {
	var chosen [MostChanges]int
	x.choose(chosen[:0], n, 0)
}

func (x *search) choose(chosen []int, n, from int) {
	if n == 0 {
		x.weigh(chosen)
		return
	}
	for i := from; i < len(x.moves) && x.steps > 0; i++ {
		if len(chosen) > 0 && x.moves[chosen[len(chosen)-1]].group == x.moves[i].group {
			continue
		}
		x.choose(append(chosen, i), n-1, i+1)
	}
}

// weigh looks at one set of moves, whose groups rise.
func (x *search) weigh(chosen []int) {
	x.steps--
	logit, slack := x.now.Logits[0], 0.0
	rule, hard := x.now.RuleScore, x.now.hard
	events, ruled, fills := 0, 0, false
	rows := math.MaxInt
	for k, i := range chosen {
		m := &x.moves[i]
		logit += m.gain
		rows, fills = min(rows, m.rows), fills || m.fills
		if m.ruled {
			ruled++
			rule, hard = m.rule, m.hard
		}
		if m.Event {
			events++
		}
		for _, other := range chosen[:k] {
			slack += x.slack[[2]int{x.moves[other].group, m.group}]
		}
	}
	free := ruled == 0 && !fills // only the logit changes
	meet := len(chosen) > 1 && (slack > 0 || ruled > 1 || events > 1)
	if free && events < 2 && logit+slack < x.need {
		return
	}
	at := x.key(chosen)
	best := x.found[at]
	if !meet {
		x.steps -= predicts
		score, stage := x.judge(logit, rule, hard, x.known(chosen))
		if stage.rank() <= x.now.Stage.rank() || best != nil && score > best.score+1e-9 {
			return
		}
	}
	if x.steps -= x.cost; x.steps < 0 {
		return
	}
	if err := x.score(x.of(chosen)...); err != nil || !x.reaches(chosen) {
		return
	}
	it := &solution{slices.Clone(chosen), x.scored.Stage, x.scored.Score, x.scored.Probability, rows}
	if best == nil || it.compare(best) < 0 {
		x.found[at] = it
	}
}

// reaches reports whether what was scored is a higher stage, and one that asks for the required fields that are filled in: a
// field that the policy does not mark actionable is not filled in for its effect alone.
func (x *search) reaches(chosen []int) bool {
	stage := x.scored.Stage
	if stage.rank() <= x.now.Stage.rank() {
		return false
	}
	for _, i := range chosen {
		if m := &x.moves[i]; m.filled && !slices.Contains(x.s.requires(stage), m.column) {
			return false
		}
	}
	return true
}

func (x *search) of(chosen []int) []*move {
	out := make([]*move, len(chosen))
	for k, i := range chosen {
		out[k] = &x.moves[i]
	}
	return out
}

func (x *search) key(chosen []int) [MostChanges]int {
	key := [MostChanges]int{-1, -1, -1}
	for k, i := range chosen {
		key[k] = x.moves[i].group
	}
	return key
}
