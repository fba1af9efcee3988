package train

import (
	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// centreLinear prepares the covariance of a ridge fit's effects as Pipeline.Effects and countEffects have made
// them of the coefficients. The result needs a covariance.
func centreLinear(p *features.Pipeline, l *features.Layout, x *design.Matrix, r *glm.Result, effects []model.TermEffect) *centred {
	c := newCentred(r.Covariance)
	n := float64(x.Rows())
	for f, at := range l.Features {
		c.term(f)
		share := func(code int) float64 { return float64(effects[f].Rows[code]) / n }
		if at.Block >= 0 {
			for code := range x.Blocks()[at.Block].Levels {
				c.code(code, 1+x.BlockStart(at.Block)+code, 1, share(code))
			}
		}
		if at.Missing >= 0 {
			d, missing := &x.Dense()[at.Missing], p.Features()[f].Missing
			for code := range p.Features()[f].Levels {
				if code == missing {
					c.code(code, 1+at.Missing, 1/d.Scale, share(code))
				} else {
					c.code(code, -1, 0, share(code))
				}
			}
			c.sums[0][1+at.Missing] += d.Center / d.Scale // Effects gives the intercept −γ·Center/Scale
		}
		if at.Dense >= 0 {
			c.slope(1 + at.Dense)
		}
	}
	c.done()
	return c
}
