package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"leadscore/datasets"
)

// readValue reads a value of a rules file as the column would read it. A number is a number to a
// numeric column even where its texts have decimal commas, and a text as it is written to the others.
func readValue(s *datasets.Schema, column int, v any) (datasets.Value, error) {
	field := &s.Fields[column]
	wrong := func(text string) error {
		return fmt.Errorf("column %q is %v and cannot be %s", field.Name, field.Kind, text)
	}
	var number float64
	var text string
	switch v := v.(type) {
	case nil:
		return datasets.Value{}, nil
	case string:
		return parseText(s, column, v)
	case bool:
		if field.Kind == datasets.Boolean {
			return datasets.Bool(v), nil
		}
		if field.Kind == datasets.Categorical || field.Kind == datasets.Text {
			return parseText(s, column, strconv.FormatBool(v))
		}
		return datasets.Value{}, wrong(strconv.FormatBool(v))
	case float64:
		number, text = v, showNumber(v)
	case int:
		number, text = float64(v), strconv.Itoa(v)
	case json.Number:
		x, err := v.Float64()
		if err != nil {
			return datasets.Value{}, fmt.Errorf("%s is not a number that fits", v)
		}
		number, text = x, v.String()
	default:
		return datasets.Value{}, fmt.Errorf("want a text, a number, true or false")
	}
	switch field.Kind {
	case datasets.Numeric:
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return datasets.Value{}, wrong(text)
		}
		return datasets.Number(number), nil
	case datasets.Boolean:
		return datasets.Value{}, wrong(text)
	}
	return parseText(s, column, text)
}

// parseText reads a text of a column without any value, whose kind nobody knows, as itself.
func parseText(s *datasets.Schema, column int, text string) (datasets.Value, error) {
	if s.Fields[column].Kind == datasets.Unknown {
		return datasets.Words(text), nil
	}
	v, err := s.Parse(column, text)
	if err != nil {
		return datasets.Value{}, err
	}
	return v, nil
}

// showValue writes a cell for a reader.
func showValue(v datasets.Value) string {
	switch v.Kind {
	case datasets.Numeric:
		return showNumber(v.Num)
	case datasets.Boolean:
		if v.Num != 0 {
			return "true"
		}
		return "false"
	case datasets.Time:
		return formatTime(v.Time)
	case datasets.Categorical, datasets.Text:
		return v.Str
	}
	return "missing"
}

// showNumber writes a number without an exponent, with as many digits as tell it apart.
func showNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func quoted(v any) string {
	if v == nil {
		return "null"
	}
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}
