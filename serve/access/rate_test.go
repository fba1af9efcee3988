package access

import (
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestRates(t *testing.T) {
	for text, want := range map[string]Rate{"": {}, "1/s": {1, time.Second}, "600/m": {600, time.Minute}, "5000/h": {5000, time.Hour}} {
		r, err := ParseRate(text)
		if err != nil || r != want || r.String() != text {
			t.Errorf("%q: %v %q, %v", text, r, r, err)
		}
	}
	for _, text := range []string{"100", "/s", "0/s", "-1/s", "1e3/s", "1/min", "1/s/s", "2000000000/s", "99999999999999999999/s"} {
		if r, err := ParseRate(text); err == nil {
			t.Errorf("%q became %v", text, r)
		}
	}
}

// TestBucketHoldsItsRate sends as fast as it can for an hour of a clock that steps as it is told: never more than the bucket and what
// flowed into it are taken, and the wait that is told is long enough and no longer than needed.
func TestBucketHoldsItsRate(t *testing.T) {
	for _, text := range []string{"1/s", "7/s", "90/m", "5/h"} {
		r, err := ParseRate(text)
		if err != nil {
			t.Fatal(err)
		}
		b := r.bucket()
		taken, now := 0, noon
		for now.Before(noon.Add(time.Hour)) {
			wait := take(b, now)
			if wait == 0 {
				taken++
				flowed := float64(now.Sub(noon)) / float64(r.Per) * float64(r.Requests)
				if float64(taken) > flowed+float64(r.Requests)+1e-6 {
					t.Fatalf("%s: %d requests after %s", text, taken, now.Sub(noon))
				}
				continue
			}
			if almost := wait - time.Millisecond; almost > 0 && take(b, now.Add(almost)) == 0 {
				t.Fatalf("%s: told to wait %s, taken after %s", text, wait, almost)
			}
			now = now.Add(wait + time.Nanosecond)
			if again := take(b, now); again != 0 {
				t.Fatalf("%s: waited %s in vain, now %s", text, wait, again)
			}
			taken++
		}
		least := r.Requests + int(float64(time.Hour)/float64(r.Per)*float64(r.Requests)) - 1
		if taken < least {
			t.Errorf("%s: %d requests in an hour, want %d", text, taken, least)
		}
	}
	if take(nil, noon) != 0 {
		t.Error("no limit is one")
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	for wait, want := range map[time.Duration]string{1: "1", time.Second: "1", time.Second + 1: "2", 1500 * time.Millisecond: "2", time.Hour: "3600"} {
		if got := tooOften(wait).RetryAfter(); got != want {
			t.Errorf("%s: %s, want %s", wait, got, want)
		}
	}
}

// TestBucketsAreBounded: callers beyond the bound share one bucket, until those before them have been idle for long enough.
func TestBucketsAreBounded(t *testing.T) {
	b := newBuckets(Rate{2, time.Second})
	b.most = 3
	id := func(n byte) callerID { return callerID{n} }
	for n := byte(1); n <= 3; n++ {
		take(b.get(id(n), noon), noon)
	}
	if own := b.get(id(1), noon); own != b.get(id(1), noon) || own == b.get(id(2), noon) {
		t.Error("a caller has no bucket of its own")
	}
	for n := byte(4); n < 200; n++ {
		take(b.get(id(n), noon), noon)
	}
	if len(b.of) != 3 || b.get(id(4), noon) != b.shared || take(b.get(id(250), noon), noon) == 0 {
		t.Errorf("%d buckets; strangers have more than one between them", len(b.of))
	}
	later := noon.Add(2 * time.Second)
	if l := b.get(id(4), later); l == b.shared || len(b.of) != 1 {
		t.Errorf("idle buckets stay: %d", len(b.of))
	}
	if newBuckets(Rate{}).get(id(1), noon) != nil {
		t.Error("a limit where none is set")
	}
}

// TestRefusedRequestsCostNothing: whoever asks too often from many goroutines at once is refused, and when it stops it gets what its rate
// allows at once: refusals take nothing, and the time to wait is never longer than that until one request more.
func TestRefusedRequestsCostNothing(t *testing.T) {
	bucket := Rate{Requests: 1, Per: time.Second}.bucket()
	if take(bucket, noon) != 0 {
		t.Fatal("a full bucket has nothing")
	}
	var mu sync.Mutex
	longest := time.Duration(0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				wait := take(bucket, noon)
				mu.Lock()
				longest = max(longest, wait)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if longest > time.Second {
		t.Errorf("one was told to wait %s", longest)
	}
	if wait := take(bucket, noon.Add(time.Second)); wait != 0 {
		t.Errorf("a second later the next has to wait %s", wait)
	}
}
