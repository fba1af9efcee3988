package glm

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Block is a run of columns whose penalty ½λβ′Sβ has a λ of its own.
type Block struct {
	Start, Size int           // columns Start ≤ j < Start + Size of X
	S           *mat.SymDense // positive semidefinite, Size rows; nil: the identity
	Rank        int           // of S; 0: Size
	Lambda      float64       // where the estimation begins, or the value where Fixed; 0: 3
	Fixed       bool          // Lambda is not estimated
}

func (b *Block) rank() int {
	if b.Rank == 0 {
		return b.Size
	}
	return b.Rank
}

// quadratic is β′Sβ for the block's coefficients.
func (b *Block) quadratic(beta []float64) float64 {
	if b.S == nil {
		return dot(beta, beta)
	}
	raw := b.S.RawSymmetric()
	sum := 0.0
	for i, v := range beta {
		row := raw.Data[i*raw.Stride:][:raw.N]
		sum += v * (v*row[i] + 2*dot(beta[i+1:], row[i+1:]))
	}
	return sum
}

// Smooth is the penalty of a numeric column's bins: the sum of squared differences of the given order
// between the coefficients of neighbours, S = D′D (P-splines, Eilers & Marx 1996), and a plain ridge on
// the bins that have no place in the order. chain names the bins that are neighbours, in order; the rest
// of the size bins stand alone: the bin of missing values, and bins of a single value such as
// zero or 999 that means something else than its neighbours. λ → ∞ leaves a polynomial of degree
// order − 1 over the chain. A chain too short for the order gets the highest order that it allows.
func Smooth(size int, chain []int, order int) (*mat.SymDense, int) {
	s := mat.NewSymDense(size, nil)
	for i := range size {
		s.SetSym(i, i, 1)
	}
	for _, i := range chain {
		s.SetSym(i, i, 0)
	}
	n := len(chain)
	order = max(0, min(order, n-1))
	weights := []float64{1} // of a difference: 1, −1; 1, −2, 1; …
	for range order {
		next := make([]float64, len(weights)+1)
		for i, w := range weights {
			next[i] += w
			next[i+1] -= w
		}
		weights = next
	}
	differences := 0
	if order > 0 {
		differences = n - order
	}
	for d := range differences {
		for i, a := range weights {
			for j := i; j < len(weights); j++ {
				p, q := chain[d+i], chain[d+j]
				s.SetSym(min(p, q), max(p, q), s.At(p, q)+a*weights[j])
			}
		}
	}
	return s, differences + size - n
}

// Cross is the penalty of a pair's cells, code = a·(rows of b) + b: S = A ⊗ I + I ⊗ B + ridge·I, with a
// nil A or B the identity of its size. With a ridge above 0 its rank is full.
func Cross(a *mat.SymDense, sizeA int, b *mat.SymDense, sizeB int, ridge float64) *mat.SymDense {
	at := func(s *mat.SymDense, i, j int) float64 {
		if s != nil {
			return s.At(i, j)
		}
		if i == j {
			return 1
		}
		return 0
	}
	s := mat.NewSymDense(sizeA*sizeB, nil)
	for i := range sizeA {
		for k := range sizeB {
			row := i*sizeB + k
			s.SetSym(row, row, at(a, i, i)+at(b, k, k)+ridge)
			for j := i + 1; j < sizeA; j++ {
				s.SetSym(row, j*sizeB+k, at(a, i, j))
			}
			for l := k + 1; l < sizeB; l++ {
				s.SetSym(row, i*sizeB+l, at(b, k, l))
			}
		}
	}
	return s
}

// Restrict is the part of a penalty for the given rows of it, in order: a pair's penalty for the cells that
// occur, the others held at zero. A nil s stays nil.
func Restrict(s *mat.SymDense, rows []uint32) *mat.SymDense {
	if s == nil {
		return nil
	}
	out := mat.NewSymDense(len(rows), nil)
	for i, r := range rows {
		for j := i; j < len(rows); j++ {
			out.SetSym(i, j, s.At(int(r), int(rows[j])))
		}
	}
	return out
}

// blocks is P = Σ λ_b S_b + tiny·I, a penalty.
type blocks struct {
	list   []Block
	lambda []float64
	tiny   float64
}

func (p *blocks) value(beta []float64) float64 {
	sum := p.tiny * dot(beta[1:], beta[1:])
	for i := range p.list {
		b := &p.list[i]
		sum += p.lambda[i] * b.quadratic(beta[1+b.Start:][:b.Size])
	}
	return .5 * sum
}

func (p *blocks) addGradient(gradient, beta []float64) {
	axpy(p.tiny, beta[1:], gradient[1:])
	for i := range p.list {
		b := &p.list[i]
		x, to := beta[1+b.Start:][:b.Size], gradient[1+b.Start:][:b.Size]
		if b.S == nil {
			axpy(p.lambda[i], x, to)
			continue
		}
		raw := b.S.RawSymmetric()
		for r := range x {
			row := raw.Data[r*raw.Stride:][:raw.N]
			to[r] += p.lambda[i] * dot(row[r:], x[r:])
			axpy(p.lambda[i]*x[r], row[r+1:], to[r+1:])
		}
	}
}

func (p *blocks) addCurvature(h *mat.SymDense) {
	to := h.RawSymmetric()
	for j := 1; j < to.N; j++ {
		to.Data[j*to.Stride+j] += p.tiny
	}
	for i := range p.list {
		b := &p.list[i]
		for r := range b.Size {
			row := to.Data[(1+b.Start+r)*to.Stride+1+b.Start:][:b.Size]
			if b.S == nil {
				row[r] += p.lambda[i]
				continue
			}
			raw := b.S.RawSymmetric()
			axpy(p.lambda[i], raw.Data[r*raw.Stride:][r:raw.N], row[r:])
		}
	}
}

// checkBlocks reports what is wrong with blocks over a matrix of so many columns.
func checkBlocks(list []Block, columns int) error {
	taken := make([]bool, columns)
	for i, b := range list {
		bad := func(format string, a ...any) error {
			return fmt.Errorf("fitting: penalty block %d: "+format, append([]any{i}, a...)...)
		}
		if b.Start < 0 || b.Size < 1 || b.Start+b.Size > columns {
			return bad("columns %d to %d, want some of 0 to %d", b.Start, b.Start+b.Size-1, columns-1)
		}
		if b.S != nil && b.S.SymmetricDim() != b.Size {
			return bad("a penalty of %d rows for %d columns", b.S.SymmetricDim(), b.Size)
		}
		if b.Rank < 0 || b.Rank > b.Size {
			return bad("rank %d of %d columns", b.Rank, b.Size)
		}
		if err := checkLambda(b.Lambda); err != nil {
			return bad("start of λ %v, want a finite number, 0 or more", b.Lambda)
		}
		for j := b.Start; j < b.Start+b.Size; j++ {
			if taken[j] {
				return bad("column %d is in another block too", j)
			}
			taken[j] = true
		}
	}
	for j, ok := range taken {
		if !ok {
			return fmt.Errorf("fitting: column %d is in no penalty block", j)
		}
	}
	return nil
}
