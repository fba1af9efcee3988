package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the model: %w", err)
	}
	a, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return a, nil
}

// Read is Load from a stream, to its end.
func Read(r io.Reader) (*Artifact, error) {
	b, err := io.ReadAll(r)
	if err == nil {
		var a *Artifact
		if a, err = decode(b); err == nil {
			return a, nil
		}
	}
	return nil, fmt.Errorf("reading the model: %w", err)
}

func decode(b []byte) (*Artifact, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errors.New("the file is empty; want a model.json")
	}
	h, err := readHead(b)
	if err != nil {
		return nil, err
	}
	switch {
	case h.format == 0:
		return nil, errors.New("not a model: there is no format in it")
	case h.format > Format:
		return nil, fmt.Errorf("model.json has format %v; this leadscore reads formats up to %d: use a newer leadscore", h.format, Format)
	case h.format != Format: // older formats are translated here, once there are any
		return nil, fmt.Errorf("model.json has format %v, which there never was; this leadscore reads formats 1 to %d", h.format, Format)
	}
	if err := h.checkDigest(b); err != nil {
		return nil, err
	}
	if h.twice != "" {
		return nil, errors.New(h.twice)
	}

	a := &Artifact{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(a); err != nil {
		return nil, sayWhere(b, err)
	}
	if _, err := compile(a); err != nil {
		return nil, err
	}
	return a, nil
}

// head is what is found out about a file before it is believed.
type head struct {
	format          float64 // 0: none
	version, digest string
	spans           [][2]int // where the texts of version and digest stand, in order
	twice           string   // the first key that an object has twice, in a sentence
}

// readHead walks the JSON once. It is a walk of our own because a model has megabytes, and json.Decoder's tokens take longer than all
// the rest of loading.
func readHead(b []byte) (*head, error) {
	if !json.Valid(b) {
		return nil, sayWhere(b, json.Compact(new(bytes.Buffer), b)) // says where
	}
	h := &head{}
	type level struct {
		keys map[string]bool // nil in a list
		key  string          // whose value comes next; valid is set
		open bool
	}
	var stack []level
	for at := 0; at < len(b); {
		c := b[at]
		switch c {
		case ' ', '\t', '\n', '\r', ',', ':':
			at++
			continue
		case '}', ']':
			stack = stack[:len(stack)-1]
			at++
			continue
		}
		end := at + 1
		switch c {
		case '{', '[':
		case '"':
			for ; b[end] != '"'; end++ {
				if b[end] == '\\' {
					end++
				}
			}
			end++
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
					if err := h.take(top.key, b, at, end); err != nil {
						return nil, err
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
	return h, nil
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
func (h *head) checkDigest(b []byte) error {
	var blank, compact bytes.Buffer
	at := 0
	for _, s := range h.spans {
		blank.Write(b[at:s[0]])
		blank.WriteString(`""`)
		at = s[1]
	}
	blank.Write(b[at:])
	if err := json.Compact(&compact, blank.Bytes()); err != nil {
		return err
	}
	sum := sha256.Sum256(compact.Bytes())
	found := hex.EncodeToString(sum[:])
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
