package datasets

import (
	"bytes"
	"math"
)

// csvFormat writes comma- or tab-separated rows as RFC 4180 has them, with a line feed at the
// end of each. Missing cells are empty.
type csvFormat struct {
	schema    *Schema
	delimiter byte
	special   [256]bool // bytes that make a cell need quotes
}

// newCSVFormat writes commas, and semicolons where a column has decimal commas: that is how
// such files look, and it keeps numbers free of quotes.
func newCSVFormat(s *Schema) rowFormat {
	for _, f := range s.Fields {
		if f.Kind == Numeric && f.DecimalComma {
			return newSeparatedFormat(s, ';')
		}
	}
	return newSeparatedFormat(s, ',')
}

func newTSVFormat(s *Schema) rowFormat { return newSeparatedFormat(s, '\t') }

func newSeparatedFormat(s *Schema, delimiter byte) rowFormat {
	f := &csvFormat{schema: s, delimiter: delimiter}
	for _, c := range []byte{delimiter, '"', '\n', '\r'} {
		f.special[c] = true
	}
	return f
}

func (f *csvFormat) header(dst []byte) []byte {
	for i := range f.schema.Fields {
		if i > 0 {
			dst = append(dst, f.delimiter)
		}
		dst = f.cell(dst, f.schema.Fields[i].Name)
	}
	return append(dst, '\n')
}

func (f *csvFormat) rows(dst []byte, b *Batch, from, to int, dates []bool) []byte {
	for r := from; r < to; r++ {
		start := len(dst)
		for i := range b.columns {
			if i > 0 {
				dst = append(dst, f.delimiter)
			}
			switch c := &b.columns[i]; c.Kind {
			case Numeric:
				if x := c.Numbers[r]; !math.IsNaN(x) {
					dst = f.number(dst, x, f.schema.Fields[i].DecimalComma)
				}
			case Boolean:
				if x := c.Numbers[r]; x == 1 {
					dst = append(dst, "true"...)
				} else if x == 0 {
					dst = append(dst, "false"...)
				}
			case Categorical:
				if k := c.Codes[r]; k >= 0 {
					dst = f.cell(dst, c.Levels[k])
				}
			case Time:
				if t := c.Times[r]; t != MissingTime {
					dst = f.schema.Fields[i].appendTime(dst, t, dates[i])
				}
			case Text:
				dst = f.cell(dst, c.Texts[r])
			}
		}
		if len(dst) == start {
			dst = append(dst, `""`...) // one column, missing: a blank line would be no row
		}
		dst = append(dst, '\n')
	}
	return dst
}

func (f *csvFormat) number(dst []byte, x float64, comma bool) []byte {
	start := len(dst)
	dst = appendNumber(dst, x)
	if comma {
		if i := bytes.IndexByte(dst[start:], '.'); i >= 0 {
			dst[start+i] = ','
		}
		if f.delimiter == ',' {
			panic("a decimal comma between commas") // newCSVFormat chose semicolons
		}
	}
	return dst
}

func (f *csvFormat) cell(dst []byte, s string) []byte {
	quote := len(s) > 0 && (s[0] == ' ' || s[len(s)-1] == ' ')
	for i := 0; i < len(s) && !quote; i++ {
		quote = f.special[s[i]]
	}
	if !quote {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
