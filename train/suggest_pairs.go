package train

import (
	"math"
	"slices"

	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
)

// mostBlocks is how many rules a pair may have.
const mostBlocks = 3

// pairMaker gives blocks of a pair's cells, some values of one side with some of the other, a rule each.
type pairMaker struct {
	sides  [2]pairSide
	blocks []block
}

// pairSide is one side of a pair, by its coarse codes.
type pairSide struct {
	column  string
	feature *features.Feature
	plain   features.Plain
	of      []int  // coarse code of each code
	n       int    // coarse codes
	ordered int    // of them, neighbours
	barred  []bool // no condition says the code: rare values are in it
}

// block is cells with points.
type block struct {
	in     [2][]bool // coarse codes of each side
	points int
}

// newPairMaker is false where a side cannot be said by conditions.
func newPairMaker(p *features.Pipeline, f int, events map[string]history.Part) (*pairMaker, bool) {
	m := &pairMaker{}
	for i, parent := range p.Features()[f].Parents {
		feature := &p.Features()[parent]
		plain, ok := p.Plain(parent)
		if _, event := events[feature.Column]; event || !ok || plain.Linear {
			return nil, false
		}
		of, levels := p.Coarse(parent)
		s := pairSide{column: feature.Column, feature: feature, plain: plain, of: of, n: len(levels), ordered: model.CoarseOrdered(p, parent), barred: make([]bool, len(levels))}
		bar := func(code int) {
			if code >= 0 && of[code] >= 0 {
				s.barred[of[code]] = true
			}
		}
		bar(feature.Other)
		bar(len(feature.Levels)) // a value never seen
		m.sides[i] = s
	}
	return m, true
}

// cells calls do for the cells of a block.
func (m *pairMaker) cells(b *block, do func(cell int)) {
	for i, left := range b.in[0] {
		for j, right := range b.in[1] {
			if left && right {
				do(i*m.sides[1].n + j)
			}
		}
	}
}

func (m *pairMaker) next(t *term, factor float64) maker {
	if len(m.blocks) >= mostBlocks {
		return nil
	}
	left := slices.Clone(t.effect)
	taken := make([]bool, len(left))
	for i := range m.blocks {
		m.cells(&m.blocks[i], func(c int) {
			left[c] -= float64(m.blocks[i].points) / factor
			taken[c] = true
		})
	}
	gain := func(b *block) (g, mean float64) { // of the sum of squares
		sum, rows, twice := 0.0, 0.0, false
		m.cells(b, func(c int) {
			sum += float64(t.rows[c] * left[c])
			rows += t.rows[c]
			twice = twice || taken[c]
		})
		if rows <= 0 || twice {
			return 0, 0
		}
		return sum * sum / rows, sum / rows
	}
	var best block
	most := 0.0
	for _, seed := range m.seeds(t, left) {
		b := block{in: [2][]bool{make([]bool, m.sides[0].n), make([]bool, m.sides[1].n)}}
		b.in[0][seed/m.sides[1].n], b.in[1][seed%m.sides[1].n] = true, true
		g, mean := gain(&b)
		for {
			side, code, better := -1, 0, g
			for s := range 2 {
				for k := range m.sides[s].n {
					if !m.sides[s].beside(b.in[s], k) {
						continue
					}
					b.in[s][k] = true
					if x, _ := gain(&b); x > better {
						side, code, better = s, k, x
					}
					b.in[s][k] = false
				}
			}
			if side < 0 {
				break
			}
			b.in[side][code] = true
			g, mean = gain(&b)
		}
		if b.points = pointsOf(mean, factor); b.points != 0 && g > most {
			best, most = b, g
		}
	}
	if most == 0 {
		return nil
	}
	out := *m
	out.blocks = append(slices.Clone(m.blocks), best)
	return &out
}

// seeds are the cells that a block may grow from: those that say most.
func (m *pairMaker) seeds(t *term, left []float64) []int {
	const few = 12
	var out []int
	for c := range left {
		if !m.sides[0].barred[c/m.sides[1].n] && !m.sides[1].barred[c%m.sides[1].n] {
			out = append(out, c)
		}
	}
	weight := func(c int) float64 { return float64(t.rows[c]*left[c]) * left[c] }
	slices.SortStableFunc(out, func(a, b int) int {
		switch x, y := weight(a), weight(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out[:min(few, len(out))]
}

// beside reports whether a coarse code may join those that are in: of bins, a neighbour of theirs.
func (s *pairSide) beside(in []bool, k int) bool {
	switch {
	case in[k] || s.barred[k]:
		return false
	case k >= s.ordered:
		return true
	}
	return !slices.Contains(in[:s.ordered], true) || k > 0 && in[k-1] || k+1 < s.ordered && in[k+1]
}

func (m *pairMaker) points(t *term) []int {
	out := make([]int, len(t.effect))
	for i := range m.blocks {
		m.cells(&m.blocks[i], func(c int) { out[c] += m.blocks[i].points })
	}
	return out
}

func (m *pairMaker) rules(*term) []madeRule {
	var out []madeRule
	for i := range m.blocks {
		b := &m.blocks[i]
		var codes []int
		m.cells(b, func(c int) { codes = append(codes, c) })
		out = append(out, madeRule{
			rules.Rule{
				Name:   m.sides[0].column + " × " + m.sides[1].column,
				When:   rules.Condition{All: []rules.Condition{m.sides[0].say(b.in[0]), m.sides[1].say(b.in[1])}},
				Points: rules.Points{Fixed: float64(b.points)},
			},
			[]madeCell{{b.points, codes}},
		})
	}
	return out
}

// say is the condition that a lead has one of the coarse codes.
func (s *pairSide) say(in []bool) rules.Condition {
	missing := false
	first, last := math.MaxInt, -1
	var own []int
	for code, k := range s.of[:len(s.feature.Levels)] {
		switch {
		case k < 0 || !in[k]:
		case code == s.feature.Missing:
			missing = true
		default:
			first, last = min(first, code), max(last, code)
			own = append(own, code)
		}
	}
	if own == nil {
		return orMissing(s.column, nil)
	}
	var c rules.Condition
	if s.plain.Words || s.plain.Values != nil {
		c = inList(s.column, &s.plain, s.feature.Levels, own)
	} else {
		c = numberRange(s.column, s.plain.Edges, first, last)
	}
	if missing {
		return orMissing(s.column, &c)
	}
	return c
}
