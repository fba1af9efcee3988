package datasets

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// checkShare refuses shares that leave a side empty.
func checkShare(share float64) error {
	if !(share > 0 && share < 1) {
		return fmt.Errorf("splitting: the hold-out's share is %v; want more than 0 and less than 1", share)
	}
	return nil
}

// random is the generator of a seed. Its second word keeps it apart from other uses of the same seed.
func random(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

const (
	purposeSplit = 0x5eed_0001
	purposeFolds = 0x5eed_0002
)

// StratifiedSplit chooses a random hold-out of round(share·n) of the n rows in use (nil: all), each
// class in proportion: its part is rounded down, and the rows that are left over go to the classes
// with the largest remainders, negatives first among equals.
func StratifiedSplit(labels, use []bool, share float64, seed uint64) ([]bool, error) {
	if err := checkShare(share); err != nil {
		return nil, err
	}
	classes := byClass(labels, use)
	n := len(classes[0]) + len(classes[1])
	total := int(math.Round(share * float64(n)))
	var take [2]int
	var rest [2]float64
	for k := range classes {
		exact := share * float64(len(classes[k]))
		take[k] = int(exact)
		rest[k] = exact - float64(take[k])
	}
	for left := total - take[0] - take[1]; left > 0; left-- {
		k := 0
		if rest[1] > rest[0] {
			k = 1
		}
		take[k]++
		rest[k]--
	}
	rng := random(seed, purposeSplit)
	holdout := make([]bool, len(labels))
	for k, rows := range classes {
		shuffle(rng, rows)
		for _, i := range rows[:take[k]] {
			holdout[i] = true
		}
	}
	return holdout, nil
}

// byClass lists the rows in use of the negatives and the positives.
func byClass(labels, use []bool) (classes [2][]int) {
	positives := 0
	for _, l := range labels {
		if l {
			positives++
		}
	}
	classes[0], classes[1] = make([]int, 0, len(labels)-positives), make([]int, 0, positives)
	for i, l := range labels {
		if use != nil && !use[i] {
			continue
		}
		k := 0
		if l {
			k = 1
		}
		classes[k] = append(classes[k], i)
	}
	return classes
}

func shuffle(rng *rand.Rand, rows []int) {
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// TimeSplit puts the latest rows in use (nil: all) into the hold-out: the round(share·n)th latest moment
// is the cut, and every row at or after it is held out, so that rows of one moment are never on both
// sides and the hold-out may be a little larger than asked. A row without a time is an error. weight (nil: all 1) is
// how often a row counts, and n their sum; it is not rounded where some weight is no whole number.
func TimeSplit(times []int64, use []bool, weight []float64, share float64) ([]bool, error) {
	if err := checkShare(share); err != nil {
		return nil, err
	}
	var known []int64
	of := map[int64]float64{} // weight of each moment
	missing := 0
	for i, t := range times {
		if use != nil && !use[i] {
			continue
		}
		if t == MissingTime {
			missing++
			continue
		}
		known = append(known, t)
		if weight != nil {
			of[t] += weight[i]
		}
	}
	if missing > 0 {
		return nil, fmt.Errorf("splitting by time: %d of %d rows have no time; leave them out or split at random", missing, missing+len(known))
	}
	n := len(known)
	k := part(share, use, weight, n)
	if k <= 0 || weight == nil && k >= float64(n) {
		return nil, fmt.Errorf("splitting by time: a share of %v of %d rows leaves one side empty", share, n)
	}
	slices.Sort(known)
	if weight == nil {
		known = known[:len(known)-int(k)+1]
	} else {
		known = slices.Compact(known)
		for sum := of[known[len(known)-1]]; sum < k && len(known) > 1; sum += of[known[len(known)-1]] {
			known = known[:len(known)-1]
		}
	}
	cut := known[len(known)-1]
	if cut == known[0] {
		return nil, fmt.Errorf("splitting by time: the latest %v of %d rows have the same moment as the earliest; nothing would be left to train on", k, n)
	}
	holdout := make([]bool, len(times))
	for i, t := range times {
		holdout[i] = (use == nil || use[i]) && t >= cut
	}
	return holdout, nil
}

// part is share of the weight of the rows in use, n of them: a whole number of rows where all weights are whole.
func part(share float64, use []bool, weight []float64, n int) float64 {
	if weight == nil {
		return math.Round(share * float64(n))
	}
	total, whole := 0.0, true
	for i, w := range weight {
		if use == nil || use[i] {
			total += w
			whole = whole && w == math.Trunc(w)
		}
	}
	if whole {
		return math.Round(share * total)
	}
	return share * total
}

// GroupSplit holds out whole groups: groups are shuffled by seed and taken while the hold-out stays within
// round(share·n) rows, so it may fall short by less than the largest group passed over. A row
// without a group ("") is a group of its own. The order of rows does not matter to which groups are taken. weight and n
// are as in TimeSplit.
func GroupSplit(groups []string, use []bool, weight []float64, share float64, seed uint64) ([]bool, error) {
	if err := checkShare(share); err != nil {
		return nil, err
	}
	rows := map[string][]int{}
	size := map[string]float64{}
	var names []string
	n := 0
	for i, g := range groups {
		if use != nil && !use[i] {
			continue
		}
		n++
		if g == "" {
			g = fmt.Sprintf("\x00%d", i)
		}
		if rows[g] == nil {
			names = append(names, g)
		}
		rows[g] = append(rows[g], i)
		if weight == nil {
			size[g]++
		} else {
			size[g] += weight[i]
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	random(seed, purposeSplit).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	holdout := make([]bool, len(groups))
	left := part(share, use, weight, n)
	taken := 0
	for _, g := range names {
		if size[g] > left {
			continue
		}
		for _, i := range rows[g] {
			holdout[i] = true
		}
		left -= size[g]
		taken += len(rows[g])
	}
	if taken == 0 || taken == n {
		return nil, fmt.Errorf("splitting by group: %d groups of %d rows cannot give a hold-out of a share of %v; want more and smaller groups", len(names), n, share)
	}
	return holdout, nil
}

// Folds deals the rows in use (nil: all) into k stratified folds, 0 to k−1: each class is shuffled by
// seed and dealt in turn, so that folds differ by at most one row of each class. Rows not in use
// have fold 0 and are to be passed over.
func Folds(labels, use []bool, k int, seed uint64) ([]uint8, error) {
	classes := byClass(labels, use)
	if k < 2 || k > 255 {
		return nil, fmt.Errorf("making folds: %d folds; want 2 to 255", k)
	}
	if smallest := min(len(classes[0]), len(classes[1])); smallest < k {
		return nil, fmt.Errorf("making folds: %d folds of %d positives and %d negatives; each fold needs both", k, len(classes[1]), len(classes[0]))
	}
	rng := random(seed, purposeFolds)
	folds := make([]uint8, len(labels))
	next := 0
	for _, rows := range classes {
		shuffle(rng, rows)
		for _, i := range rows {
			folds[i] = uint8(next % k)
			next++
		}
	}
	return folds, nil
}
