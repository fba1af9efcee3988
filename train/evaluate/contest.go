package evaluate

import (
	"fmt"
	"math"
	"slices"

	"leadscore/model"
)

// Entrant is a scorer of a contest.
type Entrant struct {
	Scorer
	Kind    string // model.ContestModel and so on
	Missing int    // rows without a value
}

// ContestOptions tune a contest; the zero value is the documented default.
type ContestOptions struct {
	Options
	Capacity     float64  // how many leads can be worked; 0: a tenth
	Win, Contact *float64 // of a conversion, and cost of a lead that is worked, 0 if nil; without Win nothing is told in money
}

// contestMetrics are the metrics of Compare that a contest tests.
var contestMetrics = []string{"auc", "log_loss", "lift_at_10pct"}

// Contest measures every entrant and compares each pair on the same rows; rows, files and findings are the caller's to
// fill. p values are corrected for the number of pairs within each metric (Holm 1979): whichever pair is looked at afterwards, a
// difference is called where there is none in at most 5 % of data sets. Across metrics nothing is corrected, because the verdict
// rests on the AUC alone, which every scorer has.
//
// Conversions caught at the capacity have their interval from the bootstrap of the other figures, in which the capacity
// is the same share of the rows. Movers are told of the first entrant and the rules, or without them the second, by
// row from 0, without reasons.
func Contest(label []bool, entrants []Entrant, o ContestOptions) (*model.Contest, error) {
	if len(entrants) < 2 {
		return nil, fmt.Errorf("measuring scorers: %d scorers; want at least 2", len(entrants))
	}
	scorers := make([]Scorer, len(entrants))
	for i, e := range entrants {
		scorers[i] = e.Scorer
	}
	samples, err := o.samples("measuring", label, scorers)
	if err != nil {
		return nil, err
	}
	p := newPanel(samples, o.Options)
	c := &model.Contest{}
	if c.Capacity, err = o.capacity(p.t.weight); err != nil {
		return nil, err
	}
	caught := newCatch(p, c.Capacity.Leads, o.Options)
	for i, e := range entrants {
		m := model.Contestant{Name: e.Name, Kind: e.Kind, Missing: e.Missing, Metrics: p.metrics(i), Caught: caught.estimate(i)}
		m.Earned = earned(m.Caught, c.Capacity)
		if samples[i].Probability != nil {
			if m.Calibration, err = Calibration(samples[i], calibrationBins); err != nil {
				return nil, fmt.Errorf("measuring %q: %w", e.Name, err)
			}
		}
		c.Scorers = append(c.Scorers, m)
	}
	tops := make([][]float64, len(entrants))
	for i, s := range samples {
		tops[i] = topShares(s.Score, s.Weight, share10)
	}
	for i, a := range entrants {
		for j := i + 1; j < len(entrants); j++ {
			b := entrants[j]
			for _, t := range p.compare(a.Name, i, b.Name, j) {
				if slices.Contains(contestMetrics, t.Metric) {
					c.Tests = append(c.Tests, model.ContestTest{Comparison: t})
				}
			}
			c.Tests = append(c.Tests, caught.compare(a.Name, i, b.Name, j, c.Capacity)...)
			overlap := overlapOf(label, o.Weight, tops[i], tops[j])
			overlap.A, overlap.B = a.Name, b.Name
			c.Overlaps = append(c.Overlaps, overlap)
		}
	}
	correct(c.Tests)
	other := 1
	for i := len(entrants) - 1; i > 0; i-- {
		if entrants[i].Kind == model.ContestRules {
			other = i
		}
	}
	c.Movers = movers(label, entrants[0].Scorer, entrants[other].Scorer)
	c.Verdict = contestVerdict(c)
	return c, nil
}

// capacity fills in how many leads are worked.
func (o ContestOptions) capacity(weight []float64) (model.Capacity, error) {
	total := 0.0
	for _, w := range weight {
		total += w
	}
	c := model.Capacity{Leads: o.Capacity, Asked: o.Capacity != 0}
	figure := func(x *float64) *model.Figure {
		if x == nil {
			return nil
		}
		f := model.Figure(*x)
		return &f
	}
	c.Win, c.Contact = figure(o.Win), figure(o.Contact)
	bad := func(x *float64) bool { return x != nil && (math.IsNaN(*x) || math.IsInf(*x, 0) || *x < 0) }
	switch {
	case bad(o.Win) || bad(o.Contact):
		return c, fmt.Errorf("measuring scorers: a conversion is worth %v and a contact costs %v; want finite numbers of at least 0", deref(o.Win), deref(o.Contact))
	case o.Contact != nil && o.Win == nil:
		return c, fmt.Errorf("measuring scorers: a contact costs %v, but what a conversion is worth is not given", *o.Contact)
	case !c.Asked:
		c.Leads = share10 * total
	case !(c.Leads > 0 && c.Leads <= total):
		return c, fmt.Errorf("measuring scorers: a capacity of %v leads; want above 0 and at most %v, the leads that there are", c.Leads, total)
	}
	return c, nil
}

func deref(x *float64) any {
	if x == nil {
		return "nothing"
	}
	return *x
}
