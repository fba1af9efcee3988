package features

import (
	"math"

	"leadscore/datasets"
)

// Describe returns what feature f saw in a row, as a person would read it: "Lead Add Form", "674", "business",
// "2 days", "missing"; of a pair both sides. It is the cell itself, not its level: a rare level is
// named, not "other". row and asOf are as for Row.
func (p *Pipeline) Describe(f int, row []datasets.Value, asOf int64) string {
	p.mustBind()
	c := &p.coders[f]
	if c.form == formPair {
		return p.Describe(c.parents[0], row, asOf) + " × " + p.Describe(c.parents[1], row, asOf)
	}
	const missing = "missing"
	v := &row[c.column]
	if c.form == formLevels || c.read == readSize {
		if v.Kind != datasets.Categorical && v.Kind != datasets.Text || v.Str == "" {
			return missing
		}
		return c.read.word(v.Str)
	}
	x := c.read.number(v, moment(row, p.asOf, asOf), c.isAsOf)
	switch {
	case math.IsNaN(x):
		return missing
	case c.read.isTime():
		return timeText(c.read, x)
	case v.Kind == datasets.Boolean:
		return yesNo(x)
	}
	return numberText(x)
}
