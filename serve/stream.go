package serve

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// batchBody is the body of a batch within its limits of size and time, unpacked where it is compressed: they are of what is read.
type batchBody struct {
	sent        sentBatch
	unpacker    *unpacker // nil: it is not compressed
	left, limit int64
}

// openBatch begins to read a batch, and release ends it.
func (s *Server) openBatch(k *call, w *streamWriter, st *stream) *batchBody {
	most := s.limits.BatchBody
	b := &batchBody{sent: sentBatch{k.request.Body, w, st.interactive}, left: most, limit: most}
	if st.coding != "" {
		b.unpacker = newUnpacker(st.coding, &b.sent, "batch", most)
	}
	return b
}

func (b *batchBody) release() {
	if b.unpacker != nil {
		b.unpacker.release()
	}
}

func (b *batchBody) Read(p []byte) (n int, err error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	if b.unpacker != nil {
		n, err = b.unpacker.Read(p)
	} else {
		n, err = b.sent.Read(p)
	}
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge("batch", b.limit)
	}
	return n, err
}

// sentBatch is a batch as it comes.
type sentBatch struct {
	src         io.Reader
	writer      *streamWriter
	interactive bool
}

func (r *sentBatch) Read(p []byte) (int, error) {
	if r.interactive {
		if err := r.writer.flush(); err != nil {
			return 0, err
		}
	}
	r.writer.allowRead()
	return r.src.Read(p)
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
		buf: make([]byte, 0, windowSize+windowSize/4),
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
