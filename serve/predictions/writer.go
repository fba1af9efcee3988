package predictions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// DefaultBuffer is how many records wait at most where Options do not say.
const DefaultBuffer = 65_536

// blockRecords is how many records stand in one piece of memory.
const blockRecords = 256

// Options tune a Writer. Clock is needed.
type Options struct {
	Buffer int          // records that wait at most; 0: DefaultBuffer. One takes about half a kilobyte while it waits
	Salt   []byte       // ids are hashed with it (model.HashID); nil: they are written as they are
	Logger *slog.Logger // gets each distinct failure once until the log is written again; nil: nobody does
	Clock  func() time.Time
	Every  time.Duration // how long a record waits to be written; 0: 100 ms
}

// Stats are counts since the Writer was made.
type Stats struct {
	Written  uint64 // records that the sink has taken
	Dropped  uint64 // records that are lost, for want of room or because they could not be written
	Failures uint64 // writings that failed
}

// sink takes columns of records. It is used by one goroutine.
type sink interface {
	// write writes all of the batch or, with an error, none of it as far as the sink can help it.
	write(b *datasets.Batch) error
	// cut tells after how many of the records another batch has to begin, at least 1.
	cut(records []Record) int
	// tick is called now and then, with records or without.
	tick(now time.Time)
	close() error
}

// Writer is a log of predictions. Log may be called by many goroutines.
type Writer struct {
	most    int
	every   time.Duration
	log     *slog.Logger
	clock   func() time.Time
	sink    sink
	schema  *datasets.Schema
	columns []column

	mu     sync.Mutex
	full   []*block // and the last, which may have room
	queued int
	closed bool
	blocks sync.Pool // *block

	wake, stop, done chan struct{}
	written          atomic.Uint64
	dropped          atomic.Uint64
	failures         atomic.Uint64
	taken            atomic.Int64 // records between the queue and the sink

	told    map[string]bool // errors that the log has since it was last written; of one goroutine
	failing bool
}

// block is a fixed piece of the queue.
type block struct {
	n       int
	records [blockRecords]Record
}

func newWriter(o Options) (*Writer, error) {
	if o.Clock == nil {
		return nil, errors.New("making a prediction log: it needs a clock")
	}
	if o.Buffer < 0 || o.Every < 0 {
		return nil, fmt.Errorf("making a prediction log: a buffer of %d records and a wait of %s; want neither below 0", o.Buffer, o.Every)
	}
	w := &Writer{
		most: o.Buffer, every: o.Every, log: o.Logger, clock: o.Clock,
		schema: model.LogSchema(), columns: columns(o.Salt),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}), told: map[string]bool{},
	}
	if w.most == 0 {
		w.most = DefaultBuffer
	}
	if w.every == 0 {
		w.every = 100 * time.Millisecond
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.blocks.New = func() any { return new(block) }
	return w, nil
}

func (w *Writer) start(s sink) *Writer {
	w.sink = s
	go w.run()
	return w
}

// Log copies a record into the queue. It never waits for the sink: where the queue is full, or the Writer closed, the record is
// dropped and counted.
func (w *Writer) Log(r *Record) {
	w.mu.Lock()
	if w.closed || w.queued >= w.most {
		w.mu.Unlock()
		w.dropped.Add(1)
		return
	}
	if last := len(w.full) - 1; last < 0 || w.full[last].n == blockRecords {
		w.full = append(w.full, w.blocks.Get().(*block))
	}
	b := w.full[len(w.full)-1]
	b.records[b.n] = *r
	b.n++
	w.queued++
	half := w.queued == w.most/2
	w.mu.Unlock()
	if half {
		select {
		case w.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// Stats returns the counts.
func (w *Writer) Stats() Stats {
	return Stats{Written: w.written.Load(), Dropped: w.dropped.Load(), Failures: w.failures.Load()}
}

// Close writes what waits and ends the log; Log drops from then on. When ctx is done first, because the sink hangs, the error tells how
// many records are lost. It may be called once.
func (w *Writer) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	close(w.stop)
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	lost := int64(w.queued) + w.taken.Load()
	w.mu.Unlock()
	if lost == 0 { // only the hour's file is not made yet; the next Writer of the folder makes it
		return nil
	}
	return fmt.Errorf("closing the prediction log: its last %d rows could not be written in time", lost)
}

func (w *Writer) run() {
	defer close(w.done)
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		stopping := false
		select {
		case <-tick.C:
		case <-w.wake:
		case <-w.stop:
			stopping = true
		}
		w.drain()
		if stopping {
			if err := w.sink.close(); err != nil {
				w.fail(err)
			}
			return
		}
		w.sink.tick(w.clock())
	}
}

// drain writes what is in the queue.
func (w *Writer) drain() {
	w.mu.Lock()
	full := w.full
	w.taken.Store(int64(w.queued))
	w.full, w.queued = nil, 0
	w.mu.Unlock()
	for _, b := range full {
		w.write(b.records[:b.n])
		w.taken.Add(-int64(b.n))
		clear(b.records[:b.n]) // lets go of the texts
		b.n = 0
		w.blocks.Put(b)
	}
}

func (w *Writer) write(records []Record) {
	for len(records) > 0 {
		n := w.sink.cut(records)
		b, err := batch(w.schema, w.columns, records[:n])
		if err == nil {
			err = w.sink.write(b)
		}
		if err == nil {
			w.written.Add(uint64(n))
			if w.failing {
				w.failing = false
				clear(w.told) // the same failure another day is news
				w.log.LogAttrs(context.Background(), slog.LevelInfo, "the prediction log is written again", slog.Uint64("dropped", w.dropped.Load()))
			}
		} else {
			w.dropped.Add(uint64(n))
			w.failing = true
			w.fail(err)
		}
		records = records[n:]
	}
}

// mostTold bounds how many distinct errors are remembered.
const mostTold = 100

// fail counts a failure and tells it, where it was not told before.
func (w *Writer) fail(err error) {
	w.failures.Add(1)
	text := err.Error()
	if w.told[text] || len(w.told) >= mostTold {
		return
	}
	w.told[text] = true
	w.log.LogAttrs(context.Background(), slog.LevelError, "the prediction log fails", slog.String("error", text))
}
