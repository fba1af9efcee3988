package cli

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"leadscore/model"
)

// capacity is how many leads of a file may enter a stage.
type capacity struct {
	stage model.Stage
	leads int
}

// readCapacities reads --capacity, the highest stage first.
func readCapacities(flags []string) ([]capacity, error) {
	var out []capacity
	for _, text := range flags {
		name, number, found := strings.Cut(text, "=")
		stage, known := readStage(strings.TrimSpace(name))
		if !found || !known || stage != model.MQL && stage != model.SQL {
			return nil, usage("reading --capacity: %q; want MQL or SQL and a number of leads, such as SQL=50", text)
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 {
			return nil, usage("reading --capacity: %q: %q is no number of leads; want a whole number, 1 or more", text, number)
		}
		if slices.ContainsFunc(out, func(c capacity) bool { return c.stage == stage }) {
			return nil, usage("reading --capacity: %s is given twice", stage)
		}
		out = append(out, capacity{stage, n})
	}
	slices.SortFunc(out, func(a, b capacity) int { return cmp.Compare(b.stage, a.stage) }) // SQL, MQL
	return out, nil
}

// limit applies the capacities to the whole file, and says of whom it has turned away by which.
func (j *scoring) limit(s *scored) {
	s.because = make([]string, len(s.ids))
	for _, c := range j.limits {
		text := j.scorer.CapacityText(c.stage, c.leads)
		for _, row := range j.scorer.Limit(c.stage, c.leads, s.columns, s.ids) {
			if s.because[row] != "" {
				s.because[row] += "; "
			}
			s.because[row] += text
			j.turned[string(c.stage)]++
		}
	}
}
