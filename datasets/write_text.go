package datasets

import (
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// rowFormat turns rows into text. Its methods are called by many goroutines at once.
type rowFormat interface {
	header(dst []byte) []byte
	rows(dst []byte, b *Batch, from, to int, dates []bool) []byte
}

// chunkRows is how many rows one goroutine formats at a time: enough to make the hand-over
// cheap, few enough that the text of a chunk stays in the cache until it is written.
const chunkRows = 8192

// textWriter formats chunks of rows on all cores and writes them in order.
type textWriter struct {
	file   *pendingFile
	out    io.WriteCloser // compressor over file
	format rowFormat
	// dates[i]: times of column i that fall on midnight are written as dates. Decided once, by
	// the first batch that has a value there, so that a column of dates stays one and a column
	// of moments has one format throughout.
	dates   []bool
	decided []bool

	jobs  chan *textChunk // to the formatters
	order chan *textChunk // to the one goroutine that writes
	ended sync.WaitGroup
	fail  atomic.Pointer[error]
	free  sync.Pool
}

type textChunk struct {
	batch    *Batch
	from, to int
	dates    []bool
	text     []byte
	ready    chan struct{}
}

func newTextWriter(file *pendingFile, compress string, s *Schema, format rowFormat) (Writer, error) {
	out, err := compressed(file, compress)
	if err != nil {
		return nil, err
	}
	workers := runtime.GOMAXPROCS(0)
	w := &textWriter{
		file: file, out: out, format: format,
		dates: make([]bool, len(s.Fields)), decided: make([]bool, len(s.Fields)),
		jobs: make(chan *textChunk, workers), order: make(chan *textChunk, 2*workers),
	}
	if head := format.header(nil); len(head) > 0 {
		if _, err := out.Write(head); err != nil {
			return nil, err
		}
	}
	w.ended.Add(workers + 1)
	for range workers {
		go w.formatChunks()
	}
	go w.writeChunks()
	return w, nil
}

func (w *textWriter) formatChunks() {
	defer w.ended.Done()
	for c := range w.jobs {
		if buf, ok := w.free.Get().(*[]byte); ok {
			c.text = (*buf)[:0]
		}
		c.text = w.format.rows(c.text, c.batch, c.from, c.to, c.dates)
		close(c.ready)
	}
}

func (w *textWriter) writeChunks() {
	defer w.ended.Done()
	for c := range w.order {
		<-c.ready
		if w.fail.Load() == nil {
			if _, err := w.out.Write(c.text); err != nil {
				w.fail.Store(&err)
			}
		}
		w.free.Put(&c.text)
	}
}

func (w *textWriter) Write(b *Batch) error {
	if e := w.fail.Load(); e != nil {
		return *e
	}
	w.decideDates(b)
	for from := 0; from < b.rows; from += chunkRows {
		c := &textChunk{batch: b, from: from, to: min(from+chunkRows, b.rows), dates: w.dates, ready: make(chan struct{})}
		w.order <- c
		w.jobs <- c
	}
	return nil
}

// decideDates replaces the slice rather than changing it: formatters may be reading the old one.
func (w *textWriter) decideDates(b *Batch) {
	for i := range b.columns {
		if b.columns[i].Kind != Time || w.decided[i] {
			continue
		}
		found, midnight := false, true
		for _, t := range b.columns[i].Times {
			if t != MissingTime {
				found = true
				midnight = midnight && t%microsPerDay == 0
			}
		}
		if found {
			w.decided[i] = true
			w.dates = append([]bool(nil), w.dates...)
			w.dates[i] = midnight
		}
	}
}

// stop waits until every chunk handed over is written.
func (w *textWriter) stop() error {
	close(w.jobs)
	close(w.order)
	w.ended.Wait()
	if e := w.fail.Load(); e != nil {
		return *e
	}
	return nil
}

func (w *textWriter) Close() error {
	err := w.stop()
	if e := w.out.Close(); err == nil {
		err = e
	}
	if err != nil {
		w.file.abort()
		return err
	}
	return w.file.commit()
}

func (w *textWriter) Abort() {
	_ = w.stop()
	_ = w.out.Close()
	w.file.abort()
}
