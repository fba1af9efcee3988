package datasets

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A CellError is a value that its column does not take. Its text says what would be taken.
type CellError struct {
	Column string // "" when the field has no name
	Text   string // the value as it was given
	Not    string // what it is not: "a number"
	Want   string // what would be accepted
}

func (e *CellError) Error() string {
	var b strings.Builder
	if e.Column != "" {
		fmt.Fprintf(&b, "column %q: ", e.Column)
	}
	return b.String() + e.Reason()
}

// Reason is the error without the column's name, for a caller that names the field in a place of its own.
func (e *CellError) Reason() string {
	return fmt.Sprintf("not %s: %s; want %s", e.Not, Quoted(e.Text), e.Want)
}

// Quoted quotes a value for a message; a long one is cut after 60 bytes.
func Quoted(text string) string {
	const limit = 60
	if len(text) <= limit {
		return strconv.Quote(text)
	}
	cut := limit
	for cut > limit-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(text[:cut]) + "…"
}

// Parse reads a text as a value of the field. Spaces around it do not count; the empty text is
// missing. A Numeric text is a finite decimal number (12, -1.5, 2e-3, 1,234.5; with DecimalComma
// 1.234,5), never a percentage, an amount with a currency, an infinity or NaN. A Boolean text is
// true, false, yes, no, y or n in any case. A Time text is a moment of the calendar in the
// field's layout. Every text is a Categorical or a Text value. A field of Unknown kind,
// which had no value when the schema was made, takes every text for missing.
//
// The error is a *CellError. Parse allocates nothing otherwise; a Str is the text itself.
func (f *Field) Parse(text string) (Value, error) {
	text = trim(text)
	if text == "" {
		return Value{}, nil
	}
	switch f.Kind {
	case Numeric:
		if x, shape := parseNumber(text, f.DecimalComma); shape != notNumber {
			return Number(x), nil
		}
	case Boolean:
		if x, ok := parseBool(text); ok {
			return Value{Kind: Boolean, Num: x}, nil
		}
	case Time:
		if t, _, ok := parseTime(text, f.Layout, f.Zone); ok {
			return At(t), nil
		}
	case Categorical:
		return Level(text), nil
	case Text:
		return Words(text), nil
	default:
		return Value{}, nil
	}
	return Value{}, f.unreadable(text)
}

// Parse reads a text as a value of one column: as Field.Parse, and the texts in Nulls are
// missing. CSV cells, JSON strings in files and JSON strings over HTTP all come here.
func (s *Schema) Parse(column int, text string) (Value, error) {
	text = trim(text)
	if isNull(s.Nulls, text) {
		return Value{}, nil
	}
	return s.Fields[column].Parse(text)
}

// unreadable is the error for a text that is no value of the field.
func (f *Field) unreadable(text string) *CellError {
	e := &CellError{Column: f.Name, Text: strings.Clone(text)}
	switch f.Kind {
	case Numeric:
		e.Not, e.Want = "a number", "digits with a decimal point, such as 1234.5 or 1,234.5"
		if f.DecimalComma {
			e.Want = "digits with a decimal comma, such as 1234,5 or 1.234,5"
		}
	case Boolean:
		e.Not, e.Want = "yes or no", "true, false, yes, no, y or n"
	case Time:
		e.Not = "a time"
		switch f.Layout {
		case layoutDMY:
			e.Want = "dd/mm/yyyy, such as 31/12/2026 or 31/12/2026 23:59"
		case layoutMDY:
			e.Want = "mm/dd/yyyy, such as 12/31/2026 or 12/31/2026 23:59"
		default:
			e.Want = "yyyy-mm-dd, such as 2026-12-31 or 2026-12-31T23:59:59Z"
		}
	default:
		e.Not, e.Want = "a text", "a text"
	}
	return e
}

// parseBool reads a word for yes (1) or no (0), in any case.
func parseBool(s string) (x float64, ok bool) {
	switch len(s) {
	case 1:
		switch s[0] | 0x20 {
		case 'y':
			return 1, true
		case 'n':
			return 0, true
		}
	case 2:
		return 0, s[0]|0x20 == 'n' && s[1]|0x20 == 'o'
	case 3:
		return 1, s[0]|0x20 == 'y' && s[1]|0x20 == 'e' && s[2]|0x20 == 's'
	case 4:
		return 1, strings.EqualFold(s, "true")
	case 5:
		return 0, strings.EqualFold(s, "false")
	}
	return 0, false
}
