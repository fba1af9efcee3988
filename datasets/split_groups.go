package datasets

import (
	"cmp"
	"fmt"
	"slices"
)

// GroupFolds deals whole groups into k folds, 0 to k−1, so that rows of one group are never on both sides: the
// groups that hold a positive are shuffled by seed and dealt in turn, then the others. A row without a group ("") is a
// group of its own. Folds are of unequal size where groups are; each needs both classes, else it is an error. The
// order of the rows and how many a group has do not matter to the fold of a group.
func GroupFolds(labels []bool, groups []string, k int, seed uint64) ([]uint8, error) {
	if k < 2 || k > 255 {
		return nil, fmt.Errorf("making folds: %d folds; want 2 to 255", k)
	}
	if len(labels) != len(groups) {
		return nil, fmt.Errorf("making folds: groups of %d rows for %d labels", len(groups), len(labels))
	}
	won := map[string]bool{} // every group, and whether it holds a positive
	name := func(i int) string {
		if groups[i] == "" {
			return fmt.Sprintf("\x00%d", i)
		}
		return groups[i]
	}
	for i, l := range labels {
		g := name(i)
		won[g] = won[g] || l
	}
	var names [2][]string // without and with a positive
	for g, w := range won {
		at := 0
		if w {
			at = 1
		}
		names[at] = append(names[at], g)
	}
	rng := random(seed, purposeFolds)
	fold := make(map[string]uint8, len(won))
	next := 0
	for _, list := range [][]string{names[1], names[0]} {
		slices.SortFunc(list, cmp.Compare[string])
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, g := range list {
			fold[g] = uint8(next % k)
			next++
		}
	}
	folds := make([]uint8, len(labels))
	seen := make([][2]bool, k)
	for i, l := range labels {
		f := fold[name(i)]
		folds[i] = f
		at := 0
		if l {
			at = 1
		}
		seen[f][at] = true
	}
	for f, s := range seen {
		if !s[0] || !s[1] {
			return nil, fmt.Errorf("making folds: %d folds of %d groups, of which %d hold a positive: fold %d lacks a class; want fewer folds or smaller groups", k, len(won), len(names[1]), f+1)
		}
	}
	return folds, nil
}
