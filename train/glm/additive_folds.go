package glm

import (
	"context"
	"fmt"

	"leadscore/features/design"
)

// AdditiveFolds gives each row's linear predictor by a fit that has not seen it: fold f of k is fitted on the
// rows of the other folds, with the blocks' λ's as they are (all must be Fixed) and from Settings.Start, best
// the optimum of all rows. folds has the number of each row's fold, 0 to k−1.
//
// The Hessian of all rows is factorised once and serves every fold. In a fold it is off by the fold's share of
// the rows, so steps converge by about 1/k, faster with the corrections of newton: a few passes
// over the rows in place of a factorisation each.
func AdditiveFolds(ctx context.Context, p *Problem, list []Block, folds []uint8, k int, s AdditiveSettings) ([]float64, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := checkBlocks(list, p.X.Cols()); err != nil {
		return nil, err
	}
	for i := range list {
		if !list[i].Fixed {
			return nil, fmt.Errorf("fitting folds: the λ of penalty block %d is not fixed", i)
		}
	}
	if len(folds) != p.X.Rows() {
		return nil, fmt.Errorf("fitting folds: folds of %d rows, want %d", len(folds), p.X.Rows())
	}
	for i, f := range folds {
		if int(f) >= k {
			return nil, fmt.Errorf("fitting folds: row %d is in fold %d, want 0 to %d", i, f, k-1)
		}
	}
	if n := len(s.Start); n != 0 && n != 1+p.X.Cols() {
		return nil, startError(n, 1+p.X.Cols())
	}
	m := merged(p)
	var group []uint32 // of each row its row in m; nil: the same
	if m != p {
		group = p.X.Groups().Of
	}
	a := newAdditive(m, list, s.withDefaults())
	all := a.solver
	all.value = all.objective.at(all.beta, all.gradient)
	if bad(all.value) || !all.refresh() {
		return nil, errRange
	}
	eta := make([]float64, len(folds))
	part := *m
	part.Weight = make([]float64, m.X.Rows())
	if group != nil {
		part.Y = make([]float64, m.X.Rows())
	}
	o := newObjective(&part, design.All(m.X.Rows()), a.penalty, s.Workers)
	for fold := range k {
		part.without(p, folds, fold, group)
		o.restrict(o.ranges)
		if o.total == 0 {
			return nil, fmt.Errorf("fitting fold %d: no row has a weight outside it", fold+1)
		}
		z := newNewton(o, all.settings, all.beta)
		z.factor, z.hessian, z.usable = all.factor, all.hessian, true
		if err := z.run(ctx); err != nil {
			return nil, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		if o.oneClass() {
			z.status = Separated
		}
		if err := z.status.Err(); err != nil {
			return nil, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		all.factor = z.factor // it may hold a newer Hessian, as good a start as the first
		own := o.curvatures   // done with
		o.kernel.MatVec(own, z.beta[0], z.beta[1:])
		for i, f := range folds {
			if int(f) != fold {
				continue
			}
			at := i
			if group != nil {
				at = int(group[i])
			}
			eta[i] = own[at]
			if p.Offset != nil {
				eta[i] += p.Offset[i]
			}
		}
	}
	return eta, nil
}

// without sets the weights, and where rows are merged the outcomes, to those of all's rows that are not in a fold.
func (p *Problem) without(all *Problem, folds []uint8, fold int, group []uint32) {
	clear(p.Weight)
	if group != nil {
		clear(p.Y)
	}
	for i, f := range folds {
		if int(f) == fold {
			continue
		}
		w := 1.0
		if all.Weight != nil {
			w = all.Weight[i]
		}
		if group == nil {
			p.Weight[i] = w
			continue
		}
		p.Weight[group[i]] += w
		p.Y[group[i]] += w * all.Y[i]
	}
	if group != nil {
		means(p.Y, p.Weight)
	}
}

// allFixed reports whether there is no λ to estimate.
func allFixed(list []Block) bool {
	for i := range list {
		if !list[i].Fixed {
			return false
		}
	}
	return true
}
