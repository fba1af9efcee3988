package design

import "math"

// Groups are the rows with the same codes in every block: to a model they are one row, with a weight.
type Groups struct {
	First []int    // of each group its first row, ascending
	Of    []uint32 // the group of each row
}

// A matrix of fewer rows than leastMerged is not looked at: its columns cost more than its rows. Merging pays
// when the rows become a third, for weighted rows cost more than plain ones. groupSample is how many rows
// are asked first.
const (
	leastMerged = 1 << 15
	mergedShare = 3
	groupSample = 1 << 14
)

// Groups returns the groups of rows, or nil where merging them does not pay: with dense columns, few rows, or more than a
// third as many groups as rows. It is found out once, at first from a sample: were every row there three times, a
// share s of the rows would hold 1 − (1 − s)³ of the groups; more different ones end the search.
func (m *Matrix) Groups() *Groups {
	m.groupOnce.Do(func() {
		if len(m.dense) > 0 || m.rows < leastMerged || int64(m.rows) > math.MaxUint32 {
			return
		}
		sample := make([]int, groupSample)
		for i := range sample {
			sample[i] = int(int64(m.rows) * int64(i) / groupSample)
		}
		rest := 1 - float64(groupSample)/float64(m.rows)
		if m.Take(sample).group(int(float64(m.rows)/mergedShare*(1-rest*rest*rest))) != nil {
			m.groups = m.group(m.rows / mergedShare)
		}
	})
	return m.groups
}

// group finds the groups, nil if there are more than most. The table is keyed by a hash of the row's codes, and what has the
// same hash is compared code by code.
func (m *Matrix) group(most int) *Groups {
	bits := 4
	for 1<<bits < 2*most {
		bits++
	}
	table := make([]uint32, 1<<bits) // group + 1; 0: free
	g := &Groups{Of: make([]uint32, m.rows)}
	var hashes []uint64 // of each group
	var keys [chunkRows]uint64
	for _, r := range chunks(All(m.rows), chunkRows) {
		part := keys[:r.Hi-r.Lo]
		clear(part)
		for b := range m.codes {
			m.codes[b].hash(part, r.Lo)
		}
		for i, key := range part {
			row := r.Lo + i
			at := key >> (64 - bits)
			for {
				group := table[at]
				if group == 0 {
					if len(g.First) == most {
						return nil
					}
					g.First, hashes = append(g.First, row), append(hashes, key)
					table[at] = uint32(len(g.First))
				} else if hashes[group-1] != key || !m.same(row, g.First[group-1]) {
					at = (at + 1) % uint64(len(table))
					continue
				}
				g.Of[row] = table[at] - 1
				break
			}
		}
	}
	return g
}

// same reports whether two rows have the same codes.
func (m *Matrix) same(i, j int) bool {
	for b := range m.codes {
		if c := &m.codes[b]; c.At(i) != c.At(j) {
			return false
		}
	}
	return true
}

// hash mixes the codes of the rows from lo on into keys.
func (c *Codes) hash(keys []uint64, lo int) {
	switch {
	case c.U8 != nil:
		hash(keys, c.U8[lo:])
	case c.U16 != nil:
		hash(keys, c.U16[lo:])
	default:
		hash(keys, c.U32[lo:])
	}
}

func hash[T width](keys []uint64, codes []T) {
	codes = codes[:len(keys)]
	for i, c := range codes {
		k := keys[i] ^ uint64(c)
		k *= 0x9e3779b97f4a7c15 // 2⁶⁴ over the golden ratio: Knuth's multiplicative hashing
		keys[i] = k ^ k>>29
	}
}

// Sums adds up v, one number a row, by group; nil is all 1.
func (g *Groups) Sums(v []float64) []float64 {
	out := make([]float64, len(g.First))
	for i, group := range g.Of {
		if v == nil {
			out[group]++
		} else {
			out[group] += v[i]
		}
	}
	return out
}
