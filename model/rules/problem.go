package rules

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"leadscore/datasets"
)

// Problem is a mistake in a rules file.
type Problem struct {
	Path string // scorecards[0].groups[1].rules[2].when.cel; keys that are not words stand in brackets: tests[0].lead["Do Not Email"]
	Text string
	// Source is the expression that the problem is in and Offset the place in it, in characters
	// from 0. Source is "" where the problem is with the value as a whole.
	Source string
	Offset int
}

// String is the path and the text and, for a problem within an expression, the line of it with a caret.
func (p Problem) String() string {
	s := p.Text
	if p.Path != "" {
		s = p.Path + ": " + p.Text
	}
	if p.Source == "" {
		return s
	}
	line, column := p.Source, p.Offset
	for {
		head, rest, more := strings.Cut(line, "\n")
		n := utf8.RuneCountInString(head)
		if column <= n || !more {
			line, column = head, min(column, n)
			break
		}
		line, column = rest, column-n-1
	}
	line = strings.ReplaceAll(line, "\t", " ")
	return fmt.Sprintf("%s\n | %s\n | %s^", s, line, strings.Repeat(" ", column))
}

// Key returns the path of a key below path: path.key, or path["a key"] where the key is not a word.
func Key(path, key string) string {
	word := key != ""
	for _, r := range key {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			word = false
			break
		}
	}
	switch {
	case !word:
		return fmt.Sprintf("%s[%q]", path, key)
	case path == "":
		return key
	}
	return path + "." + key
}

// Index returns the path of an entry of the list at path.
func Index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func unknownColumn(s *datasets.Schema, name string) string {
	names := make([]string, len(s.Fields))
	for i := range s.Fields {
		names[i] = s.Fields[i].Name
	}
	if near := datasets.Nearest(name, names); near != "" {
		return fmt.Sprintf("unknown column %q (did you mean %q?)", name, near)
	}
	if len(names) > 8 {
		return fmt.Sprintf("unknown column %q; the data has %d columns, %q among them", name, len(names), names[:4])
	}
	return fmt.Sprintf("unknown column %q; the data has %q", name, names)
}
