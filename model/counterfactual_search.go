package model

import (
	"math"
	"slices"
)

// search is one search for counterfactuals.
type search struct {
	s     *Scorer
	lead  *Lead // as it is, without event features
	now   *Prediction
	said  verdict // of the rules, as the lead is
	at    int64   // the as-of moment
	moves []move
	found map[[MostChanges]int]*solution // by groups, rising, -1 behind the last
	slack [][]float64                    // by two groups: how far their pairs of features may take the logit from the sum of their gains
	loose float64                        // the most that three moves may have of it
	blind bool                           // a stage is decided by another target's probability: judge does not see it
	// best is by group, and how many: the greatest gain of so many moves of different groups from that one on; -Inf: there are not so many.
	best [][MostChanges + 1]float64

	needs    map[int]float64 // see need
	cut      float64         // score of the last solution that would be told; +Inf while there are fewer
	cutLogit float64         // greatest logit that has no more, where nothing else changes
	steps    int             // left of the budget
	cost     int             // steps of scoring a lead
	trial    Lead
	scored   Prediction
}

// The budget of a search in steps of some 5 ns: passing over a combination is one, judging a sum predicts.
const (
	budget   = 4_000_000
	predicts = 30
)

// judge is the score and stage of a logit of the primary target, with what rules and required fields say. It knows nothing of
// the other targets: where one of them decides a stage, the search is blind and scores all that it tries.
func (x *search) judge(logit float64, said verdict, known func(Stage) bool) (float64, Stage) {
	a := x.s.artifact
	p := x.s.targets[0].calibration.Apply(logit)
	score, _ := a.Blend.Score(p, said.rule, said.groups)
	decided := x.s.decisive(score, []float64{p})
	return score, a.Policy.Decide(&Case{Scores: decided, Hard: said.hard, Known: known, Previous: x.lead.Previous, At: x.at})
}

// verdict is what the rules say of a lead.
type verdict struct {
	rule   float64
	groups []float64 // nil: the blend does not weigh them
	hard   Stage
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

// need is the least logit that reaches a higher stage with what one move changes beside it (-1: none), found by bisection,
// a trifle too low rather than too high; +Inf: none does, -Inf: nothing can be said.
func (x *search) need(move int) float64 {
	if need, ok := x.needs[move]; ok {
		return need
	}
	said, known := x.said, x.known(nil)
	if move >= 0 {
		said, known = x.moves[move].said, x.known([]int{move})
	}
	need := x.turn(func(logit float64) bool {
		_, stage := x.judge(logit, said, known)
		return stage.rank() > x.now.Stage.rank()
	})
	x.needs[move] = need
	return need
}

// turn finds the least logit from which on something holds.
func (x *search) turn(holds func(logit float64) bool) float64 {
	blend := &x.s.artifact.Blend
	if x.blind || blend.Method == BlendRules || blend.Method == BlendLogit && blend.Logit <= 0 {
		return math.Inf(-1) // the score does not rise with the logit, or the stage not with the score
	}
	low, high := -1e6, 1e6
	switch {
	case holds(low):
		return math.Inf(-1)
	case !holds(high):
		return math.Inf(1)
	}
	for range 80 {
		if middle := low/2 + high/2; holds(middle) {
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
	x.choose(chosen[:0], n, 0, x.now.Logits[0], x.need(-1), 0)
}

// choose adds n moves from one on to those chosen, of which so many are bound: not free. Without bound moves and with one
// the logit that is needed is known, and what cannot reach it is passed over.
func (x *search) choose(chosen []int, n, from int, logit, need float64, bound int) {
	if n == 0 {
		x.weigh(chosen, logit, need, bound)
		return
	}
	for i := from; i < len(x.moves); {
		m := &x.moves[i]
		if x.steps--; x.steps < 0 {
			return
		}
		if m.free && bound < 2 {
			switch { // all that follows is free too
			case logit+x.best[m.group][n]+x.loose < need:
				return
			case logit+m.gain+x.best[m.group+1][n-1]+x.loose < need: // as are the moves behind it in its group
				i = m.next
				continue
			}
		}
		needed, more := need, bound
		if !m.free {
			if more++; more == 1 {
				needed = x.need(i)
			} else {
				needed = math.Inf(-1)
			}
		}
		x.choose(append(chosen, i), n-1, m.next, logit+m.gain, needed, more)
		i++
	}
}

// weigh looks at one set of moves, whose groups rise.
func (x *search) weigh(chosen []int, logit, need float64, bound int) {
	slack, rows := 0.0, math.MaxInt
	said := x.said
	for k, i := range chosen {
		m := &x.moves[i]
		rows = min(rows, m.rows)
		if !m.free { // where there are several they are scored
			said = m.said
		}
		for _, other := range chosen[:k] {
			slack += x.slack[x.moves[other].group][m.group]
		}
	}
	if bound < 2 && logit+slack < need || bound == 0 && logit-slack > x.cutLogit {
		return
	}
	at := x.key(chosen)
	best := x.found[at]
	if slack == 0 && bound < 2 && !x.blind {
		x.steps -= predicts
		score, stage := x.judge(logit, said, x.known(chosen))
		most := x.cut
		if best != nil {
			most = min(most, best.score)
		}
		if stage.rank() <= x.now.Stage.rank() || score > most+1e-9 {
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
		x.narrow()
	}
}

// narrow finds the score beyond which a solution is not told any more.
func (x *search) narrow() {
	if len(x.found) < mostCounterfactuals {
		return
	}
	scores := make([]float64, 0, len(x.found))
	for _, f := range x.found {
		scores = append(scores, f.score)
	}
	slices.Sort(scores)
	if cut := scores[mostCounterfactuals-1]; cut < x.cut {
		x.cut = cut
		if logit := x.turn(func(logit float64) bool {
			score, _ := x.judge(logit, x.said, x.known(nil))
			return score > cut
		}); !math.IsInf(logit, 0) {
			x.cutLogit = logit + 2e-9
		}
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
