package rules

import (
	"math"

	"leadscore/datasets"
)

// table gives a number for the value of a column: by ranges, or by levels.
type table struct {
	ends    []float64 // upper ends of ranges, ascending, each included; the last is +Inf where the rest has a row
	amounts []float64 // of each range
	texts   map[string]float64
	numbers map[float64]float64
	times   map[int64]float64
	rest    float64 // of a level that has no row
	hasRest bool
}

// lookUp returns the number of the row that has a value; without one, and for a missing value, it is 0 and false.
func (t *table) lookUp(v *datasets.Value) (float64, bool) {
	if v.Missing() {
		return 0, false
	}
	if t.ends != nil {
		for i, end := range t.ends {
			if v.Num <= end {
				return t.amounts[i], true
			}
		}
		return 0, false
	}
	var x float64
	var ok bool
	switch v.Kind {
	case datasets.Numeric, datasets.Boolean:
		x, ok = t.numbers[v.Num]
	case datasets.Time:
		x, ok = t.times[v.Time]
	default:
		x, ok = t.texts[v.Str]
	}
	if ok {
		return x, true
	}
	return t.rest, t.hasRest
}

// table compiles n rows of a table of a column (−1: it is not known, and values are not read). row tells a row's end, its values and
// its number.
func (c *compiler) table(path string, column, n int, row func(i int) (to *float64, in Values, amount float64)) *table {
	if n == 0 {
		c.problem(path, "the table is empty; want rows such as {to: 50, …} or {in: [Spain], …}; the last one may be for everything else")
	}
	out := &table{texts: map[string]float64{}, numbers: map[float64]float64{}, times: map[int64]float64{}}
	last, ranges, lists := math.Inf(-1), 0, 0
rows:
	for i := range n {
		p := Index(path, i)
		to, in, amount := row(i)
		switch {
		case to != nil && in != nil:
			c.problem(p, "want to (a range) or in (values), not both")
		case to != nil:
			ranges++
			if math.IsNaN(*to) || math.IsInf(*to, 0) {
				c.problem(p+".to", "want a finite number")
			}
			if *to <= last {
				c.problem(p+".to", "%s is not above %s, the end of the row before it: rows ascend", showNumber(*to), showNumber(last))
			}
			last = *to
			out.ends, out.amounts = append(out.ends, *to), append(out.amounts, amount)
		case in != nil:
			lists++
			if len(in) == 0 {
				c.problem(p+".in", "the list is empty; want at least one value")
			}
			if column >= 0 {
				c.levels(p+".in", column, in, amount, out)
			}
		default:
			if i+1 < n {
				c.problem(Index(path, i+1), "cannot be reached: the row before it is for everything else")
				break rows
			}
			if ranges > 0 || lists == 0 {
				out.ends, out.amounts = append(out.ends, math.Inf(1)), append(out.amounts, amount)
			}
			out.rest, out.hasRest = amount, true
		}
	}
	if ranges > 0 && lists > 0 {
		c.problem(path, "some rows have to and some have in; want ranges or values")
	}
	if column >= 0 {
		f := &c.schema.Fields[column]
		if ranges > 0 && lists == 0 && f.Kind != datasets.Numeric && f.Kind != datasets.Unknown {
			c.problem(path, "column %q is %v; a table of ranges needs a numeric one, one of values has rows such as {in: [a, b], …}", f.Name, f.Kind)
		}
	}
	return out
}

// levels adds the values of a row to a table.
func (c *compiler) levels(path string, column int, in Values, amount float64, out *table) {
	for i, v := range in {
		value, err := readValue(c.schema, column, v)
		if err != nil || value.Missing() {
			c.values(path, column, in) // says it, of all
			return
		}
		var twice bool
		switch value.Kind {
		case datasets.Numeric, datasets.Boolean:
			_, twice = out.numbers[value.Num]
			out.numbers[value.Num] = amount
		case datasets.Time:
			_, twice = out.times[value.Time]
			out.times[value.Time] = amount
		default:
			_, twice = out.texts[value.Str]
			out.texts[value.Str] = amount
		}
		if twice {
			c.problem(Index(path, i), "%v stands in the table twice; a value has one row", quoted(v))
		}
	}
}

// mayBe reports whether points of this sign may come of a rule.
func (p *Points) mayBe(sign float64) bool {
	if p.Table == nil {
		return p.Fixed*sign > 0
	}
	for _, r := range p.Table {
		if r.Points*sign > 0 {
			return true
		}
	}
	return false
}
