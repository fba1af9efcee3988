package serve

import (
	"io"
	"net/http"
	"sync"
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
	packing     coding // what the client accepts
	packer      packer // nil: it has not begun, or nothing is compressed
	limits      Limits
	clock       func() time.Time
	until       time.Time // the whole batch's time limit
}

func newStreamWriter(c *gin.Context, contentType string, limits Limits, clock func() time.Time) *streamWriter {
	w := &streamWriter{
		buf: *streamBuffers.Get().(*[]byte),
		gin: c, control: http.NewResponseController(c.Writer), contentType: contentType, packing: accepted(c.Request.Header),
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
		w.begin(true)
	}
	dst := io.Writer(w.gin.Writer)
	if w.packer != nil {
		dst = w.packer
	}
	for rest := w.buf; len(rest) > 0; {
		n := min(len(rest), 8*windowSize)                             // the time limit is one for each piece
		_ = w.control.SetWriteDeadline(w.deadline().Add(time.Second)) // past the read's, so that its error can be told
		if _, err := dst.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	w.buf = w.buf[:0]
	if w.packer != nil { // what has been answered goes out: the client may wait for it
		if err := w.packer.Flush(); err != nil {
			return err
		}
	}
	return w.control.Flush()
}

// begin sends the head. large says that there is enough to compress, or may be.
func (w *streamWriter) begin(large bool) {
	w.begun = true
	h := w.gin.Writer.Header()
	h.Set("Content-Type", w.contentType)
	h.Add("Vary", varyCoding)
	if large && w.packing != "" {
		h["Content-Encoding"] = codingValue[w.packing]
		w.packer = newPacker(w.packing, w.gin.Writer)
	}
	w.gin.Writer.WriteHeader(http.StatusOK)
}

// finish sends the rest; an empty batch still begins its answer. After an answer that broke off it is not called: the end of a compressed
// stream would say that it is whole.
func (w *streamWriter) finish() error {
	if !w.begun {
		w.begin(len(w.buf) >= minPacked)
	}
	if len(w.buf) == 0 && w.packer == nil {
		w.gin.Writer.WriteHeaderNow()
		return nil
	}
	err := w.flush()
	if err != nil || w.packer == nil {
		return err
	}
	_ = w.control.SetWriteDeadline(w.deadline().Add(time.Second))
	if err = w.packer.Close(); err == nil {
		release(w.packing, w.packer)
		w.packer, err = nil, w.control.Flush()
	}
	return err
}
