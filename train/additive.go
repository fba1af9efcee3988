package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"leadscore/datasets"
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
	mostPairs   = 30  // pairs that the screening lets through at most; useless ones are dropped by their λ
	nestedFolds = 2   // of the folds, on which pairs must prove themselves: each is two more fits from the beginning
)

// penalties gives the block of each feature: differences of neighbouring bins for what has an order, a
// ridge for levels and for missing, both sides' penalties for a pair.
func penalties(p *features.Pipeline, l *features.Layout, x *design.Matrix, lambdas map[string]float64) []glm.Block {
	list := make([]glm.Block, 0, len(p.Features()))
	for f, feature := range p.Features() {
		place := l.Features[f].Block
		b := glm.Block{Start: x.BlockStart(place), Size: len(feature.Levels), Lambda: lambdas[feature.Name]}
		switch {
		case feature.Parents != nil:
			a, sizeA := side(p, feature.Parents[0])
			c, sizeC := side(p, feature.Parents[1])
			b.S = glm.Cross(a, sizeA, c, sizeC, pairRidge)
		case feature.Ordered > 1:
			b.S, b.Rank = glm.Smooth(len(feature.Levels), chain(feature.Ordered), mainOrder)
		}
		list = append(list, b)
	}
	return list
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

// additiveFit is an additive model on one pipeline.
type additiveFit struct {
	pipeline *features.Pipeline
	layout   *features.Layout
	x        *design.Matrix
	blocks   []glm.Block
	result   *glm.AdditiveResult
}

// estimate fits all coefficients and all λ's of a pipeline. before, which may be nil, is a fit of some of
// its features to start from.
func (d *data) estimate(ctx context.Context, p *features.Pipeline, rows []bool, y []float64, before *additiveFit, s glm.AdditiveSettings) (*additiveFit, error) {
	x, layout, err := p.Matrix(d.leads, rows)
	if err != nil {
		return nil, err
	}
	lambdas := map[string]float64{}
	if before != nil {
		for f, feature := range before.pipeline.Features() {
			lambdas[feature.Name] = before.result.Lambdas[f]
		}
		s.Start = append([]float64{before.result.Intercept}, make([]float64, x.Cols())...)
		copy(s.Start[1:], before.result.Coef) // pairs stand behind the features that were there before
	}
	a := &additiveFit{pipeline: p, layout: layout, x: x, blocks: penalties(p, layout, x, lambdas)}
	a.result, err = glm.Additive(ctx, &glm.Problem{X: x, Y: y}, a.blocks, s)
	if err != nil {
		return nil, err
	}
	if err := a.result.Status.Err(); err != nil {
		return nil, err
	}
	return a, nil
}

// screen returns the pairs of features that explain most of what the fit has left, best first.
func (a *additiveFit) screen(ctx context.Context, y []float64, workers int) ([][2]string, error) {
	var columns []design.Codes
	var names []string
	for f, feature := range a.pipeline.Features() {
		of, levels := a.pipeline.Coarse(f)
		if of == nil {
			continue
		}
		coarse := make([]uint32, a.x.Rows())
		a.x.Blocks()[a.layout.Features[f].Block].Each(func(row int, code uint32) {
			c := of[code]
			if c < 0 {
				c = len(levels)
			}
			coarse[row] = uint32(c)
		})
		columns = append(columns, design.MakeCodes(len(levels), coarse))
		names = append(names, feature.Name)
	}
	residual, weight := glm.Residuals(&glm.Problem{X: a.x, Y: y}, &a.result.Result)
	scores, err := glm.ScreenPairs(ctx, columns, residual, weight, workers)
	if err != nil {
		return nil, err
	}
	var pairs [][2]string
	for _, s := range scores {
		if s.Score <= 0 || len(pairs) == mostPairs {
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

// withPairs screens pairs on the residuals of a fit, fits with them, and leaves out those that
// vanished. It returns the fit itself where no pair is left.
func (d *data) withPairs(ctx context.Context, a *additiveFit, rows []bool, y []float64, s glm.AdditiveSettings) (*additiveFit, error) {
	pairs, err := a.screen(ctx, y, s.Workers)
	if err != nil || len(pairs) == 0 {
		return a, err
	}
	p, err := a.pipeline.WithPairs(pairs)
	if err != nil {
		return nil, err
	}
	wide, err := d.estimate(ctx, p, rows, y, a, s)
	if err != nil {
		return nil, err
	}
	kept := wide.kept()
	if len(kept) == 0 {
		return a, nil
	}
	if len(kept) == len(pairs) {
		return wide, nil
	}
	return wide.narrow(a.pipeline, kept, d, rows)
}

// narrow drops the blocks that vanished from a fit; what is left keeps its coefficients, because a
// dropped block's are zero.
func (a *additiveFit) narrow(base *features.Pipeline, pairs [][2]string, d *data, rows []bool) (*additiveFit, error) {
	p, err := base.WithPairs(pairs)
	if err != nil {
		return nil, err
	}
	x, layout, err := p.Matrix(d.leads, rows)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for f, feature := range a.pipeline.Features() {
		at[feature.Name] = f
	}
	r := *a.result
	r.Coef, r.Lambdas, r.EDF, r.Dropped = make([]float64, x.Cols()), nil, nil, nil
	var columns []int // of a, in the order of the narrow matrix
	for f, feature := range p.Features() {
		from := at[feature.Name]
		start := a.blocks[from].Start
		copy(r.Coef[x.BlockStart(layout.Features[f].Block):], a.result.Coef[start:start+len(feature.Levels)])
		r.Lambdas = append(r.Lambdas, a.result.Lambdas[from])
		r.EDF = append(r.EDF, a.result.EDF[from])
		r.Dropped = append(r.Dropped, a.result.Dropped[from])
		for k := range feature.Levels {
			columns = append(columns, start+k)
		}
	}
	if a.result.Covariance != nil {
		r.Covariance = mat.NewSymDense(1+len(columns), nil)
		index := append([]int{-1}, columns...)
		for i, ci := range index {
			for j := i; j < len(index); j++ {
				r.Covariance.SetSym(i, j, a.result.Covariance.At(ci+1, index[j]+1))
			}
		}
	}
	return &additiveFit{pipeline: p, layout: layout, x: x, blocks: penalties(p, layout, x, nil), result: &r}, nil
}

// fitAdditive fits the additive model of one target: main effects, then the pairs that the screening
// finds where interactions are wanted. Pairs are kept only if the log loss of rows that neither the screening nor the fit has
// seen improves (see nested).
func (d *data) fitAdditive(ctx context.Context, target int, p *features.Pipeline, c *Config) (*fitted, error) {
	s := d.trainingSample(target)
	settings := glm.AdditiveSettings{Settings: glm.Settings{Workers: c.Workers}}
	fit, err := d.estimate(ctx, p, s.rows, s.y, nil, settings)
	if err != nil {
		return nil, err
	}
	folds, err := datasets.Folds(s.labels, nil, c.Model.Folds, c.Model.Seed)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Pairs != nil:
		named, err := p.WithPairs(c.Pairs)
		if err != nil {
			return nil, fmt.Errorf("features.interactions: %w", err)
		}
		if fit, err = d.estimate(ctx, named, s.rows, s.y, fit, settings); err != nil {
			return nil, err
		}
	case c.Interactions != "none":
		wide, err := d.withPairs(ctx, fit, s.rows, s.y, settings)
		if err != nil {
			return nil, err
		}
		if wide != fit {
			better, err := d.nested(ctx, fit, s, folds, c.Model.Folds, settings)
			if err != nil {
				return nil, err
			}
			if better {
				fit = wide
			}
		}
	}
	eta, err := fit.outOfFold(ctx, s.y, folds, c.Model.Folds, settings)
	if err != nil {
		return nil, err
	}
	var calibration *model.Calibration
	if c.Model.Calibrate != "none" {
		if calibration, err = calibrate(ctx, s.labels, eta, folds, c.Model.Folds); err != nil {
			return nil, err
		}
	}
	if err := fit.addCovariance(ctx, s.y, settings); err != nil {
		return nil, err
	}
	r := &fit.result.Result
	f := &fitted{pipeline: fit.pipeline, labels: s.labels, logits: eta, target: s.target(r.Intercept)}
	effects, shift := fit.pipeline.Effects(fit.layout, fit.x, r.Coef)
	centred, mean := countEffects(effects, fit.pipeline, fit.layout, fit.x, s.labels)
	f.target.Intercept += shift + mean
	f.target.Effects = centred
	f.target.Calibration = calibration
	f.summary = summary("additive", fit.x, r)
	f.coefficients = fit.contrasts(f.target.Effects)
	return f, nil
}

// nested tells whether pairs help on rows that had no part in choosing them: in each of the first nestedFolds folds
// the main effects are fitted, pairs screened and fitted on the rows of the other folds alone.
func (d *data) nested(ctx context.Context, full *additiveFit, s *sample, folds []uint8, k int, settings glm.AdditiveSettings) (bool, error) {
	gain := 0.0
	for fold := range min(k, nestedFolds) {
		in, out := make([]bool, d.rows()), make([]bool, d.rows())
		var yIn, yOut []float64
		at := 0
		for i, used := range s.rows {
			if !used {
				continue
			}
			if int(folds[at]) == fold {
				out[i] = true
				yOut = append(yOut, s.y[at])
			} else {
				in[i] = true
				yIn = append(yIn, s.y[at])
			}
			at++
		}
		main, err := d.estimate(ctx, full.pipeline, in, yIn, full, settings)
		if err != nil {
			return false, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		wide, err := d.withPairs(ctx, main, in, yIn, settings)
		if err != nil {
			return false, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		for _, fit := range []struct {
			*additiveFit
			sign float64
		}{{main, 1}, {wide, -1}} {
			x, _, err := fit.pipeline.Matrix(d.leads, out)
			if err != nil {
				return false, err
			}
			gain += fit.sign * logLoss(predictor(x, &fit.result.Result), yOut) * float64(len(yOut))
		}
	}
	return gain > 0, nil
}

// outOfFold gives each row's linear predictor by a fit that has not seen it, with the λ's and pairs of the whole.
func (a *additiveFit) outOfFold(ctx context.Context, y []float64, folds []uint8, k int, s glm.AdditiveSettings) ([]float64, error) {
	eta := make([]float64, len(y))
	s.Start = append([]float64{a.result.Intercept}, a.result.Coef...)
	s.DecrementTol = 1e-6 // the next digits of a fold's fit change no threshold
	blocks := a.fixed()
	for fold := range k {
		weight := make([]float64, len(y))
		for i, f := range folds {
			if int(f) != fold {
				weight[i] = 1
			}
		}
		r, err := glm.Additive(ctx, &glm.Problem{X: a.x, Y: y, Weight: weight}, blocks, s)
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		own := predictor(a.x, &r.Result)
		for i, f := range folds {
			if int(f) == fold {
				eta[i] = own[i]
			}
		}
	}
	return eta, nil
}

// fixed is the blocks with the λ's that were estimated.
func (a *additiveFit) fixed() []glm.Block {
	blocks := slices.Clone(a.blocks)
	for b := range blocks {
		blocks[b].Lambda, blocks[b].Fixed = a.result.Lambdas[b], true
	}
	return blocks
}

// addCovariance computes the covariance at the optimum, once it is known which fit is kept.
func (a *additiveFit) addCovariance(ctx context.Context, y []float64, s glm.AdditiveSettings) error {
	s.Covariance = true
	s.Start = append([]float64{a.result.Intercept}, a.result.Coef...)
	r, err := glm.Additive(ctx, &glm.Problem{X: a.x, Y: y}, a.fixed(), s)
	if err != nil {
		return err
	}
	r.Iterations += a.result.Iterations
	r.Rounds = a.result.Rounds
	a.result = r
	return r.Status.Err()
}

// contrasts tells each level's effect relative to the average training row, with its standard error from
// H⁻¹ (see glm.Inference): the level alone means nothing, because a constant may move between a
// block and the intercept.
func (a *additiveFit) contrasts(effects []model.TermEffect) []model.Coefficient {
	const z95 = 1.959963984540054
	out := []model.Coefficient{}
	n := float64(a.x.Rows())
	for f, feature := range a.pipeline.Features() {
		if a.result.Dropped[f] {
			continue
		}
		start, levels := a.blocks[f].Start+1, len(feature.Levels)
		share := make([]float64, levels)
		for k, rows := range effects[f].Rows {
			share[k] = float64(rows) / n
		}
		v := a.result.Covariance
		toMean, meanVariance := make([]float64, levels), 0.0 // V·share, share′V·share
		for i := range levels {
			for j := range levels {
				toMean[i] += v.At(start+i, start+j) * share[j]
			}
			meanVariance += share[i] * toMean[i]
		}
		for k, level := range feature.Levels {
			if effects[f].Rows[k] == 0 {
				continue
			}
			b := effects[f].Table[k]
			se := math.Sqrt(max(0, v.At(start+k, start+k)-2*toMean[k]+meanVariance))
			z := 0.0
			if se > 0 {
				z = b / se
			}
			out = append(out, model.Coefficient{
				Feature: feature.Name, Level: level, Rows: effects[f].Rows[k], Estimate: b, SE: se, Z: z, P: math.Erfc(math.Abs(z) / math.Sqrt2),
				Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - z95*se), Upper: math.Exp(b + z95*se)},
			})
		}
	}
	return out
}

// logLoss is the mean log loss of logits.
func logLoss(eta, y []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		sum += math.Log1p(math.Exp(-math.Abs(e))) + math.Max(e, 0) - y[i]*e
	}
	return sum / float64(len(eta))
}
