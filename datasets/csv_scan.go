package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// csvText is CSV as encoding/csv reads it, with two more liberties: spaces before an opening and
// after a closing quote are passed over. Blank lines are no records. A quote inside a field
// that is not quoted, or text after a closing quote, makes a bad record that ends with its line.
// It is not encoding/csv itself because that allocates a string a record and cannot say where a
// record ends without parsing it; a fuzz test holds the two together.
type csvText struct {
	delimiter byte
	width     int // fields of the header
}

const (
	reasonBareQuote = `a quote inside a field that does not begin with one; quote the whole field and double the quotes in it`
	reasonAfter     = `text after a closing quote; double the quotes inside a quoted field`
	reasonUnclosed  = `a quote is opened here and never closed`
)

func (f csvText) cut(buf []byte, final bool) int {
	pos := 0
	for pos < len(buf) {
		quote := bytes.IndexByte(buf[pos:], '"')
		if quote < 0 {
			if final {
				return len(buf)
			}
			return pos + bytes.LastIndexByte(buf[pos:], '\n') + 1
		}
		line := pos + bytes.LastIndexByte(buf[pos:pos+quote], '\n') + 1
		end, quoted := f.recordEnd(buf, line)
		if end < 0 && final && !quoted {
			return len(buf)
		}
		if end < 0 && (!final || line > 0) {
			return line
		}
		if end < 0 { // a quote is never closed: give its line up, and go on with the next
			if n := bytes.IndexByte(buf, '\n'); n >= 0 {
				return n + 1
			}
			return len(buf)
		}
		pos = end
	}
	return pos
}

// recordEnd returns the offset behind the record that begins at pos, or -1 when buf ends before
// it; quoted says that it ends inside quotes.
func (f csvText) recordEnd(buf []byte, pos int) (end int, quoted bool) {
	for {
		for pos < len(buf) && buf[pos] == ' ' {
			pos++
		}
		if pos < len(buf) && buf[pos] == '"' {
			if pos = closingQuote(buf, pos+1); pos < 0 {
				return -1, true
			}
			for pos++; pos < len(buf) && buf[pos] == ' '; pos++ {
			}
			if pos < len(buf) && buf[pos] != f.delimiter && buf[pos] != '\n' {
				return behindLine(buf, pos), false // a carriage return, or a bad record
			}
		} else {
			for pos < len(buf) && buf[pos] != f.delimiter && buf[pos] != '\n' {
				if buf[pos] == '"' {
					return behindLine(buf, pos), false
				}
				pos++
			}
		}
		if pos >= len(buf) {
			return -1, false
		}
		pos++
		if buf[pos-1] == '\n' {
			return pos, false
		}
	}
}

// closingQuote returns the offset of the quote that ends the quoted text at pos, or -1.
func closingQuote(buf []byte, pos int) int {
	for {
		n := bytes.IndexByte(buf[pos:], '"')
		if n < 0 {
			return -1
		}
		pos += n
		if pos+1 >= len(buf) || buf[pos+1] != '"' {
			return pos
		}
		pos += 2
	}
}

func behindLine(buf []byte, pos int) int {
	n := bytes.IndexByte(buf[pos:], '\n')
	if n < 0 {
		return -1
	}
	return pos + n + 1
}

func (f csvText) scan(g *grid) {
	g.width = f.width
	for pos := 0; pos < g.length; {
		// Lines before the next quote are cut at the delimiters and nothing else.
		plain := g.length
		if quote := bytes.IndexByte(g.buf[pos:g.length], '"'); quote >= 0 {
			plain = pos + bytes.LastIndexByte(g.buf[pos:pos+quote], '\n') + 1
		}
		if plain > pos {
			f.scanPlain(g, pos, plain)
			pos = plain
			continue
		}
		start := pos
		fields, end, reason := f.record(g, pos)
		if reason == "" && fields != f.width {
			reason = f.ragged(fields)
		}
		if reason != "" {
			g.dropRow(start, reason)
		} else {
			g.addRow(start, end)
		}
		pos = end
	}
}

func (f csvText) ragged(fields int) string {
	return fmt.Sprintf("%s, want %d", count(fields, "field"), f.width)
}

const (
	eachByte = 0x0101010101010101
	lowBits  = 0x7f7f7f7f7f7f7f7f
)

// zeroBytes marks the bytes of w that are zero by their high bit.
func zeroBytes(w uint64) uint64 { return ^((w&lowBits + lowBits) | w | lowBits) }

// scanPlain scans whole lines without a quote, eight bytes at a time.
func (f csvText) scanPlain(g *grid, pos, end int) {
	buf, cells, width := g.buf, g.cells, f.width
	if end == g.length && buf[end-1] != '\n' {
		end++ // the line end behind the chunk is that of its last line
	}
	delimiter := uint64(f.delimiter) * eachByte
	field, line, fields := pos, pos, 0
	for ; pos < end; pos += 8 {
		word := binary.LittleEndian.Uint64(buf[pos:])
		ends := zeroBytes(word^delimiter) | zeroBytes(word^'\n'*eachByte)
		for ; ends != 0; ends &= ends - 1 {
			i := pos + bits.TrailingZeros64(ends)>>3
			if i >= end {
				break
			}
			if fields++; fields <= width {
				cells = append(cells, cell{uint32(field), uint32(i - field)})
			}
			field = i + 1
			if buf[i] != '\n' {
				continue
			}
			length := i - line
			if length > 0 && buf[i-1] == '\r' {
				length--
				if c := &cells[len(cells)-1]; fields <= width && c.n > 0 {
					c.n--
				}
			}
			g.cells = cells
			switch {
			case length == 0: // blank
				g.cells = cells[:len(g.starts)*width]
			case fields != width:
				g.dropRow(line, f.ragged(fields))
			default:
				g.addRow(line, i)
			}
			cells, line, fields = g.cells, i+1, 0
		}
	}
}

// record appends the cells of the record at pos to g, width of them at most. The line end that
// stands behind the chunk ends the last record.
func (f csvText) record(g *grid, pos int) (fields, end int, reason string) {
	buf, delimiter, width := g.buf[:g.length+1], f.delimiter, f.width
	for {
		start := pos
		for pos < g.length && buf[pos] == ' ' {
			pos++
		}
		var c cell
		if buf[pos] != '"' {
			for pos = start; ; pos++ {
				if b := buf[pos]; b == delimiter || b == '\n' {
					break
				} else if b == '"' {
					return fields, f.badEnd(g, pos), reasonBareQuote
				}
			}
			c = cell{uint32(start), uint32(pos - start)}
			if buf[pos] == '\n' && pos > start && buf[pos-1] == '\r' {
				c.n--
			}
		} else {
			start = pos + 1
			closing := closingQuote(buf[:g.length], start)
			if closing < 0 {
				return fields, f.badEnd(g, start), reasonUnclosed
			}
			c = g.unquoted(start, closing)
			buf = g.buf[:g.length+1]
			for pos = closing + 1; buf[pos] == ' '; pos++ {
			}
			if buf[pos] == '\r' && buf[pos+1] == '\n' {
				pos++
			}
			if buf[pos] != delimiter && buf[pos] != '\n' {
				return fields, f.badEnd(g, pos), reasonAfter
			}
		}
		if fields++; fields <= width {
			g.cells = append(g.cells, c)
		}
		pos++
		if buf[pos-1] == '\n' {
			return fields, min(pos, g.length), ""
		}
	}
}

func (f csvText) badEnd(g *grid, pos int) int {
	if end := behindLine(g.buf[:g.length], min(pos, g.length)); end >= 0 {
		return end
	}
	return g.length
}

// unquoted returns the cell of a quoted text, which is rewritten behind the chunk when it holds
// doubled quotes, or line ends of two characters.
func (g *grid) unquoted(start, end int) cell {
	text := g.buf[start:end]
	if bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return cell{uint32(start), uint32(end - start)}
	}
	off := len(g.buf)
	for i := 0; i < len(text); i++ {
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			continue
		}
		g.buf = append(g.buf, text[i])
		if text[i] == '"' {
			i++ // the second of two
		}
	}
	return cell{uint32(off), uint32(len(g.buf) - off)}
}

// count writes a number with its noun: 1 field, 2 fields.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
