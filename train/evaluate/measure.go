package evaluate

import (
	"fmt"

	"leadscore/model"
)

// Measure returns the figures of a scorer with 95 % intervals. It sorts the rows once and takes
// O(rows) for each bootstrap replicate. It is an error when a class is missing, a score is not
// finite, a probability is not in [0, 1], or the lengths differ.
func Measure(s Sample, o Options) (model.Metrics, error) {
	if err := s.check(); err != nil {
		return model.Metrics{}, fmt.Errorf("measuring a scorer: %w", err)
	}
	return newPanel([]Sample{s}, o).metrics(0), nil
}
