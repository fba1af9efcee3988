// Package replays keeps answers for a while, so that a request that is sent again, because its answer was lost on the way, gets the same
// answer byte for byte, whatever has changed meanwhile. It knows nothing of HTTP or leads: requests are digests, answers are bytes.
//
// The memory is bounded by the number of answers and by their bytes; the oldest go first. It is of one process and gone with it: an answer can
// be made again, so nothing else is owed to a caller.
package replays

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Digest is a sha256.
type Digest [32]byte

// Limits bound what is kept; a zero field is its default.
type Limits struct {
	Answers int // 0: 10,000
	Bytes   int // of answers; 0: 64 MiB
}

// Cache holds answers by key. It is used by many goroutines; one lock guards it, which is held for look-ups alone.
type Cache struct {
	window time.Duration
	limits Limits

	mu    sync.Mutex
	all   map[Digest]*entry
	kept  list.List // *entry, in the order of their ends, which is that of keeping
	bytes int
}

type entry struct {
	key, request Digest
	ended        chan struct{} // closed when the first request has its answer, or none
	answer       []byte        // nil while it is made
	until        time.Time
}

// New makes a cache whose answers are kept for window, above 0.
func New(window time.Duration, limits Limits) *Cache {
	if limits.Answers == 0 {
		limits.Answers = 10_000
	}
	if limits.Bytes == 0 {
		limits.Bytes = 64 << 20
	}
	return &Cache{window: window, limits: limits, all: map[Digest]*entry{}}
}

// State says what Begin found.
type State int

const (
	Fresh    State = iota // nobody has asked this: the caller makes the answer and ends its Turn
	Replayed              // this was answered before
	Other                 // the key was used for another request
)

// Turn is the right to make the answer for a key. Keep or Leave ends it, and lets go those who wait for it.
type Turn struct {
	cache *Cache
	entry *entry
}

// Begin asks for the answer to a request under a key at the moment now. Where the same request is being answered it waits for that; if that gets no
// answer it is the next one's turn. The error is that of ctx. The answer is shared and must not be changed.
func (c *Cache) Begin(ctx context.Context, key, request Digest, now time.Time) (Turn, State, []byte, error) {
	for {
		c.mu.Lock()
		c.expire(now)
		e := c.all[key]
		switch {
		case e == nil:
			e = &entry{key: key, request: request, ended: make(chan struct{})}
			c.all[key] = e
			c.mu.Unlock()
			return Turn{c, e}, Fresh, nil, nil
		case e.request != request:
			c.mu.Unlock()
			return Turn{}, Other, nil, nil
		case e.answer != nil:
			c.mu.Unlock()
			return Turn{}, Replayed, e.answer, nil
		}
		c.mu.Unlock()
		select {
		case <-e.ended:
		case <-ctx.Done():
			return Turn{}, Fresh, nil, ctx.Err()
		}
	}
}

// Keep ends the turn with an answer, not empty, which the cache copies.
func (t Turn) Keep(answer []byte, now time.Time) {
	c, e := t.cache, t.entry
	c.mu.Lock()
	defer c.mu.Unlock()
	e.answer, e.until = append([]byte(nil), answer...), now.Add(c.window)
	c.kept.PushBack(e)
	c.bytes += len(answer)
	for c.kept.Len() > c.limits.Answers || c.bytes > c.limits.Bytes {
		c.forget()
	}
	close(e.ended)
}

// Leave ends the turn without an answer.
func (t Turn) Leave() {
	t.cache.mu.Lock()
	defer t.cache.mu.Unlock()
	delete(t.cache.all, t.entry.key)
	close(t.entry.ended)
}

// expire lets go of what is over. A clock that was set back keeps answers for longer; their number is bounded all the same.
func (c *Cache) expire(now time.Time) {
	for f := c.kept.Front(); f != nil && !now.Before(f.Value.(*entry).until); f = c.kept.Front() {
		c.forget()
	}
}

// forget lets go of the oldest.
func (c *Cache) forget() {
	e := c.kept.Remove(c.kept.Front()).(*entry)
	c.bytes -= len(e.answer)
	delete(c.all, e.key)
}

// Len returns how many answers are kept.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.Len()
}
