package serve

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"leadscore/serve/api"
)

// coding is a content coding of a body (RFC 9110, 8.4.1); "" is none.
type coding string

const (
	gzipCoding coding = "gzip" // RFC 1952
	zstdCoding coding = "zstd" // RFC 8878
)

// codings are those that bodies may have, for Accept-Encoding.
const codings = "zstd, gzip"

// bodyCoding reads how a body is compressed. More than one coding, or one that is not known, is a 415.
func bodyCoding(r *http.Request) (coding, error) {
	fields := r.Header["Content-Encoding"]
	if len(fields) == 0 { // nearly always
		return "", nil
	}
	var found coding
	named, known := 0, true
	for _, field := range fields {
		for name := range strings.SplitSeq(field, ",") {
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case "":
				continue
			case "gzip", "x-gzip": // 8.4.1.3: the same
				found = gzipCoding
			case "zstd":
				found = zstdCoding
			case "identity":
			default:
				known = false
			}
			named++
		}
	}
	if named > 1 || !known {
		return "", &fault{
			status: http.StatusUnsupportedMediaType, code: api.CodeMediaType, hangUp: true, accept: codings,
			detail: fmt.Sprintf("content encoding %q; want gzip or zstd, once, or none", clip(strings.Join(fields, ", "), nameLength)),
		}
	}
	return found, nil
}

// maxWindow is the largest window of a zstd frame, in bytes: that of the content coding (RFC 9659). A decoder takes it and two blocks.
const maxWindow = 8 << 20

// Beyond freeRatio bytes a body may become at most maxRatio times what was sent. Deflate reaches 1032; zstd could reach 32,000, so that a
// few kilobytes would have the server read a gigabyte.
const (
	maxRatio  = 2000
	freeRatio = 1 << 20
)

// packedLimit is how many bytes may be sent of a body that may have limit bytes: a little more, for what does not compress and is flushed
// often. It ends bodies that unpack to nothing, of which there are endless ones.
func packedLimit(limit int64) int64 {
	if more := limit + limit/8 + 4096; more > limit {
		return more
	}
	return limit
}

// packed is a compressed body as it comes. Its own error is kept: decoders take some for an end of theirs.
type packed struct {
	src         io.Reader
	read, limit int64
	most        int64 // packedLimit(limit)
	what        string
	err         error
}

func (p *packed) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.src.Read(b)
	if p.read += int64(n); p.read > p.most {
		err = tooLarge(p.what, p.limit)
	}
	p.err = err
	return n, err
}

// unpacker decodes one body. What it returns before an error came before the damage, but only io.EOF says that the checksum fits.
type unpacker struct {
	coding  coding
	from    packed
	whole   bytes.Reader // where the body is in memory
	gzip    *members
	zstd    *zstd.Decoder
	decoder io.Reader // nil before the first byte is asked for
	out     int64     // bytes returned
	err     error
}

// Decoders are used again; each is of one coding, so that none has the memory of both.
var gzipUnpackers, zstdUnpackers sync.Pool

// newUnpacker begins a body, which is called what in messages and may have limit bytes; the limit is the reader's to hold, this
// is for the bytes that are sent. The first Read reads its head.
func newUnpacker(c coding, src io.Reader, what string, limit int64) *unpacker {
	pool := &gzipUnpackers
	if c == zstdCoding {
		pool = &zstdUnpackers
	}
	u, _ := pool.Get().(*unpacker)
	if u == nil {
		u = new(unpacker)
	}
	u.coding, u.from = c, packed{src: src, limit: limit, most: packedLimit(limit), what: what}
	u.decoder, u.out, u.err = nil, 0, nil
	return u
}

// release gives the decoder back. Not deferred: after a panic its memory is in an unknown state and is not used again.
func (u *unpacker) release() {
	u.from = packed{}
	u.whole.Reset(nil)
	if u.coding == gzipCoding {
		gzipUnpackers.Put(u)
		return
	}
	if u.zstd != nil {
		_ = u.zstd.Reset(nil) // forgets the body; cannot fail
	}
	zstdUnpackers.Put(u)
}

// begin makes the decoder ready.
func (u *unpacker) begin() (err error) {
	switch {
	case u.coding == gzipCoding && u.gzip == nil:
		u.gzip = &members{in: bufio.NewReader(&u.from), between: true}
	case u.coding == gzipCoding:
		u.gzip.in.Reset(&u.from)
		u.gzip.between = true
	case u.zstd == nil:
		// On the caller's goroutine, so that nothing is left running when a body is given up.
		u.zstd, err = zstd.NewReader(&u.from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	default:
		err = u.zstd.Reset(&u.from)
	}
	if u.decoder = u.zstd; u.coding == gzipCoding {
		u.decoder = u.gzip
	}
	return err
}

// members reads the members of a gzip stream (RFC 1952, 2.2) one by one. Left to itself the library takes a head that is cut off within a name
// or a comment for the end of the stream.
type members struct {
	in      *bufio.Reader
	gzip    gzip.Reader
	between bool // the next byte is the first of a head, or there is none
}

func (m *members) Read(p []byte) (int, error) {
	for {
		if m.between {
			if _, err := m.in.Peek(1); err != nil {
				return 0, err
			}
			if err := m.gzip.Reset(m.in); errors.Is(err, io.EOF) {
				return 0, io.ErrUnexpectedEOF
			} else if err != nil {
				return 0, err
			}
			m.gzip.Multistream(false)
			m.between = false
		}
		n, err := m.gzip.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if m.between = true; n > 0 { // what follows is read when it is asked for: there may be nothing yet
			return n, nil
		}
	}
}

func (u *unpacker) Read(p []byte) (n int, err error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.decoder == nil {
		err = u.begin()
	}
	if err == nil {
		n, err = u.decoder.Read(p)
	}
	u.out += int64(n)
	u.err = u.judge(err)
	return n, u.err
}

// judge is what a decoder's error says of the body.
func (u *unpacker) judge(err error) error {
	switch {
	case u.from.err != nil && !errors.Is(u.from.err, io.EOF):
		return u.from.err
	case errors.Is(err, io.EOF) && u.from.read > 0:
		return io.EOF
	case err != nil:
		return u.damaged(err)
	case u.out > freeRatio && u.out/maxRatio > u.from.read:
		f := tooLarge(u.from.what, u.from.limit)
		f.detail = fmt.Sprintf("the %s becomes more than %d times what is sent; want %s that compresses less", u.from.what, maxRatio, u.from.what)
		return f
	}
	return nil
}

// damages are what can be wrong with a compressed stream.
var damages = []struct {
	err  error
	text string
}{
	{io.EOF, "it is empty"},
	{io.ErrUnexpectedEOF, "it is cut off"},
	{gzip.ErrHeader, "what stands there is no head of gzip"},
	{gzip.ErrChecksum, "its checksum or length is not that of what it holds"},
	{zstd.ErrMagicMismatch, "what stands there is no frame of zstd"},
	{zstd.ErrCRCMismatch, "its checksum is not that of what it holds"},
	{zstd.ErrUnknownDictionary, "it was made with a dictionary; want none"},
	{zstd.ErrWindowSizeExceeded, "a window or block is too large; want windows of at most 8 MiB (RFC 9659)"},
	{zstd.ErrDecoderSizeExceeded, "a window is too large; want windows of at most 8 MiB (RFC 9659)"},
}

// damaged is the fault of a stream that does not hold what its coding says. The place is counted in what it holds: that can be looked at.
func (u *unpacker) damaged(err error) error {
	text := clip(err.Error(), nameLength)
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		text = fmt.Sprintf("its deflate data is not valid before byte %d", int64(corrupt))
	}
	for _, d := range damages {
		if errors.Is(err, d.err) {
			text = d.text
		}
	}
	f := badRequest(api.CodeInvalidEncoding, "", fmt.Sprintf("the %s stream is damaged behind byte %d of what it holds: %s", u.coding, u.out, text))
	f.hangUp = true
	return f
}

// unpackBody reads a compressed body that is wanted whole into buf's memory. Its bytes are there before a decoder is taken, and there
// are as many decoders as processors: else slow clients could hold the window of one each.
func (s *Server) unpackBody(k *call, c coding, buf []byte, limit int64) ([]byte, error) {
	var err error
	if k.out, err = s.readAll(k, k.request.Body, k.request.ContentLength, k.out, packedLimit(limit), limit); err != nil {
		return buf[:0], err
	}
	select {
	case s.unpacking <- struct{}{}:
		defer func() { <-s.unpacking }()
	case <-k.request.Context().Done():
		return buf[:0], &fault{status: http.StatusRequestTimeout, code: api.CodeTimeout, detail: "the body was still to be unpacked", hangUp: true}
	}
	u := newUnpacker(c, nil, "body", limit)
	u.whole.Reset(k.out)
	u.from.src = &u.whole
	buf, err = s.readAll(k, u, -1, buf, limit, limit)
	u.release()
	return buf, err
}
