package datasets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// jsonlText is JSON Lines: one flat object a line, its keys the columns. Lines of white space are
// no records. A key that stands twice and a value that is an object or an array make a bad row.
type jsonlText struct {
	names []string
	index map[string]int
}

func newJSONLText(names []string) *jsonlText {
	f := &jsonlText{names: names, index: make(map[string]int, len(names))}
	for i, n := range names {
		f.index[n] = i
	}
	return f
}

func (f *jsonlText) cut(buf []byte, final bool) int {
	if final {
		return len(buf)
	}
	return bytes.LastIndexByte(buf, '\n') + 1
}

// jsonlScan is what scanning a chunk keeps besides the grid.
type jsonlScan struct {
	*jsonlText
	g       *grid
	pos     int
	stamps  []int // by column: the last line that had it, from 1
	line    int
	present []int          // columns of this line
	extra   map[string]int // unknown keys: the last line that had each
	fresh   []string       // unknown keys of this line that no good line had yet
}

func (f *jsonlText) scan(g *grid) {
	g.width = len(f.names)
	g.seen = append(g.seen[:0], make([]bool, g.width)...)
	s := jsonlScan{jsonlText: f, g: g, stamps: make([]int, g.width), extra: map[string]int{}}
	for start := 0; start < g.length; {
		end := start + bytes.IndexByte(g.buf[start:g.length+1], '\n')
		if len(bytes.TrimSpace(g.buf[start:end])) > 0 {
			s.record(start, end)
		}
		start = end + 1
	}
}

// record reads the object on the line from start to end, behind which a line end stands.
func (s *jsonlScan) record(start, end int) {
	g := s.g
	s.line++
	s.pos, s.present, s.fresh = start, s.present[:0], s.fresh[:0]
	for range g.width {
		g.cells = append(g.cells, cell{0, formAbsent})
	}
	if reason := s.object(end); reason != "" {
		g.dropRow(start, reason)
		return
	}
	g.addRow(start, end)
	for _, k := range s.present {
		g.seen[k] = true
	}
	for _, name := range s.fresh {
		s.g.extra = append(s.g.extra, name)
		s.extra[name] = s.line
	}
}

func (s *jsonlScan) object(end int) (reason string) {
	row := s.g.cells[len(s.g.starts)*s.g.width:]
	if s.space() != '{' {
		return "not a JSON object; want one object a line"
	}
	s.pos++
	if s.space() == '}' {
		s.pos++
		return s.nothingElse(end)
	}
	for expected := 0; ; expected++ {
		if s.space() != '"' {
			return "JSON: want a key in double quotes"
		}
		key, ok := s.quoted(end)
		if !ok {
			return "JSON: a key that is no string"
		}
		column, reason := s.column(key, expected)
		if reason != "" {
			return reason
		}
		if s.space() != ':' {
			return "JSON: want a colon behind a key"
		}
		s.pos++
		value, reason := s.value(end)
		if reason != "" {
			return fmt.Sprintf("column %s: %s", Quoted(s.name(key)), reason)
		}
		if column >= 0 {
			row[column] = value
			expected = column
		}
		switch s.space() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return s.nothingElse(end)
		default:
			return "JSON: want a comma or a closing brace behind a value"
		}
	}
}

func (s *jsonlScan) nothingElse(end int) string {
	if s.space(); s.pos < end {
		return "JSON: something behind the object; want one object a line"
	}
	return ""
}

// space passes over white space and returns the byte behind it; a line end when the line is over.
func (s *jsonlScan) space() byte {
	for {
		switch c := s.g.buf[s.pos]; c {
		case ' ', '\t', '\r':
			s.pos++
		default:
			return c
		}
	}
}

func (s *jsonlScan) name(key cell) string { return string(s.g.buf[key.off : key.off+key.n]) }

// column returns the column of a key, -1 for one that is not known. Keys mostly come in the
// order in which they came before.
func (s *jsonlScan) column(key cell, expected int) (int, string) {
	text := view(s.g.buf[key.off : key.off+key.n])
	column := expected
	if expected >= len(s.names) || s.names[expected] != text {
		var ok bool
		if column, ok = s.index[text]; !ok {
			return s.unknown(strings.Clone(text))
		}
	}
	if s.stamps[column] == s.line {
		return 0, fmt.Sprintf("the key %s stands twice", Quoted(text))
	}
	s.stamps[column] = s.line
	s.present = append(s.present, column)
	return column, ""
}

func (s *jsonlScan) unknown(name string) (int, string) {
	if strings.TrimSpace(name) != name || name == "" || !utf8.ValidString(name) {
		return 0, fmt.Sprintf("the key %s is empty, has spaces around it or is no text", Quoted(name))
	}
	line, known := s.extra[name]
	if known && line == s.line {
		return 0, fmt.Sprintf("the key %s stands twice", Quoted(name))
	}
	for _, f := range s.fresh {
		if f == name {
			return 0, fmt.Sprintf("the key %s stands twice", Quoted(name))
		}
	}
	if known {
		s.extra[name] = s.line
	} else {
		s.fresh = append(s.fresh, name)
	}
	return -1, ""
}

// quoted reads the string at pos; it is rewritten behind the chunk when it has escapes.
func (s *jsonlScan) quoted(end int) (cell, bool) {
	buf := s.g.buf
	start, escaped := s.pos+1, false
	for i := start; i < end; i++ {
		switch c := buf[i]; {
		case c == '"':
			s.pos = i + 1
			if !escaped {
				return cell{uint32(start), uint32(i - start)}, true
			}
			var text string
			if json.Unmarshal(buf[start-1:i+1], &text) != nil {
				return cell{}, false
			}
			off := len(s.g.buf)
			s.g.buf = append(s.g.buf, text...)
			return cell{uint32(off), uint32(len(text))}, true
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return cell{}, false
		}
	}
	return cell{}, false
}

func (s *jsonlScan) value(end int) (cell, string) {
	switch s.space() {
	case '"':
		if text, ok := s.quoted(end); ok {
			return text, ""
		}
		return cell{}, "JSON: a string that is not well formed"
	case '{', '[':
		return cell{}, "an object or an array; want a single value"
	case '\n':
		return cell{}, "JSON: the line ends before the value"
	}
	start, buf := s.pos, s.g.buf
	for s.pos < end && buf[s.pos] != ',' && buf[s.pos] != '}' && buf[s.pos] > ' ' {
		s.pos++
	}
	literal := cell{uint32(start), uint32(s.pos - start)}
	switch text := buf[start:s.pos]; {
	case isJSONNumber(text):
		literal.n |= formNumber
	case string(text) == "true", string(text) == "false":
		literal.n |= formBool
	case string(text) == "null":
		literal = cell{0, formAbsent}
	default:
		return cell{}, "not JSON: " + Quoted(string(text))
	}
	return literal, ""
}
