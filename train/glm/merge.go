package glm

// merged is the problem with the rows of the same codes made one, or p itself where that does not pay: a group has
// the weight of its rows and the weighted mean of their outcomes. The objective is linear in w and in wy, so
// it is the same function of β. Rows that differ in their offset are not the same; with offsets none is merged.
func merged(p *Problem) *Problem {
	if p.Offset != nil {
		return p
	}
	g := p.X.Groups()
	if g == nil {
		return p
	}
	wy := p.Y
	if p.Weight != nil {
		wy = make([]float64, len(p.Y))
		for i, y := range p.Y {
			wy[i] = p.Weight[i] * y
		}
	}
	m := &Problem{X: p.X.Take(g.First), Y: g.Sums(wy), Weight: g.Sums(p.Weight)}
	means(m.Y, m.Weight)
	return m
}

// means divides sums by weights, to numbers of 0 to 1; without a weight the mean does not matter.
func means(sums, weights []float64) {
	for i, w := range weights {
		if w > 0 {
			sums[i] = min(max(sums[i]/w, 0), 1)
		} else {
			sums[i] = 0
		}
	}
}
