package access

import (
	"sync/atomic"
	"time"
)

// bucket holds a caller to a rate, by the generic cell rate algorithm (ITU-T I.371), which takes and refuses what a bucket of tokens does and whose whole
// state is one moment: when the bucket will be full again. So a request costs one compare-and-swap, and no lock is shared. golang.org/x/time/rate
// was rejected: its lock and its arithmetic of times cost as much as finding out who calls.
type bucket struct {
	began atomic.Pointer[time.Time] // the first request, from which moments are counted; a difference of two times heeds no step of the clock of day
	each  int64                     // ns that one request takes to flow in, rounded up: a caller never gets more than its rate
	whole int64                     // ns that an empty bucket takes to be full
	full  atomic.Int64              // ns from began
}

// stepBack is how far a clock must go back, in ns, before that is taken for a step: requests look at the clock at about the same time, not in order.
const stepBack = int64(time.Second)

// bucket is a full bucket; nil: no limit.
func (r Rate) bucket() *bucket {
	if r.Requests == 0 {
		return nil
	}
	n := int64(r.Requests)
	each := (int64(r.Per) + n - 1) / n
	return &bucket{each: each, whole: n * each}
}

// take takes one request out of the bucket at a moment. When there is none it says how long to wait for one, above 0, and takes nothing. A
// nil bucket has no limit.
func (b *bucket) take(now time.Time) time.Duration {
	if b == nil {
		return 0
	}
	at := b.moment(now)
	for {
		full := b.full.Load()
		then := max(full, at) + b.each
		if wait := then - at - b.whole; wait > 0 {
			if wait > b.each+stepBack { // an empty bucket has no longer wait than each: the clock went back
				b.full.CompareAndSwap(full, at+b.whole)
				continue
			}
			return time.Duration(wait)
		}
		if b.full.CompareAndSwap(full, then) {
			return 0
		}
	}
}

// moment is a time in ns from the first request.
func (b *bucket) moment(now time.Time) int64 {
	began := b.began.Load()
	if began == nil {
		first := now
		b.began.CompareAndSwap(nil, &first)
		began = b.began.Load()
	}
	return int64(now.Sub(*began))
}

// isFull reports whether the bucket is as a new one.
func (b *bucket) isFull(now time.Time) bool { return b.full.Load() <= b.moment(now) }
