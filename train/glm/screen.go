package glm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/features/design"
)

// PairScore says how much of what a fit has left unexplained two columns explain together.
type PairScore struct {
	A, B  int     // columns, A < B
	Score float64 // Σ_c G_c²/(W_c + 5)/√df − √df; about 0 where there is nothing
	DF    float64 // (levels of A − 1)(levels of B − 1), of levels that occur; at least 1
}

// screenShrink is the 5 in the score: cells of fewer than a handful of leads' weight are shrunk.
const screenShrink = 5

// Residuals returns wᵢ(yᵢ − μᵢ) and wᵢμᵢ(1 − μᵢ) of each row under a fit.
func Residuals(p *Problem, r *Result) (residual, weight []float64) {
	o := newObjective(p, design.All(p.X.Rows()), ridge(0), 0)
	residual = make([]float64, p.X.Rows())
	o.kernel.Pass(o.ranges, r.Intercept, r.Coef, func(lo, hi int, eta []float64) float64 {
		loss := o.rows(lo, hi, eta)
		for i, v := range eta {
			residual[lo+i] = -v
		}
		return loss
	}, make([]float64, 1+p.X.Cols()))
	return residual, o.curvatures
}

// ScreenPairs scores every pair of columns, best first, ties in the order of the columns. columns are coarse
// codes of the rows (a row without a code, code = Levels, is left out of the column's pairs); residual and
// weight are of a fit without pairs (Residuals).
//
// The score compares the chi-square-like sum over the cells of a pair, with G_c the residuals and
// W_c the weights of the cell added up, with what chance would give: mean df and deviation about √df. It is
// one pass over two integers a row and pair, in the manner of FAST (Lou et al. 2013). Rejected: the
// same net of both columns' main effects, which the fit has already taken out.
func ScreenPairs(ctx context.Context, columns []design.Codes, residual, weight []float64, workers int) ([]PairScore, error) {
	for i := range columns {
		if n := columns[i].Len(); n != len(residual) || n != len(weight) {
			return nil, fmt.Errorf("screening pairs: column %d has %d rows, want those of %d residuals and %d weights", i, n, len(residual), len(weight))
		}
	}
	m, err := design.NewMatrix(len(residual), nil, columns)
	if err != nil {
		return nil, fmt.Errorf("screening pairs: %w", err)
	}
	occur := make([]int, len(columns))
	k := design.NewKernel(m, workers)
	k.Each(len(columns), func(c int) {
		seen := make([]bool, columns[c].Levels+1)
		columns[c].Each(func(_ int, code uint32) { seen[code] = true })
		for _, s := range seen[:columns[c].Levels] {
			if s {
				occur[c]++
			}
		}
	})
	var out []PairScore
	for a := range columns {
		for b := a + 1; b < len(columns); b++ {
			out = append(out, PairScore{A: a, B: b, DF: float64(max(1, (occur[a]-1)*(occur[b]-1)))})
		}
	}
	k.Each(len(out), func(i int) {
		if ctx.Err() != nil {
			return
		}
		p := &out[i]
		sum := 0.0
		design.Cells(&columns[p.A], &columns[p.B], residual, weight, func(g, w float64) { sum += g * g / (w + screenShrink) })
		p.Score = sum/math.Sqrt(p.DF) - math.Sqrt(p.DF)
	})
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("screening pairs: %w", err)
	}
	slices.SortStableFunc(out, func(a, b PairScore) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out, nil
}
