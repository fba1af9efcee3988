package telemetry

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// paper is a log that may stall.
type paper struct {
	mu     sync.Mutex
	text   strings.Builder
	writes int
	stall  chan struct{} // nil: it does not
}

func (p *paper) Write(b []byte) (int, error) {
	if p.stall != nil {
		<-p.stall
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes++
	return p.text.Write(b)
}

func (p *paper) read() (text string, writes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String(), p.writes
}

func value(t testing.TB, c prometheus.Collector) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	all, err := r.Gather()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	sum := 0.0
	for _, m := range all[0].Metric {
		sum += m.Counter.GetValue()
	}
	return sum
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s in time", what)
		}
	}
}

// TestLinesAreGathered: many lines are few writes, whole and in order; none is lost at the end.
func TestLinesAreGathered(t *testing.T) {
	p := &paper{}
	l := NewLines(p)
	log := l.Logger(false, slog.LevelInfo)
	log.Info("first")
	until(t, "line", func() bool { text, _ := p.read(); return strings.Contains(text, "first") }) // by itself, before anything else comes
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 500 {
				log.Info("a line")
			}
		})
	}
	writers.Wait()
	log.Debug("too low")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, writes := p.read()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}") || strings.Contains(line, "too low") {
			t.Fatalf("not a line: %s", line)
		}
	}
	if len(lines) != 2001 || writes > 500 || value(t, l.Dropped()) != 0 {
		t.Errorf("%d lines in %d writes", len(lines), writes)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestWarningsAreWrittenAtOnce, long before others would be, behind the lines before them.
func TestWarningsAreWrittenAtOnce(t *testing.T) {
	p := &paper{}
	l := NewLines(p)
	defer func() { _ = l.Close() }()
	log := l.Logger(true, slog.LevelInfo).With("a", 1).WithGroup("g")
	log.Info("before", "b", 2)
	soonest := time.Hour
	for n := range 10 { // others may have the processor for a while, but not each time
		began := time.Now()
		log.Warn("now")
		until(t, "warning", func() bool { text, _ := p.read(); return strings.Count(text, "now") > n })
		soonest = min(soonest, time.Since(began))
	}
	if soonest > linesInterval/4 {
		t.Errorf("a warning is written after %s at the soonest", soonest)
	}
	if text, _ := p.read(); !strings.Contains(text, "msg=before a=1 g.b=2") || strings.Index(text, "before") > strings.Index(text, "now") {
		t.Errorf("got %q", text)
	}
}

// TestAStalledReaderStallsNobody: lines beyond the bound are dropped and counted, memory does not grow, the others come when it reads on.
func TestAStalledReaderStallsNobody(t *testing.T) {
	p := &paper{stall: make(chan struct{})}
	l := NewLines(p)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	began := time.Now()
	for range 5000 {
		if n, err := l.Write(line); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("5,000 lines took %s", took)
	}
	dropped := value(t, l.Dropped())
	if dropped < 5000-2*linesMost/1024 || len(l.buf) > linesMost {
		t.Errorf("%v lines are dropped, %d bytes wait", dropped, len(l.buf))
	}
	close(p.stall)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if text, _ := p.read(); len(text) != (5000-int(dropped))*1024 {
		t.Errorf("%d bytes of %v lines", len(text), 5000-dropped)
	}
}

// TestAStalledReaderStallsNoWarning: whoever warns goes on, and so does who closes the log.
func TestAStalledReaderStallsNoWarning(t *testing.T) {
	p := &paper{stall: make(chan struct{})}
	l := NewLines(p)
	l.end = 10 * time.Millisecond
	log := l.Logger(false, slog.LevelInfo)
	ended := make(chan struct{})
	go func() {
		for range 3 {
			log.Error("a failure")
		}
		_ = l.Close()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("it waits for the reader")
	}
	close(p.stall)
	<-l.done
	if text, _ := p.read(); strings.Count(text, "a failure") != 3 {
		t.Errorf("got %q", text)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestCloseTellsOfABrokenLog(t *testing.T) {
	l := NewLines(broken{})
	_, _ = io.WriteString(l, "a line\n")
	_, _ = l.Write(nil)
	if err := l.Close(); err == nil {
		until(t, "write", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.buf) == 0 }) // the ticker was first
	}
}

// BenchmarkLine is a line through Lines, BenchmarkLineAtOnce one that is written by itself, both to a file.
func BenchmarkLine(b *testing.B) {
	l := NewLines(logFile(b))
	defer func() { _ = l.Close() }()
	logLines(b, l.Logger(false, slog.LevelInfo))
}

func BenchmarkLineAtOnce(b *testing.B) {
	logLines(b, slog.New(slog.NewJSONHandler(logFile(b), nil)))
}

func logFile(b *testing.B) *os.File {
	b.Helper()
	f, err := os.Create(b.TempDir() + "/log")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return f
}

func logLines(b *testing.B, log *slog.Logger) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(b.Context(), slog.LevelInfo, "request", slog.String("route", "/v1/score"), slog.Int("status", 200), slog.Int64("us", 17))
	}
}
