package train

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"leadscore/model"
	"leadscore/train/glm"
)

// centred is the covariance of what scoring adds up. A table's entries are θ_bc = f·β_bc − m_b with the factor f of the
// column (1 but for a standardised indicator) and the mean m_b = Σ_c share_c f_c β_bc over the training rows, and
// the intercept is θ₀ = β₀ + Σ_b m_b. A constant may move between a block and the intercept at the price
// of the tiny ridge alone, so the variances of β are those of the ridge and of no use; in θ they are gone.
// An entry without a column (a pair's cell without rows, the present cells of a linear number) has β = 0 and
// so θ = −m_b.
type centred struct {
	terms   []model.CovarianceTerm
	entries []entry // of each column of model.Covariance
	v       mat.Symmetric

	sums   [][]float64 // linear functions of β, the rows of v: the first is −θ₀, then each term's m
	toSums [][]float64 // of each: its covariance with each row of v
	among  [][]float64 // covariances of two of them
	levels *apart      // nil: no category stands apart
}

// entry is θ = factor·β_row − sum; row and sum −1: none.
type entry struct {
	row    int
	factor float64
	sum    int
}

// apart is the category of a feature whose part of the covariance is not in v.
type apart struct {
	feature int
	*glm.Eliminated
}

// newCentred is a covariance v, so far of the intercept alone.
func newCentred(v mat.Symmetric) *centred {
	intercept := make([]float64, v.SymmetricDim())
	intercept[0] = -1
	return &centred{v: v, entries: []entry{{row: -1, sum: 0}}, sums: [][]float64{intercept}}
}

// term begins the columns of a feature.
func (c *centred) term(feature int) {
	c.terms = append(c.terms, model.CovarianceTerm{Feature: feature})
	c.sums = append(c.sums, make([]float64, c.v.SymmetricDim()))
}

// code adds a code of the term that was begun last: its row of v, −1 none, and the share of training rows that have it.
func (c *centred) code(code, row int, factor, share float64) {
	t := &c.terms[len(c.terms)-1]
	t.Codes = append(t.Codes, code)
	sum := len(c.sums) - 1
	c.entries = append(c.entries, entry{row, factor, sum})
	if row >= 0 {
		c.sums[sum][row] += share * factor
		c.sums[0][row] -= share * factor
	}
}

// slope ends a term by the column of its slope.
func (c *centred) slope(row int) {
	c.terms[len(c.terms)-1].Slope = true
	c.entries = append(c.entries, entry{row, 1, -1})
}

// done computes what at needs, once all columns are there.
func (c *centred) done() {
	if c.levels != nil {
		for i, f := range c.levels.Mean {
			c.sums[0][i] -= f
		}
	}
	n := c.v.SymmetricDim()
	for _, s := range c.sums {
		to := mat.NewVecDense(n, nil)
		to.MulVec(c.v, mat.NewVecDense(n, s))
		c.toSums = append(c.toSums, to.RawVector().Data)
		row := make([]float64, len(c.sums))
		for k, other := range c.sums {
			row[k] = inner(to.RawVector().Data, other)
		}
		c.among = append(c.among, row)
	}
	if c.levels != nil {
		c.among[0][0] += c.levels.Noise
	}
}

func inner(a, b []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(a), Inc: 1, Data: a}, blas64.Vector{N: len(b), Inc: 1, Data: b})
}

// at is Cov(θᵢ, θⱼ) in the columns of model.Covariance.
func (c *centred) at(i, j int) float64 {
	p, q := c.entries[i], c.entries[j]
	sum := 0.0
	if p.sum >= 0 && q.sum >= 0 {
		sum += c.among[p.sum][q.sum]
	}
	if p.row >= 0 && q.sum >= 0 {
		sum -= p.factor * c.toSums[q.sum][p.row]
	}
	if q.row >= 0 && p.sum >= 0 {
		sum -= q.factor * c.toSums[p.sum][q.row]
	}
	if p.row >= 0 && q.row >= 0 {
		sum += p.factor * q.factor * c.v.At(p.row, q.row)
	}
	return sum
}

// pack is the covariance for the artifact; nil where it is too large.
func (c *centred) pack() *model.Covariance {
	out := model.PackCovariance(c.terms, c.at)
	if out == nil || c.levels == nil {
		return out
	}
	column := make([]int, c.v.SymmetricDim()) // of each row of v; where several codes share a row any of them
	for i, e := range c.entries {
		if e.row >= 0 {
			column[e.row] = i
		}
	}
	kept := make([][]model.Kept, c.levels.Size)
	for level, list := range c.levels.Kept {
		for _, k := range list {
			kept[level] = append(kept[level], model.Kept{Column: column[k.Row], Weight: k.Weight})
		}
	}
	out.PackLevels(c.levels.feature, c.levels.Variances, c.levels.Own, kept)
	return out
}
