package train

import (
	"context"
	"math"
	"slices"

	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// stacked is a logistic regression of few columns.
type stacked struct {
	intercept float64
	weight    []float64 // a column each
	se        []float64 // 0 of a weight that is held
	held      []string  // model.HeldNegative, model.HeldConstant; "": estimated
}

// stack fits a logistic regression of few columns and gives the intercept, then the coefficients; the hair of a penalty keeps a constant or
// separating column finite.
func stack(ctx context.Context, labels []bool, weight []float64, columns ...[]float64) ([]float64, error) {
	free := make([]int, len(columns))
	for j := range free {
		free[j] = j
	}
	s := newStacked(len(columns))
	if err := s.fit(ctx, labels, weight, columns, free); err != nil {
		return nil, err
	}
	return append([]float64{s.intercept}, s.weight...), nil
}

// stackPositive is stack with no weight below 0 (Breiman 1996, Stacked regressions: with weights that may be negative scorers that say nearly
// the same cancel each other out, and predict worse). Points mean what their author meant: a group of penalties has negative points
// and a positive weight. Were a weight negative, a lead would lose score by points that it is given, which nobody can explain,
// and a better lead of the model could be a worse one of the blend. A column that does not vary has no weight.
//
// The bound is met exactly: the weights that are held are those of which the log-likelihood would rise only below 0 (active set; the
// problem is convex).
func stackPositive(ctx context.Context, labels []bool, weight []float64, columns ...[]float64) (*stacked, error) {
	s := newStacked(len(columns))
	var free []int
	for j, c := range columns {
		if constant(c) {
			s.held[j] = model.HeldConstant
		} else {
			free = append(free, j)
		}
	}
	seen := map[string]bool{} // sets of columns that were free; none comes twice but by rounding
	for {
		if err := s.fit(ctx, labels, weight, columns, free); err != nil {
			return nil, err
		}
		worst, least := -1, 0.0
		for k, j := range free {
			if s.weight[j] < least {
				worst, least = k, s.weight[j]
			}
		}
		if worst >= 0 {
			j := free[worst]
			s.held[j], s.weight[j], s.se[j] = model.HeldNegative, 0, 0
			free = slices.Delete(free, worst, worst+1)
			continue
		}
		key := setOf(free)
		j := s.wanted(labels, weight, columns)
		if j < 0 || seen[key] {
			return s, nil
		}
		seen[key] = true
		s.held[j] = ""
		free = append(free, j)
		slices.Sort(free)
	}
}

func newStacked(columns int) *stacked {
	return &stacked{weight: make([]float64, columns), se: make([]float64, columns), held: make([]string, columns)}
}

// setOf names a set of columns.
func setOf(free []int) string {
	b := make([]byte, 0, len(free))
	for _, j := range free {
		b = append(b, byte(j), byte(j>>8))
	}
	return string(b)
}

// fit estimates the intercept and the weights of the free columns; the others stay as they are, at 0.
func (s *stacked) fit(ctx context.Context, labels []bool, weight []float64, columns [][]float64, free []int) error {
	y := make([]float64, len(labels))
	for i, l := range labels {
		if l {
			y[i] = 1
		}
	}
	dense := make([]design.Dense, len(free))
	for k, j := range free {
		dense[k] = design.Dense{Values: columns[j], Scale: 1}
	}
	x, err := design.NewMatrix(len(y), dense, nil)
	if err != nil {
		return err
	}
	r, err := glm.Ridge(ctx, &glm.Problem{X: x, Y: y, Weight: weight}, 1e-3, glm.Settings{Covariance: true})
	if err != nil {
		return err
	}
	if err := r.Status.Err(); err != nil {
		return err
	}
	all, err := r.Inference()
	if err != nil {
		return err
	}
	s.intercept = r.Intercept
	for k, j := range free {
		s.weight[j], s.se[j] = all[k+1].Coef, all[k+1].SE
	}
	return nil
}

// wanted is the column held at 0 of which the log-likelihood rises most above 0; -1: none does.
func (s *stacked) wanted(labels []bool, weight []float64, columns [][]float64) int {
	slope := make([]float64, len(columns))
	scale := make([]float64, len(columns))
	for i, l := range labels {
		eta := s.intercept
		for j, b := range s.weight {
			if b != 0 {
				eta += float64(b * columns[j][i])
			}
		}
		left := -model.Sigmoid(eta)
		if l {
			left++
		}
		w := weightAt(weight, i)
		for j, held := range s.held {
			if held == model.HeldNegative {
				slope[j] += float64(w * left * columns[j][i])
				scale[j] += w * math.Abs(columns[j][i])
			}
		}
	}
	best, most := -1, 1e-7
	for j := range slope {
		if scale[j] > 0 && slope[j]/scale[j] > most {
			best, most = j, slope[j]/scale[j]
		}
	}
	return best
}

func constant(c []float64) bool {
	return len(c) == 0 || slices.Min(c) == slices.Max(c)
}
