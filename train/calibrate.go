package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/model"
)

// calibrate fits a map from the model's logit to a probability on out-of-fold logits, and keeps the one whose
// log loss on rows that it was not fitted on is the least; nil where none beats leaving the logit as
// it is by more than the noise of choosing between four (a standard error of the paired difference).
func calibrate(ctx context.Context, labels []bool, weight, eta []float64, folds []uint8, k int) (*model.Calibration, error) {
	best, bestGain := "", 0.0
	for _, method := range []string{model.CalibrateSigmoid, model.CalibrateBeta, model.CalibrateIsotonic} {
		gains := make([]float64, len(eta))
		for fold := range k {
			inside := func(i int) bool { return int(folds[i]) != fold }
			c, err := fitCalibration(ctx, method, labels, weight, eta, inside)
			if err != nil {
				return nil, fmt.Errorf("calibrating by %s: %w", method, err)
			}
			for i, e := range eta {
				if !inside(i) {
					gains[i] = loss(labels[i], (*model.Calibration)(nil).Apply(e)) - loss(labels[i], c.Apply(e))
				}
			}
		}
		if gain, se := meanAndError(gains, weight); gain > se && gain > bestGain {
			best, bestGain = method, gain
		}
	}
	if best == "" {
		return nil, nil
	}
	return fitCalibration(ctx, best, labels, weight, eta, func(int) bool { return true })
}

// calibrated is the logits of the calibrated probabilities: what blend and policy will see.
func calibrated(c *model.Calibration, eta []float64) []float64 {
	if c == nil {
		return eta
	}
	out := make([]float64, len(eta))
	for i, e := range eta {
		out[i] = model.Logit(c.Apply(e))
	}
	return out
}

func loss(label bool, p float64) float64 {
	if label {
		return -math.Log(p)
	}
	return -math.Log1p(-p)
}

// meanAndError returns the mean and its standard error, √(Σw(x − m)²)/Σw; a weight is a frequency, nil: all 1.
func meanAndError(x, weight []float64) (m, se float64) {
	n := size(weight, len(x))
	m = mean(x, weight)
	ss := 0.0
	for i, v := range x {
		ss += float64(weightAt(weight, i) * (v - m) * (v - m))
	}
	return m, math.Sqrt(ss / n / n)
}

// fitCalibration fits one method on the rows that use names.
func fitCalibration(ctx context.Context, method string, labels []bool, weight, eta []float64, use func(int) bool) (*model.Calibration, error) {
	var y []bool
	var x, w []float64
	for i, e := range eta {
		if use(i) {
			y, x = append(y, labels[i]), append(x, e)
			if weight != nil {
				w = append(w, weight[i])
			}
		}
	}
	identity := &model.Calibration{Method: model.CalibrateNone}
	switch method {
	case model.CalibrateSigmoid:
		b, err := stack(ctx, y, w, x)
		if err != nil || b[1] < 0 {
			return identity, err
		}
		return &model.Calibration{Method: method, A: b[1], B: b[0]}, nil
	case model.CalibrateBeta:
		logP, logQ := make([]float64, len(x)), make([]float64, len(x))
		for i, e := range x {
			logP[i], logQ[i] = -model.Log1pExp(-e), model.Log1pExp(e)
		}
		b, err := stack(ctx, y, w, logP, logQ)
		if err != nil || b[1] < 0 || b[2] < 0 {
			return identity, err
		}
		return &model.Calibration{Method: method, A: b[1], B: b[2], C: b[0]}, nil
	}
	return isotonic(y, w, x), nil
}

// isotonic pools adjacent violators (Ayer et al. 1955): the non-decreasing step function of least squares,
// told by the mean probability and the rate of each pool. Pools of rate 0 or 1 are drawn in by half a row,
// because an infinite log loss would be the price of one surprise.
func isotonic(labels []bool, weight, eta []float64) *model.Calibration {
	order := make([]int, len(eta))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case eta[a] < eta[b]:
			return -1
		case eta[a] > eta[b]:
			return 1
		}
		return 0
	})
	type pool struct{ n, won, p float64 }
	var pools []pool
	for k := 0; k < len(order); {
		next := pool{}
		for e := eta[order[k]]; k < len(order) && eta[order[k]] == e; k++ { // ties are one point
			w := weightAt(weight, order[k])
			next.n += w
			next.p += float64(w * model.Sigmoid(e))
			if labels[order[k]] {
				next.won += w
			}
		}
		for len(pools) > 0 && pools[len(pools)-1].won*next.n >= next.won*pools[len(pools)-1].n {
			last := pools[len(pools)-1]
			next = pool{next.n + last.n, next.won + last.won, next.p + last.p}
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, next)
	}
	c := &model.Calibration{Method: model.CalibrateIsotonic}
	for _, q := range pools {
		x, y := q.p/q.n, min(max(q.won/q.n, .5/(q.n+1)), 1-.5/(q.n+1))
		if n := len(c.X); n > 0 && x <= c.X[n-1] {
			continue
		} else if n > 0 {
			y = max(y, c.Y[n-1])
		}
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
	return c
}
