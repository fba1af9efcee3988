package baseline

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/naive"

	"leadscore/model"
)

// naiveBayes is golearn's fitted BernoulliNBClassifier, written out as log-odds: Predict of golearn gives the class that has the
// larger sum and keeps the sums for itself, and a class does not rank leads.
type naiveBayes struct {
	layout layout
	odds   float64     // log prior odds, and every level absent
	table  [][]float64 // column by level: what the level adds when it is there instead of absent
}

func fitNaiveBayes(r *Rows) (*naiveBayes, error) {
	grid, err := OneHot(*r)
	if err != nil {
		return nil, err
	}
	nb := naive.NewBernoulliNBClassifier()
	if err := nb.Fit(grid); err != nil {
		return nil, err
	}
	// golearn keeps the conditional probabilities in the order in which ResolveAttributes gives the features of Fit; its sort
	// compares a position with itself, so that is what the sort leaves, and names tell which feature is which.
	specs := base.ResolveAttributes(grid, base.AttributeDifference(grid.AllAttributes(), grid.AllClassAttributes()))
	won, err := conditional(nb, Converted, len(specs))
	if err != nil {
		return nil, err
	}
	lost, err := conditional(nb, NotConverted, len(specs))
	if err != nil {
		return nil, err
	}
	var count [2]int
	for _, l := range r.Label {
		count[index(l)]++
	}
	present, absent := map[string]float64{}, map[string]float64{}
	for i := range specs {
		name := specs[i].GetAttribute().GetName()
		present[name] = math.Log(won[i]) - math.Log(lost[i])
		absent[name] = logAbsent(won[i], count[1]) - logAbsent(lost[i], count[0])
	}
	m := &naiveBayes{
		layout: newLayout(r),
		odds:   math.Log(float64(count[1])) - math.Log(float64(count[0])),
		table:  make([][]float64, len(r.Columns)),
	}
	for c := range r.Columns {
		m.table[c] = make([]float64, r.Columns[c].Levels)
		for level := range m.table[c] {
			name := levelName(c, level)
			m.odds += absent[name]
			m.table[c][level] = present[name] - absent[name]
		}
	}
	return m, nil
}

// logAbsent is the log-probability that a level is absent from a row of a class of n rows, where p is that it is there. A
// level of all rows of the class has a p of 1, and golearn then takes 1/(n + 1) for absent.
func logAbsent(p float64, n int) float64 {
	if p == 1 {
		return math.Log(1 / float64(n+1))
	}
	return math.Log(1 - p)
}

// conditional reads P(level | class) = (rows of the class with the level + 1)/(rows of the class + 1) from a fitted
// classifier, a feature each. golearn keeps them in an unexported field, which reflection may read; the other way, its Save to
// a temporary archive and back, needs a disk and gives the same numbers. The version is pinned, and a field that is
// not there is an error.
func conditional(nb *naive.BernoulliNBClassifier, class string, features int) ([]float64, error) {
	field := reflect.ValueOf(nb).Elem().FieldByName("condProb")
	if !field.IsValid() || field.Type() != reflect.TypeFor[map[string][]float64]() {
		return nil, errors.New("this version of golearn keeps no condProb")
	}
	values := field.MapIndex(reflect.ValueOf(class))
	if !values.IsValid() || values.Len() != features {
		return nil, fmt.Errorf("golearn fitted no %d probabilities of class %q", features, class)
	}
	p := make([]float64, features)
	for i := range p {
		p[i] = values.Index(i).Float()
	}
	return p, nil
}

// Probabilities gives the posterior probability. Beyond log-odds of ±36 it is 1 − 2⁻⁵² or 2⁻⁵², so such rows tie: naive
// Bayes counts columns that say the same as often as they stand there.
func (m *naiveBayes) Probabilities(rows Rows) ([]float64, error) {
	if err := m.layout.suits(&rows); err != nil {
		return nil, fmt.Errorf("scoring with %s: %w", naiveBayesName, err)
	}
	p := make([]float64, rows.len())
	for i := range p {
		logit := m.odds
		for c := range m.table {
			logit += m.table[c][rows.Columns[c].Codes[i]]
		}
		p[i] = (*model.Calibration)(nil).Apply(logit)
	}
	return p, nil
}
