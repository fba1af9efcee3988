package evaluate

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/stat"
)

// poisson draws counts of the Poisson distribution with mean 1, exact to 2⁻³². Weighting each row
// by one is the Poisson bootstrap: like drawing n rows with replacement, but each row by itself,
// so that the rows stay where they are sorted (Hanley & MacGibbon 2006, Computer Methods and Programs in Biomedicine 83:57).
type poisson struct {
	bound []uint64     // bound[k] is 2³² P(count ≤ k)
	table [256]float64 // count by the highest byte of a draw, where that decides it; else −1
}

func newPoisson() *poisson {
	p := &poisson{}
	below, term := 0.0, math.Exp(-1)
	for k := 0; k < 13; k++ {
		below += term
		term /= float64(k + 1)
		p.bound = append(p.bound, uint64(math.Round(math.Min(1, below)*(1<<32))))
	}
	for b := range p.table {
		low, high := p.search(uint32(b)<<24), p.search(uint32(b)<<24|0xffffff)
		p.table[b] = -1
		if low == high {
			p.table[b] = low
		}
	}
	return p
}

func (p *poisson) search(u uint32) float64 {
	k := 0
	for k < len(p.bound) && uint64(u) >= p.bound[k] {
		k++
	}
	return float64(k)
}

func (p *poisson) count(u uint32) float64 {
	if k := p.table[u>>24]; k >= 0 {
		return k
	}
	return p.search(u)
}

// draw fills dst with weight times the counts of one replicate; with counts, the rows of a cluster have the same one,
// and counts, as long as there are clusters, is what is drawn (Field & Welsh 2007, JRSS B 69:369: the cluster bootstrap).
func (p *poisson) draw(dst, weight []float64, cluster []int32, counts []float64, seed, replicate uint64) {
	if cluster == nil {
		p.fill(dst, weight, seed, replicate)
		return
	}
	p.fill(counts, nil, seed, replicate)
	for i, c := range cluster {
		dst[i] = weight[i] * counts[c]
	}
}

// fill fills dst with counts, times weight unless that is nil.
func (p *poisson) fill(dst, weight []float64, seed, replicate uint64) {
	var key [32]byte
	copy(key[:], "evaluate")
	binary.LittleEndian.PutUint64(key[8:], seed)
	binary.LittleEndian.PutUint64(key[16:], replicate)
	rng := rand.NewChaCha8(key)
	i := 0
	for ; i+1 < len(dst); i += 2 {
		u := rng.Uint64()
		dst[i], dst[i+1] = p.count(uint32(u)), p.count(uint32(u>>32))
	}
	if i < len(dst) {
		dst[i] = p.count(uint32(rng.Uint64()))
	}
	for i, w := range weight {
		dst[i] *= w
	}
}

// bootstrap returns the given number of figures under each replicate of the weights. newFigures is
// called once a worker, so that a worker can have buffers of its own; what it returns writes the figures
// under given weights, in the order of the table, into dst. Clusters are drawn whole.
func (t *table) bootstrap(figures int, o Options, newFigures func() func(w, dst []float64)) [][]float64 {
	replicates := make([][]float64, o.replicates())
	draws := newPoisson()
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, len(replicates))
	var group sync.WaitGroup
	for first := range workers {
		group.Go(func() {
			w, counts := make([]float64, len(t.weight)), make([]float64, t.groups)
			compute := newFigures()
			for r := first; r < len(replicates); r += workers {
				draws.draw(w, t.weight, t.cluster, counts, o.Seed, uint64(r))
				replicates[r] = make([]float64, figures)
				compute(w, replicates[r])
			}
		})
	}
	group.Wait()
	return replicates
}

// deviation returns the standard error of a figure: its standard deviation over the replicates. Those
// where it is NaN, as with one class gone, do not count; NaN where fewer than half are left.
func deviation(replicates [][]float64, figure func(r []float64) float64) float64 {
	values := make([]float64, 0, len(replicates))
	for _, r := range replicates {
		if x := figure(r); !math.IsNaN(x) {
			values = append(values, x)
		}
	}
	if len(values) < 2 || 2*len(values) < len(replicates) {
		return nan
	}
	return stat.StdDev(values, nil)
}
