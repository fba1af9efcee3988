package evaluate

import (
	"errors"
	"fmt"
	"math"
)

// Sample is the scored and labelled rows of one scorer.
type Sample struct {
	Label       []bool
	Score       []float64 // any scale, higher is likelier; finite
	Probability []float64 // of being positive, 0 to 1; nil: the score is not a probability, log loss, Brier and ECE are NaN
	Weight      []float64 // frequencies, finite and ≥ 0; nil: all 1
	Cluster     []int32   // rows with the same number are not independent: of one lead, of one account; nil: all are
}

// Options tune the bootstrap and the card; the zero value is the documented default.
type Options struct {
	Seed       uint64
	Replicates int       // of the bootstrap; 0: 200, below 0: none, its intervals are NaN
	Workers    int       // 0: GOMAXPROCS; the result does not depend on it
	Cuts       []Cut     // the policy's cut-offs, for Card
	Weight     []float64 // of the rows, for Card, as in Sample; nil: all 1
	Cluster    []int32   // of the rows, for Card, as in Sample; nil: rows are independent
	Months     []Month   // of the rows, for Card; nil: they have no moments
	Segments   []Column  // for Card: what to tell the rows apart by, in this order
}

// Cut is a policy's cut-off of one stage: score ≥ Score.
type Cut struct {
	Stage  string
	Score  float64
	Target string    // see model.StageCut
	Of     []float64 // the scores that it cuts, a row each; nil: those of the sample
}

const defaultReplicates = 200

func (o Options) replicates() int {
	if o.Replicates == 0 {
		return defaultReplicates
	}
	return max(0, o.Replicates)
}

// check returns all that is wrong with a sample, or nil.
func (s Sample) check() error {
	n := len(s.Label)
	var problems []error
	if n == 0 {
		problems = append(problems, errors.New("no rows"))
	}
	if len(s.Score) != n {
		problems = append(problems, fmt.Errorf("%d labels but %d scores", n, len(s.Score)))
	}
	if s.Probability != nil && len(s.Probability) != n {
		problems = append(problems, fmt.Errorf("%d labels but %d probabilities", n, len(s.Probability)))
	}
	if s.Weight != nil && len(s.Weight) != n {
		problems = append(problems, fmt.Errorf("%d labels but %d weights", n, len(s.Weight)))
	}
	if s.Cluster != nil && len(s.Cluster) != n {
		problems = append(problems, fmt.Errorf("%d labels but %d clusters", n, len(s.Cluster)))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	problems = append(problems,
		refuse(s.Score, "score", "a finite number", func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }),
		refuse(s.Probability, "probability", "a number from 0 to 1", func(x float64) bool { return x >= 0 && x <= 1 }),
		refuse(s.Weight, "weight", "a finite number of at least 0", func(x float64) bool { return x >= 0 && !math.IsInf(x, 0) }))
	if err := errors.Join(problems...); err != nil {
		return err
	}
	pos, neg := s.totals()
	switch {
	case pos == 0 && neg == 0:
		return errors.New("all rows have weight 0")
	case pos == 0:
		return fmt.Errorf("none of %d rows is positive; both classes are needed", n)
	case neg == 0:
		return fmt.Errorf("all %d rows are positive; both classes are needed", n)
	}
	return nil
}

// refuse names the first of the values that are not ok, and how many there are.
func refuse(values []float64, what, want string, ok func(float64) bool) error {
	first, bad := -1, 0
	for i, x := range values {
		if !ok(x) {
			if bad == 0 {
				first = i
			}
			bad++
		}
	}
	switch bad {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("row %d: %s %v is not %s", first+1, what, values[first], want)
	}
	return fmt.Errorf("row %d: %s %v is not %s; nor are %d more", first+1, what, values[first], want, bad-1)
}

// totals returns the weight of the positives and of the negatives.
func (s Sample) totals() (pos, neg float64) {
	for i, l := range s.Label {
		w := 1.0
		if s.Weight != nil {
			w = s.Weight[i]
		}
		if l {
			pos += w
		} else {
			neg += w
		}
	}
	return pos, neg
}
