package glm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
	"leadscore/train/glm/dense"
)

// arrow is the Hessian of a very large category beside p other columns, made and factorised without its
// square: of H = [A C; C′ D] it keeps A (p × p), the diagonal D and S = C′D^−½ (q × p, a row a level), and so
// costs q·p memory in place of (p + q)² and q·p² time in place of (p + q)³. The rows of the table are
// visited level by level, so that each row of S is summed where it stays.
type arrow struct {
	outer  *design.Kernel // of the other columns
	a      *mat.SymDense  // A, and then the Schur complement A − SS′
	border                // √D, and S as scaled

	starts []int // of each level: its first place in order
	order  []uint32
	codes  []*design.Codes
	column []int // of each of codes: the first column, the intercept being 0
	block  *design.Codes
}

// arrowLevels is the fewest levels that an arrow is made for: below, a square costs little, and H is also
// wanted for what needs all of it (the covariance).
const arrowLevels = 1024

// arrowPiece is how many levels are worked on at a time.
const arrowPiece = 256

// newArrow makes the arrow of block b of x, or nil where it is too small for one or x has dense columns.
func newArrow(x *design.Matrix, b, workers int) *arrow {
	block := &x.Blocks()[b]
	if block.Levels < arrowLevels || len(x.Dense()) > 0 {
		return nil
	}
	r := &arrow{block: block}
	others := make([]bool, len(x.Blocks()))
	next := 1
	for k := range x.Blocks() {
		if others[k] = k != b; others[k] {
			r.codes, r.column = append(r.codes, &x.Blocks()[k]), append(r.column, next)
			next += x.Blocks()[k].Levels
		}
	}
	r.outer = design.NewKernel(x.Select(nil, others), workers)
	q := block.Levels
	r.starts = make([]int, q+1)
	block.Each(func(_ int, code uint32) {
		if int(code) < q {
			r.starts[code+1]++
		}
	})
	for l := range q {
		r.starts[l+1] += r.starts[l]
	}
	r.order = make([]uint32, r.starts[q])
	at := append([]int(nil), r.starts...)
	block.Each(func(row int, code uint32) {
		if int(code) < q {
			r.order[at[code]] = uint32(row)
			at[code]++
		}
	})
	r.a = mat.NewSymDense(next, nil)
	r.border = border{root: make([]float64, q), scaled: make([]float64, q*next)}
	return r
}

// pieces calls do for runs of levels, in parallel.
func (r *arrow) pieces(do func(lo, hi int)) {
	q := len(r.root)
	r.outer.Each((q+arrowPiece-1)/arrowPiece, func(part int) {
		do(part*arrowPiece, min((part+1)*arrowPiece, q))
	})
}

// factorize makes the parts of X′WX + P at the row weights w and the Cholesky factor of the Schur complement.
// ridge is what P has on the block's diagonal; addOuter adds P of the other columns. lift is added to the
// diagonal relative to its size.
func (r *arrow) factorize(c *dense.Cholesky, w []float64, ranges []design.Range, scale, ridge, lift float64, addOuter func(h *mat.SymDense)) bool {
	r.outer.Sandwich(r.a, w, ranges)
	if scale != 1 {
		r.a.ScaleSym(scale, r.a)
	}
	addOuter(r.a)
	p := r.a.SymmetricDim()
	inside := make([]bool, len(w))
	for _, g := range ranges {
		for i := g.Lo; i < g.Hi; i++ {
			inside[i] = true
		}
	}
	r.pieces(func(lo, hi int) {
		for l := lo; l < hi; l++ {
			row := r.scaled[l*p:][:p]
			clear(row)
			for _, i := range r.order[r.starts[l]:r.starts[l+1]] {
				if !inside[i] {
					continue
				}
				v := scale * w[i]
				row[0] += v
				for k, codes := range r.codes {
					if code := int(codes.At(int(i))); code < codes.Levels {
						row[r.column[k]+code] += v
					}
				}
			}
			r.root[l] = math.Sqrt((row[0] + ridge) * (1 + lift))
			for j := range row {
				row[j] /= r.root[l]
			}
		}
	})
	for _, d := range r.root {
		if !(d > 0) || math.IsInf(d, 0) {
			return false
		}
	}
	dense.SubtractGram(r.a, r.rows(p), r.outer.Each)
	raw := r.a.RawSymmetric()
	for j := range p {
		raw.Data[j*raw.Stride+j] *= 1 + lift
	}
	return c.Factorize(r.a, r.outer.Each)
}
