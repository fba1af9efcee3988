package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"leadscore/model"
)

// Column tells the rows of a card apart by a value that they have.
type Column struct {
	Name   string
	Codes  []int32 // of the rows: places in Levels; below 0: the value is missing
	Levels []string
}

// Month is a calendar month: 12 times the year plus the month, from 0.
type Month int32

// NoMonth is of rows whose moment is not known.
const NoMonth = Month(math.MinInt32)

func (m Month) String() string {
	year := int(m) / 12
	if m < 0 && m%12 != 0 {
		year--
	}
	return fmt.Sprintf("%04d-%02d", year, int(m)-12*year+1)
}

const (
	// smallSegment is the weight below which a level is too few rows to be a segment of its own.
	smallSegment = 50
	// mostLevels is the most segments of a column beside "other": the largest ones.
	mostLevels = 50
)

// checkCohorts checks that months and columns fit n rows.
func (o Options) checkCohorts(n int) error {
	if o.Months != nil && len(o.Months) != n {
		return fmt.Errorf("evaluating by month: %d labels but %d months", n, len(o.Months))
	}
	for _, c := range o.Segments {
		if len(c.Codes) != n {
			return fmt.Errorf("evaluating by %q: %d labels but %d codes", c.Name, n, len(c.Codes))
		}
		for i, code := range c.Codes {
			if int(code) >= len(c.Levels) {
				return fmt.Errorf("evaluating by %q: row %d: code %d; want one below %d", c.Name, i+1, code, len(c.Levels))
			}
		}
	}
	return nil
}

// cohort is some rows of a table, in its order, as a table of their own.
type cohort struct {
	*table
	whole []int32 // their places in the whole table
}

// cohorts divides a table; of says where a row of the sample goes, below 0: nowhere. score and probability (−1: none) are columns.
func (t *table) cohorts(of []int32, parts, score, probability int) []cohort {
	places := make([][]int32, parts)
	for i, row := range t.row {
		if g := of[row]; g >= 0 && t.weight[i] > 0 {
			places[g] = append(places[g], int32(i))
		}
	}
	out := make([]cohort, parts)
	for g, at := range places {
		c := cohort{&table{label: make([]bool, len(at)), weight: make([]float64, len(at)), row: make([]int32, len(at)), columns: [][]float64{make([]float64, len(at)), nil}}, at}
		if probability >= 0 {
			c.columns[1] = make([]float64, len(at))
		}
		var cluster []int32
		for k, i := range at {
			c.label[k], c.weight[k], c.row[k] = t.label[i], t.weight[i], int32(k)
			c.columns[0][k] = t.columns[score][i]
			if probability >= 0 {
				c.columns[1][k] = t.columns[probability][i]
			}
			if t.cluster != nil {
				cluster = append(cluster, t.cluster[i])
			}
		}
		c.cluster, c.groups = dense(cluster, c.row)
		out[g] = c
	}
	return out
}

// summary returns the figures of a cohort; places are NaN's where it has one class.
func (c cohort) summary() (model.Cohort, *placements) {
	none := model.Estimate{Value: nan, Lower: nan, Upper: nan}
	out := model.Cohort{Expected: model.Figure(nan), Observed: none, AUC: none}
	pos, neg := Sample{Label: c.label, Weight: c.weight}.totals()
	all := pos + neg
	out.Rows, out.Positives = int(math.Round(all)), int(math.Round(pos))
	if all == 0 {
		return out, nil
	}
	if p := c.columns[1]; p != nil {
		m, _ := mean(p, c.weight)
		out.Expected = model.Figure(m)
	}
	rate := pos / all
	effect := c.designEffect(func(i int) float64 {
		if c.label[i] {
			return 1 - rate
		}
		return -rate
	})
	out.Observed = Wilson(pos/effect, all/effect)
	out.Observed.Value = rate
	if pos == 0 || neg == 0 {
		return out, nil
	}
	places := c.placements(0)
	out.AUC = c.estimate(places)
	return out, &places
}

// months returns the hold-out's cohorts by rising month; rows of no known month are in none.
func (p *panel) months(of []Month) []model.Month {
	if of == nil {
		return nil
	}
	there := slices.Clone(of)
	slices.Sort(there)
	there = slices.DeleteFunc(slices.Compact(there), func(m Month) bool { return m == NoMonth })
	codes := make([]int32, len(of))
	for i, m := range of {
		at, found := slices.BinarySearch(there, m)
		if codes[i] = int32(at); !found {
			codes[i] = -1
		}
	}
	s := &p.scorers[0]
	var out []model.Month
	for k, c := range p.t.cohorts(codes, len(there), s.score, s.probability) {
		if len(c.whole) > 0 {
			summary, _ := c.summary()
			out = append(out, model.Month{Month: there[k].String(), Part: "holdout", Cohort: summary})
		}
	}
	return out
}

// joined gives each row the place of its segment in a column, and names them: the levels of at least 50 rows by weight,
// from the largest down (of equal ones by name), then those that are missing among them, and last all others together. weight nil: all 1.
func (c Column) joined(weight []float64) (of []int32, names []model.Segment) {
	rows := make([]float64, len(c.Levels)+1) // the last: missing
	level := func(i int) int {
		if c.Codes[i] < 0 {
			return len(c.Levels)
		}
		return int(c.Codes[i])
	}
	for i := range c.Codes {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		rows[level(i)] += w
	}
	name := func(l int) string {
		if l == len(c.Levels) {
			return ""
		}
		return c.Levels[l]
	}
	var own []int
	others := false
	for l, n := range rows {
		if n >= smallSegment {
			own = append(own, l)
		} else if n > 0 {
			others = true
		}
	}
	slices.SortFunc(own, func(a, b int) int {
		return cmp.Or(cmp.Compare(rows[b], rows[a]), cmp.Compare(name(a), name(b)))
	})
	if len(own) > mostLevels {
		own, others = own[:mostLevels], true
	}
	place := make([]int32, len(rows))
	for l := range place {
		place[l] = int32(len(own))
	}
	for k, l := range own {
		place[l] = int32(k)
		names = append(names, model.Segment{Column: c.Name, Value: name(l)})
	}
	if others {
		names = append(names, model.Segment{Column: c.Name, Other: true})
	}
	of = make([]int32, len(c.Codes))
	for i := range of {
		of[i] = place[level(i)]
	}
	return of, names
}

// segments returns the cohorts of each column that has two or more, and marks the weak ones; see weak.
func (p *panel) segments(columns []Column, weight []float64, workers int) []model.Segment {
	s := &p.scorers[0]
	whole := p.t.influences(s.places)
	found := make([][]model.Segment, len(columns))
	tests := make([][]suspicion, len(columns))
	parallel(workers, len(columns), func(k int) {
		of, names := columns[k].joined(weight)
		if len(names) < 2 {
			return
		}
		for g, c := range p.t.cohorts(of, len(names), s.score, s.probability) {
			var places *placements
			names[g].Cohort, places = c.summary()
			tests[k] = append(tests[k], suspicion{ranking: c.rankingP(places, s.places.auc, whole), calibration: c.calibrationP(s.effect)})
		}
		found[k] = names
	})
	out, all := slices.Concat(found...), slices.Concat(tests...)
	weak(out, all)
	return out
}
