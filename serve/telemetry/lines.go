package telemetry

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// linesInterval is how long a line may wait; a process that is killed loses the lines of so long.
	linesInterval = 100 * time.Millisecond
	linesFull     = 64 << 10 // bytes that are written without waiting longer
	linesMost     = 1 << 20  // bytes that wait at most; lines beyond are dropped
	// linesEnd is how long Close waits for a reader that stalls: the process must come to its end.
	linesEnd = 2 * time.Second
)

// Lines gathers log lines in memory and writes them together, each 100 ms or 64 KiB, so that a request is not charged a write of its own and a
// reader of the log that stalls does not stall the requests: what does not fit into 1 MiB is dropped and counted. Loggers of it have warnings
// and errors written without delay, and what stands before them, but do not wait for it: whoever warns may hold a place or a lock that
// others want. Close writes the rest. It is used by many goroutines.
type Lines struct {
	out     io.Writer
	mu      sync.Mutex // of buf
	buf     []byte
	writing sync.Mutex // of out and spare; taken before mu
	spare   []byte
	now     chan struct{} // wakes the goroutine
	stop    chan struct{}
	done    chan struct{}
	last    error         // of the last writing; read when done is closed
	end     time.Duration // linesEnd, or a test's
	closing sync.Once
	dropped prometheus.Counter
}

// NewLines begins to gather for out. Close ends its goroutine.
func NewLines(out io.Writer) *Lines {
	l := &Lines{out: out, end: linesEnd, now: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadscore_log_lines_dropped_total", Help: "Log lines dropped because what reads the log was too slow.",
		}),
	}
	go l.run()
	return l
}

// Dropped counts the lines that were lost to a reader too slow.
func (l *Lines) Dropped() prometheus.Collector { return l.dropped }

func (l *Lines) run() {
	defer close(l.done)
	tick := time.NewTicker(linesInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.now:
		case <-l.stop:
			l.last = l.Flush()
			return
		}
		_ = l.Flush() // the log itself has failed: there is nowhere to say so
	}
}

// Write takes whole lines. It never waits for out and never fails.
func (l *Lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	if len(l.buf)+len(line) > linesMost {
		l.mu.Unlock()
		l.dropped.Inc()
		return len(line), nil
	}
	l.buf = append(l.buf, line...)
	full := len(l.buf) >= linesFull
	l.mu.Unlock()
	if full {
		l.wake()
	}
	return len(line), nil
}

// wake has what waits written now.
func (l *Lines) wake() {
	select {
	case l.now <- struct{}{}:
	default: // it is awake already
	}
}

// Flush writes what waits.
func (l *Lines) Flush() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	waiting := l.buf
	l.buf = l.spare[:0]
	l.mu.Unlock()
	l.spare = waiting
	if len(waiting) == 0 {
		return nil
	}
	_, err := l.out.Write(waiting)
	return err
}

// Close writes the rest and ends the goroutine. Lines that come later are written by Flush alone. Where the reader stalls, Close gives up after
// 2 s without an error: it would have to be told on the same stream.
func (l *Lines) Close() error {
	l.closing.Do(func() { close(l.stop) })
	end := time.NewTimer(l.end)
	defer end.Stop()
	select {
	case <-l.done:
		return l.last
	case <-end.C:
		return nil
	}
}

// Logger logs into l: as text where text is true, as JSON otherwise; lines below level are dropped.
func (l *Lines) Logger(text bool, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(l, o)
	if text {
		h = slog.NewTextHandler(l, o)
	}
	return slog.New(urgent{h, l})
}

// urgent has warnings and errors written without delay.
type urgent struct {
	slog.Handler
	lines *Lines
}

func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.lines.wake()
	}
	return err
}

func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.lines}
}
func (u urgent) WithGroup(name string) slog.Handler {
	return urgent{u.Handler.WithGroup(name), u.lines}
}
