package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Key is what the server knows of an API key.
type Key struct {
	Name    string // 1 to 64 letters, digits and -_. of the operator's choice; it goes into logs
	Hash    Hash
	Scopes  Scopes
	Rate    Rate      // zero: the server's default
	Expires time.Time // valid before it, not at it; zero: never expires
}

// maxKeyName is the longest name of a key.
const maxKeyName = 64

// Expired reports whether the key is no longer valid at now.
func (k *Key) Expired(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

// keyLine is a key in its file; the order of its fields is that of the file.
type keyLine struct {
	Name    string     `json:"name"`
	SHA256  string     `json:"sha256"`
	Scopes  []string   `json:"scopes"`
	Rate    string     `json:"rate,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
}

// mostProblems bounds what an error tells of a file: one that is no file of keys at all would fill the log at each look.
const mostProblems = 100

// ParseKeys reads a file of keys: JSON Lines, a key each, so that an error has a line and a key is added or taken away by one line. Empty
// lines are passed over. Unknown and duplicate fields, names and hashes that stand twice and lines with anything behind the
// key are errors; the error has them all, each after "line N", up to mostProblems.
func ParseKeys(text []byte) ([]Key, error) {
	var keys []Key
	var problems []error
	names, hashes := map[string]int{}, map[Hash]int{}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		k, err := parseKey(line)
		if err == nil && names[k.Name] != 0 {
			err = fmt.Errorf("name: %q is already the key of line %d", k.Name, names[k.Name])
		}
		if err == nil && hashes[k.Hash] != 0 {
			err = fmt.Errorf("sha256: this is already the key of line %d", hashes[k.Hash])
		}
		if err != nil {
			if problems = append(problems, fmt.Errorf("line %d: %w", i+1, err)); len(problems) == mostProblems {
				return nil, errors.Join(append(problems, errors.New("the lines behind were not read"))...)
			}
			continue
		}
		names[k.Name], hashes[k.Hash] = i+1, i+1
		keys = append(keys, k)
	}
	return keys, errors.Join(problems...)
}

func parseKey(line []byte) (Key, error) {
	in, err := decodeKey(line)
	if err != nil {
		return Key{}, err
	}
	k := Key{Name: in.Name}
	if err := CheckName(in.Name); err != nil {
		return k, fmt.Errorf("name: %w", err)
	}
	if k.Hash, err = parseHash(in.SHA256); err != nil {
		return k, fmt.Errorf("sha256: %w", err)
	}
	if k.Scopes, err = ParseScopes(in.Scopes); err != nil {
		return k, fmt.Errorf("scopes: %w", err)
	}
	if k.Rate, err = ParseRate(in.Rate); err != nil {
		return k, fmt.Errorf("rate: %w", err)
	}
	if in.Expires != nil {
		if in.Expires.IsZero() {
			return k, errors.New("expires: no moment; leave it out for a key that never expires")
		}
		k.Expires = *in.Expires
	}
	return k, nil
}

// decodeKey reads one object. encoding/json alone takes a field twice, or in another case.
func decodeKey(line []byte) (keyLine, error) {
	var k keyLine
	fields := map[string]any{"name": &k.Name, "sha256": &k.SHA256, "scopes": &k.Scopes, "rate": &k.Rate, "expires": &k.Expires}
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return k, errors.New(`want a JSON object: {"name": …, "sha256": …, "scopes": […]}`)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return k, fmt.Errorf("column %d: not JSON", d.InputOffset()+1)
		}
		name, _ := t.(string)
		into, ok := fields[name]
		switch {
		case !ok:
			return k, fmt.Errorf("column %d: unknown or duplicate field %q; want name, sha256, scopes, rate and expires, each once", d.InputOffset()+1, clip(name))
		case decodeField(d, into) != nil:
			return k, fmt.Errorf("%s: want %s", name, wanted(name))
		}
		delete(fields, name)
	}
	if _, err := d.Token(); err != nil {
		return k, fmt.Errorf("column %d: the object does not end", d.InputOffset()+1)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return k, fmt.Errorf("column %d: something stands behind the object", d.InputOffset()+1)
	}
	return k, nil
}

// decodeField reads a value that is there: null, which encoding/json passes over, would be a key without a limit or an end.
func decodeField(d *json.Decoder, into any) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	if string(raw) == "null" {
		return errors.New("null")
	}
	return json.Unmarshal(raw, into)
}

func wanted(field string) string {
	switch field {
	case "scopes":
		return "a list of texts"
	case "expires":
		return "a moment by RFC 3339, such as 2027-01-31T00:00:00Z"
	}
	return "a text"
}

// CheckName says what is wrong with the name of a key.
func CheckName(name string) error {
	if looksLikeSecret(name) { // it would go into logs
		return errors.New("this is a key; want a name for it")
	}
	fine := name != "" && len(name) <= maxKeyName
	for _, c := range name {
		fine = fine && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c))
	}
	if !fine {
		return fmt.Errorf("%q is not a name; want 1 to %d letters, digits, -, _ and . in it", clip(name), maxKeyName)
	}
	return nil
}

// WriteKeys writes a file of keys, which ParseKeys reads.
func WriteKeys(w io.Writer, keys []Key) error {
	e := json.NewEncoder(w)
	for i := range keys {
		k := &keys[i]
		line := keyLine{Name: k.Name, SHA256: k.Hash.String(), Scopes: k.Scopes.Names(), Rate: k.Rate.String()}
		if !k.Expires.IsZero() {
			line.Expires = &k.Expires
		}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// clip shortens a text that a message repeats.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
