package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model/rules"
)

// pointsOf rounds log-odds, halves away from zero.
func pointsOf(effect, factor float64) int { return int(math.Round(factor * effect)) }

// numberMaker gives a number one rule: a table of its bins, or a range. A missing number has no points, so the others are counted from it
// where training had missing ones, and from the lowest bins where it had none.
type numberMaker struct {
	column  string
	edges   []float64
	missing int // code, −1: training had none

	steps []step // nil: no rule yet
}

// step is neighbouring bins with the same points.
type step struct{ first, last, points int }

func (m *numberMaker) next(t *term, factor float64) maker {
	if m.steps != nil {
		return nil
	}
	bins := len(m.edges) + 1
	value, weight := t.effect[:bins], t.rows[:bins]
	cuts := append(append([]int{0}, segments(value, weight, t.slack)...), bins)
	anchor := meanOf(value, weight, cuts[0], cuts[1])
	if m.missing >= 0 && m.missing < len(t.effect) && t.rows[m.missing] > noRows {
		anchor = t.effect[m.missing]
	}
	out := *m
	some := false
	for i, first := range cuts[:len(cuts)-1] {
		s := step{first, cuts[i+1] - 1, pointsOf(meanOf(value, weight, first, cuts[i+1])-anchor, factor)}
		some = some || s.points != 0
		if k := len(out.steps) - 1; k >= 0 && out.steps[k].points == s.points {
			out.steps[k].last = s.last
			continue
		}
		out.steps = append(out.steps, s)
	}
	if !some {
		return nil
	}
	return &out
}

func (m *numberMaker) points(t *term) []int {
	out := make([]int, len(t.effect))
	for _, s := range m.steps {
		for code := s.first; code <= s.last; code++ {
			out[code] = s.points
		}
	}
	return out
}

func (m *numberMaker) rules(*term) []madeRule {
	if m.steps == nil {
		return nil
	}
	var cells []madeCell
	for _, s := range m.steps {
		cells = append(cells, madeCell{s.points, codesFrom(s.first, s.last)})
	}
	r := rules.Rule{Name: m.column, When: rules.Condition{Field: m.column}}
	worth := slices.DeleteFunc(slices.Clone(m.steps), func(s step) bool { return s.points == 0 })
	if len(worth) == 1 {
		r.When, r.Points.Fixed = numberRange(m.column, m.edges, worth[0].first, worth[0].last), float64(worth[0].points)
		return []madeRule{{r, slices.DeleteFunc(cells, func(c madeCell) bool { return c.points == 0 })}}
	}
	for i, s := range m.steps {
		row := rules.TableRow{Points: float64(s.points)}
		if i+1 < len(m.steps) {
			row.To = &m.edges[s.last]
		}
		r.Points.Table = append(r.Points.Table, row)
	}
	return []madeRule{{r, cells}}
}

func codesFrom(first, last int) []int {
	var out []int
	for code := first; code <= last; code++ {
		out = append(out, code)
	}
	return out
}

// mostListed is how many values a list names: of more, those of most training rows.
const mostListed = 25

// levelMaker gives each group of a category's values with like effects a rule, and nothing to the group of most rows, to rare values and
// to ones never seen. Missing is a value like the others.
type levelMaker struct {
	column  string
	plain   features.Plain
	feature *features.Feature

	groups [][]int // codes with like effects but for those without points; nil: not yet made
	chosen []int   // places in groups, in the order of their choice
	given  []int   // points of the chosen ones
}

func (m *levelMaker) next(t *term, factor float64) maker {
	out := *m
	if out.groups == nil {
		out.group(t)
	}
	var best *levelMaker
	least := math.Inf(1)
	for g := range out.groups {
		if slices.Contains(out.chosen, g) {
			continue
		}
		try := out
		try.chosen = append(slices.Clone(out.chosen), g)
		if !try.give(t, factor) {
			continue
		}
		if left := t.loss(try.points(t), factor); left < least {
			best, least = &try, left
		}
	}
	if best == nil {
		return nil
	}
	return best
}

// group divides the codes by their effects.
func (m *levelMaker) group(t *term) {
	codes := codesFrom(0, len(t.effect)-1)
	slices.SortStableFunc(codes, func(a, b int) int {
		switch {
		case t.effect[a] < t.effect[b]:
			return -1
		case t.effect[a] > t.effect[b]:
			return 1
		}
		return 0
	})
	const most = 1000 // codes by themselves: the time of segments grows with their square
	if len(codes) > most {
		heavy := slices.Clone(codes)
		slices.SortStableFunc(heavy, func(a, b int) int {
			switch {
			case t.rows[a] > t.rows[b]:
				return -1
			case t.rows[a] < t.rows[b]:
				return 1
			}
			return 0
		})
		keep := map[int]bool{}
		for _, code := range heavy[:most] {
			keep[code] = true
		}
		codes = slices.DeleteFunc(codes, func(code int) bool { return !keep[code] })
	}
	value, weight := make([]float64, len(codes)), make([]float64, len(codes))
	for i, code := range codes {
		value[i], weight[i] = t.effect[code], t.rows[code]
	}
	cuts := append(append([]int{0}, segments(value, weight, t.slack)...), len(codes))
	heaviest, at := -1.0, 0
	for i, first := range cuts[:len(cuts)-1] {
		rows := sum(weight[first:cuts[i+1]])
		if rows > heaviest {
			heaviest, at = rows, i
		}
	}
	m.groups = [][]int{}
	for i, first := range cuts[:len(cuts)-1] {
		if i == at {
			continue
		}
		group := slices.DeleteFunc(slices.Clone(codes[first:cuts[i+1]]), func(code int) bool { return code == m.feature.Other })
		slices.SortStableFunc(group, func(a, b int) int { return int(t.rows[b] - t.rows[a]) })
		if len(group) > mostListed {
			group = group[:mostListed]
		}
		if len(group) > 0 {
			m.groups = append(m.groups, group)
		}
	}
}

// give sets the points of the chosen groups against all that is not chosen; false: one would have none.
func (m *levelMaker) give(t *term, factor float64) bool {
	rest, restRows := 0.0, 0.0
	in := map[int]bool{}
	for _, g := range m.chosen {
		for _, code := range m.groups[g] {
			in[code] = true
		}
	}
	for code, e := range t.effect {
		if !in[code] {
			rest += float64(e * t.rows[code])
			restRows += t.rows[code]
		}
	}
	m.given = nil
	for _, g := range m.chosen {
		s, n := 0.0, 0.0
		for _, code := range m.groups[g] {
			s += float64(t.effect[code] * t.rows[code])
			n += t.rows[code]
		}
		anchor := 0.0
		if restRows > 0 {
			anchor = rest / restRows
		}
		points := pointsOf(s/n-anchor, factor)
		if points == 0 {
			return false
		}
		m.given = append(m.given, points)
	}
	return true
}

func (m *levelMaker) points(t *term) []int {
	out := make([]int, len(t.effect))
	for i, g := range m.chosen {
		for _, code := range m.groups[g] {
			out[code] = m.given[i]
		}
	}
	return out
}

func (m *levelMaker) rules(*term) []madeRule {
	var out []madeRule
	for i, g := range m.chosen {
		codes := m.groups[g]
		own := slices.DeleteFunc(slices.Clone(codes), func(code int) bool { return code == m.feature.Missing })
		r := rules.Rule{Points: rules.Points{Fixed: float64(m.given[i])}}
		if len(own) > 0 {
			r.When = inList(m.column, &m.plain, m.feature.Levels, own)
			r.Name = m.column + ": " + m.feature.Levels[own[0]]
			if len(own) > 1 {
				r.Name += fmt.Sprintf(" +%d", len(own)-1)
			}
		}
		if len(own) < len(codes) {
			if len(own) == 0 {
				r.When, r.Name = orMissing(m.column, nil), m.column+": not known"
			} else {
				r.When = orMissing(m.column, &r.When)
				r.Name += " or not known"
			}
		}
		out = append(out, madeRule{r, []madeCell{{m.given[i], codes}}})
	}
	return out
}

// eventMaker gives the count of a type of event in a window a rule for each step: the points of at least 3 come on top of those of at
// least 1.
type eventMaker struct {
	kind, within string
	least        []int // of each bin but the first: the events from which a lead is in it or above

	cuts []int // bins that begin a step, ascending
	add  []int // points of each
}

func newEventMaker(plain features.Plain, part history.Part) (*eventMaker, bool) {
	if part.Measure != "count" || part.Type == "" || plain.Linear || plain.Words || plain.Values != nil || len(plain.Edges) == 0 {
		return nil, false
	}
	m := &eventMaker{kind: part.Type}
	for _, u := range []struct {
		micros int64
		name   string
	}{{24 * 3600 * 1e6, "d"}, {3600 * 1e6, "h"}, {60 * 1e6, "m"}} {
		if part.Window > 0 && part.Window%u.micros == 0 && m.within == "" {
			m.within = strconv.FormatInt(part.Window/u.micros, 10) + u.name
		}
	}
	if m.within == "" {
		return nil, false
	}
	for _, e := range plain.Edges {
		if e < 0 || e > 1e6 {
			return nil, false
		}
		m.least = append(m.least, int(math.Floor(e))+1)
	}
	return m, true
}

func (m *eventMaker) next(t *term, factor float64) maker {
	var best *eventMaker
	left := math.Inf(1)
	for bin := 1; bin < len(t.effect) && bin <= len(m.least); bin++ {
		if slices.Contains(m.cuts, bin) || bin > 1 && m.least[bin-1] == m.least[bin-2] {
			continue
		}
		try := *m
		try.cuts = append(slices.Clone(m.cuts), bin)
		slices.Sort(try.cuts)
		if !try.give(t, factor) {
			continue
		}
		if x := t.loss(try.points(t), factor); x < left {
			best, left = &try, x
		}
	}
	if best == nil || len(best.cuts) >= mostSegments {
		return nil
	}
	return best
}

func (m *eventMaker) give(t *term, factor float64) bool {
	ends := append(append([]int{0}, m.cuts...), len(t.effect))
	before := meanOf(t.effect, t.rows, 0, ends[1])
	m.add = nil
	for i := range m.cuts {
		mean := meanOf(t.effect, t.rows, ends[i+1], ends[i+2])
		points := pointsOf(mean-before, factor)
		if points == 0 {
			return false
		}
		m.add = append(m.add, points)
		before = mean
	}
	return true
}

func (m *eventMaker) points(t *term) []int {
	out := make([]int, len(t.effect))
	for i, cut := range m.cuts {
		for code := cut; code < len(out); code++ {
			out[code] += m.add[i]
		}
	}
	return out
}

func (m *eventMaker) rules(t *term) []madeRule {
	var out []madeRule
	for i, cut := range m.cuts {
		n := m.least[cut-1]
		out = append(out, madeRule{
			rules.Rule{
				Name:   fmt.Sprintf("%s: %d in %s", strings.TrimSpace(m.kind), n, m.within),
				When:   rules.Condition{Event: m.kind, AtLeast: n, Within: m.within},
				Points: rules.Points{Fixed: float64(m.add[i])},
			},
			[]madeCell{{m.add[i], codesFrom(cut, len(t.effect)-1)}},
		})
	}
	return out
}
