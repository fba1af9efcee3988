package train

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
)

// A weight is a frequency: how many leads a row stands for. 2 is the row twice and 0 the row gone, in everything that
// Run fits, chooses and measures; nil is 1 for every row. Weights are not brought to a mean of 1, because then a file
// of counted leads would pretend to be smaller than it is: whoever has weights that say only how much a row counts
// scales them to the number of leads that there is evidence of.
//
// What deals with rows of the file and not with weights: the random hold-out and the folds take whole rows, each class in
// proportion to its rows, so of two equal rows one may be on each side and of a row of weight 2 cannot; a
// split by time or group cuts by weight, and with a split by group the folds keep groups together.

// weigh takes the column of weights out of a table: the weight of each row that is left, and the table without the
// rows of weight 0, whose numbers in the file are kept. All are nil, and the table as it was, without a column.
func weigh(t *datasets.Table, column string) (rest *datasets.Table, weight []float64, numbers []int, err error) {
	if column == "" {
		return t, nil, nil, nil
	}
	at := t.Schema.Index(column)
	if at < 0 {
		return nil, nil, nil, fmt.Errorf("reading the weights: no column %q (data.leads.weight) in the leads%s", column, didYouMean(datasets.Nearest(column, columnNames(t.Schema))))
	}
	if k := t.Schema.Fields[at].Kind; k != datasets.Numeric {
		return nil, nil, nil, fmt.Errorf("reading the weights: column %q (data.leads.weight) is %v, want numeric", column, k)
	}
	const shown = 10
	var bad []string
	wrong, zero, total := 0, 0, 0.0
	keep := make([]bool, 0, t.Rows())
	for _, b := range t.Batches {
		for _, w := range b.Column(at).Numbers {
			keep = append(keep, w > 0)
			switch {
			case !(w >= 0) || math.IsInf(w, 0):
				if wrong++; wrong <= shown {
					text := strconv.FormatFloat(w, 'g', -1, 64)
					if math.IsNaN(w) {
						text = "missing"
					}
					bad = append(bad, fmt.Sprintf("row %d: %s", len(keep), text))
				}
			case w == 0:
				zero++
			default:
				total += w
				weight = append(weight, w)
			}
		}
	}
	if wrong > 0 {
		if wrong > shown {
			bad = append(bad, fmt.Sprintf("and %d more", wrong-shown))
		}
		return nil, nil, nil, fmt.Errorf("reading the weights: column %q (data.leads.weight): %d of %d rows have no weight, want a finite number of at least 0 in each (0 leaves the row out): %s",
			column, wrong, len(keep), strings.Join(bad, "; "))
	}
	if len(weight) == 0 {
		return nil, nil, nil, fmt.Errorf("reading the weights: column %q (data.leads.weight) is 0 in all %d rows; nothing is left to learn from", column, len(keep))
	}
	if math.IsInf(total, 0) {
		return nil, nil, nil, fmt.Errorf("reading the weights: column %q (data.leads.weight): the weights add up to more than a number can hold", column)
	}
	if zero == 0 {
		return t, weight, nil, nil
	}
	for i, k := range keep {
		if k {
			numbers = append(numbers, i+1)
		}
	}
	if rest, err = datasets.SelectRows(t, keep); err != nil {
		return nil, nil, nil, err
	}
	rest.Report = t.Report
	return rest, weight, numbers, nil
}

// number is the number of a row in the file, from 1.
func (d *data) number(row int) int {
	if d.numbers == nil {
		return row + 1
	}
	return d.numbers[row]
}

// weightsOf are the weights of the rows of a mask, in order; nil where all are 1.
func (d *data) weightsOf(rows []bool) []float64 {
	if d.weights == nil {
		return nil
	}
	var out []float64
	for i, in := range rows {
		if in {
			out = append(out, d.weights[i])
		}
	}
	return out
}

// weightFinding says how many leads the rows stand for.
func (d *data) weightFinding(column string, fileRows int) model.Finding {
	text := fmt.Sprintf("column %q is the weight of a row: %d rows stand for %.6g leads, and all counts are of these", column, d.rows(), sum(d.weights))
	if gone := fileRows - d.rows(); gone > 0 {
		text += fmt.Sprintf("; %d rows of weight 0 are left out", gone)
	}
	return model.Finding{Column: column, Reason: "weight", Text: text}
}

// folds deals the training rows of a target into the folds of the configuration. Rows of a lead, and where the split is by
// group those of a group, stay together.
func (d *data) folds(s *sample, c *Config) ([]uint8, error) {
	if d.groups == nil {
		return datasets.LeadFolds(s.labels, s.leads, nil, c.Model.Folds, c.Model.Seed)
	}
	groups := make([]string, 0, len(s.labels))
	for i, in := range s.rows {
		if in {
			groups = append(groups, d.groups[i])
		}
	}
	return datasets.GroupFolds(s.labels, groups, c.Model.Folds, c.Model.Seed)
}

// weightAt is weight i, 1 where w is nil.
func weightAt(w []float64, i int) float64 {
	if w == nil {
		return 1
	}
	return w[i]
}

func sum(w []float64) float64 {
	total := 0.0
	for _, v := range w {
		total += v
	}
	return total
}

// size is the weight of n rows.
func size(w []float64, n int) float64 {
	if w == nil {
		return float64(n)
	}
	return sum(w)
}

// rounded is a weight as a number of leads.
func rounded(w float64) int { return int(math.Round(w)) }

func columnNames(s *datasets.Schema) []string {
	out := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Name
	}
	return out
}

// sameColumns refuses a column that has two of the roles that are not features.
func (c *Config) sameColumns() error {
	role := map[string]string{}
	var problems []error
	take := func(column, as string) {
		if column == "" {
			return
		}
		if before, taken := role[column]; taken {
			problems = append(problems, fmt.Errorf("training: column %q is both %s and %s", column, before, as))
			return
		}
		role[column] = as
	}
	take(c.Leads.ID, "data.leads.id")
	if form, err := ParseAsOf(c.Leads.AsOf); err == nil { // else label says what is wrong
		take(form.Column, "data.leads.as_of")
	}
	take(c.Leads.Weight, "data.leads.weight")
	take(c.Leads.Offset, "data.leads.offset")
	seen := map[string]bool{}
	for _, t := range c.Targets { // several targets may read one column
		if !seen[t.Column] {
			take(t.Column, fmt.Sprintf("the outcome of target %q", t.Name))
			seen[t.Column] = true
		}
	}
	return errors.Join(problems...)
}

// levelWeights is the weight of the rows of each level of feature f.
func (a *additiveFit) levelWeights(f int) []float64 {
	rows := make([]float64, len(a.pipeline.Features()[f].Levels))
	a.full.Blocks()[f].Each(func(row int, code uint32) {
		if int(code) < len(rows) {
			rows[code] += weightAt(a.weight, row)
		}
	})
	return rows
}
