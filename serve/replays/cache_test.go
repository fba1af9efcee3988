package replays

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func digest(i int) (d Digest) {
	copy(d[:], fmt.Sprint(i))
	return d
}

// begin asks with a context that does not end.
func begin(t *testing.T, c *Cache, key, request int, now time.Time) (Turn, State, string) {
	t.Helper()
	turn, state, answer, err := c.Begin(context.Background(), digest(key), digest(request), now)
	if err != nil {
		t.Fatal(err)
	}
	return turn, state, string(answer)
}

func TestAnswersAreKeptForTheWindow(t *testing.T) {
	c := New(time.Minute, Limits{})
	turn, state, _ := begin(t, c, 1, 1, noon)
	if state != Fresh {
		t.Fatal(state)
	}
	made := []byte("one")
	turn.Keep(made, noon)
	made[0] = 'x' // the cache has its own
	for _, test := range []struct {
		key, request int
		after        time.Duration
		state        State
		answer       string
	}{
		{1, 1, 0, Replayed, "one"}, {1, 1, time.Minute - 1, Replayed, "one"}, {1, 2, 0, Other, ""}, {1, 1, time.Minute, Fresh, ""},
	} {
		if turn, state, answer := begin(t, c, test.key, test.request, noon.Add(test.after)); state != test.state || answer != test.answer {
			t.Errorf("%+v: %v %q", test, state, answer)
		} else if state == Fresh {
			turn.Leave()
		}
	}
	if c.Len() != 0 || len(c.all) != 0 || c.bytes != 0 {
		t.Errorf("%d answers, %d keys, %d bytes are left", c.Len(), len(c.all), c.bytes)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := New(time.Hour, Limits{Answers: 3, Bytes: 10})
	keep := func(key int, answer string) {
		turn, state, _ := begin(t, c, key, key, noon)
		if state != Fresh {
			t.Fatalf("key %d: %v", key, state)
		}
		turn.Keep([]byte(answer), noon)
	}
	has := func(want ...int) {
		t.Helper()
		for key := range 10 {
			turn, state, _ := begin(t, c, key, key, noon)
			if state == Fresh {
				turn.Leave()
			}
			found := false
			for _, w := range want {
				found = found || w == key
			}
			if found != (state == Replayed) {
				t.Errorf("key %d: %v, want those of %v", key, state, want)
			}
		}
	}
	for key := range 5 {
		keep(key, "ab")
	}
	has(2, 3, 4)
	keep(5, "12345678")
	has(4, 5)
	keep(6, "longer than all of it")
	has()
}

// TestTwinsWait: of many that ask at once one makes the answer; where it fails the next one does.
func TestTwinsWait(t *testing.T) {
	c := New(time.Hour, Limits{})
	var made, replayed atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			turn, state, answer, err := c.Begin(context.Background(), digest(1), digest(1), noon)
			switch {
			case err != nil:
				t.Error(err)
			case state == Replayed && string(answer) == "third":
				replayed.Add(1)
			case state != Fresh:
				t.Errorf("%v %q", state, answer)
			case made.Add(1) < 3:
				turn.Leave()
			default:
				turn.Keep([]byte("third"), noon)
			}
		})
	}
	all.Wait()
	if made.Load() != 3 || replayed.Load() != 47 {
		t.Errorf("%d made, %d replayed", made.Load(), replayed.Load())
	}
}

func TestWhoWaitsMayLeave(t *testing.T) {
	c := New(time.Hour, Limits{})
	turn, _, _ := begin(t, c, 1, 1, noon)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, _, err := c.Begin(gone, digest(1), digest(1), noon); err == nil {
		t.Error("it did not leave")
	}
	if _, state, _ := begin(t, c, 1, 2, noon); state != Other {
		t.Errorf("another request of the key: %v", state)
	}
	turn.Leave()
}
