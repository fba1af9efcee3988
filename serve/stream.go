package serve

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// batchReader reads the body within its limits of size and time.
type batchReader struct {
	src         io.Reader
	left, limit int64
	writer      *streamWriter
	interactive bool // the client may wait for answers before it sends more
}

func (r *batchReader) Read(p []byte) (int, error) {
	if r.interactive {
		if err := r.writer.flush(); err != nil {
			return 0, err
		}
	}
	r.writer.allowRead()
	if int64(len(p)) > r.left+1 {
		p = p[:r.left+1]
	}
	n, err := r.src.Read(p)
	if r.left -= int64(n); r.left < 0 {
		return 0, tooLarge("batch", r.limit)
	}
	return n, err
}

// maxKeptStream is the largest buffer of an answer that is kept for another one: room for a record batch of some ten thousand rows.
const maxKeptStream = 8 << 20

var streamBuffers = sync.Pool{New: func() any {
	b := make([]byte, 0, windowSize+windowSize/4)
	return &b
}}

// release gives the buffer back, when nothing more is sent.
func (w *streamWriter) release() {
	if b := w.buf[:0]; cap(b) <= maxKeptStream {
		streamBuffers.Put(&b)
	}
	w.buf = nil
}

// streamWriter sends an answer piece by piece while the request is still being read.
type streamWriter struct {
	buf         []byte // what has not gone out yet; run appends to it
	begun       bool
	gin         *gin.Context
	control     *http.ResponseController
	contentType string
	limits      Limits
	clock       func() time.Time
	until       time.Time // the whole batch's time limit
}

func newStreamWriter(c *gin.Context, contentType string, limits Limits, clock func() time.Time) *streamWriter {
	w := &streamWriter{
		buf: *streamBuffers.Get().(*[]byte),
		gin: c, control: http.NewResponseController(c.Writer), contentType: contentType,
		limits: limits, clock: clock, until: clock().Add(limits.BatchTime),
	}
	_ = w.control.EnableFullDuplex() // HTTP/2 always is, and says that it has no such switch
	return w
}

// allowRead gives the client the idle limit to send something more, within the whole batch's time.
func (w *streamWriter) allowRead() { _ = w.control.SetReadDeadline(w.deadline()) }

func (w *streamWriter) deadline() time.Time {
	d := w.clock().Add(w.limits.BatchIdle)
	if d.After(w.until) {
		return w.until
	}
	return d
}

// flush sends what is in the buffer.
func (w *streamWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	if !w.begun {
		w.begun = true
		w.gin.Writer.Header().Set("Content-Type", w.contentType)
		w.gin.Writer.WriteHeader(http.StatusOK)
	}
	for rest := w.buf; len(rest) > 0; {
		n := min(len(rest), 8*windowSize)                             // the time limit is one for each piece
		_ = w.control.SetWriteDeadline(w.deadline().Add(time.Second)) // past the read's, so that its error can be told
		if _, err := w.gin.Writer.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	w.buf = w.buf[:0]
	return w.control.Flush()
}

// finish sends the rest; an empty batch still begins its answer.
func (w *streamWriter) finish() error {
	if len(w.buf) > 0 || w.begun {
		return w.flush()
	}
	w.begun = true
	w.gin.Writer.Header().Set("Content-Type", w.contentType)
	w.gin.Writer.WriteHeader(http.StatusOK)
	w.gin.Writer.WriteHeaderNow()
	return nil
}
