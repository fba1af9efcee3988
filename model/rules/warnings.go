package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"leadscore/datasets"
)

// Warnings returns what is most likely a mistake in a file that compiles: rules that count the same thing twice, windows beyond
// the end of decay and, where there are leads (nil: none), values, ranges and texts that none of them has.
func Warnings(f *File, leads *datasets.Table) []Problem {
	w := &warner{leads: leads, columns: map[int]*observed{}}
	for i := range f.Scorecards {
		path := Index("scorecards", i)
		card := &f.Scorecards[i]
		for k := range card.Groups {
			w.group(Index(path+".groups", k), &card.Groups[k])
		}
		for k := range card.Frameworks {
			w.framework(Index(path+".frameworks", k), &card.Frameworks[k])
		}
		for k := range card.Hard {
			w.condition(Index(path+".hard", k)+".when", &card.Hard[k].When)
		}
	}
	return w.found
}

type warner struct {
	leads   *datasets.Table
	columns map[int]*observed
	found   []Problem
}

func (w *warner) say(path, format string, a ...any) {
	w.found = append(w.found, Problem{Path: path, Text: fmt.Sprintf(format, a...)})
}

func (w *warner) group(path string, g *Group) {
	first := map[string]string{}
	for i := range g.Rules {
		r, p := &g.Rules[i], Index(path+".rules", i)
		key := written(&r.When, r.Valid)
		if before, ok := first[key]; ok {
			w.say(p+".when", "rule %q has the condition of rule %q and counts the same leads once more; one rule with the points of both says it more clearly", r.Name, before)
		} else {
			first[key] = r.Name
		}
		w.condition(p+".when", &r.When)
		for k := range r.Points.Table {
			w.values(Index(p+".points.table", k)+".in", r.When.Field, r.Points.Table[k].In)
		}
		w.window(p+".when", &r.When, g.Decay)
	}
}

// window warns of events that count where nothing is left of their points.
func (w *warner) window(path string, c *Condition, d *Decay) {
	end := ""
	switch {
	case d == nil:
		return
	case d.Linear != "":
		end = d.Linear
	case d.Step != nil && d.Step.Keep == 0:
		end = d.Step.After
	}
	last, err := Span(end)
	if err != nil {
		return
	}
	check := func(path string, c *Condition) {
		if span, err := Span(c.Within); c.Event != "" && err == nil && span > last {
			w.say(path+".within", "events of up to %s count, and after %s nothing is left of their points", c.Within, end)
		}
	}
	check(path, c)
	for i := range c.All {
		check(Index(path+".all", i), &c.All[i])
	}
}

func (w *warner) framework(path string, f *Framework) {
	for i := range f.Dimensions {
		for k := range f.Dimensions[i].Evidence {
			e, p := &f.Dimensions[i].Evidence[k], Index(Index(path+".dimensions", i)+".evidence", k)
			if e.When != nil {
				w.condition(p+".when", e.When)
				continue
			}
			if o := w.column(e.Field); o != nil && o.empty() {
				w.say(p+".field", "no lead has a value in column %q", e.Field)
				continue
			}
			rest, covered := false, map[string]bool{}
			for j := range e.Answers {
				a := &e.Answers[j]
				w.values(Index(p+".answers", j)+".in", e.Field, a.In)
				rest = rest || a.In == nil
				for _, v := range a.In {
					covered[fmt.Sprint(v)] = true
				}
			}
			if o := w.column(e.Field); o != nil && o.kind == datasets.Categorical && !rest {
				var others []string
				for _, l := range o.sorted() {
					if !covered[l] {
						others = append(others, l)
					}
				}
				if len(others) > 0 {
					w.say(p+".answers", "%d values of column %q are none of the answers, so those leads count as unknown: %s", len(others), e.Field, some(others))
				}
			}
		}
	}
}

// condition warns of what no lead has.
func (w *warner) condition(path string, c *Condition) {
	for i := range c.All {
		w.condition(Index(path+".all", i), &c.All[i])
	}
	for i := range c.Any {
		w.condition(Index(path+".any", i), &c.Any[i])
	}
	if c.Not != nil {
		w.condition(path+".not", c.Not)
	}
	o := w.column(c.Field)
	if o == nil || c.Missing {
		return
	}
	if o.empty() {
		w.say(path+".field", "no lead has a value in column %q", c.Field)
		return
	}
	w.values(path+".in", c.Field, c.In)
	n, problems := w.compile(c)
	if problems {
		return
	}
	switch n.op {
	case numberWithin:
		if n.low > o.high || n.high < o.low {
			w.say(path, "no lead is in this range: column %q goes from %s to %s", c.Field, showNumber(o.low), showNumber(o.high))
		}
	case timeWithin:
		if n.first > o.last || n.last < o.first {
			w.say(path, "no lead is in this range: column %q goes from %s to %s", c.Field, formatTime(o.first), formatTime(o.last))
		}
	case hasWords, hasPattern:
		if !slices.ContainsFunc(o.sorted(), func(l string) bool { v := datasets.Words(l); return n.holds(&v) }) {
			w.say(path, "no lead has such a text in column %q", c.Field)
		}
	}
}

// compile compiles a condition on a field; problems were said elsewhere.
func (w *warner) compile(c *Condition) (node, bool) {
	k := &compiler{schema: w.leads.Schema, columns: map[string]int{c.Field: w.leads.Schema.Index(c.Field)}}
	n := k.field("", c)
	return n, len(k.problems) > 0
}

// values warns of listed values that no lead has.
func (w *warner) values(path, column string, values Values) {
	o := w.column(column)
	if o == nil || o.empty() {
		return
	}
	i := w.leads.Schema.Index(column)
	for k, v := range values {
		value, err := readValue(w.leads.Schema, i, v)
		if err != nil || value.Missing() || o.has(value) {
			continue
		}
		hint := ""
		if len(o.levels) > 0 && len(o.levels) <= mostHinted {
			hint = didYouMean(value.Str, o.sorted())
		}
		w.say(Index(path, k), "no lead has %s in column %q%s", quoted(showValue(value)), column, hint)
	}
}

// mostHinted bounds the names among which the nearest one is looked for.
const mostHinted = 10_000

// observed is what the leads have in a column.
type observed struct {
	kind        datasets.Kind
	levels      map[string]bool
	order       []string
	numbers     map[float64]bool
	times       map[int64]bool
	low, high   float64
	first, last int64
}

func (o *observed) empty() bool { return len(o.levels)+len(o.numbers)+len(o.times) == 0 }

func (o *observed) has(v datasets.Value) bool {
	switch v.Kind {
	case datasets.Numeric, datasets.Boolean:
		return o.numbers[v.Num]
	case datasets.Time:
		return o.times[v.Time]
	}
	return o.levels[v.Str]
}

// sorted are the levels by name.
func (o *observed) sorted() []string {
	if o.order == nil {
		for l := range o.levels {
			o.order = append(o.order, l)
		}
		slices.Sort(o.order)
	}
	return o.order
}

// column looks through a column of the leads, once; nil: there are no leads, or no such column.
func (w *warner) column(name string) *observed {
	if w.leads == nil || name == "" {
		return nil
	}
	i := w.leads.Schema.Index(name)
	if i < 0 {
		return nil
	}
	if o := w.columns[i]; o != nil {
		return o
	}
	o := &observed{kind: w.leads.Schema.Fields[i].Kind, levels: map[string]bool{}, numbers: map[float64]bool{}, times: map[int64]bool{},
		low: math.Inf(1), high: math.Inf(-1), first: math.MaxInt64, last: math.MinInt64}
	w.columns[i] = o
	for _, b := range w.leads.Batches {
		for row := range b.Rows() {
			v := b.Value(i, row)
			switch v.Kind {
			case datasets.Numeric, datasets.Boolean:
				o.numbers[v.Num] = true
				o.low, o.high = min(o.low, v.Num), max(o.high, v.Num)
			case datasets.Time:
				o.times[v.Time] = true
				o.first, o.last = min(o.first, v.Time), max(o.last, v.Time)
			case datasets.Categorical, datasets.Text:
				o.levels[v.Str] = true
			}
		}
	}
	return o
}

// some lists the first few of a list in quotes.
func some(list []string) string {
	const most = 5
	q := make([]string, 0, most)
	for _, l := range list[:min(len(list), most)] {
		q = append(q, fmt.Sprintf("%q", l))
	}
	if len(list) > most {
		q = append(q, "…")
	}
	return strings.Join(q, ", ")
}
