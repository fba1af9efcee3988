package evaluate

import (
	"math"
	"slices"
)

// dense numbers the clusters of a table's rows 0, 1, … by their rising numbers. Where every row is a cluster of its
// own they are nil: the rows are independent, and get the same bits as without clusters.
func dense(cluster, row []int32) (of []int32, groups int) {
	if cluster == nil {
		return nil, 0
	}
	numbers := slices.Clone(cluster)
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	if len(numbers) == len(cluster) {
		return nil, 0
	}
	of = make([]int32, len(row))
	low, high := int(numbers[0]), int(numbers[len(numbers)-1])
	if span := high - low + 1; span <= 4*len(cluster) {
		place := make([]int32, span)
		for k, c := range numbers {
			place[int(c)-low] = int32(k)
		}
		for k, r := range row {
			of[k] = place[int(cluster[r])-low]
		}
		return of, len(numbers)
	}
	for k, r := range row {
		at, _ := slices.BinarySearch(numbers, cluster[r])
		of[k] = int32(at)
	}
	return of, len(numbers)
}

// mean returns the weighted mean of values with its standard error. Of clustered rows that is
//
//	√( C/(C−1) Σ_c (Σ_{i in c} w(x−x̄))² ) / W
//
// over the C clusters with weight, W = Σw: a cluster counts as one observation, as in the sandwich estimator
// (Liang & Zeger 1986); NaN for a single cluster. See mean for independent rows.
func (t *table) mean(values []float64) (m, se float64) {
	if t.cluster == nil {
		return mean(values, t.weight)
	}
	var total, sum float64
	for i, x := range values {
		total += t.weight[i]
		sum += t.weight[i] * x
	}
	m = sum / total
	return m, math.Sqrt(t.clusterVariance(func(i int) float64 { return values[i] - m })) / total
}

// clusterVariance returns C/(C−1) Σ_c (Σ_{i in c} w f(i))², the variance of a weighted sum of f, whose mean is 0; NaN for
// a single cluster.
func (t *table) clusterVariance(f func(i int) float64) float64 {
	sums, there := make([]float64, t.groups), make([]bool, t.groups)
	for i, c := range t.cluster {
		if w := t.weight[i]; w > 0 {
			sums[c] += w * f(i)
			there[c] = true
		}
	}
	count, squares := 0.0, 0.0
	for c, in := range there {
		if in {
			count++
			squares += sums[c] * sums[c]
		}
	}
	if count < 2 {
		return nan
	}
	return count / (count - 1) * squares
}

// designEffect returns by how much clusters blow up the variance of the weighted sum of f, whose mean is 0, over that of
// independent rows: rows over it are as good as that many independent ones (Kish 1965). It is 1 without clusters, where
// f is 0, and with a single cluster, of which nothing can be told.
func (t *table) designEffect(f func(i int) float64) float64 {
	if t.cluster == nil {
		return 1
	}
	alone := 0.0
	for i, w := range t.weight {
		x := f(i)
		alone += w * x * x
	}
	if effect := t.clusterVariance(f) / alone; effect > 0 && !math.IsInf(effect, 0) {
		return effect
	}
	return 1
}

// evidence returns how many independent rows of each class there are at most: their weight, or the number of clusters
// that have some.
func (t *table) evidence() (pos, neg float64) {
	for i, l := range t.label {
		if l {
			pos += t.weight[i]
		} else {
			neg += t.weight[i]
		}
	}
	if t.cluster == nil {
		return pos, neg
	}
	in := make([]uint8, t.groups)
	for i, c := range t.cluster {
		if t.weight[i] > 0 {
			if t.label[i] {
				in[c] |= 1
			} else {
				in[c] |= 2
			}
		}
	}
	var p, n float64
	for _, has := range in {
		p += float64(has & 1)
		n += float64(has >> 1)
	}
	return math.Min(p, pos), math.Min(n, neg)
}
