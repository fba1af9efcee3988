package evaluate

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// ranked is a row and the value that it is sorted by.
type ranked struct {
	key      uint64 // see keyOf
	row      int32
	positive bool // of Sample.ranked alone
}

// keyOf maps the numbers to integers of the same order, −0 and 0 to the same; NaN is none of them.
func keyOf(x float64) uint64 {
	bits := math.Float64bits(x + 0) // −0 + 0 is 0
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// numberOf is the number that keyOf maps to a key, 0 for those of −0 and 0.
func numberOf(key uint64) float64 {
	if key>>63 != 0 {
		return math.Float64frombits(key &^ (1 << 63))
	}
	return math.Float64frombits(^key)
}

const (
	digitBits = 11
	digits    = 6 // of 64 bits
	// fewRows is where comparing is as fast as counting digits.
	fewRows = 1 << 10
)

// sortRanked sorts by rising key; rows of equal keys keep their order. It counts digits from the lowest
// up (Knuth, The Art of Computer Programming 3, algorithm 5.2.5R) and passes over those that all keys
// share: of half a million scores that is a sixth of the time of comparing them.
func sortRanked(items []ranked) []ranked {
	if len(items) < fewRows {
		slices.SortStableFunc(items, func(a, b ranked) int { return cmp.Compare(a.key, b.key) })
		return items
	}
	counts := new([digits][1 << digitBits]int32)
	for i := range items {
		key := items[i].key
		for d := range counts {
			counts[d][key&(1<<digitBits-1)]++
			key >>= digitBits
		}
	}
	spare := make([]ranked, len(items))
	for d := range counts {
		shift := d * digitBits
		place := &counts[d]
		if int(place[items[0].key>>shift&(1<<digitBits-1)]) == len(items) {
			continue
		}
		next := int32(0)
		for k, n := range place {
			place[k] = next
			next += n
		}
		for _, it := range items {
			k := it.key >> shift & (1<<digitBits - 1)
			spare[place[k]] = it
			place[k]++
		}
		items, spare = spare, items
	}
	return items
}

// sortHalves is sortRanked with the two halves sorted at the same time and merged: the order is the same.
func sortHalves(items []ranked) []ranked {
	if len(items) < 64*fewRows {
		return sortRanked(items)
	}
	low, high := items[:len(items)/2], items[len(items)/2:]
	var other sync.WaitGroup
	other.Go(func() { low = sortRanked(low) })
	high = sortRanked(high)
	other.Wait()
	out := make([]ranked, 0, len(items))
	for len(low) > 0 && len(high) > 0 {
		if low[0].key <= high[0].key {
			out, low = append(out, low[0]), low[1:]
		} else {
			out, high = append(out, high[0]), high[1:]
		}
	}
	return append(append(out, low...), high...)
}
