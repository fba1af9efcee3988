package evaluate

import (
	"cmp"
	"slices"
)

// table is a sample in canonical order: by falling score, then label, then the other columns.
// Rows that compare equal are interchangeable, so that every sum over a table has the same bits
// whatever the order of the rows was.
type table struct {
	label   []bool
	weight  []float64
	columns [][]float64 // the first is the score
	row     []int32     // where each row stood
	cluster []int32     // see dense; nil: rows are independent
	groups  int         // number of clusters
}

// arrange sorts by the first column; label, the other columns and weight break its ties. A nil
// column stays nil.
func arrange(label []bool, weight []float64, columns ...[]float64) *table {
	return arrangeClusters(label, weight, nil, columns...)
}

// arrangeClusters is arrange of rows that are not all independent. The number of a cluster is the last to break ties.
func arrangeClusters(label []bool, weight []float64, cluster []int32, columns ...[]float64) *table {
	n := len(label)
	keys := make([]ranked, n)
	for i := range keys {
		keys[i] = ranked{key: ^keyOf(columns[0][i]), row: int32(i)}
	}
	keys = sortRanked(keys)
	inTie := func(a, b ranked) int {
		if label[a.row] != label[b.row] {
			if label[a.row] {
				return -1
			}
			return 1
		}
		for _, c := range columns[1:] {
			if c != nil && c[a.row] != c[b.row] {
				return cmp.Compare(c[b.row], c[a.row])
			}
		}
		if weight != nil && weight[a.row] != weight[b.row] {
			return cmp.Compare(weight[b.row], weight[a.row])
		}
		if cluster != nil {
			return cmp.Compare(cluster[a.row], cluster[b.row])
		}
		return 0
	}
	for start := 0; start < n; {
		end := start + 1
		for end < n && keys[end].key == keys[start].key {
			end++
		}
		if end-start > 1 {
			slices.SortFunc(keys[start:end], inTie)
		}
		start = end
	}
	t := &table{label: make([]bool, n), weight: make([]float64, n), row: make([]int32, n), columns: make([][]float64, len(columns))}
	for k, from := range keys {
		t.label[k], t.weight[k], t.row[k] = label[from.row], 1, from.row
		if weight != nil {
			t.weight[k] = weight[from.row]
		}
	}
	for j, c := range columns {
		if c == nil {
			continue
		}
		t.columns[j] = make([]float64, n)
		for k, from := range keys {
			t.columns[j][k] = c[from.row]
		}
	}
	t.cluster, t.groups = dense(cluster, t.row)
	return t
}

// view is a table in the order of one of its columns, falling.
type view struct {
	at    []int32   // row of the table in each place; nil: the table's own order
	value []float64 // the column
	label []bool
	one   []uint8 // 1 for a positive, else 0: sums over a replicate then need no branch that guesses
	last  []bool  // whether a place is the last of its group of equal values
	chunk []int32 // where each run of some chunkRows places ends, at the end of a group
}

// chunkRows is the length of a chunk: the sums at their ends are kept, so that what lies between two places is found
// without a walk over all.
const chunkRows = 512

// by returns the view by a column.
func (t *table) by(column int) *view {
	v := &view{value: t.columns[column], label: t.label}
	if !slices.IsSortedFunc(v.value, func(a, b float64) int { return cmp.Compare(b, a) }) {
		n := len(v.value)
		v.at = make([]int32, n)
		keys := make([]ranked, n)
		for i, x := range v.value {
			keys[i] = ranked{key: ^keyOf(x), row: int32(i)}
		}
		for k, it := range sortRanked(keys) {
			v.at[k] = it.row
		}
		column := v.value
		v.value, v.label = make([]float64, n), make([]bool, n)
		for k, i := range v.at {
			v.value[k], v.label[k] = column[i], t.label[i]
		}
	}
	v.one, v.last = make([]uint8, len(v.value)), make([]bool, len(v.value))
	for k := range v.value {
		if v.label[k] {
			v.one[k] = 1
		}
		v.last[k] = k+1 == len(v.value) || v.value[k+1] != v.value[k]
		start := 0
		if c := len(v.chunk); c > 0 {
			start = int(v.chunk[c-1])
		}
		if v.last[k] && (k+1-start >= chunkRows || k+1 == len(v.value)) {
			v.chunk = append(v.chunk, int32(k+1))
		}
	}
	return v
}

// arranged returns weights of the table's rows in the order of the view; buf is used where a copy is needed.
func (v *view) arranged(weight, buf []float64) []float64 {
	if v.at == nil {
		return weight
	}
	for k, i := range v.at {
		buf[k] = weight[i]
	}
	return buf
}

// totals returns the weight of the positives and of the negatives.
func (v *view) totals(w []float64) (pos, neg float64) {
	for k, y := range v.one {
		p := w[k] * float64(y)
		pos += p
		neg += w[k] - p
	}
	return pos, neg
}

// groups calls f for each group of equal values, from the highest down, with the weight of its
// positives and its negatives; groups without weight are left out.
func (v *view) groups(w []float64, f func(value, pos, neg float64)) {
	var pos, neg float64
	for k, l := range v.label {
		if l {
			pos += w[k]
		} else {
			neg += w[k]
		}
		if v.last[k] {
			if pos+neg > 0 {
				f(v.value[k], pos, neg)
			}
			pos, neg = 0, 0
		}
	}
}
