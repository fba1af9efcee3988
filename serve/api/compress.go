package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// batchPath is where batches are sent, whose bodies may be compressed.
const batchPath = "v1/score/batch"

// codings are the values of Options.Compress.
var codings = map[string]func(io.Writer) (compressor, error){
	"gzip": func(w io.Writer) (compressor, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) },
	"zstd": func(w io.Writer) (compressor, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20))
	},
}

type compressor interface {
	io.WriteCloser
	Flush() error
}

// compressed is a body that is compressed as it is read: what one Read of the source gives goes out at once, so that a server which answers as it
// goes has it. There is no goroutine that would outlive the request.
type compressed struct {
	src   io.Reader
	chunk []byte
	w     compressor
	out   bytes.Buffer
	err   error // when out is empty
}

// body is what is sent of a batch, compressed where that is wanted, and any other body as it is.
func (c *Client) body(path string, b io.Reader) (io.Reader, error) {
	if c.options.Compress == "" || path != batchPath {
		return b, nil
	}
	return compress(c.options.Compress, b)
}

// negotiate says in the head of a batch how it is compressed, and how its answer may be: left to itself net/http would ask for gzip.
func (c *Client) negotiate(h http.Header) {
	if c.options.Compress == "" {
		h.Set("Accept-Encoding", "identity")
		return
	}
	h.Set("Content-Encoding", c.options.Compress)
	h.Set("Accept-Encoding", c.options.Compress)
}

// compress begins a body; nil stays nil.
func compress(coding string, src io.Reader) (io.Reader, error) {
	if src == nil {
		return nil, nil
	}
	c := &compressed{src: src, chunk: make([]byte, 64<<10)}
	var err error
	c.w, err = codings[coding](&c.out)
	return c, err
}

func (c *compressed) Read(p []byte) (int, error) {
	for c.out.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		n, err := c.src.Read(c.chunk)
		if _, failed := c.w.Write(c.chunk[:n]); failed != nil && err == nil {
			err = failed
		}
		switch {
		case errors.Is(err, io.EOF):
			if c.err = c.w.Close(); c.err == nil {
				c.err = io.EOF
			}
		case err != nil:
			c.out.Reset() // what follows is no end of the stream
			c.err = err
		case n > 0:
			c.err = c.w.Flush()
		}
	}
	return c.out.Read(p)
}

// Close ends the source, where it can be ended, as net/http would have.
func (c *compressed) Close() error {
	if closer, ok := c.src.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// decompress puts an answer's body in the place of its compressed form.
func decompress(resp *http.Response) error {
	var in io.Reader
	var err error
	from := &ended{Reader: resp.Body}
	switch coding := resp.Header.Get("Content-Encoding"); coding {
	case "", "identity":
		return nil
	case "gzip":
		in, err = gzip.NewReader(from)
	case "zstd":
		in, err = zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)) // RFC 9659
	default:
		err = fmt.Errorf("content encoding %q; want gzip, zstd or none", coding)
	}
	if err != nil {
		_ = resp.Body.Close()
		return fmt.Errorf("reading the answer: %w", err)
	}
	resp.Body = &decompressed{in, resp.Body}
	return nil
}

type decompressed struct {
	io.Reader
	io.Closer
}

// ended keeps an answer that broke off from looking like one that ended: the decoder of zstd takes io.ErrUnexpectedEOF between two frames for an end.
type ended struct{ io.Reader }

func (e *ended) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the answer broke off: %w", err)
	}
	return n, err
}
