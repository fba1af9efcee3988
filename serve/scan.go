package serve

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"leadscore/serve/api"
)

// maxDepth is the deepest nesting of a request: body, events, event, properties and a little within.
const maxDepth = 16

// scanner reads JSON (RFC 8259) once from left to right and refuses what encoding/json lets pass:
// duplicate keys, texts that are not UTF-8, lone surrogates, deep nesting, bytes after the value. It
// hands out slices of the input, so that a lead's cells are read where they stand; that is what
// encoding/json's Decoder cannot do, and json/v2 is still an experiment of the toolchain.
//
// Every method expects pos at its first byte and leaves it after its last.
type scanner struct {
	data  []byte
	pos   int
	depth int
	nan   bool // NaN is a value too

	keys []keyPlace // of the objects that are being read, those of an inner one behind those of the outer; see note
	last keyPlace   // of the key that was read last
}

// syntax is the error for the byte at pos.
func (s *scanner) syntax(want string) error {
	if s.pos >= len(s.data) {
		return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("the JSON ends at byte %d; want %s", len(s.data), want))
	}
	rest := s.data[s.pos:]
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(rest, []byte(word)) {
			return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: %s is not JSON; send null where there is no value", s.pos+1, word))
		}
	}
	r, _ := utf8.DecodeRune(rest)
	return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: %q; want %s", s.pos+1, r, want))
}

// space passes over white space and returns the next byte, 0 at the end.
func (s *scanner) space() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// end refuses anything but white space.
func (s *scanner) end() error {
	if s.space(); s.pos < len(s.data) {
		return s.syntax("the end")
	}
	return nil
}

// open passes the bracket of an object or array.
func (s *scanner) open(bracket byte, want string) error {
	if s.space() != bracket || s.pos >= len(s.data) {
		return s.syntax(want)
	}
	s.pos++
	if s.depth++; s.depth > maxDepth {
		return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: nested deeper than %d", s.pos, maxDepth))
	}
	return nil
}

// key reads up to the value of an object's next member and returns the key as text, which is valid until the input is
// overwritten; more is false after the closing bracket.
func (s *scanner) key(first bool) (key []byte, more bool, err error) {
	c := s.space()
	if c == '}' {
		s.pos++
		s.depth--
		return nil, false, nil
	}
	if !first {
		if c != ',' {
			return nil, false, s.syntax(`"," or "}"`)
		}
		s.pos++
		c = s.space()
	}
	if c != '"' {
		return nil, false, s.syntax("a key in double quotes")
	}
	start := s.pos + 1
	raw, plain, err := s.text()
	if err != nil {
		return nil, false, err
	}
	if s.last = (keyPlace{start, s.pos - 1}); !plain {
		s.last.from = ^start
	}
	if s.space() != ':' {
		return nil, false, s.syntax(`":"`)
	}
	s.pos++
	s.space()
	return unquote(raw, plain), true, nil
}

// item reads up to the next element of an array; more is false after the closing bracket.
func (s *scanner) item(first bool) (more bool, err error) {
	c := s.space()
	if c == ']' {
		s.pos++
		s.depth--
		return false, nil
	}
	if !first {
		if c != ',' {
			return false, s.syntax(`"," or "]"`)
		}
		s.pos++
		s.space()
	}
	return true, nil
}

// unquote returns the text of a quoted one that text has checked.
func unquote(raw []byte, plain bool) []byte {
	if plain {
		return raw[1 : len(raw)-1]
	}
	out := make([]byte, 0, len(raw))
	for rest := raw[1 : len(raw)-1]; len(rest) > 0; {
		if rest[0] != '\\' {
			n := bytes.IndexByte(rest, '\\')
			if n < 0 {
				n = len(rest)
			}
			out, rest = append(out, rest[:n]...), rest[n:]
			continue
		}
		c := rest[1]
		if rest = rest[2:]; c != 'u' {
			if i := strings.IndexByte("bfnrt", c); i >= 0 {
				c = "\b\f\n\r\t"[i]
			}
			out = append(out, c)
			continue
		}
		r := hexRune(rest)
		if rest = rest[4:]; r >= 0xD800 && r <= 0xDFFF { // one of a pair
			r = utf16.DecodeRune(r, hexRune(rest[2:]))
			rest = rest[6:]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// hexRune reads the four hexadecimal digits that a text begins with.
func hexRune(text []byte) (r rune) {
	for _, c := range text[:4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}

// text reads a quoted text and returns it with its quotes; plain says that it holds no escapes.
func (s *scanner) text() (raw []byte, plain bool, err error) {
	start := s.pos
	s.pos++
	plain = true
	ascii := true
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			raw = s.data[start:s.pos]
			if !ascii && !utf8.Valid(raw) {
				s.pos = start
				return nil, false, badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: a text that is not UTF-8", start+1))
			}
			return raw, plain, nil
		case c == '\\':
			plain = false
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		case c < ' ':
			return nil, false, s.syntax("an escape in place of the control character")
		default:
			if c >= utf8.RuneSelf {
				ascii = false
			}
			s.pos++
		}
	}
	return nil, false, s.syntax("a closing double quote")
}

// escape reads one escape sequence; a surrogate must come as a pair, since a lone one stands for no character.
func (s *scanner) escape() error {
	s.pos++
	if s.pos >= len(s.data) {
		return s.syntax("an escape")
	}
	switch s.data[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
	default:
		return s.syntax(`one of "\/bfnrtu after \`)
	}
	s.pos++
	high, err := s.hex4()
	if err != nil || high < 0xD800 || high > 0xDFFF {
		return err
	}
	if high < 0xDC00 && s.pos+1 < len(s.data) && s.data[s.pos] == '\\' && s.data[s.pos+1] == 'u' {
		s.pos += 2
		low, err := s.hex4()
		if err != nil || low >= 0xDC00 && low <= 0xDFFF {
			return err
		}
	}
	return badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: half of a surrogate pair", s.pos))
}

func (s *scanner) hex4() (rune, error) {
	var r rune
	for range 4 {
		if s.pos >= len(s.data) {
			return 0, s.syntax("four hexadecimal digits")
		}
		switch c := s.data[s.pos]; {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, s.syntax("four hexadecimal digits")
		}
		s.pos++
	}
	return r, nil
}

// number reads a number by JSON's grammar: no leading +, zeros or point.
func (s *scanner) number() error {
	digits := func() error {
		from := s.pos
		for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
			s.pos++
		}
		if s.pos == from {
			return s.syntax("a digit")
		}
		return nil
	}
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
	} else if err := digits(); err != nil {
		if s.data[start] == '-' {
			s.pos = start // so that -Infinity is named
			return s.syntax("a number")
		}
		return err
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if err := digits(); err != nil {
			return err
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		return digits()
	}
	return nil
}

// value reads any value and returns its bytes.
func (s *scanner) value() ([]byte, error) {
	c := s.space()
	start := s.pos
	var err error
	switch {
	case c == '"':
		_, _, err = s.text()
	case c == '{':
		err = s.object()
	case c == '[':
		err = s.array()
	case c == '-' || c >= '0' && c <= '9':
		err = s.number()
	default:
		err = s.word()
	}
	if err != nil {
		return nil, err
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) word() error {
	for _, w := range [...]string{"null", "true", "false"} {
		if len(s.data)-s.pos >= len(w) && string(s.data[s.pos:s.pos+len(w)]) == w {
			s.pos += len(w)
			return nil
		}
	}
	if s.nan && bytes.HasPrefix(s.data[s.pos:], []byte("NaN")) {
		s.pos += len("NaN")
		return nil
	}
	return s.syntax("a value")
}

func (s *scanner) array() error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.item(first)
		if err != nil || !more {
			return err
		}
		if _, err := s.value(); err != nil {
			return err
		}
	}
}
