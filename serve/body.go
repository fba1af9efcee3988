package serve

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"leadscore/serve/api"
)

// mediaType returns the request's content type in lower case, without parameters; "" where none is named.
func mediaType(r *http.Request) string {
	h := r.Header.Get("Content-Type")
	if h == "application/json" || h == "" { // nearly always
		return h
	}
	t, _, err := mime.ParseMediaType(h)
	if err != nil {
		return strings.ToLower(h)
	}
	return t
}

// badMedia refuses a content type and names those that are read.
func badMedia(r *http.Request, want string) error {
	return &fault{
		status: http.StatusUnsupportedMediaType, code: api.CodeMediaType, hangUp: true,
		detail: fmt.Sprintf("content type %q; want %s", clip(r.Header.Get("Content-Type"), nameLength), want),
	}
}

// readBody reads a body of at most limit bytes, unpacked where it is compressed, into buf's memory.
func (s *Server) readBody(k *call, buf []byte, limit int64) ([]byte, error) {
	c, err := bodyCoding(k.request)
	switch {
	case err != nil:
		return buf[:0], err
	case c != "":
		return s.unpackBody(k, c, buf, limit)
	}
	return s.readAll(k, k.request.Body, k.request.ContentLength, buf, limit, limit)
}

// readAll reads at most most bytes into buf's memory. A length that is declared too large is refused before the first byte is read; one
// that lies or is not declared (-1) is refused at the byte beyond. What is refused says that limit bytes may come. A declared length gets
// memory of smallBody before its bytes have come.
func (s *Server) readAll(k *call, src io.Reader, declared int64, buf []byte, most, limit int64) ([]byte, error) {
	before := k.held
	if declared > most {
		return buf[:0], tooLarge("body", limit)
	}
	buf = buf[:0]
	if declared >= int64(cap(buf)) {
		buf = make([]byte, 0, min(declared, smallBody)+1) // one more, so that the end shows without growing
	} else if cap(buf) == 0 {
		buf = make([]byte, 0, 512)
	}
	for {
		if len(buf) == cap(buf) {
			var err error
			if buf, err = s.grow(k, buf, declared, most, k.held-before); err != nil {
				return buf[:0], err
			}
		}
		n, err := src.Read(buf[len(buf):min(cap(buf), int(most)+1)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > most {
			return buf[:0], tooLarge("body", limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf[:0], readError(err)
		}
	}
}

// readError tells a body that broke off from one that stalled. Whoever hung up reads no answer; the
// status is for the log.
func readError(err error) error {
	if asFault(err) != nil {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &fault{status: http.StatusBadRequest, code: api.CodeInvalidJSON, detail: "the body ends before its declared length", hangUp: true}
	}
	return &fault{status: http.StatusBadRequest, code: api.CodeInvalidJSON, detail: "the body could not be read", hangUp: true}
}
