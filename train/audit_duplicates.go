package train

import (
	"cmp"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"leadscore/datasets"
	"leadscore/train/evaluate"
)

// mostCompared bounds the hold-out rows that are looked for among the training rows: the first of the file.
const mostCompared = 100_000

// each calls f for 0 to n-1 from so many goroutines; f(i) must write nothing that f(j) touches.
func each(workers, n int, f func(int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(1, min(workers, n)) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		}()
	}
	wait.Wait()
}

// acrossSplit compares hold-out rows with the training rows by 64-bit hashes of the given columns
// of leads. No lead is on both sides (purge), so that ids are not compared. With 100,000 rows against ten million a chance collision has a probability below 1e-7.
func (d *data) acrossSplit(columns []int, workers int) evaluate.Duplicates {
	var out evaluate.Duplicates
	h := &hasher{seed: maphash.MakeSeed(), table: d.leads}
	if len(columns) > 0 {
		s := d.meet(h, columns, workers)
		out.Compared, out.Repeated = len(s.slot), s.repeated
		same := 0.0
		for row, k := range s.slot {
			if k < 0 {
				continue
			}
			n := float64(s.rows[k][0].Load() + s.rows[k][1].Load())
			if n == 0 {
				continue
			}
			out.Equal++
			same += float64(s.rows[k][s.class[row]].Load()) / n
		}
		if out.Equal > 0 {
			out.Same = same / float64(out.Equal)
		}
	}
	return out
}

// meeting is the hold-out rows by hash, with the training rows that have it by class.
type meeting struct {
	slot     []int // of each hold-out row; -1: no other row can equal it
	class    []int8
	rows     [][2]atomic.Int32
	repeated int // hold-out rows whose hash an earlier one has
}

// fewColumns are compared first, and the others only where these agree.
const fewColumns = 2

// meet compares by the given columns.
func (d *data) meet(h *hasher, columns []int, workers int) *meeting {
	first := make([]int, len(d.leads.Batches)) // row at which a batch begins
	for b := 1; b < len(first); b++ {
		first[b] = first[b-1] + d.leads.Batches[b-1].Rows()
	}
	h.levels(columns)
	few := h.telling(columns)
	hashes := make([][]uint64, len(first))
	each(workers, len(hashes), func(b int) { hashes[b] = h.rows(b, few) })
	whole := func(b, i int) uint64 {
		if len(few) == len(columns) {
			return hashes[b][i]
		}
		return h.row(b, i, columns)
	}

	m := &meeting{}
	type place struct{ batch, row, some int }
	var held []place
	some := newHashIndex(min(mostCompared, d.holdoutRows()))
	var again []int
	for b := range hashes {
		for i, x := range hashes[b] {
			row := first[b] + i
			if !d.holdout[row] || len(held) == mostCompared {
				continue
			}
			k, met := some.put(x)
			if met {
				again = append(again, k)
			}
			held = append(held, place{b, i, k})
			m.class = append(m.class, d.outcomes[0].Label[row])
		}
	}
	shared := make([]atomic.Bool, len(some.keys)) // by number in some: another row has it too
	for _, k := range again {
		shared[k].Store(true)
	}
	candidates := make([][]int32, len(hashes))
	each(workers, len(hashes), func(b int) {
		for i, x := range hashes[b] {
			if !d.train[first[b]+i] {
				continue
			}
			if k := some.find(x); k >= 0 {
				shared[k].Store(true)
				candidates[b] = append(candidates[b], int32(i))
			}
		}
	})

	all := newHashIndex(len(held))
	for _, p := range held {
		k, met := -1, false
		if shared[p.some].Load() {
			k, met = all.put(whole(p.batch, p.row))
		}
		if met {
			m.repeated++
		}
		m.slot = append(m.slot, k)
	}
	m.rows = make([][2]atomic.Int32, len(all.keys))
	each(workers, len(hashes), func(b int) {
		for _, i := range candidates[b] {
			if k := all.find(whole(b, int(i))); k >= 0 {
				m.rows[k][d.outcomes[0].Label[first[b]+int(i)]].Add(1)
			}
		}
	})
	return m
}

func (d *data) holdoutRows() int {
	n := 0
	for _, in := range d.holdout {
		if in {
			n++
		}
	}
	return n
}

// hasher hashes rows. The seed is of this process: a file cannot be made whose rows collide.
type hasher struct {
	seed  maphash.Seed
	table *datasets.Table
	words map[*string][]uint64 // of dictionaries, by their first level
}

// levels hashes the dictionaries of the columns, each once.
func (h *hasher) levels(columns []int) {
	if h.words == nil {
		h.words = map[*string][]uint64{}
	}
	for _, b := range h.table.Batches {
		for _, j := range columns {
			levels := b.Column(j).Levels
			if len(levels) == 0 || len(h.words[&levels[0]]) >= len(levels) {
				continue
			}
			words := make([]uint64, len(levels))
			for k, s := range levels {
				words[k] = maphash.String(h.seed, s)
			}
			h.words[&levels[0]] = words
		}
	}
}

const missingHash = 0x9ae16a3b2f90404f

// telling returns the columns that tell most rows apart, by the different cells in the first rows.
func (h *hasher) telling(columns []int) []int {
	const looked = 1000
	values := map[int]int{}
	if len(columns) > fewColumns && len(h.table.Batches) > 0 {
		b := h.table.Batches[0]
		for _, j := range columns {
			c := b.Column(j)
			words, met := h.dictionary(c), make(map[uint64]struct{}, looked)
			for i := range min(looked, b.Rows()) {
				met[h.cell(c, words, i)] = struct{}{}
			}
			values[j] = len(met)
		}
	}
	all := slices.Clone(columns)
	slices.SortStableFunc(all, func(x, y int) int { return cmp.Compare(values[y], values[x]) })
	return all[:min(len(all), fewColumns)]
}

// rows hashes the rows of a batch by the given columns.
func (h *hasher) rows(batch int, columns []int) []uint64 {
	b := h.table.Batches[batch]
	out := make([]uint64, b.Rows())
	for _, j := range columns {
		c := b.Column(j)
		if c.Kind == datasets.Numeric { // as cell does it, for speed
			for i, x := range c.Numbers {
				v := uint64(missingHash)
				if x == x {
					v = math.Float64bits(x + 0)
				}
				out[i] = fold(out[i], v)
			}
			continue
		}
		words := h.dictionary(c)
		for i := range out {
			out[i] = fold(out[i], h.cell(c, words, i))
		}
	}
	return out
}

// row is one row of rows.
func (h *hasher) row(batch, i int, columns []int) uint64 {
	out := uint64(0)
	for _, j := range columns {
		c := h.table.Batches[batch].Column(j)
		out = fold(out, h.cell(c, h.dictionary(c), i))
	}
	return out
}

func (h *hasher) dictionary(c *datasets.Column) []uint64 {
	if len(c.Levels) == 0 {
		return nil
	}
	return h.words[&c.Levels[0]]
}

// cell hashes a cell; words are the hashes of its dictionary.
func (h *hasher) cell(c *datasets.Column, words []uint64, i int) uint64 {
	switch c.Kind {
	case datasets.Numeric, datasets.Boolean:
		if x := c.Numbers[i]; x == x {
			return math.Float64bits(x + 0) // −0 is 0
		}
	case datasets.Time:
		if t := c.Times[i]; t != datasets.MissingTime {
			return uint64(t)
		}
	case datasets.Categorical:
		if k := c.Codes[i]; k >= 0 {
			return words[k]
		}
	case datasets.Text:
		if s := c.Texts[i]; s != "" {
			return maphash.String(h.seed, s)
		}
	}
	return missingHash
}

// fold mixes a value into a hash, as wyhash does.
func fold(h, v uint64) uint64 {
	high, low := bits.Mul64(h^0xa0761d6478bd642f, v^0xe7037ed1a0b428db)
	return high ^ low
}

// hashIndex numbers hashes, with open addressing at most half full. Most hashes that are looked for are not there:
// sixteen bits a slot, of which each hash sets one, say so without a look at the slots.
type hashIndex struct {
	keys  []uint64
	slots []int32 // number + 1; 0: empty
	bits  []uint64
}

func newHashIndex(n int) *hashIndex {
	size := 64
	for size < 2*n {
		size *= 2
	}
	return &hashIndex{slots: make([]int32, size), bits: make([]uint64, size/4)}
}

// at returns the slot of x, or the empty one where it would be.
func (t *hashIndex) at(x uint64) int {
	mask := len(t.slots) - 1
	i := int(x>>1) & mask
	for t.slots[i] != 0 && t.keys[t.slots[i]-1] != x {
		i = (i + 1) & mask
	}
	return i
}

// bit returns the word and the bit of x; they come from other digits of it than its slot.
func (t *hashIndex) bit(x uint64) (word int, bit uint64) {
	return int(x>>38) & (len(t.bits) - 1), 1 << (x >> 32 & 63)
}

func (t *hashIndex) put(x uint64) (number int, met bool) {
	i := t.at(x)
	if t.slots[i] != 0 {
		return int(t.slots[i] - 1), true
	}
	t.keys = append(t.keys, x)
	t.slots[i] = int32(len(t.keys))
	word, bit := t.bit(x)
	t.bits[word] |= bit
	return len(t.keys) - 1, false
}

func (t *hashIndex) find(x uint64) int {
	if word, bit := t.bit(x); t.bits[word]&bit == 0 {
		return -1
	}
	return int(t.slots[t.at(x)]) - 1
}
