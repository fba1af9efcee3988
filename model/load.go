package model

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Load reads an artifact strictly: a truncated or edited file, a newer format, a key that this version
// does not know or that stands twice, bytes after the end, and anything that scoring could not work with
// (NewScorer says what) are errors that say so. Files of older formats stay readable.
func Load(path string) (*Artifact, error) {
	s, err := LoadScorer(path)
	if err != nil {
		return nil, err
	}
	return s.artifact, nil
}

// LoadScorer is Load and NewScorer at the price of the former.
func LoadScorer(path string) (*Scorer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the model: %w", err)
	}
	s, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return s, nil
}

// Read is Load from a stream, to its end.
func Read(r io.Reader) (*Artifact, error) {
	b, err := io.ReadAll(r)
	if err == nil {
		var s *Scorer
		if s, err = decode(b); err == nil {
			return s.artifact, nil
		}
	}
	return nil, fmt.Errorf("reading the model: %w", err)
}

func decode(b []byte) (*Scorer, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errors.New("the file is empty; want a model.json")
	}
	if err := checkHead(b); err != nil {
		if broken := json.Compact(new(bytes.Buffer), b); broken != nil {
			err = sayWhere(b, broken)
		}
		return nil, err
	}
	a := &Artifact{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(a); err != nil {
		return nil, sayWhere(b, cmp.Or(json.Compact(new(bytes.Buffer), b), err))
	}
	return compile(a)
}

// checkHead checks what can be known of a file before it is decoded. Of bytes that are no JSON any error may come, or none: then
// decoding has one.
func checkHead(b []byte) error {
	h, err := readHead(b)
	if err != nil {
		return err
	}
	switch {
	case h.format == 0:
		return errors.New("not a model: there is no format in it")
	case h.format > Format:
		return fmt.Errorf("model.json has format %v; this leadscore reads formats up to %d: use a newer leadscore", h.format, Format)
	case h.format != Format: // older formats are translated here, once there are any
		return fmt.Errorf("model.json has format %v, which there never was; this leadscore reads formats 1 to %d", h.format, Format)
	}
	if err := h.checkDigest(); err != nil {
		return err
	}
	if h.twice != "" {
		return errors.New(h.twice)
	}
	return nil
}

// head is what is found out about a file before it is believed.
type head struct {
	format          float64 // 0: none
	version, digest string
	spans           [][2]int  // where the texts of version and digest stand, in order
	twice           string    // the first key that an object has twice, in a sentence
	content         hash.Hash // of the JSON without white space, with version and digest empty
}

// errNoJSON stands for the error that the library has for the same bytes.
var errNoJSON = errors.New("not JSON")

// readHead walks the JSON once. It is a walk of our own because a model has megabytes, and json.Decoder's tokens take longer than all
// the rest of loading. It believes that the bytes are JSON and only makes sure that it comes to an end: json.Valid beforehand and
// json.Compact for the digest were two thirds of loading.
func readHead(b []byte) (*head, error) {
	h := &head{content: sha256.New()}
	type level struct {
		keys map[string]bool // nil in a list
		key  string          // whose value comes next; valid is set
		open bool
	}
	var stack []level
	done, hashed := false, 0 // bytes before hashed are in content, or left out
	for at := 0; at < len(b); {
		c := b[at]
		switch c {
		case ' ', '\t', '\n', '\r':
			h.content.Write(b[hashed:at])
			for at++; at < len(b) && (b[at] == ' ' || b[at] == '\t' || b[at] == '\n' || b[at] == '\r'); at++ {
			}
			hashed = at
			continue
		}
		if done { // json.Decoder would leave the rest unread
			return nil, errNoJSON
		}
		switch c {
		case ',', ':':
			at++
			continue
		case '}', ']':
			if len(stack) == 0 {
				return nil, errNoJSON
			}
			stack = stack[:len(stack)-1]
			done = len(stack) == 0
			at++
			continue
		}
		end := at + 1
		switch c {
		case '{', '[':
		case '"':
			if end = textEnd(b, end); end < 0 {
				return nil, errNoJSON
			}
		default:
			for end < len(b) && strings.IndexByte(" \t\n\r,:]}", b[end]) < 0 {
				end++
			}
		}
		if len(stack) == 0 && c != '{' {
			return nil, errors.New("not a model: want a JSON object")
		}
		if len(stack) > 0 {
			if top := &stack[len(stack)-1]; top.keys != nil {
				if !top.open {
					if c != '"' {
						return nil, errNoJSON
					}
					key, err := unquoted(b[at:end])
					if err != nil {
						return nil, sayWhere(b, err)
					}
					if top.keys[key] && h.twice == "" {
						h.twice = fmt.Sprintf("line %d: the key %q stands twice", 1+bytes.Count(b[:end], []byte("\n")), key)
					}
					top.key, top.open = key, true
					top.keys[key] = true
					at = end
					continue
				}
				top.open = false
				if len(stack) == 1 {
					before := len(h.spans)
					if err := h.take(top.key, b, at, end); err != nil {
						return nil, err
					}
					if len(h.spans) > before {
						h.content.Write(b[hashed:at])
						h.content.Write([]byte(`""`))
						hashed = end
					}
				}
			}
		}
		switch c {
		case '{':
			stack = append(stack, level{keys: map[string]bool{}})
		case '[':
			stack = append(stack, level{})
		}
		at = end
	}
	h.content.Write(b[hashed:])
	if !done {
		return nil, errNoJSON
	}
	return h, nil
}

// textEnd is the place after the closing quote of a text that goes on at from; -1: it has none.
func textEnd(b []byte, from int) int {
	n := bytes.IndexByte(b[from:], '"')
	if n >= 0 && bytes.IndexByte(b[from:from+n], '\\') < 0 { // nearly always; most of a model is one text, its covariance
		return from + n + 1
	}
	for at := from; at < len(b); at++ {
		switch b[at] {
		case '"':
			return at + 1
		case '\\':
			at++
		}
	}
	return -1
}

// unquoted is the text of a quoted one.
func unquoted(quoted []byte) (text string, err error) {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) { // nearly always
		return string(quoted[1 : len(quoted)-1]), nil
	}
	err = json.Unmarshal(quoted, &text)
	return text, err
}

// take notes a key of the outermost object; its value begins at from and, where it is a number or a text, ends before to.
func (h *head) take(key string, b []byte, from, to int) (err error) {
	switch key {
	case "format":
		if h.format, err = strconv.ParseFloat(string(b[from:to]), 64); err != nil {
			return fmt.Errorf("format is not a number: %s", b[from:to])
		}
	case "version", "digest":
		if b[from] != '"' {
			return fmt.Errorf("%s is not a text", key)
		}
		text, err := unquoted(b[from:to])
		if err != nil {
			return sayWhere(b, err)
		}
		if key == "version" {
			h.version = text
		} else {
			h.digest = text
		}
		h.spans = append(h.spans, [2]int{from, to})
	}
	return nil
}

// checkDigest compares the digest with the file: sha256 over its JSON without white space, with
// version and digest empty. The bytes of the file are taken, not what was decoded from them, so that
// nothing in it can change unseen and a later leadscore finds the same digest.
func (h *head) checkDigest() error {
	found := hex.EncodeToString(h.content.Sum(nil))
	if h.digest == "" {
		return errors.New("there is no digest in it; a model.json is written by leadscore only")
	}
	if h.digest != found {
		return fmt.Errorf("edited or damaged: its digest says %s…, its content has %s…; train again or fetch the file again", short(h.digest), short(found))
	}
	if h.version != found[:versionDigits] {
		return fmt.Errorf("edited: its version is %q, its content has %q", h.version, found[:versionDigits])
	}
	return nil
}

func short(digest string) string {
	if len(digest) > versionDigits {
		return digest[:versionDigits]
	}
	return digest
}

// sayWhere turns a decoder's error into words with a place, without names of our types.
func sayWhere(b []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	line := func(offset int64) int {
		return 1 + bytes.Count(b[:min(max(offset, 0), int64(len(b)))], []byte("\n"))
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return fmt.Errorf("truncated: the file ends after %d bytes in the middle of the model", len(b))
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: not JSON: %w", line(syntax.Offset), syntax)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s cannot be a %s", line(kind.Offset), kind.Field, kind.Value)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}
