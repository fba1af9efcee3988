package access

import (
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds the callers that have buckets of their own; those beyond share one.
const maxBuckets = 10_000

// callerID is a hash of who is behind a token or a certificate.
type callerID [sha256.Size]byte

// buckets are those of callers that no file lists, made when they first come. The memory is bounded: buckets that are full
// again are dropped, which changes nothing for their callers, and while all are in use those who come new share one. Dropping the
// oldest was rejected: it would give a caller who comes under many names a full bucket each time.
type buckets struct {
	rate   Rate
	most   int          // maxBuckets, or a test's
	mu     sync.RWMutex // of callers that have a bucket only for reading
	of     map[callerID]*rate.Limiter
	shared *rate.Limiter
	swept  time.Time
}

func newBuckets(r Rate) *buckets {
	return &buckets{rate: r, most: maxBuckets, of: map[callerID]*rate.Limiter{}, shared: r.bucket()}
}

// get is the bucket of a caller; nil: no limit.
func (b *buckets) get(id callerID, now time.Time) *rate.Limiter {
	if b.rate.Requests == 0 {
		return nil
	}
	b.mu.RLock()
	known := b.of[id]
	b.mu.RUnlock()
	if known != nil {
		return known
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.of[id]; l != nil { // of two that came at once
		return l
	}
	if len(b.of) >= b.most && now.Sub(b.swept).Abs() >= time.Second { // looking at all of them is not for each request
		b.swept = now
		for other, l := range b.of {
			if l.TokensAt(now) >= float64(b.rate.Requests) {
				delete(b.of, other)
			}
		}
	}
	if len(b.of) >= b.most {
		return b.shared
	}
	l := b.rate.bucket()
	b.of[id] = l
	return l
}
