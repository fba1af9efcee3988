package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// node is a value of a JSON document: an object with its keys in order, an array, or something else. A nil node is what is not there, and has
// nothing in it.
type node struct {
	keys    []string
	members map[string]*node
	items   []*node
	leaf    any    // of neither object nor array: string, json.Number, bool or nil
	raw     []byte // as it is written
}

// parse reads a whole document.
func parse(text []byte) (*node, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := read(d, text, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("reading the document: more than one value")
	}
	return n, nil
}

// deepest bounds how deep a document is nested, and how often its schemas stand within each other.
const deepest = 64

func read(d *json.Decoder, text []byte, depth int) (*node, error) {
	if depth > deepest {
		return nil, fmt.Errorf("byte %d: nested deeper than %d", d.InputOffset(), deepest)
	}
	start := d.InputOffset()
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	n := &node{}
	switch token {
	case json.Delim('{'):
		n.members = map[string]*node{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := key.(string) // a key of an object is a string
			if n.members[name] != nil {
				return nil, fmt.Errorf("byte %d: %q stands twice", d.InputOffset(), name)
			}
			n.keys = append(n.keys, name)
			if n.members[name], err = read(d, text, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
	case json.Delim('['):
		n.items = []*node{}
		for d.More() {
			item, err := read(d, text, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = d.Token()
	default:
		n.leaf = token
	}
	n.raw = bytes.TrimLeft(text[start:d.InputOffset()], " \t\r\n:,")
	return n, err
}

// at follows keys down; nil where one is not there.
func (n *node) at(keys ...string) *node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		n = n.members[key]
	}
	return n
}

// text is a string in it, or "".
func (n *node) text(keys ...string) string {
	if n = n.at(keys...); n == nil {
		return ""
	}
	s, _ := n.leaf.(string)
	return s
}

// texts is a list of strings in it.
func (n *node) texts(keys ...string) []string {
	if n = n.at(keys...); n == nil {
		return nil
	}
	var all []string
	for _, item := range n.items {
		all = append(all, item.text())
	}
	return all
}

// each calls f with the members of an object, in their order.
func (n *node) each(f func(key string, value *node)) {
	if n == nil {
		return
	}
	for _, key := range n.keys {
		f(key, n.members[key])
	}
}

// show writes the value for people: a string as it is, anything else as indented JSON.
func (n *node) show() string {
	if n == nil {
		return ""
	}
	if s, ok := n.leaf.(string); ok {
		return s
	}
	var b bytes.Buffer
	if err := json.Indent(&b, n.raw, "", "  "); err != nil {
		return string(n.raw) // it has been read, so it is JSON: cannot happen
	}
	return b.String()
}

// follow is what a reference into the document n, if r is one, stands for; name is its last part, and "" of what is none.
func (n *node) follow(r *node) (target *node, name string, err error) {
	ref := r.text("$ref")
	if ref == "" {
		return r, "", nil
	}
	path, ok := strings.CutPrefix(ref, "#/")
	target = n.at(strings.Split(path, "/")...)
	if !ok || target == nil {
		return nil, "", fmt.Errorf("there is nothing at %q", ref)
	}
	return target, ref[strings.LastIndexByte(ref, '/')+1:], nil
}
