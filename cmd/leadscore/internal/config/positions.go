package config

import (
	"strings"
	"unicode/utf8"

	"leadscore/model/rules"
)

// position is where a value stands, from 1.
type position struct{ line, column int }

// Positions knows where each key of a file stands.
type Positions struct {
	src *source
	at  map[string]position
}

// Locate returns where the key of a path stands, or the nearest key above it that there is; a
// file without any is 1:1.
func (p *Positions) Locate(path string) (file string, line, column int) {
	at := p.find(path)
	return p.src.path, at.line, at.column
}

func (p *Positions) find(path string) position {
	for {
		if at, ok := p.at[path]; ok {
			return at
		}
		if path == "" {
			return position{1, 1}
		}
		path = path[:parent(path)]
	}
}

// parent returns the length of the path of what holds a key: 1 of a.b, a[3] and a["b.c"].
func parent(path string) int {
	end, quoted := 0, false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '.' || c == '['):
			end = i
		}
	}
	return end
}

// Problems gives the problems of a rules file their places in it. It returns nil when there are none.
func (p *Positions) Problems(problems []rules.Problem) error { return p.placed(problems).err() }

func (p *Positions) placed(problems []rules.Problem) (out Problems) {
	for _, r := range problems {
		at := p.find(r.Path)
		if r.Source != "" {
			at = p.within(at, r.Source, r.Offset)
		}
		out = append(out, p.src.problem(at.line, at.column, r.Path, "%s", r.Text))
	}
	return out
}

// within returns the place of character offset of a text that begins at a position: inside quotes,
// or in the lines below it. Where escapes or folding hide the place it is that of the text.
func (p *Positions) within(at position, text string, offset int) position {
	head, column := text, offset
	below := 0
	for {
		first, after, more := strings.Cut(head, "\n")
		n := utf8.RuneCountInString(first)
		if column <= n || !more {
			head = first
			break
		}
		head, column, below = after, column-n-1, below+1
	}
	if below == 0 && at.line <= len(p.src.lines) {
		line := []rune(p.src.lines[at.line-1])
		for quote := range 2 {
			if start := at.column - 1 + quote; start <= len(line) && strings.HasPrefix(string(line[start:]), head) {
				return position{at.line, start + 1 + column}
			}
		}
	}
	for i := at.line + below; i <= at.line+below+1 && i < len(p.src.lines); i++ { // a block scalar
		if line := p.src.lines[i]; strings.TrimSpace(line) == strings.TrimSpace(head) {
			indent := utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(line, " "))
			return position{i + 1, indent + 1 + column}
		}
	}
	return at
}
