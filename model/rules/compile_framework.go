package rules

import (
	"encoding/json"
	"math"

	"leadscore/datasets"
)

// framework compiles a framework.
func (c *compiler) framework(path string, f *Framework) framework {
	out := framework{name: f.Name, axis: c.axis(path+".axis", f.Axis, "fit")}
	if f.Decay != nil {
		out.decay = c.decay(path+".decay", f.Decay)
	}
	if len(f.Dimensions) == 0 {
		c.problem(path+".dimensions", "there is none; want at least one")
	}
	names := map[string]string{}
	for i := range f.Dimensions {
		d, p := &f.Dimensions[i], Index(path+".dimensions", i)
		c.unique(names, d.Name, p+".name", "dimension")
		weight := c.amount(p+".weight", d.Weight)
		if !(weight > 0) {
			c.problem(p+".weight", "%s is not above 0; the weight is the points of the best answer", showNumber(weight))
		}
		if d.Question == "" {
			c.problem(p+".question", "a dimension needs the question that would settle it")
		}
		dim := dimension{question: Question{Framework: f.Name, Dimension: d.Name, Text: d.Question, Weight: weight}, low: 0, high: 1}
		for k := range d.Evidence {
			dim.evidence = append(dim.evidence, c.evidence(Index(p+".evidence", k), &d.Evidence[k]))
		}
		dim.spread()
		out.dimensions = append(out.dimensions, dim)
	}
	for i := range out.dimensions { // only now do they stay where they are
		for k := range out.dimensions[i].evidence {
			e := &out.dimensions[i].evidence[k]
			if e.column < 0 {
				e.driver = e.when.driver()
			}
		}
	}
	return out
}

// spread finds the worst and the best share that an answer may have; without evidence they are 0 and 1.
func (d *dimension) spread() {
	first := true
	for i := range d.evidence {
		for _, o := range d.evidence[i].outcomes {
			if first {
				d.low, d.high, first = o.share, o.share, false
			}
			d.low, d.high = min(d.low, o.share), max(d.high, o.share)
		}
	}
	d.low, d.high = min(d.low, 0), max(d.high, 0) // it may stay unknown
}

func (c *compiler) evidence(path string, f *Evidence) evidence {
	out := evidence{column: -1, confidence: 1, sureness: -1, answered: -1}
	if (f.Field != "") == (f.When != nil) {
		c.problem(path, "want either field, with answers, or when, with share")
		return out
	}
	if f.When != nil {
		if f.Answers != nil {
			c.problem(path+".answers", "answers belong to field; beside when stands share")
		}
		out.when = c.condition(path+".when", f.When, 1)
		if f.Share == nil {
			c.problem(path, "want the share that this answer gets, -1 to 1")
		} else {
			out.outcomes = []outcome{c.outcome(path, *f.Share, f.Veto, f.Cap)}
		}
	} else {
		c.answers(path, f, &out)
	}
	c.confidence(path+".confidence", f.Confidence, &out)
	if f.Answered != "" {
		out.answered = c.column(path+".answered", f.Answered, datasets.Time, "the moments of the answers")
	}
	return out
}

// answers compiles the answers of a column.
func (c *compiler) answers(path string, f *Evidence, out *evidence) {
	if f.Share != nil || f.Veto != "" || f.Cap != nil {
		c.problem(path, "share, veto and cap stand in the answers of a field; directly here they belong to when")
	}
	column, ok := c.columns[f.Field]
	if !ok {
		c.problem(path+".field", "%s", unknownColumn(c.schema, f.Field))
		column = -1
	}
	out.column = max(column, 0)
	if f.Answers == nil {
		c.problem(path, "want answers: what the values of %q mean, such as {in: [yes], share: 1}", f.Field)
		return
	}
	out.answers = c.table(path+".answers", column, len(f.Answers), func(i int) (*float64, Values, float64) {
		a := &f.Answers[i]
		out.outcomes = append(out.outcomes, c.outcome(Index(path+".answers", i), a.Share, a.Veto, a.Cap))
		return a.To, a.In, float64(i)
	})
}

func (c *compiler) outcome(path string, share float64, veto string, limit *float64) outcome {
	o := outcome{share: share + 0, cap: math.Inf(1), veto: veto == disqualify}
	if !(share >= -1 && share <= 1) {
		c.problem(path+".share", "%s is no share; want -1 to 1: 1 is the best answer, 0 gives nothing", showNumber(share))
	}
	if veto != "" && veto != disqualify {
		c.problem(path+".veto", "unknown veto %q; want disqualify", veto)
	}
	if limit != nil {
		o.cap = c.amount(path+".cap", *limit)
	}
	return o
}

func (c *compiler) confidence(path string, f *Scalar, out *evidence) {
	if f == nil {
		return
	}
	var x float64
	switch v := f.V.(type) {
	case string:
		out.sureness = c.column(path, v, datasets.Numeric, "confidence, 0 to 1")
		return
	case float64:
		x = v
	case json.Number:
		x, _ = v.Float64() // out of range is no confidence either
	default:
		x = math.NaN()
	}
	if !(x > 0 && x <= 1) {
		c.problem(path, "%v is no confidence; want a number above 0 up to 1, or the name of a numeric column", quoted(f.V))
	}
	out.confidence = x
}

// column finds a column that has to be of a kind (one without any value will do); −1: there is none.
func (c *compiler) column(path, name string, kind datasets.Kind, what string) int {
	i, ok := c.columns[name]
	if !ok {
		c.problem(path, "%s", unknownColumn(c.schema, name))
		return -1
	}
	if k := c.schema.Fields[i].Kind; k != kind && k != datasets.Unknown {
		c.problem(path, "column %q is %v; want a column of kind %v with %s", name, k, kind, what)
		return -1
	}
	return i
}
