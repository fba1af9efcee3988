package serve

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Answers that may be large are compressed for those who say that they read it: batches, tables of the facades, the card of a model, openapi.json
// and /docs (/metrics does it by itself). An answer to one lead is not: it fits into a packet or two. That a length tells of a
// secret beside a text of the attacker's choice (BREACH) is no matter here: an answer holds what its own caller sent and
// may read, and no secret.
//
// Rejected: klauspost/compress/gzhttp around the handler. It decides when it has seen the first bytes, would stand in the way of each single score, loses the
// errors of a flush, which end a batch whose client has gone, and leaves a strong ETag on what it changes.

// minPacked is the size in bytes from which on an answer is compressed.
const minPacked = 1 << 10

var (
	varyCoding  = "Accept-Encoding"
	codingValue = map[coding][]string{gzipCoding: {string(gzipCoding)}, zstdCoding: {string(zstdCoding)}}
)

// accepted is the coding that a client wants an answer in (RFC 9110, 12.5.3): the one of the highest weight, zstd before gzip; "" is
// none. None is also for those who refuse all there are, identity among them: the header is then passed over, as 12.5.3 has it.
func accepted(h http.Header) coding {
	const unsaid = -1
	others, plain := float64(unsaid), float64(unsaid)
	weights := [2]float64{unsaid, unsaid} // gzip, zstd
	for _, field := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(field, ",") {
			name, parameter, weighted := strings.Cut(part, ";")
			weight := 1.0
			if weighted {
				weight = qvalue(parameter)
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				weights[0] = weight
			case "zstd":
				weights[1] = weight
			case "identity":
				plain = weight
			case "*":
				others = weight
			}
		}
	}
	for i := range weights {
		if weights[i] == unsaid {
			weights[i] = others
		}
	}
	switch best := max(weights[0], weights[1]); {
	case best <= 0 || plain > best:
		return ""
	case weights[1] == best:
		return zstdCoding
	}
	return gzipCoding
}

// qvalue reads "q=0.5"; what is no weight from 0 to 1 is 0: not wanted.
func qvalue(parameter string) float64 {
	key, text, _ := strings.Cut(strings.TrimSpace(parameter), "=")
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.EqualFold(key, "q") || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// packer compresses an answer.
type packer interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// The quickest levels: on answers in NDJSON they take a sixth of the time of scoring and leave a seventh (gzip) or an eleventh (zstd) of the bytes;
// higher ones take up to twice the time for a tenth more.
var packers = map[coding]*sync.Pool{
	gzipCoding: {New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		if err != nil {
			panic(err) // a level that there is not
		}
		return w
	}},
	zstdCoding: {New: func() any {
		// On the caller's goroutine. A window of 512 KiB is all that one costs; more of it gains nothing on rows.
		w, err := zstd.NewWriter(io.Discard, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(512<<10), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // an option that there is not
		}
		return w
	}},
}

// newPacker compresses what is written to it into w.
func newPacker(c coding, w io.Writer) packer {
	p := packers[c].Get().(packer)
	p.Reset(w)
	return p
}

// release gives the memory of a packer back; one that failed is dropped.
func release(c coding, p packer) {
	p.Reset(io.Discard)
	packers[c].Put(p)
}

// packWhole compresses a body in memory.
func packWhole(c coding, body []byte) []byte {
	var out bytes.Buffer
	p := newPacker(c, &out)
	_, _ = p.Write(body) // into memory: cannot fail
	_ = p.Close()
	release(c, p)
	return out.Bytes()
}

// still is a body that never changes. It is compressed when that is first asked for, and not again: anybody may ask.
type still struct {
	body   []byte
	packed map[coding]func() []byte
}

func newStill(body []byte) *still {
	s := &still{body: body, packed: map[coding]func() []byte{}}
	for c := range packers {
		s.packed[c] = sync.OnceValue(func() []byte { return packWhole(c, body) })
	}
	return s
}

func (s *still) in(c coding) []byte {
	if c == "" {
		return s.body
	}
	return s.packed[c]()
}

// packing is the coding that an answer of so many bytes goes out in. The head says that it depends on what the client accepts.
func packing(c *gin.Context, size int) coding {
	c.Writer.Header().Add("Vary", varyCoding)
	if size < minPacked {
		return ""
	}
	return accepted(c.Request.Header)
}

// answerPacked answers 200 with a body that is compressed already.
func (s *Server) answerPacked(c *gin.Context, contentType []string, by coding, body []byte) {
	if by != "" {
		c.Writer.Header()["Content-Encoding"] = codingValue[by]
	}
	s.answer(c, http.StatusOK, contentType, body)
}
