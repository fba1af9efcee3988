package datasets

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A cell is a piece of a grid's text. The two high bits of n say what stands there.
type cell struct{ off, n uint32 }

const (
	formText   = 0       // as in CSV, or inside a JSON string
	formNumber = 1 << 30 // a JSON number
	formBool   = 2 << 30 // a JSON true or false
	formAbsent = 3 << 30 // a JSON null, or a key that is not there
	formMask   = 3 << 30
)

// A grid is the records of one chunk cut into cells, before anything is known about kinds.
type grid struct {
	buf    []byte   // the chunk, then a line end, then texts that had to be rewritten, then padding
	length int      // of the chunk within buf
	text   string   // a view of buf, once scanning is done
	width  int      // cells a row
	cells  []cell   // row by row
	starts []uint32 // where each row begins in the chunk, and where it ends
	ends   []uint32
	bad    []badRecord
	extra  []string // JSON keys that the format does not know, in order of appearance
	nulls  []cell   // the texts that mean missing
	seen   []bool   // JSON: the columns that some row has
}

// A badRecord is a record that has no row in the grid.
type badRecord struct {
	start  uint32
	reason string
	cell   bool // a value was the reason
}

// paddingBytes lie behind the last text, so that eight bytes may be read from wherever one begins.
var paddingBytes [8]byte

func (g *grid) reset(chunk []byte) {
	g.length = len(chunk)
	g.buf = append(append(chunk, '\n'), paddingBytes[:]...)
	g.cells, g.starts, g.ends = g.cells[:0], g.starts[:0], g.ends[:0]
	g.bad, g.extra, g.text = nil, nil, ""
}

func (g *grid) rows() int { return len(g.starts) }

// addRow makes the cells since the last row a row.
func (g *grid) addRow(start, end int) {
	g.starts = append(g.starts, uint32(start))
	g.ends = append(g.ends, uint32(end))
}

// dropRow takes back the cells since the last row and notes why.
func (g *grid) dropRow(start int, reason string) {
	g.cells = g.cells[:len(g.starts)*g.width]
	g.bad = append(g.bad, badRecord{start: uint32(start), reason: reason})
}

// seal puts the null texts behind the others, makes all readable, and drops the rows that hold
// bytes which are no text.
func (g *grid) seal(nulls []string) {
	g.nulls = g.nulls[:0]
	for _, n := range nulls {
		g.nulls = append(g.nulls, cell{uint32(len(g.buf)), uint32(len(n))})
		g.buf = append(g.buf, n...)
	}
	g.buf = append(g.buf, paddingBytes[:]...)
	g.text = view(g.buf)
	chunk := g.buf[:g.length]
	if utf8.Valid(chunk) && bytes.IndexByte(chunk, 0) < 0 {
		return
	}
	var drop []bool
	for r, start := range g.starts {
		record, reason := chunk[start:min(int(g.ends[r]), g.length)], ""
		if !utf8.Valid(record) {
			reason = "not UTF-8, though the file is; save it in one encoding"
		} else if bytes.IndexByte(record, 0) >= 0 {
			reason = "a NUL byte; this is no text"
		}
		if reason != "" {
			if drop == nil {
				drop = make([]bool, g.rows())
			}
			drop[r] = true
			g.bad = append(g.bad, badRecord{start: start, reason: reason})
		}
	}
	if drop != nil {
		g.compact(drop)
	}
}

// compact takes the marked rows out of the grid.
func (g *grid) compact(drop []bool) {
	kept := 0
	for r, gone := range drop {
		if gone {
			continue
		}
		g.starts[kept], g.ends[kept] = g.starts[r], g.ends[r]
		copy(g.cells[kept*g.width:(kept+1)*g.width], g.cells[r*g.width:(r+1)*g.width])
		kept++
	}
	g.starts, g.ends, g.cells = g.starts[:kept], g.ends[:kept], g.cells[:kept*g.width]
}

// line returns the line of an offset within the chunk, from 1.
func (g *grid) line(off uint32) int {
	return 1 + bytes.Count(g.buf[:min(int(off), g.length)], []byte{'\n'})
}

// lines returns the number of line ends in the chunk.
func (g *grid) lines() int { return bytes.Count(g.buf[:g.length], []byte{'\n'}) }

// trimmed takes the form and the spaces around it from a cell that is not absent.
func (g *grid) trimmed(c cell) cell {
	c.n &^= formMask
	if c.n > 0 {
		if a, z := g.buf[c.off], g.buf[c.off+c.n-1]; a > ' ' && a < utf8.RuneSelf && z > ' ' && z < utf8.RuneSelf {
			return c
		}
		text := g.text[c.off : c.off+c.n]
		left := strings.TrimLeftFunc(text, unicode.IsSpace)
		c.off += uint32(len(text) - len(left))
		c.n = uint32(len(strings.TrimRightFunc(left, unicode.IsSpace)))
	}
	return c
}

// at returns the trimmed text of a cell that is not absent.
func (g *grid) at(c cell) string {
	c = g.trimmed(c)
	return g.text[c.off : c.off+c.n]
}
