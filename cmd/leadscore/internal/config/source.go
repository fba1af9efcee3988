package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes  = 1 << 20
	maxDepth  = 100    // of mappings and lists
	maxKeys   = 10_000 // of one mapping: the parser's work grows with the square of them
	maxKey    = 1000   // characters of a key
	maxScalar = 64_000 // characters of a value
)

// source is a file as it was read.
type source struct {
	path  string
	lines []string
}

func (s *source) problem(line, column int, path, format string, a ...any) Problem {
	p := Problem{File: s.path, Line: line, Column: column, Path: path, Text: fmt.Sprintf(format, a...)}
	if line >= 1 && line <= len(s.lines) {
		p.source = s.lines[line-1]
	}
	return p
}

// read reads a file, of at most maxBytes.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return text, nil
}

// parse turns the text of a file into its root node. The node is nil when there are problems.
func parse(path string, text []byte) (*source, ast.Node, Problems) {
	s := &source{path: path}
	if len(text) > maxBytes {
		return s, nil, Problems{s.problem(0, 0, "", "the file has more than %d bytes; is it the right one?", maxBytes)}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	s.lines = strings.Split(string(text), "\n")
	for i, l := range s.lines {
		for j, r := range l {
			if _, width := utf8.DecodeRuneInString(l[j:]); r == utf8.RuneError && width == 1 {
				return s, nil, Problems{s.problem(i+1, utf8.RuneCountInString(l[:j])+1, "", "the text is not UTF-8; save the file as UTF-8")}
			}
			if (r < ' ' && r != '\t') || r == 0x7f {
				return s, nil, Problems{s.problem(i+1, utf8.RuneCountInString(l[:j])+1, "", "there is a control character, U+%04X", r)}
			}
		}
	}
	tokens := lexer.Tokenize(string(text))
	if p := s.check(tokens); p != nil {
		return s, nil, Problems{*p}
	}
	file, err := s.tree(tokens)
	if err != nil {
		var e yaml.Error
		if errors.As(err, &e) && e.GetToken() != nil {
			at := e.GetToken().Position
			return s, nil, Problems{s.problem(at.Line, at.Column, "", "not YAML: %s", e.GetMessage())}
		}
		return s, nil, Problems{s.problem(0, 0, "", "not YAML: %v", err)}
	}
	var root ast.Node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			line, column := at(d.Body)
			return s, nil, Problems{s.problem(line, column, "", "a second document begins; want one")}
		}
		root = d.Body
	}
	if root == nil {
		return s, nil, Problems{s.problem(0, 0, "", "the file is empty")}
	}
	return s, root, nil
}

// tree runs the parser. A panic in it becomes an error: what it reads is not ours to trust.
func (s *source) tree(tokens token.Tokens) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, errors.New("the structure of the file is not understood")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// check looks at the tokens before the parser does, which recurses into every level and
// copies every path: it refuses what this format does not have and what is too large.
func (s *source) check(tokens token.Tokens) *Problem {
	bad := func(t *token.Token, format string, a ...any) *Problem {
		p := s.problem(t.Position.Line, t.Position.Column, "", format, a...)
		return &p
	}
	type level struct {
		column, keys int
		list         bool
	}
	var block []level
	flow := 0
	for i, t := range tokens {
		switch t.Type {
		case token.InvalidType:
			return bad(t, "not YAML: %s", t.Error)
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			return bad(t, "%s are not part of this format; a text that begins with %q stands in quotes", tokenName(t.Type), firstRune(t.Value))
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingValueType:
			at, isList := t, t.Type == token.SequenceEntryType
			if !isList && i > 0 {
				at = tokens[i-1]
				if utf8.RuneCountInString(at.Value) > maxKey {
					return bad(at, "a key has more than %d characters", maxKey)
				}
			}
			if flow > 0 {
				break
			}
			column := at.Position.Column
			for n := len(block); n > 0 && (block[n-1].column > column || (block[n-1].column == column && block[n-1].list && !isList)); n-- {
				block = block[:n-1]
			}
			if n := len(block); n > 0 && block[n-1].column == column && block[n-1].list == isList {
				if block[n-1].keys++; !isList && block[n-1].keys > maxKeys {
					return bad(at, "a mapping has more than %d keys", maxKeys)
				}
			} else {
				block = append(block, level{column: column, keys: 1, list: isList})
			}
		default:
			if len(t.Value) > maxScalar && t.Type != token.CommentType {
				return bad(t, "a text has more than %d bytes", maxScalar)
			}
		}
		if flow+len(block) > maxDepth {
			return bad(t, "mappings and lists nest more than %d deep", maxDepth)
		}
	}
	return nil
}

func tokenName(t token.Type) string {
	switch t {
	case token.AnchorType:
		return "anchors (&)"
	case token.AliasType:
		return "aliases (*)"
	case token.TagType:
		return "tags (!)"
	case token.MergeKeyType:
		return "merge keys (<<)"
	case token.DirectiveType:
		return "directives (%)"
	}
	return "complex keys (?)"
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
