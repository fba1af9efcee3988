package rules

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"leadscore/datasets"
)

const maxPattern = 1000 // characters of a regular expression

// field compiles a condition on one column.
func (c *compiler) field(path string, f *Condition) node {
	column, ok := c.columns[f.Field]
	if !ok {
		c.problem(path+".field", "%s", unknownColumn(c.schema, f.Field))
		return node{}
	}
	var found []string
	for _, k := range []struct {
		there bool
		key   string
	}{
		{f.Missing, "missing"}, {f.In != nil, "in"}, {f.Above != nil || f.From != nil || f.Below != nil || f.To != nil, "a range"},
		{f.Contains != nil, "contains"}, {f.Matches != "", "matches"},
	} {
		if k.there {
			found = append(found, k.key)
		}
	}
	if len(found) > 1 {
		c.problem(path, "want one of missing, in, contains, matches and a range (above or from, below or to) beside field; found %s (all: joins conditions)", strings.Join(found, " and "))
		return node{}
	}
	switch {
	case len(found) == 0:
		return node{op: known, column: column}
	case f.Missing:
		return node{op: absent, column: column}
	case f.In != nil:
		if len(f.In) == 0 {
			c.problem(path+".in", "the list is empty; leave it out to ask whether %q is known", f.Field)
			return node{}
		}
		return list(column, c.schema.Fields[column].Kind, c.values(path+".in", column, f.In))
	case f.Contains != nil:
		return c.words(path+".contains", column, f.Contains)
	case f.Matches != "":
		return c.pattern(path+".matches", column, f.Matches)
	}
	return c.within(path, column, f)
}

// values reads the values of a list as the column reads them; what means missing there is a problem.
func (c *compiler) values(path string, column int, list Values) []datasets.Value {
	var values []datasets.Value
	for i, v := range list {
		p, name := Index(path, i), c.schema.Fields[column].Name
		value, err := readValue(c.schema, column, v)
		switch {
		case err != nil:
			c.problem(p, "%v", err)
		case value.Missing():
			c.problem(p, "%v means missing in column %q; for leads without it write {field: %s, missing: true}", quoted(v), name, name)
		default:
			values = append(values, value)
		}
	}
	return values
}

// texts reports a problem where a column does not hold texts.
func (c *compiler) texts(path, what string, column int) bool {
	field := &c.schema.Fields[column]
	switch field.Kind {
	case datasets.Categorical, datasets.Text, datasets.Unknown:
		return true
	}
	c.problem(path, "column %q is %v; %s looks into texts", field.Name, field.Kind, what)
	return false
}

func (c *compiler) words(path string, column int, words []string) node {
	if !c.texts(path, "contains", column) {
		return node{}
	}
	if len(words) == 0 {
		c.problem(path, "the list is empty; want at least one text")
	}
	n := node{op: hasWords, column: column}
	for i, w := range words {
		if w == "" {
			c.problem(Index(path, i), "an empty text is in every text")
		}
		n.words = append(n.words, strings.Map(unicode.ToLower, w))
	}
	return n
}

func (c *compiler) pattern(path string, column int, pattern string) node {
	if !c.texts(path, "matches", column) {
		return node{}
	}
	if len(pattern) > maxPattern {
		c.problem(path, "the regular expression has more than %d characters", maxPattern)
		return node{}
	}
	p, err := regexp.Compile(pattern)
	if err != nil {
		c.problem(path, "%v; want a regular expression (RE2), such as (?i)chief|head of", strings.Replace(err.Error(), "error parsing regexp", "not a regular expression", 1))
		return node{}
	}
	return node{op: hasPattern, column: column, pattern: p}
}

// within compiles the range of a column.
func (c *compiler) within(path string, column int, f *Condition) node {
	field := &c.schema.Fields[column]
	if f.Above != nil && f.From != nil {
		c.problem(path+".above", "above and from are both the lower end; want one of them")
	}
	if f.Below != nil && f.To != nil {
		c.problem(path+".below", "below and to are both the upper end; want one of them")
	}
	n := node{column: column, low: math.Inf(-1), high: math.Inf(1), first: math.MinInt64, last: math.MaxInt64}
	switch field.Kind {
	case datasets.Numeric:
		n.op = numberWithin
	case datasets.Time:
		n.op = timeWithin
	case datasets.Unknown: // without any value: in no range
		return n
	default:
		c.problem(path, "column %q is %v; above, from, below and to need a numeric one or one of times", field.Name, field.Kind)
		return node{}
	}
	bad := false
	end := func(key string, s *Scalar, number func(x float64), at func(t int64)) {
		if s == nil {
			return
		}
		v, err := readValue(c.schema, column, s.V)
		switch {
		case err != nil:
			c.problem(path+"."+key, "%v", err)
			bad = true
		case v.Missing():
			c.problem(path+"."+key, "%v means missing in column %q; want a value", quoted(s.V), field.Name)
			bad = true
		default:
			number(v.Num)
			at(v.Time)
		}
	}
	end("from", f.From, func(x float64) { n.low = x }, func(t int64) { n.first = t })
	end("above", f.Above, func(x float64) { n.low = math.Nextafter(x, math.Inf(1)) }, func(t int64) { n.first = t + 1 })
	end("to", f.To, func(x float64) { n.high = x }, func(t int64) { n.last = t })
	end("below", f.Below, func(x float64) { n.high = math.Nextafter(x, math.Inf(-1)) }, func(t int64) { n.last = t - 1 })
	if !bad && (n.op == numberWithin && n.low > n.high || n.op == timeWithin && n.first > n.last) {
		low, high := f.From, f.To
		if f.Above != nil {
			low = f.Above
		}
		if f.Below != nil {
			high = f.Below
		}
		c.problem(path, "no value is in this range: its lower end is %v, its upper end %v", quoted(low.V), quoted(high.V))
	}
	return n
}

const fewTexts = 8

// list makes the condition that a column is one of the values.
func list(column int, kind datasets.Kind, values []datasets.Value) node {
	n := node{column: column}
	switch kind {
	case datasets.Numeric, datasets.Boolean:
		n.op = oneOfNumbers
		for _, v := range values {
			n.numbers = append(n.numbers, v.Num)
		}
		slices.Sort(n.numbers)
	case datasets.Time:
		n.op = oneOfTimes
		for _, v := range values {
			n.times = append(n.times, v.Time)
		}
		slices.Sort(n.times)
	case datasets.Categorical, datasets.Text:
		n.op = oneOfTexts
		n.texts = make(map[string]struct{}, len(values))
		for _, v := range values {
			n.texts[v.Str] = struct{}{}
		}
		if len(n.texts) > 0 && len(n.texts) <= fewTexts {
			n.few = slices.Sorted(maps.Keys(n.texts))
		}
	}
	return n
}
