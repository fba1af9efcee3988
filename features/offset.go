package features

import (
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// WithOffset returns a pipeline with one more feature behind those of p, which does not change: the number of a
// column less center, and nothing else done to it. With a slope of 1 its effect is the column's own number, in
// log-odds, told relative to the average lead like every effect. A linear feature is what the rest of the program knows
// already, so that an offset is scored, explained and saved as all else is. The number is bounded as every linear
// feature's is, a million either side. A missing number has no effect, which for an offset is a plausible wrong answer: the
// field is to be Required in the schema.
func (p *Pipeline) WithOffset(column string, center float64) (*Pipeline, error) {
	if math.IsNaN(center) || math.Abs(center) > largest {
		return nil, fmt.Errorf("adding the offset %q: its mean %v is not a usable number", column, center)
	}
	all := append(slices.Clone(p.fitted), fitted{
		Feature: Feature{Name: column, Column: column, Linear: true, Levels: []string{"present", "missing"}, Other: -1, Missing: 1},
		Kind:    datasets.Numeric, Read: readNumber, Form: formLinear, Center: center, Scale: 1,
	})
	out, err := newPipeline(p.encoding, p.asOfName, all)
	if err != nil {
		return nil, fmt.Errorf("adding the offset: %w", err)
	}
	if p.schema != nil {
		if err := out.Bind(p.schema); err != nil {
			return nil, err
		}
	}
	return out, nil
}
