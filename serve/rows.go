package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"leadscore/serve/api"
)

// errRowTooLarge is a row beyond the limit; it has been passed over and the next row can be read.
var errRowTooLarge = errors.New("row too large")

// rows cuts a stream into rows. next returns the bytes of one, valid until the next call; io.EOF after
// the last; errRowTooLarge; or a fault after which nothing more can be read.
type rows interface {
	next() ([]byte, error)
}

// window is a piece of a stream that grows up to the size of one row.
type window struct {
	src   io.Reader
	buf   []byte
	r, w  int // what is unread is buf[r:w]
	most  int // largest row
	ended bool
}

// windowSize is how much is read at once.
const windowSize = 64 << 10

func newWindow(src io.Reader, most int) window {
	return window{src: src, buf: make([]byte, windowSize), most: most}
}

// fill reads more. It moves what is unread to the front and grows the window, at most to one row and one reading; a caller
// asks for more only while its row is within the limit. It returns io.EOF at the end.
func (v *window) fill() error {
	if v.ended {
		return io.EOF
	}
	if v.r > 0 {
		v.w = copy(v.buf, v.buf[v.r:v.w])
		v.r = 0
	}
	if v.w == len(v.buf) {
		bigger := make([]byte, min(2*len(v.buf), v.most+windowSize))
		copy(bigger, v.buf)
		v.buf = bigger
	}
	for range 100 {
		n, err := v.src.Read(v.buf[v.w:])
		v.w += n
		if err == io.EOF {
			v.ended = true
			if n > 0 {
				return nil
			}
		}
		if n > 0 || err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// lines are the rows of NDJSON: a line each, empty ones passed over.
type lines struct {
	window
}

func (l *lines) next() ([]byte, error) {
	skipping := false
	for scanned := 0; ; {
		if i := bytes.IndexByte(l.buf[l.r+scanned:l.w], '\n'); i >= 0 {
			line := l.buf[l.r : l.r+scanned+i]
			l.r += scanned + i + 1
			scanned = 0
			if skipping || len(line) > l.most {
				return nil, errRowTooLarge
			}
			if blank(line) {
				continue
			}
			return line, nil
		}
		if scanned = l.w - l.r; skipping || scanned > l.most {
			skipping, scanned, l.r = true, 0, l.w
		}
		switch err := l.fill(); {
		case errors.Is(err, io.EOF) && skipping:
			return nil, errRowTooLarge
		case errors.Is(err, io.EOF) && !blank(l.buf[l.r:l.w]):
			line := l.buf[l.r:l.w] // the last line needs no line feed
			l.r = l.w
			return line, nil
		case err != nil:
			return nil, err
		}
	}
}

func blank(line []byte) bool { return len(bytes.TrimLeft(line, " \t\r")) == 0 }

// elements are the rows of a JSON array. It finds where an element ends by brackets and quotes alone; what stands
// between them is the row's own affair, so that one bad row is one error.
type elements struct {
	window
	begun, done bool
	offset      int64 // of buf[r] in the stream, for messages
}

func (e *elements) next() ([]byte, error) {
	if e.done {
		return nil, io.EOF
	}
	c, err := e.peek()
	if err != nil {
		return nil, err
	}
	switch {
	case !e.begun:
		if c != '[' {
			return nil, e.broken(c, `"["`)
		}
		e.begun = true
		e.take(1)
		if c, err = e.peek(); err != nil {
			return nil, err
		}
		if c == ']' {
			return nil, e.close()
		}
	case c == ']':
		return nil, e.close()
	case c == ',':
		e.take(1)
		if c, err = e.peek(); err != nil {
			return nil, err
		}
	default:
		return nil, e.broken(c, `"," or "]"`)
	}
	if c == ',' || c == ']' {
		return nil, e.broken(c, "a row")
	}
	return e.element()
}

// element reads the value that begins at the window's front.
func (e *elements) element() ([]byte, error) {
	depth, quoted, escaped, skipping := 0, false, false, false
	for i := 0; ; {
		for ; e.r+i < e.w; i++ {
			c := e.buf[e.r+i]
			ends := false
			switch {
			case escaped:
				escaped = false
			case quoted && c == '\\':
				escaped = true
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{' || c == '[':
				depth++
			case depth == 0 && (c == ',' || c == ']' || c == '}'):
				ends = true
			case c == '}' || c == ']':
				depth--
				if depth == 0 {
					i++
					ends = true
				}
			}
			if ends {
				row := e.buf[e.r : e.r+i]
				e.take(i)
				if skipping || len(row) > e.most {
					return nil, errRowTooLarge
				}
				return row, nil
			}
		}
		if skipping || i > e.most {
			skipping = true
			e.take(i)
			i = 0
		}
		if err := e.more(); err != nil {
			return nil, err
		}
	}
}

// peek passes over white space and returns the next byte.
func (e *elements) peek() (byte, error) {
	for {
		for ; e.r < e.w; e.take(1) {
			switch c := e.buf[e.r]; c {
			case ' ', '\t', '\n', '\r':
			default:
				return c, nil
			}
		}
		if err := e.more(); err != nil {
			return 0, err
		}
	}
}

// close passes the closing bracket and sees that nothing follows.
func (e *elements) close() error {
	e.take(1)
	e.done = true
	for {
		for ; e.r < e.w; e.take(1) {
			switch c := e.buf[e.r]; c {
			case ' ', '\t', '\n', '\r':
			default:
				return e.broken(c, "the end")
			}
		}
		if err := e.fill(); err != nil {
			return err // io.EOF, as it should be
		}
	}
}

func (e *elements) take(n int) {
	e.r += n
	e.offset += int64(n)
}

// more is fill where the array is not over yet.
func (e *elements) more() error {
	err := e.fill()
	if errors.Is(err, io.EOF) {
		e.done = true
		return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("the array ends at byte %d without its closing bracket", e.offset+int64(e.w-e.r)))
	}
	return err
}

func (e *elements) broken(c byte, want string) error {
	e.done = true
	return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: %q; want %s", e.offset+1, c, want))
}
