package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	File   string // as the user named it
	Line   int    // from 1; 0: of the file as a whole
	Column int    // in characters, from 1
	Path   string // of the key, as features.columns.employees.kind; "": of no key
	Text   string
	source string // the line
}

// String is the problem in one line, and below it the line of the file with a caret.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	if p.Line > 0 && strings.TrimSpace(p.source) != "" {
		line, caret := excerpt(p.source, p.Column-1)
		fmt.Fprintf(&b, "\n | %s\n | %s^", line, strings.Repeat(" ", caret))
	}
	return b.String()
}

// excerpt cuts a long line around the caret's place and returns both.
func excerpt(line string, caret int) (string, int) {
	const width, before = 110, 60
	r := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == 0x85 {
			return ' '
		}
		return r
	}, line))
	caret = max(0, min(caret, len(r)))
	if len(r) <= width {
		return string(r), caret
	}
	start := max(0, min(caret-before, len(r)-width))
	end := min(len(r), start+width)
	cut := string(r[start:end])
	caret -= start
	if start > 0 {
		cut, caret = "…"+cut, caret+1
	}
	if end < len(r) {
		cut += "…"
	}
	return cut, caret
}

// Problems are the mistakes of one or more files; at least one.
type Problems []Problem

// Error lists the problems and counts them.
func (p Problems) Error() string {
	const shown = 50
	var b strings.Builder
	for i := range p {
		if i == shown {
			fmt.Fprintf(&b, "and %d more\n", len(p)-shown)
			break
		}
		b.WriteString(p[i].String())
		b.WriteByte('\n')
	}
	if len(p) == 1 {
		b.WriteString("1 problem; nothing was written.")
	} else {
		fmt.Fprintf(&b, "%d problems; nothing was written.", len(p))
	}
	return b.String()
}

// err returns the problems file by file in the order of their lines, or nil where there is none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	order := map[string]int{}
	for i := range p {
		if _, ok := order[p[i].File]; !ok {
			order[p[i].File] = i
		}
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}
