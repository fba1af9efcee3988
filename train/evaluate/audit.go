package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"leadscore/model"
)

// AuditRows is what an audit knows of each row that it reads. All slices have one entry a row.
type AuditRows struct {
	Class   []int8    // 1 positive, 0 negative, -1 the outcome is not known: an open lead
	Holdout []bool    // false: training; not looked at where Class is -1
	AsOf    []float64 // moment of the row in any unit, NaN: unknown; nil: there is no as-of column
	Name    string    // of the as-of column
	ByTime  bool      // the hold-out is the latest rows: that times differ is expected
}

// AuditColumn is one column of those rows, coded.
type AuditColumn struct {
	Name   string
	Codes  []uint32 // below Levels; 0 is missing
	Levels int
	Level  func(code uint32) string // names a code above 0
	Time   bool                     // its values are moments
	Order  *AuditOrder              // nil: its values have no order worth a look
	Later  []Later
}

// Later counts the moments of a column of times that lie too late.
type Later struct {
	Kind     string // model.CheckAfterAsOf | model.CheckAfterEnd
	Than     string // the column that they are compared with
	Rows, Of int    // those too late, of those that could be compared
}

// Audit checks columns for signs that they were written because of the outcome, or that they would not be the same
// for new leads. The limits stand beside each check. The columns' order does not matter; workers (0: one) change
// nothing but the time.
//
//	suspected leak   alone or presence at their upper limit, both at their lower one (what sales writes down, it
//	                 writes for the leads that moved), one class, or open where less than half as many open leads
//	                 have it
//	look at it       any other check that fires
//
// Leaving out is suggested for every suspected leak, for ids and time proxies, and for times that lie too late.
func Audit(r AuditRows, columns []AuditColumn, workers int) ([]model.Suspect, *model.Audit, error) {
	if err := r.check(columns); err != nil {
		return nil, nil, fmt.Errorf("auditing: %w", err)
	}
	a := &audit{AuditRows: r, columns: len(columns)}
	a.prepare()
	out := &model.Audit{Rows: len(r.Class), Open: a.open, Told: a.told, Columns: make([]model.AuditedColumn, len(columns))}
	checks, pulls := make([][]model.AuditCheck, len(columns)), make([]*pull, len(columns))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(1, min(workers, len(columns))) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for j := int(next.Add(1)) - 1; j < len(columns); j = int(next.Add(1)) - 1 {
				out.Columns[j], checks[j], pulls[j] = a.column(&columns[j])
			}
		}()
	}
	wait.Wait()
	var suspects []model.Suspect
	for j, found := range checks {
		if len(found) > 0 {
			suspects = append(suspects, judge(columns[j].Name, found))
		}
	}
	out.Shift = a.together(columns, pulls)
	slices.SortStableFunc(out.Columns, func(x, y model.AuditedColumn) int {
		return cmp.Or(cmp.Compare(y.Alone.Value, x.Alone.Value), cmp.Compare(x.Column, y.Column))
	})
	SortSuspects(suspects)
	return suspects, out, nil
}

// SortSuspects puts suspected leaks first, and within a severity the one with the strongest first check.
func SortSuspects(all []model.Suspect) {
	rank := func(s model.Suspect) float64 {
		if s.Severity == model.SuspectedLeak {
			return 1 + strength(s.Checks[0])
		}
		return strength(s.Checks[0])
	}
	slices.SortStableFunc(all, func(x, y model.Suspect) int {
		return cmp.Or(cmp.Compare(rank(y), rank(x)), cmp.Compare(x.Column, y.Column))
	})
}

func (r *AuditRows) check(columns []AuditColumn) error {
	n := len(r.Class)
	var problems []error
	if n == 0 {
		problems = append(problems, errors.New("no rows"))
	}
	if len(r.Holdout) != n || r.AsOf != nil && len(r.AsOf) != n {
		problems = append(problems, fmt.Errorf("%d rows but %d marks of the hold-out and %d moments", n, len(r.Holdout), len(r.AsOf)))
	}
	for _, c := range columns {
		if len(c.Codes) != n {
			problems = append(problems, fmt.Errorf("column %q: %d codes for %d rows", c.Name, len(c.Codes), n))
		}
		for i, k := range c.Codes {
			if int(k) >= c.Levels {
				problems = append(problems, fmt.Errorf("column %q: row %d: code %d; want less than %d", c.Name, i+1, k, c.Levels))
				break
			}
		}
	}
	return errors.Join(problems...)
}

// audit is a running audit.
type audit struct {
	AuditRows
	columns int     // the number of trials that a p value is corrected for
	open    int     // rows of class -1
	stratum []uint8 // window of as-of; strata: compared with nothing
	told    bool    // whether open rows can be compared with others
}

// column runs all checks on one column.
func (a *audit) column(c *AuditColumn) (model.AuditedColumn, []model.AuditCheck, *pull) {
	t := a.count(c)
	told := model.AuditedColumn{Column: c.Name, Filled: 1 - float64(t.missing)/float64(len(c.Codes))}
	var found []model.AuditCheck
	add := func(check model.AuditCheck, fired bool) {
		if fired {
			found = append(found, check)
		}
	}
	alone, fired := t.alone()
	told.Alone = alone.Figure
	add(alone, fired)
	presence, fired := t.presence()
	told.Presence = presence.Figure
	add(presence, fired)
	add(t.openAgainstKnown(a))
	add(t.oneClass(c))
	for _, l := range c.Later {
		add(l.check())
	}
	proxy := false
	if c.Order != nil {
		for _, check := range c.Order.checks(a) {
			proxy = true
			add(check, true)
		}
	}
	p := t.pull()
	shift, fired := p.check()
	told.Shift, told.Expected = shift.Figure, a.ByTime && (c.Time || proxy)
	add(shift, fired && !told.Expected)
	if told.Expected {
		p = nil // not part of what all columns together tell
	}
	return told, found, p
}

// judge turns the checks of a column into a suspect.
func judge(column string, found []model.AuditCheck) model.Suspect {
	s := model.Suspect{Column: column, Severity: model.LookAtIt, Checks: found}
	signs := 0
	for _, c := range found {
		switch c.Kind {
		case model.CheckAlone:
			signs++
			if c.Figure.Lower >= leakAlone {
				s.Severity = model.SuspectedLeak
			}
		case model.CheckPresence:
			signs++
			if c.Figure.Lower >= leakPresence {
				s.Severity = model.SuspectedLeak
			}
		case model.CheckOneClass:
			s.Severity = model.SuspectedLeak
		case model.CheckOpen:
			if c.Shares[1] < c.Shares[0]/2 {
				s.Severity = model.SuspectedLeak
			}
		case model.CheckAfterAsOf, model.CheckAfterEnd, model.CheckID, model.CheckTime:
			s.Exclude = true
		}
	}
	if signs == 2 {
		s.Severity = model.SuspectedLeak
	}
	s.Exclude = s.Exclude || s.Severity == model.SuspectedLeak
	slices.SortStableFunc(s.Checks, func(x, y model.AuditCheck) int { return cmp.Compare(strength(y), strength(x)) })
	return s
}

// strength orders checks of different kinds from 0 to 1: an AUC by its distance from .5, doubled.
func strength(c model.AuditCheck) float64 {
	x := c.Figure.Value
	switch c.Kind {
	case model.CheckAlone, model.CheckPresence:
		x = 2*x - 1
	case model.CheckShift:
		x -= .5 // less grave than what tells the outcome
	case model.CheckID, model.CheckTime:
		x = math.Abs(x) / 2
	}
	return math.Max(0, math.Min(1, x))
}
