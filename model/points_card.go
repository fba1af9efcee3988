package model

import (
	"cmp"
	"slices"
	"strings"

	"leadscore/features"
)

// PointsCard lays out the points of target k for reading. Neighbouring bins that have the same points are
// one row, and so are neighbouring cells of a pair; levels without an order keep a row each.
// The cost of the rounding is not known here.
func (a *Artifact) PointsCard(k int, pdo float64) (*PointsCard, error) {
	p, err := a.Points(k, pdo)
	if err != nil {
		return nil, err
	}
	all := a.Pipeline.Features()
	order := make([]int, 0, len(all))
	for f := range all {
		if p.span(f) > 0 {
			order = append(order, f)
		}
	}
	isPair := func(f int) int { return len(all[f].Parents) }
	slices.SortStableFunc(order, func(f, g int) int {
		return cmp.Or(cmp.Compare(isPair(f), isPair(g)), cmp.Compare(p.span(g), p.span(f)))
	})
	c := &PointsCard{PDO: p.PDO, Base: BasePoints, Offset: p.Offset, Rows: []PointsRow{}}
	for _, f := range order {
		l := pointsLayout{feature: &all[f], points: p.Tables[f], effect: &a.Targets[k].Effects[f]}
		if all[f].Parents != nil {
			c.Rows = append(c.Rows, l.pair(a.Pipeline)...)
		} else {
			c.Rows = append(c.Rows, l.main()...)
		}
	}
	return c, nil
}

// span is the distance of a feature's highest points from its lowest, those of an unseen level (0)
// among them.
func (p *Points) span(f int) int {
	low, high := 0, 0
	for _, x := range p.Tables[f] {
		low, high = min(low, x), max(high, x)
	}
	return high - low
}

// pointsLayout is one feature on its way to rows.
type pointsLayout struct {
	feature *features.Feature
	points  []int
	effect  *TermEffect
}

// row sums up some codes.
func (l *pointsLayout) row(name string, codes []int) PointsRow {
	r := PointsRow{Feature: l.feature.Name, Level: name, Points: l.points[codes[0]]}
	positives := 0
	for _, code := range codes {
		if len(codes) > 1 {
			r.Levels = append(r.Levels, l.feature.Levels[code])
		}
		if code < len(l.effect.Rows) {
			r.Rows += l.effect.Rows[code]
			positives += l.effect.Positives[code]
		}
	}
	if r.Rows > 0 {
		r.Rate = float64(positives) / float64(r.Rows)
	}
	return r
}

// main is the rows of a feature of one column.
func (l *pointsLayout) main() (rows []PointsRow) {
	for _, run := range runs(len(l.points), l.feature.Ordered, func(a, b int) bool { return l.points[a] == l.points[b] }) {
		rows = append(rows, l.row(span(l.feature.Levels, run, l.feature.Ordered), run))
	}
	return rows
}

// pair is the rows of a pair: its left levels whose points agree in every column share their rows, and in
// each of these the neighbouring right levels with the same points do.
func (l *pointsLayout) pair(p *features.Pipeline) (rows []PointsRow) {
	_, left := p.Coarse(l.feature.Parents[0])
	_, right := p.Coarse(l.feature.Parents[1])
	orderedLeft, orderedRight := CoarseOrdered(p, l.feature.Parents[0]), CoarseOrdered(p, l.feature.Parents[1])
	n := len(right)
	at := func(i, j int) int { return l.points[i*n+j] }
	for _, up := range runs(len(left), orderedLeft, func(a, b int) bool {
		return slices.Equal(l.points[a*n:(a+1)*n], l.points[b*n:(b+1)*n])
	}) {
		for _, along := range runs(n, orderedRight, func(a, b int) bool { return at(up[0], a) == at(up[0], b) }) {
			if at(up[0], along[0]) == 0 {
				continue
			}
			var codes []int
			for _, i := range up {
				for _, j := range along {
					codes = append(codes, i*n+j)
				}
			}
			rows = append(rows, l.row(span(left, up, orderedLeft)+" × "+span(right, along, orderedRight), codes))
		}
	}
	return rows
}

// CoarseOrdered is the number of leading coarse codes of feature f, as a side of a pair, of which
// each is the neighbour of the next; 0 where they have no order.
func CoarseOrdered(p *features.Pipeline, f int) int {
	of, _ := p.Coarse(f)
	ordered := 0
	for _, code := range of[:min(len(of), p.Features()[f].Ordered)] {
		ordered = max(ordered, code+1)
	}
	return ordered
}

// runs divides the codes 0 … n−1 into runs of neighbours that are the same; from the code `ordered` on
// there are no neighbours, and each is a run.
func runs(n, ordered int, same func(a, b int) bool) [][]int {
	var out [][]int
	for code := range n {
		if last := len(out) - 1; code > 0 && code < ordered && same(out[last][0], code) {
			out[last] = append(out[last], code)
			continue
		}
		out = append(out, []int{code})
	}
	return out
}

// span names a run of ordered levels by its ends: of bins "≤ 30", "12.5 – 50" or "> 12.5", the lower
// end not in it as in a bin unless the name says "= 4 – 50"; of words "March – June".
func span(levels []string, run []int, ordered int) string {
	first, last := levels[run[0]], levels[run[len(run)-1]]
	if len(run) == 1 {
		return first
	}
	low, _, _ := strings.Cut(first, " – ")
	high := last
	if _, after, ok := strings.Cut(last, " – "); ok {
		high = after
	}
	opens := run[0] == 0 && hasAny(first, "≤ ", "= ")
	ends := run[len(run)-1] == ordered-1 && hasAny(last, "> ", "= ")
	high = strings.TrimPrefix(strings.TrimPrefix(high, "= "), "≤ ")
	switch {
	case opens && ends:
		return "any"
	case opens:
		return "≤ " + high
	case ends && strings.HasPrefix(low, "= "):
		return "≥ " + strings.TrimPrefix(low, "= ")
	case ends:
		return "> " + strings.TrimPrefix(low, "> ")
	}
	return low + " – " + high
}

func hasAny(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
