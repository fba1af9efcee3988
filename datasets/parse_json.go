package datasets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads one JSON value (its raw bytes) as a value of the field, as Schema.ParseJSON
// does without any null texts.
func (f *Field) ParseJSON(raw []byte) (Value, error) {
	return f.parseJSON(raw, nil)
}

// ParseJSON reads one JSON value (its raw bytes) as a value of one column: JSON of the column's
// kind, or the text that would stand in the training file, which goes the way of Parse.
//
//	null                 missing, in every column
//	a number             Numeric; the literal as it stands for Text, which holds ids
//	true, false          Boolean
//	a string             every kind, read by Parse: "1.234,5" in a column with decimal comma is 1234.5
//	an object, an array  an error
//
// A number in a Categorical column is an error, not the level of its digits: 7, 7.0 and 7e0 are
// one number and would be three levels. The error is a *CellError. A number, a boolean, null
// and a string for a Numeric, Boolean or Time column allocate nothing; other strings are
// copied once, so raw may be used again. What is missing is an error where the field is Required.
func (s *Schema) ParseJSON(column int, raw []byte) (Value, error) {
	f := &s.Fields[column]
	return f.checkJSON(f.parseJSON(raw, s))
}

func (f *Field) parseJSON(raw []byte, s *Schema) (Value, error) {
	raw = bytes.Trim(raw, " \t\r\n")
	if len(raw) == 0 {
		return Value{}, f.wrongJSON(raw)
	}
	switch raw[0] {
	case '"':
		text, ok := jsonText(raw)
		if !ok {
			return Value{}, f.wrongJSON(raw)
		}
		text = trim(text)
		if s != nil && isNull(s.Nulls, text) {
			return Value{}, nil
		}
		v, err := f.Parse(text)
		if v.Str != "" {
			v.Str = strings.Clone(v.Str)
		}
		return v, err
	case 'n':
		if string(raw) == "null" {
			return Value{}, nil
		}
	case 't', 'f':
		yes := string(raw) == "true"
		if s != nil && isNull(s.Nulls, view(raw)) {
			return Value{}, nil
		}
		if yes || string(raw) == "false" {
			switch f.Kind {
			case Boolean:
				return Bool(yes), nil
			case Unknown:
				return Value{}, nil
			}
		}
	default:
		if !isJSONNumber(raw) {
			break
		}
		if s != nil && isNull(s.Nulls, view(raw)) {
			return Value{}, nil // null_values: ["-1"] holds for "-1" in a file and for -1 in a request
		}
		switch f.Kind {
		case Numeric:
			if x, shape := parseNumber(view(raw), false); shape != notNumber {
				return Number(x), nil
			}
		case Text:
			return Words(string(raw)), nil
		case Unknown:
			return Value{}, nil
		}
	}
	return Value{}, f.wrongJSON(raw)
}

// wrongJSON is the error for a JSON value that the field does not take.
func (f *Field) wrongJSON(raw []byte) *CellError {
	e := f.unreadable("")
	e.Text = string(raw)
	switch {
	case len(raw) == 0 || !json.Valid(raw) || !utf8.Valid(raw):
		e.Not, e.Want = "JSON", "one JSON value"
	case f.Kind == Numeric:
		e.Want = fmt.Sprintf("a JSON number of a float64's range, or a string of %s", e.Want)
	case f.Kind == Boolean:
		e.Want = fmt.Sprintf("true or false, or a string: %s", e.Want)
	case f.Kind == Time:
		e.Want = "a JSON string: " + e.Want
	case f.Kind == Text:
		e.Want = "a JSON string or number"
	default:
		e.Not, e.Want = "a category", "a JSON string"
	}
	return e
}

// jsonText gives the text of a JSON string. Without escapes it is a view of raw.
func jsonText(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[len(raw)-1] != '"' {
		return "", false
	}
	inner, ascii := raw[1:len(raw)-1], true
	for _, c := range inner {
		if c < ' ' || c == '"' || c == '\\' {
			var text string // escapes and errors: rare, so the library's way
			err := json.Unmarshal(raw, &text)
			return text, err == nil && utf8.Valid(raw)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return view(inner), ascii || utf8.Valid(inner)
}

// isJSONNumber reports whether raw is a number in the grammar of RFC 8259.
func isJSONNumber(raw []byte) bool {
	i := 0
	if i < len(raw) && raw[i] == '-' {
		i++
	}
	whole := countDigits(raw[i:])
	if whole == 0 || whole > 1 && raw[i] == '0' {
		return false
	}
	if i += whole; i < len(raw) && raw[i] == '.' {
		n := countDigits(raw[i+1:])
		if n == 0 {
			return false
		}
		i += 1 + n
	}
	if i < len(raw) && raw[i]|0x20 == 'e' {
		if i++; i < len(raw) && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		n := countDigits(raw[i:])
		if n == 0 {
			return false
		}
		i += n
	}
	return i == len(raw)
}

func countDigits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// isNull reports whether a trimmed text means missing.
func isNull(nulls []string, text string) bool {
	for _, n := range nulls {
		if len(n) == len(text) && n == text {
			return true
		}
	}
	return text == ""
}
