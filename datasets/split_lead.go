package datasets

import (
	"fmt"
	"math"
	"slices"
)

// clusters are the rows in use that belong together, by the class of the whole: a cluster with a positive row
// is of class 1. Clusters stand in the order of their first row.
type clusters struct {
	rows  [2][][]int
	total [2]int // rows of the clusters of a class
}

// byCluster gathers the rows in use (nil: all) of each group.
func byCluster(labels []bool, groups []int32, use []bool) (*clusters, error) {
	if len(groups) != len(labels) {
		return nil, fmt.Errorf("grouping rows: %d groups for %d rows", len(groups), len(labels))
	}
	at := map[int32]int{}
	var all [][]int
	var class []int
	for i, l := range labels {
		if use != nil && !use[i] {
			continue
		}
		k, seen := at[groups[i]]
		if !seen {
			k = len(all)
			at[groups[i]] = k
			all, class = append(all, nil), append(class, 0)
		}
		all[k] = append(all[k], i)
		if l {
			class[k] = 1
		}
	}
	c := &clusters{}
	for k, rows := range all {
		c.rows[class[k]] = append(c.rows[class[k]], rows)
		c.total[class[k]] += len(rows)
	}
	return c, nil
}

// StratifiedLeadSplit is StratifiedSplit for rows of which several may be of one lead: the rows of a group are never
// on both sides. Groups with a positive row and groups without one are each shuffled by seed and taken
// while their part of the hold-out stays within round(share·rows) of theirs, so it may fall short by less
// than the largest group passed over. groups nil: every row is a group of its own, and this is StratifiedSplit.
func StratifiedLeadSplit(labels []bool, groups []int32, use []bool, share float64, seed uint64) ([]bool, error) {
	if groups == nil {
		return StratifiedSplit(labels, use, share, seed)
	}
	if err := checkShare(share); err != nil {
		return nil, err
	}
	c, err := byCluster(labels, groups, use)
	if err != nil {
		return nil, err
	}
	rng := random(seed, purposeSplit)
	holdout := make([]bool, len(labels))
	for class, all := range c.rows {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		left := int(math.Round(share * float64(c.total[class])))
		for _, rows := range all {
			if len(rows) > left {
				continue
			}
			left -= len(rows)
			for _, i := range rows {
				holdout[i] = true
			}
		}
	}
	return holdout, nil
}

// LeadFolds is Folds for rows of which several may be of one lead: the rows of a group have the same fold. Groups with
// a positive row and groups without one are each shuffled by seed, then dealt the largest first, each to
// the fold that has the fewest rows of its class, the next in turn among equals; so folds of a class differ by
// at most the largest of its groups. groups nil, or all distinct: this is Folds, fold by fold.
func LeadFolds(labels []bool, groups []int32, use []bool, k int, seed uint64) ([]uint8, error) {
	if groups == nil {
		return Folds(labels, use, k, seed)
	}
	if k < 2 || k > 255 {
		return nil, fmt.Errorf("making folds: %d folds; want 2 to 255", k)
	}
	c, err := byCluster(labels, groups, use)
	if err != nil {
		return nil, err
	}
	if smallest := min(len(c.rows[0]), len(c.rows[1])); smallest < k {
		return nil, fmt.Errorf("making folds: %d folds of %d leads with a positive row and %d without; each fold needs both", k, len(c.rows[1]), len(c.rows[0]))
	}
	rng := random(seed, purposeFolds)
	folds := make([]uint8, len(labels))
	next := 0
	for _, all := range c.rows {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		slices.SortStableFunc(all, func(a, b []int) int { return len(b) - len(a) })
		filled := make([]int, k)
		for _, rows := range all {
			best := next
			for step := 1; step < k; step++ {
				if f := (next + step) % k; filled[f] < filled[best] {
					best = f
				}
			}
			filled[best] += len(rows)
			for _, i := range rows {
				folds[i] = uint8(best)
			}
			next = (best + 1) % k
		}
	}
	return folds, nil
}
