package design

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// Range is the rows Lo ≤ i < Hi.
type Range struct{ Lo, Hi int }

// All returns the ranges of a whole matrix of n rows.
func All(n int) []Range { return []Range{{0, n}} }

// chunkRows is how many rows are in work at a time: the scratch of a chunk (8 bytes a row and
// dense column) stays in the first- or second-level cache.
const chunkRows = 512

// Kernel is the workspace of repeated passes over one matrix. It is for one goroutine at a time;
// inside, it uses several. Two kernels may share a matrix.
type Kernel struct {
	m       *Matrix
	packs   []pack
	workers int

	tables  []float64 // of Pass: coefficients of each pack, one after the other
	offsets []int     // first entry of each pack in tables, and the length of all
	sums    []float64 // of Pass: one block a segment: packs, dense columns, Σ r
	scratch []*scratch

	gram gramTables // of Sandwich
}

// scratch is what one worker needs for a chunk.
type scratch struct {
	eta []float64   // chunkRows
	z   []float64   // dense columns, standardised, column by column
	col [][]float64 // the chunk of each: in z, or where it is stored if it is plain
	wz  []float64   // one column of w·z
	row []float64   // (w, w·z) row by row, padded to stride
}

// NewKernel returns a workspace that uses the given number of goroutines; 0: GOMAXPROCS. The
// results do not depend on it.
func NewKernel(m *Matrix, workers int) *Kernel {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	k := &Kernel{m: m, packs: m.packed(), workers: workers}
	k.offsets = make([]int, len(k.packs)+1)
	for i := range k.packs {
		k.offsets[i+1] = k.offsets[i] + k.packs[i].size
	}
	k.tables = make([]float64, k.offsets[len(k.packs)])
	for range workers {
		k.scratch = append(k.scratch, &scratch{
			eta: make([]float64, chunkRows),
			z:   make([]float64, chunkRows*len(m.dense)),
			col: make([][]float64, len(m.dense)),
		})
	}
	return k
}

// chunks cuts ranges into pieces of at most size rows, in order.
func chunks(ranges []Range, size int) []Range {
	var out []Range
	for _, r := range ranges {
		for lo := r.Lo; lo < r.Hi; lo += size {
			out = append(out, Range{lo, min(lo+size, r.Hi)})
		}
	}
	return out
}

// segment is part s of n equal parts of a list, in order.
func segment[T any](list []T, s, n int) []T {
	return list[len(list)*s/n : len(list)*(s+1)/n]
}

// Each calls do for 0 ≤ item < items, each once, on the kernel's goroutines. Which does what is left
// to chance: items may not share results.
func (k *Kernel) Each(items int, do func(item int)) {
	k.run(items, func(_, item int) { do(item) })
}

// run calls do for 0 ≤ item < items, each once, on the kernel's goroutines; worker is the number of
// the goroutine. Which worker does which item is left to chance: items may not share results.
func (k *Kernel) run(items int, do func(worker, item int)) {
	workers := min(k.workers, items)
	if workers <= 1 {
		for i := range items {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	loop := func(worker int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= items {
				return
			}
			do(worker, i)
		}
	}
	for worker := 1; worker < workers; worker++ {
		wait.Go(func() { loop(worker) })
	}
	loop(0)
	wait.Wait()
}

// standardise sets sc.col to the rows of r as the operations see them.
func (k *Kernel) standardise(sc *scratch, r Range) {
	for j := range k.m.dense {
		if d := &k.m.dense[j]; (d.ready || d.Center == 0 && d.Scale == 1) && !k.m.gaps[j] {
			sc.col[j] = d.Values[r.Lo:r.Hi]
		} else {
			sc.col[j] = sc.z[j*chunkRows:][:r.Hi-r.Lo]
			k.m.standardise(j, r, sc.col[j])
		}
	}
}

// standardise writes (v − Center)/Scale of the rows of r, 0 where missing, to z.
func (m *Matrix) standardise(j int, r Range, z []float64) {
	m.standardiseAs(j, m.dense[j].Values[r.Lo:r.Hi], z)
}

// standardiseAs writes v to z as dense column j is seen; z may be v.
func (m *Matrix) standardiseAs(j int, v, z []float64) {
	center, inverse := m.dense[j].Center, 1/m.dense[j].Scale
	if m.dense[j].ready {
		center, inverse = 0, 1
	}
	z = z[:len(v)]
	if !m.gaps[j] {
		for i, x := range v {
			z[i] = (x - center) * inverse
		}
		return
	}
	// Without a branch, which one missing value in ten would make the processor guess wrong.
	const exponent = 0x7ff << 52
	for i, x := range v {
		bits := math.Float64bits(x) &^ (1 << 63)
		missing := uint64(int64(exponent-bits) >> 63) // all ones for a NaN: its bits are above those of infinity
		z[i] = math.Float64frombits(math.Float64bits((x-center)*inverse) &^ missing)
	}
}

// Costs estimates the processor cycles of a Pass and of a Sandwich over n rows: what a solver weighs
// when it decides whether a new curvature is worth its price. They depend on the matrix alone.
func (k *Kernel) Costs(n int) (pass, sandwich float64) {
	packs, dense, rows := float64(len(k.packs)), float64(len(k.m.dense)), float64(n)
	pass = rows * (25 + 3*packs + 5*dense)
	sandwich = rows * (packs*packs + 1.2*packs*(1+dense) + dense*(3+.35*dense))
	return pass, sandwich
}
