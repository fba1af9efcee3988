package glm

import (
	"context"
	"fmt"
	"math"

	"leadscore/features/design"
)

// AdditiveSettings tune Additive; the zero value is the documented default. Start may be set;
// Covariance gives intervals of effects and probabilities, where a category of 1,024 levels or more is
// eliminated (arrow): then it is AdditiveResult.Eliminated.
type AdditiveSettings struct {
	Settings
	MaxRounds int     // updates of the λ's; 0: 12
	LambdaTol float64 // stop when no log λ moves by more than it, see Additive; 0: 0.1
	Tiny      float64 // ridge on every column, for identifiability; 0: 1e-4
	MinLambda float64 // 0: 1e-3
	MaxLambda float64 // 0: 1e5
	KeepAll   bool    // do not drop blocks that vanish
}

func (s AdditiveSettings) withDefaults() AdditiveSettings {
	s.Settings = s.Settings.withDefaults()
	or := func(v *float64, standard float64) {
		if *v == 0 {
			*v = standard
		}
	}
	if s.MaxRounds == 0 {
		s.MaxRounds = 12
	}
	or(&s.LambdaTol, .1)
	or(&s.Tiny, 1e-4)
	or(&s.MinLambda, 1e-3)
	or(&s.MaxLambda, 1e5)
	return s
}

// AdditiveResult is a fitted additive model: Coef is in the columns of the problem's X, zero in
// blocks that were dropped.
type AdditiveResult struct {
	Result            // Lambda is not used
	Lambdas []float64 // of each block
	EDF     []float64 // effective degrees of freedom of each block, Σ (I − VP)ⱼⱼ over its columns; 0 where dropped
	Dropped []bool    // the block's effect was estimated to be nothing
	// Eliminated stands in for Covariance, which is nil then, where Settings.Covariance asked for one that is too
	// large to be made.
	Eliminated *Eliminated
	Rounds     int     // updates of the λ's
	Moved      float64 // largest change of a log λ in the last of them, as LambdaTol is compared with
}

// A block is dropped when λ rules over fewer than droppedEDF degrees of freedom and its update raises
// log λ by more than droppedStep. The update's factor then hardly depends on λ any more: it is the ratio
// of the block's information to its squared score, and a ratio above 1 says that the marginal likelihood is
// highest without the block.
const (
	droppedEDF  = .5
	droppedStep = .1
)

// accelerate is by how much to lengthen an update of log λ, given the one before: updates converge
// linearly, for a λ on its way to infinity slowly, so the geometric series that two of them begin is
// summed (Aitken), up to fourfold.
func accelerate(step, before float64) float64 {
	rate := 0.0
	if before != 0 {
		rate = min(max(step/before, 0), .75)
	}
	return 1 / (1 - rate)
}

// roundTol is the relative decrement at which β is near enough to its optimum to judge the λ's by,
// unless Settings.DecrementTol is given.
const roundTol = 1e-7

// Additive fits P = Σ λ_b S_b + tiny·I with one λ a block, each estimated together with β by
// marginal likelihood: the normal prior that the penalty stands for, integrated out by Laplace's
// method. The update is the generalised Fellner–Schall one (Wood & Fasiolo 2017, Biometrics 73),
//
//	λ_b ← [rank S_b − λ_b tr(V S_b)] / β_b′S_bβ_b,   V = (X′WX + P)⁻¹,
//
// repeated until no log λ moves by more than LambdaTol. A move counts in proportion to the bracket when that
// is below 1: it is the degrees of freedom that λ rules over, and where they are few a λ may wander
// between a thousand and a million without a trace in the model. Rejected: a grid by cross-validation, which with
// one λ a block has no end. Every column of X must be in exactly one of the blocks.
//
// A block whose S has full rank and that is a whole code block vanishes as its λ grows; it is
// dropped, for speed, when λ rules over less than half a degree of freedom and still rises, or when λ is
// at its upper limit.
//
// Rows with the same codes are merged where that pays (design.Matrix.Groups): the objective stays the same.
func Additive(ctx context.Context, p *Problem, list []Block, s AdditiveSettings) (*AdditiveResult, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := checkBlocks(list, p.X.Cols()); err != nil {
		return nil, err
	}
	tolerance := s.DecrementTol
	if tolerance == 0 {
		tolerance = roundTol
	}
	s = s.withDefaults()
	if n := len(s.Start); n != 0 && n != 1+p.X.Cols() {
		return nil, startError(n, 1+p.X.Cols())
	}
	a := newAdditive(merged(p), list, s)
	if len(s.Start) == 0 {
		if err := a.solver.warmUp(ctx); err != nil {
			return nil, err
		}
	}
	if !allFixed(list) {
		if err := a.solve(ctx, tolerance, math.Inf(1)); err != nil {
			return nil, err
		}
	}
	for a.round < s.MaxRounds && !allFixed(list) {
		a.update()
		if err := a.solve(ctx, tolerance, math.Inf(1)); err != nil {
			return nil, err
		}
		if a.moved < s.LambdaTol {
			break
		}
	}
	if err := a.solve(ctx, s.DecrementTol, s.GradientTol); err != nil {
		return nil, err
	}
	if a.solver.objective.oneClass() {
		a.solver.status = Separated
	}
	return a.result(), nil
}

// additive is the state of the estimation: the columns still in, and the solver over them.
type additive struct {
	problem  *Problem
	list     []Block
	settings AdditiveSettings

	lambdas []float64 // of all blocks
	steps   []float64 // last update of each log λ, not accelerated
	dropped []bool
	owner   []int // of each block: the code block that it is the whole of, −1: none

	columns []int // of X, in the order of the solver's matrix
	inside  []int // blocks of penalty, as numbers into list
	penalty *blocks
	solver  *newton
	beta    []float64 // all columns, the intercept first

	round, iterations, refreshed int
	moved                        float64
}

func newAdditive(p *Problem, list []Block, s AdditiveSettings) *additive {
	a := &additive{problem: p, list: list, settings: s, dropped: make([]bool, len(list)), steps: make([]float64, len(list)), beta: s.Start}
	for i := range list {
		lambda := list[i].Lambda
		if lambda == 0 && !list[i].Fixed {
			lambda = 3
		}
		a.lambdas = append(a.lambdas, lambda)
		owner := -1
		for b, c := range p.X.Blocks() {
			if list[i].Start == p.X.BlockStart(b) && list[i].Size == c.Levels {
				owner = b
			}
		}
		a.owner = append(a.owner, owner)
	}
	a.layOut()
	return a
}

// layOut makes the solver for the blocks that are not dropped.
func (a *additive) layOut() {
	x := a.problem.X
	dense, codes := make([]bool, len(x.Dense())), make([]bool, len(x.Blocks()))
	for j := range dense {
		dense[j] = true
	}
	for b := range codes {
		codes[b] = true
	}
	for i, out := range a.dropped {
		if out {
			codes[a.owner[i]] = false
		}
	}
	at := make([]int, x.Cols()) // column of the solver's matrix
	a.columns = a.columns[:0]
	take := func(j int) {
		at[j] = len(a.columns)
		a.columns = append(a.columns, j)
	}
	for j := range dense {
		take(j)
	}
	for b, in := range codes {
		if in {
			for l := range x.Blocks()[b].Levels {
				take(x.BlockStart(b) + l)
			}
		}
	}
	a.inside = a.inside[:0]
	a.penalty = &blocks{tiny: a.settings.Tiny}
	for i, b := range a.list {
		if !a.dropped[i] {
			b.Start = at[b.Start]
			a.inside = append(a.inside, i)
			a.penalty.list = append(a.penalty.list, b)
			a.penalty.lambda = append(a.penalty.lambda, a.lambdas[i])
		}
	}
	p := *a.problem
	p.X = x.Select(dense, codes)
	o := newObjective(&p, design.All(p.X.Rows()), a.penalty, a.settings.Workers)
	start := o.baseRate()
	if a.beta != nil {
		start[0] = a.beta[0]
		for i, j := range a.columns {
			start[1+i] = a.beta[1+j]
		}
	}
	a.solver = newNewton(o, a.settings.Settings, start)
	a.solver.factor.eliminateIdentity(p.X, a.penalty.list, a.settings.Workers)
}

// solve minimises over β at the present λ's.
func (a *additive) solve(ctx context.Context, decrement, gradient float64) error {
	for i, b := range a.inside {
		a.penalty.lambda[i] = a.lambdas[b]
	}
	z := a.solver
	z.settings.DecrementTol, z.settings.GradientTol = decrement, gradient
	z.usable, z.iterations, z.refreshed = false, 0, 0
	if err := z.run(ctx); err != nil {
		return err
	}
	a.iterations += z.iterations
	a.refreshed += z.refreshed
	if a.beta == nil {
		a.beta = make([]float64, 1+a.problem.X.Cols())
	} else {
		clear(a.beta)
	}
	a.beta[0] = z.beta[0]
	for i, j := range a.columns {
		a.beta[1+j] = z.beta[1+i]
	}
	return nil
}

// update takes one Fellner–Schall step of all λ's and drops what vanishes.
func (a *additive) update() {
	a.round++
	a.moved = 0
	z := a.solver
	traces, _ := z.factor.traces(a.penalty.list, z.objective.kernel)
	gone := 0
	for i, number := range a.inside {
		b := &a.penalty.list[i]
		if b.Fixed {
			continue
		}
		beta := z.beta[1+b.Start:][:b.Size]
		old := a.lambdas[number]
		ruled := float64(b.rank()) - old*traces[i]
		step := math.Log(max(ruled, 1e-8) / max(b.quadratic(beta), 1e-8) / old)
		next := old * math.Exp(step*accelerate(step, a.steps[number]))
		next = min(max(next, a.settings.MinLambda), a.settings.MaxLambda)
		a.steps[number] = step
		full := a.owner[number] >= 0 && b.rank() == b.Size && !a.settings.KeepAll
		if full && (next == a.settings.MaxLambda || step > droppedStep && ruled < droppedEDF) {
			a.dropped[number] = true
			a.lambdas[number] = a.settings.MaxLambda
			gone++
			continue
		}
		a.moved = max(a.moved, math.Abs(math.Log(next/old))*min(1, max(ruled, 0)))
		a.lambdas[number] = next
	}
	if gone > 0 {
		a.layOut()
	}
}

func (a *additive) result() *AdditiveResult {
	z := a.solver
	r := &AdditiveResult{
		Result: *z.result(), Lambdas: a.lambdas, Dropped: a.dropped, Rounds: a.round, Moved: a.moved,
		EDF: make([]float64, len(a.list)),
	}
	r.Iterations, r.Curvatures = a.iterations, a.refreshed
	if !z.fresh {
		z.objective.at(z.beta, z.slope)
		z.refresh()
	}
	traces, diagonal := z.factor.traces(a.penalty.list, z.objective.kernel)
	r.DF = 1
	for i, number := range a.inside {
		r.EDF[number] = float64(a.list[number].Size) - a.lambdas[number]*traces[i] - a.settings.Tiny*diagonal[i]
		r.DF += r.EDF[number]
	}
	r.Coef = append([]float64(nil), a.beta[1:]...)
	switch {
	case !a.settings.Covariance:
	case z.factor.arrow != nil:
		r.Eliminated = a.eliminated(eliminatedKept)
	default:
		r.Covariance = spread(z.factor.inverse(), a.columns, a.problem.X.Cols())
	}
	return r
}

// String tells a result in a line.
func (r *AdditiveResult) String() string {
	dropped := 0
	for _, d := range r.Dropped {
		if d {
			dropped++
		}
	}
	return fmt.Sprintf("%v after %d rounds, %d steps and %d Hessians; %.1f degrees of freedom, %d of %d blocks dropped",
		r.Status, r.Rounds, r.Iterations, r.Curvatures, r.DF, dropped, len(r.Dropped))
}
