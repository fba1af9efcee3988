package glm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"leadscore/features/design"
)

// CVResult is what a cross-validation says of each λ.
type CVResult struct {
	Lambdas []float64 // from large to small
	Loss    []float64 // of each λ: mean log loss of the rows out of fold, by weight, in nats
	SE      []float64 // of each Loss: standard deviation of the folds' means / √k
	Best    int       // index of the λ with the smallest Loss
	Chosen  int       // index of the λ chosen: Best, or with Settings.OneStdError the largest λ with Loss ≤ Loss[Best] + SE[Best]
	Lambda  float64   // Lambdas[Chosen]
	Eta     []float64 // of each row, at Lambda: its linear predictor (offset included) by the fit that has not seen it
	Status  Status    // of the fits at Lambda: the first that is Early, else Converged
}

// foldTol is the relative decrement at which a fold's fit is good enough to compare losses: an excess of
// 1e-10 of F is far below what another seed of the folds changes.
const foldTol = 1e-10

// CrossValidate fits every λ on all rows but each fold's, 0 ≤ folds[i] < k, and chooses the λ whose
// log loss on the rows left out is the smallest; nil lambdas are those of Path. One matrix serves all
// folds: its rows are sorted by fold once, so that a fit reads what it uses and nothing else. Folds run in
// parallel; the result does not depend on how many do. Settings.Start is not used, and where
// Settings leaves its tolerances at 0, folds are fitted to a relative decrement of 1e-10.
func CrossValidate(ctx context.Context, p *Problem, folds []uint8, k int, lambdas []float64, s Settings) (*CVResult, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	lambdas, err := descending(p, lambdas, s.L1Ratio)
	if err != nil {
		return nil, err
	}
	sorted, order, bounds, err := byFold(p, folds, k)
	if err != nil {
		return nil, err
	}
	s.Start, s.Covariance = nil, false
	if s.DecrementTol == 0 {
		s.DecrementTol = foldTol
		if s.GradientTol == 0 {
			s.GradientTol = math.Inf(1)
		}
	}
	fits := make([]foldFits, k)
	if err := eachFold(ctx, k, s, func(ctx context.Context, fold int, s Settings) error {
		return fits[fold].run(ctx, sorted, bounds[fold], lambdas, s)
	}); err != nil {
		return nil, err
	}

	c := summarise(lambdas, fits, s.OneStdError)
	c.Eta = make([]float64, len(order))
	kernel := design.NewKernel(sorted.X, s.Workers)
	sums := make([]float64, 1+sorted.X.Cols())
	for fold := range fits {
		f := &fits[fold]
		if c.Status == Converged && f.status[c.Chosen].Early() {
			c.Status = f.status[c.Chosen]
		}
		beta := f.beta[c.Chosen]
		kernel.Pass([]design.Range{bounds[fold]}, beta[0], beta[1:], func(lo, hi int, eta []float64) float64 {
			for i, v := range eta {
				if sorted.Offset != nil {
					v += sorted.Offset[lo+i]
				}
				c.Eta[order[lo+i]] = v
				eta[i] = 0
			}
			return 0
		}, sums)
	}
	return c, nil
}

// byFold returns the problem with its rows in the order of their folds, that order, and each fold's rows in it.
func byFold(p *Problem, folds []uint8, k int) (*Problem, []int, []design.Range, error) {
	n := p.X.Rows()
	if len(folds) != n {
		return nil, nil, nil, fmt.Errorf("cross-validating: folds of %d rows, want %d", len(folds), n)
	}
	if k < 2 || k > 256 {
		return nil, nil, nil, fmt.Errorf("cross-validating: %d folds, want 2 to 256", k)
	}
	bounds := make([]design.Range, k)
	counts := make([]int, k)
	for i, f := range folds {
		if int(f) >= k {
			return nil, nil, nil, fmt.Errorf("cross-validating: row %d is in fold %d, want at most %d", i, f, k-1)
		}
		counts[f]++
	}
	at := 0
	for f, c := range counts {
		bounds[f] = design.Range{Lo: at, Hi: at + c}
		at += c
	}
	order, next := make([]int, n), make([]int, k)
	for i, f := range folds {
		order[bounds[f].Lo+next[f]] = i
		next[f]++
	}
	take := func(v []float64) []float64 {
		if v == nil {
			return nil
		}
		out := make([]float64, n)
		for i, r := range order {
			out[i] = v[r]
		}
		return out
	}
	sorted := &Problem{X: p.X.Take(order), Y: take(p.Y), Weight: take(p.Weight), Offset: take(p.Offset)}
	var problems []error
	for f, b := range bounds {
		o := objective{problem: sorted, scale: 1}
		o.restrict([]design.Range{b})
		if o.total == 0 {
			problems = append(problems, fmt.Errorf("cross-validating: fold %d has no rows", f))
		}
		o.restrict(without(n, b))
		if o.total > 0 && o.oneClass() {
			problems = append(problems, fmt.Errorf("cross-validating: without fold %d all outcomes are the same; use fewer folds or stratify them", f))
		}
	}
	return sorted, order, bounds, errors.Join(problems...)
}

// without is the rows 0 ≤ i < n but those of r.
func without(n int, r design.Range) []design.Range {
	var out []design.Range
	for _, part := range []design.Range{{Lo: 0, Hi: r.Lo}, {Lo: r.Hi, Hi: n}} {
		if part.Hi > part.Lo {
			out = append(out, part)
		}
	}
	return out
}

// eachFold runs the folds, as many at a time as there are workers; those left over after the last full
// round share all workers one after the other.
func eachFold(ctx context.Context, k int, s Settings, do func(ctx context.Context, fold int, s Settings) error) error {
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, k)
	full := k - k%min(workers, k)
	alone := s
	alone.Workers = max(1, workers/k)
	var wait sync.WaitGroup
	for worker := range min(workers, full) {
		wait.Go(func() {
			for fold := worker; fold < full; fold += workers {
				errs[fold] = do(ctx, fold, alone)
			}
		})
	}
	wait.Wait()
	s.Workers = workers
	for fold := full; fold < k; fold++ {
		errs[fold] = do(ctx, fold, s)
	}
	for _, err := range errs {
		if err != nil {
			return err // the first: a cancelled context gives them all the same
		}
	}
	return nil
}

// foldFits is what the path of one fold leaves.
type foldFits struct {
	beta   [][]float64 // of each λ
	status []Status
	loss   []float64 // Σ w·log loss of the rows left out
	weight float64   // Σ w of them
}

func (f *foldFits) run(ctx context.Context, p *Problem, out design.Range, lambdas []float64, s Settings) error {
	w := newWalker(p, without(p.X.Rows(), out), s)
	held := newObjective(p, []design.Range{out}, ridge(0), s.Workers)
	f.weight = held.total
	gradient := make([]float64, 1+p.X.Cols())
	for _, lambda := range lambdas {
		if err := w.to(ctx, lambda); err != nil {
			return err
		}
		beta, status := w.fitted()
		beta = slices.Clone(beta)
		f.beta = append(f.beta, beta)
		f.status = append(f.status, status)
		f.loss = append(f.loss, held.at(beta, gradient))
	}
	return nil
}

func summarise(lambdas []float64, fits []foldFits, oneStdError bool) *CVResult {
	c := &CVResult{Lambdas: lambdas, Status: Converged}
	k := float64(len(fits))
	for i := range lambdas {
		loss, weight, means := 0.0, 0.0, 0.0
		for _, f := range fits {
			loss += f.loss[i]
			weight += f.weight
			means += f.loss[i] / f.weight
		}
		square := 0.0
		for _, f := range fits {
			d := f.loss[i]/f.weight - means/k
			square += d * d
		}
		c.Loss = append(c.Loss, loss/weight)
		c.SE = append(c.SE, math.Sqrt(square/(k-1)/k))
		if c.Loss[i] < c.Loss[c.Best] {
			c.Best = i
		}
	}
	c.Chosen = c.Best
	if oneStdError {
		c.Chosen = slices.IndexFunc(c.Loss, func(l float64) bool { return l <= c.Loss[c.Best]+c.SE[c.Best] })
	}
	c.Lambda = lambdas[c.Chosen]
	return c
}
