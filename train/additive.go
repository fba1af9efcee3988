package train

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"

	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// Constants of the recipe: they are defaults of the method, not tuned to any data set.
const (
	mainOrder   = 2   // of the differences that a number's bins are penalised by: λ → ∞ leaves a straight line
	pairOrder   = 1   // of a pair's sides: λ → ∞ leaves a constant
	pairRidge   = .05 // of a pair's cells beside the differences, so that a pair can vanish
	leastCell   = 3   // training rows of a pair's cell with an effect; of large categories most cells are empty
	leastScore  = 1   // of a pair in the screening: standard deviations of what chance gives
	widestSide  = 200 // levels of a side of a pair: a thousand companies times anything are cells that nobody can read
	nestedFolds = 2   // of the folds, on which pairs must prove themselves
)

// pairCounts are the numbers of pairs that are tried, best first by the screening.
var pairCounts = []int{8, 24}

// additiveFit is an additive model on one pipeline.
type additiveFit struct {
	pipeline *features.Pipeline
	layout   *features.Layout
	full     *design.Matrix // all cells of each pair
	x        *design.Matrix // the cells that have training rows
	weight   []float64      // of the rows of x; nil: all 1
	offset   []float64      // of the rows of x, in log-odds; nil: none
	cells    [][]uint32     // of each feature: the levels that are columns of x; nil: all
	groups   map[int][]int  // of a feature whose levels share columns of x: the column of each level, see monotone
	blocks   []glm.Block    // of x, one a feature
	result   *glm.AdditiveResult
}

// lay makes the design of a pipeline on some rows.
func (d *data) lay(p *features.Pipeline, rows []bool, groups map[int][]int) (*additiveFit, error) {
	full, layout, err := p.Matrix(d.leads, rows)
	if err != nil {
		return nil, err
	}
	a := &additiveFit{pipeline: p, layout: layout, full: full, weight: d.weightsOf(rows), offset: d.offsetsOf(rows), cells: make([][]uint32, len(p.Features())), groups: groups}
	codes := slices.Clone(full.Blocks())
	for f, feature := range p.Features() {
		if feature.Parents != nil {
			codes[f], a.cells[f] = design.Occupied(&codes[f], a.weight, leastCell)
		}
		if group := groups[f]; group != nil {
			size := group[len(group)-1] + 1
			of := append(slices.Clone(group), size) // no effect stays no effect
			grouped := make([]uint32, full.Rows())
			codes[f].Each(func(row int, code uint32) { grouped[row] = uint32(of[code]) })
			codes[f] = design.MakeCodes(size, grouped)
		}
	}
	a.x, err = design.NewMatrix(full.Rows(), nil, codes)
	return a, err
}

// penalties gives the block of each feature: differences of neighbouring bins for what has an order, a
// ridge for levels and for missing, both sides' penalties for a pair.
func (a *additiveFit) penalties(lambdas map[string]float64) {
	for f, feature := range a.pipeline.Features() {
		b := glm.Block{Start: a.x.BlockStart(f), Size: a.x.Blocks()[f].Levels, Lambda: lambdas[feature.Name]}
		switch {
		case feature.Parents != nil:
			left, sizeLeft := side(a.pipeline, feature.Parents[0])
			right, sizeRight := side(a.pipeline, feature.Parents[1])
			b.S = glm.Restrict(glm.Cross(left, sizeLeft, right, sizeRight, pairRidge), a.cells[f])
		case feature.Ordered > 1:
			b.S, b.Rank = glm.Smooth(len(feature.Levels), chain(feature.Ordered), mainOrder)
			if group := a.groups[f]; group != nil {
				b.S, b.Rank = pooledPenalty(b.S, group, feature.Ordered)
			}
		}
		a.blocks = append(a.blocks, b)
	}
}

// side is the penalty of one side of a pair on its coarse codes; nil is the identity.
func side(p *features.Pipeline, f int) (*mat.SymDense, int) {
	of, levels := p.Coarse(f)
	ordered := 0
	for _, code := range of[:p.Features()[f].Ordered] {
		ordered = max(ordered, code+1)
	}
	if ordered < 2 {
		return nil, len(levels)
	}
	s, _ := glm.Smooth(len(levels), chain(ordered), pairOrder)
	return s, len(levels)
}

func chain(n int) []int {
	c := make([]int, n)
	for i := range c {
		c[i] = i
	}
	return c
}

// estimate fits all coefficients and all λ's of a pipeline. before, which may be nil, is a fit of some of
// its features to start from.
func (d *data) estimate(ctx context.Context, p *features.Pipeline, rows []bool, y []float64, before *additiveFit, s glm.AdditiveSettings) (*additiveFit, error) {
	var groups map[int][]int
	if before != nil {
		groups = before.groups
	}
	a, err := d.lay(p, rows, groups)
	if err != nil {
		return nil, err
	}
	lambdas := map[string]float64{}
	if before != nil {
		s.Start = append([]float64{before.result.Intercept}, make([]float64, a.x.Cols())...)
		place := map[string]int{}
		for f, feature := range p.Features() {
			place[feature.Name] = f
		}
		for g, feature := range before.pipeline.Features() {
			lambdas[feature.Name] = before.result.Lambdas[g]
			if f, ok := place[feature.Name]; ok && slices.Equal(a.cells[f], before.cells[g]) && a.x.Blocks()[f].Levels == before.blocks[g].Size {
				from := before.blocks[g]
				copy(s.Start[1+a.x.BlockStart(f):], before.result.Coef[from.Start:from.Start+from.Size])
			}
		}
	}
	a.penalties(lambdas)
	a.result, err = glm.Additive(ctx, &glm.Problem{X: a.x, Y: y, Weight: a.weight, Offset: a.offset}, a.blocks, s)
	if err != nil {
		return nil, err
	}
	return a, a.result.Status.Err()
}

// tables are the effects of each feature by level, as they were fitted.
func (a *additiveFit) tables() []features.Effect {
	out := make([]features.Effect, len(a.blocks))
	for f, b := range a.blocks {
		coef := a.result.Coef[b.Start : b.Start+b.Size]
		out[f].Table = make([]float64, len(a.pipeline.Features()[f].Levels))
		switch group := a.groups[f]; {
		case group != nil:
			for level, k := range group {
				out[f].Table[level] = coef[k]
			}
		case a.cells[f] == nil:
			copy(out[f].Table, coef)
		}
		for k, cell := range a.cells[f] {
			out[f].Table[cell] = coef[k]
		}
	}
	return out
}

// predict is the linear predictor of other rows.
func (a *additiveFit) predict(d *data, rows []bool) ([]float64, error) {
	x, _, err := a.pipeline.Matrix(d.leads, rows)
	if err != nil {
		return nil, err
	}
	eta := make([]float64, x.Rows())
	for i := range eta {
		eta[i] = a.result.Intercept
	}
	for f, e := range a.tables() {
		x.Blocks()[f].Each(func(row int, code uint32) {
			if int(code) < len(e.Table) {
				eta[row] += e.Table[code]
			}
		})
	}
	addOffset(eta, d.offsetsOf(rows))
	return eta, nil
}

// screen returns the pairs of features that explain most of what the fit has left, best first.
func (a *additiveFit) screen(ctx context.Context, y []float64, workers int) ([][2]string, error) {
	var columns []design.Codes
	var names []string
	for f, feature := range a.pipeline.Features() {
		of, levels := a.pipeline.Coarse(f)
		if of == nil || feature.Monotone != "" || len(levels) > widestSide {
			continue
		}
		columns = append(columns, a.regrouped(f, of, len(levels)))
		names = append(names, feature.Name)
	}
	residual, weight := glm.Residuals(&glm.Problem{X: a.x, Y: y, Weight: a.weight, Offset: a.offset}, &a.result.Result)
	scores, err := glm.ScreenPairs(ctx, columns, residual, weight, workers)
	if err != nil {
		return nil, err
	}
	var pairs [][2]string
	for _, s := range scores {
		if s.Score <= leastScore {
			break
		}
		pairs = append(pairs, [2]string{names[s.A], names[s.B]})
	}
	return pairs, nil
}

// kept returns the pairs whose effect did not vanish.
func (a *additiveFit) kept() (pairs [][2]string) {
	all := a.pipeline.Features()
	for f, feature := range all {
		if feature.Parents != nil && !a.result.Dropped[f] {
			pairs = append(pairs, [2]string{all[feature.Parents[0]].Name, all[feature.Parents[1]].Name})
		}
	}
	return pairs
}

// withPairs adds pairs to those of a fit and leaves out the ones that vanish. It returns the main
// effects alone where none is left. fit is main itself or main with other pairs.
func (d *data) withPairs(ctx context.Context, main, fit *additiveFit, more [][2]string, rows []bool, y []float64, s glm.AdditiveSettings) (*additiveFit, error) {
	pairs := append(fit.kept(), more...)
	if len(pairs) > 0 {
		p, err := main.pipeline.WithPairs(pairs)
		if err != nil {
			return nil, err
		}
		if fit, err = d.estimate(ctx, p, rows, y, fit, s); err != nil {
			return nil, err
		}
		if pairs = fit.kept(); len(pairs) > 0 {
			return fit.withoutVanished(main, pairs)
		}
	}
	return main, nil
}

// withoutVanished is the fit on the pipeline of main and the pairs that did not vanish. Those that did have no
// effect, so it is the same function of a lead, and the same optimum.
func (a *additiveFit) withoutVanished(main *additiveFit, pairs [][2]string) (*additiveFit, error) {
	all := a.pipeline.Features()
	in := make([]bool, len(all))
	left := 0
	for f, feature := range all {
		if in[f] = feature.Parents == nil || !a.result.Dropped[f]; in[f] {
			left++
		}
	}
	if left == len(all) {
		return a, nil
	}
	p, err := main.pipeline.WithPairs(pairs)
	if err != nil {
		return nil, err
	}
	r := *a.result
	out := &additiveFit{pipeline: p, layout: &features.Layout{}, full: a.full.Select(nil, in), x: a.x.Select(nil, in), weight: a.weight, offset: a.offset, groups: a.groups, result: &r}
	r.Coef, r.Lambdas, r.EDF, r.Dropped = nil, nil, nil, nil
	for f, b := range a.blocks {
		if !in[f] {
			continue
		}
		r.Coef = append(r.Coef, a.result.Coef[b.Start:b.Start+b.Size]...)
		r.Lambdas, r.EDF, r.Dropped = append(r.Lambdas, a.result.Lambdas[f]), append(r.EDF, a.result.EDF[f]), append(r.Dropped, a.result.Dropped[f])
		at := a.layout.Features[f]
		at.Block, b.Start = len(out.blocks), out.x.BlockStart(len(out.blocks))
		out.layout.Features = append(out.layout.Features, at)
		out.cells, out.blocks = append(out.cells, a.cells[f]), append(out.blocks, b)
	}
	return out, nil
}

// fitAdditive fits the additive model of one target: main effects, then as many of the pairs that the
// screening finds as lower the log loss of rows that neither screening nor fit has seen (see nested).
func (d *data) fitAdditive(ctx context.Context, target int, p *features.Pipeline, c *Config) (*fitted, error) {
	s := d.trainingSample(target)
	settings := glm.AdditiveSettings{Settings: glm.Settings{Workers: c.Workers}}
	if err := checkPairs(p, c.Pairs); err != nil {
		return nil, err
	}
	fit, err := d.estimate(ctx, p, s.rows, s.y, nil, settings)
	if err != nil {
		return nil, err
	}
	if fit, err = d.monotone(ctx, fit, s.rows, s.y, settings); err != nil {
		return nil, err
	}
	folds, err := d.folds(s, c)
	if err != nil {
		return nil, err
	}
	pairs, finer := c.Pairs, false
	if pairs == nil && c.Interactions != "none" {
		if pairs, err = fit.screen(ctx, s.y, c.Workers); err != nil {
			return nil, err
		}
		var best int
		part, partFolds := s.thinned(folds, selectionRows)
		if best, finer, err = d.nested(ctx, fit, part, partFolds, len(pairs), settings); err != nil {
			return nil, err
		}
		pairs = pairs[:best]
	}
	main, done := fit, 0
	for _, n := range stages(len(pairs)) { // as nested has them
		if fit, err = d.withPairs(ctx, main, fit, pairs[done:n], s.rows, s.y, settings); err != nil {
			return nil, err
		}
		done = n
	}
	if finer {
		if fit, err = d.finer(ctx, main, fit, s.rows, s.y, settings); err != nil {
			return nil, err
		}
	}
	if fit, err = d.monotone(ctx, fit, s.rows, s.y, settings); err != nil {
		return nil, err
	}
	eta, err := fit.outOfFold(ctx, s.y, folds, c.Model.Folds, settings)
	if err != nil {
		return nil, err
	}
	var calibration *model.Calibration
	if c.Model.Calibrate != "none" {
		if calibration, err = calibrate(ctx, s.labels, s.weight, eta, folds, c.Model.Folds); err != nil {
			return nil, err
		}
	}
	if !d.quick {
		if err := fit.addCovariance(ctx, s.y, settings); err != nil {
			return nil, err
		}
	}
	r := &fit.result.Result
	effects, mean := countEffects(fit.tables(), fit.pipeline, fit.layout, fit.full, s)
	f := &fitted{pipeline: fit.pipeline, labels: s.labels, weight: s.weight, logits: eta, target: s.target(r.Intercept + mean)}
	f.target.Effects = effects
	f.target.Calibration = calibration
	if d.quick {
		return f, nil
	}
	if target == 0 {
		f.own = f.ownLogits(fit.layout, fit.full, s.offset)
	}
	f.summary = summary("additive", fit.x, r)
	v := fit.centre(effects)
	f.coefficients = fit.contrasts(effects, v)
	f.target.Covariance = v.pack()
	return f, nil
}

// outOfFold gives each row's linear predictor by a fit that has not seen it, with the λ's and pairs of the whole.
func (a *additiveFit) outOfFold(ctx context.Context, y []float64, folds []uint8, k int, s glm.AdditiveSettings) ([]float64, error) {
	s.Start = append([]float64{a.result.Intercept}, a.result.Coef...)
	s.DecrementTol, s.GradientTol = 1e-7, 1e-6 // the next digits of a fold's fit change no threshold
	return glm.AdditiveFolds(ctx, &glm.Problem{X: a.x, Y: y, Weight: a.weight, Offset: a.offset}, a.fixed(), folds, k, s)
}

// fixed is the blocks with the λ's that were estimated.
func (a *additiveFit) fixed() []glm.Block {
	blocks := slices.Clone(a.blocks)
	for b := range blocks {
		blocks[b].Lambda, blocks[b].Fixed = a.result.Lambdas[b], true
	}
	return blocks
}

// logLoss is the log loss of logits, added up by weight (nil: all 1).
func logLoss(eta, y, weight []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		sum += float64(weightAt(weight, i) * rowLoss(e, y[i]))
	}
	return sum
}
