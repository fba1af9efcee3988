package main

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets of at most 1/64 of their value, from a nanosecond to three centuries. It is of one goroutine.
type histogram struct {
	counts [59 * 64]uint64
	n      uint64
	most   time.Duration
}

func (h *histogram) add(d time.Duration) {
	v := uint64(max(d, 0))
	shift := max(0, bits.Len64(v)-7)
	h.counts[uint64(shift)*64+v>>shift]++
	h.n++
	h.most = max(h.most, d)
}

func (h *histogram) merge(other *histogram) {
	for i, c := range other.counts {
		h.counts[i] += c
	}
	h.n += other.n
	h.most = max(h.most, other.most)
}

// quantile is the least bound that a share q of the durations does not exceed; 0 of none.
func (h *histogram) quantile(q float64) time.Duration {
	var below uint64
	for i, c := range h.counts {
		below += c
		if c > 0 && float64(below) >= q*float64(h.n) {
			shift := max(0, i/64-1)
			return min(h.most, time.Duration((uint64(i-shift*64)+1)<<shift-1))
		}
	}
	return 0
}
