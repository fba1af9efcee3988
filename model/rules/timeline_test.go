package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// What a timeline says of its last n events is what their definition says, in whatever order it is asked, and again for the next lead.
func TestTimelineByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	decays := []decay{{kind: halfLife, span: 9 * microsPerDay}, {kind: linear, span: 20 * microsPerDay}, {kind: step, span: 5 * microsPerDay, keep: 0.25}, {}}
	var l timeline
	for range 300 {
		l.reset()
		now := int64(r.IntN(40)-20) * microsPerDay // around 1970: days before it count as others do
		for range 1 + r.IntN(30) {
			l.times = append(l.times, now-int64(r.IntN(120))*microsPerDay/4)
		}
		slices.Sort(l.times)
		for range 20 {
			n := 1 + r.IntN(len(l.times))
			times := l.times[len(l.times)-n:]
			latest := map[float64]float64{} // left of the latest event of each day
			d, each := &decays[r.IntN(len(decays))], each(r.IntN(3))
			var want float64
			for _, at := range times {
				left := d.left(float64(now - at))
				latest[math.Floor(float64(at)/microsPerDay)] = left
				switch each {
				case once:
					want = left
				case eachEvent:
					want += left
				}
			}
			if each == eachDay {
				for _, left := range latest {
					want += left
				}
			}
			if got := l.daysOf(n); got != len(latest) {
				t.Fatalf("%d days of the last %d of %v, want %d", got, n, l.times, len(latest))
			}
			if got := l.leftOf(n, each, d, now); !(math.Abs(got-want) <= 1e-12*max(1, want)) {
				t.Fatalf("%v is left of the last %d of %v by %+v, each %d; want %v", got, n, l.times, *d, each, want)
			}
		}
	}
}

// A set of ids knows what it was given, grows, and forgets all of it when it is used again, for fewer ids or more.
func TestIDsCountOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var s idSet
	for _, n := range []int{3, 2000, 1, 70, 0, 5000, 40} {
		events := make([]Event, n)
		for i := range events {
			events[i].ID = fmt.Sprint("event ", r.IntN(n))
		}
		for range 2 { // the same lead once more
			s.reset(n)
			seen := map[string]bool{}
			for i := range events {
				if got := s.add(events, i); got == seen[events[i].ID] {
					t.Fatalf("%d ids: %q is new: %v, seen before: %v", n, events[i].ID, got, seen[events[i].ID])
				}
				seen[events[i].ID] = true
			}
		}
	}
}
