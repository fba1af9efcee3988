package datasets

import (
	"encoding/json"
	"math"
	"unicode/utf8"
)

// jsonFormat writes one flat JSON object a row, with every column in every row: missing cells
// are null, so that a column without a value is still a column of the file. Times are texts
// in the field's layout.
type jsonFormat struct {
	schema *Schema
	keys   [][]byte // `{"first":`, `,"second":`
}

func newJSONFormat(s *Schema) rowFormat {
	f := &jsonFormat{schema: s}
	for i := range s.Fields {
		key := []byte{','}
		if i == 0 {
			key[0] = '{'
		}
		f.keys = append(f.keys, append(appendJSONText(key, s.Fields[i].Name), ':'))
	}
	return f
}

func (f *jsonFormat) header(dst []byte) []byte { return dst }

func (f *jsonFormat) rows(dst []byte, b *Batch, from, to int, dates []bool) []byte {
	for r := from; r < to; r++ {
		for i := range b.columns {
			dst = append(dst, f.keys[i]...)
			start := len(dst)
			switch c := &b.columns[i]; c.Kind {
			case Numeric:
				if x := c.Numbers[r]; !math.IsNaN(x) {
					dst = appendNumber(dst, x)
				}
			case Boolean:
				if x := c.Numbers[r]; x == 1 {
					dst = append(dst, "true"...)
				} else if x == 0 {
					dst = append(dst, "false"...)
				}
			case Categorical:
				if k := c.Codes[r]; k >= 0 {
					dst = appendJSONText(dst, c.Levels[k])
				}
			case Time:
				if t := c.Times[r]; t != MissingTime {
					dst = append(f.schema.Fields[i].appendTime(append(dst, '"'), t, dates[i]), '"')
				}
			case Text:
				if s := c.Texts[r]; s != "" {
					dst = appendJSONText(dst, s)
				}
			}
			if len(dst) == start {
				dst = append(dst, "null"...)
			}
		}
		dst = append(dst, "}\n"...)
	}
	return dst
}

// AppendJSONLines appends the rows of a batch as JSON Lines, as Create writes them to a .jsonl file, for streams that are
// no files: a line a row, every column in every row, times with their time of day.
func AppendJSONLines(dst []byte, b *Batch) []byte {
	return newJSONFormat(b.schema).rows(dst, b, 0, b.rows, make([]bool, len(b.columns)))
}

// appendJSONText appends s as a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendJSONText(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			text, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always marshals
			}
			return append(dst, text...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
