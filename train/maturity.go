package train

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// readTimes fills in what a target says of time: its horizon and the moments of its outcomes.
func (o *Outcomes) readTimes(t *datasets.Table, form AsOf) error {
	target := o.Target
	if target.Horizon != "" {
		var err error
		if o.horizon, err = rules.Span(target.Horizon); err != nil {
			return fmt.Errorf("reading target %q: horizon: %w", target.Name, err)
		}
		if form.none() {
			return fmt.Errorf("reading target %q: a horizon begins at the as-of moment; name it in data.leads.as_of", target.Name)
		}
		if target.At == "" {
			return fmt.Errorf("reading target %q: a horizon needs `at`, the column of the outcome's time", target.Name)
		}
	}
	if target.At == "" {
		return nil
	}
	column := t.Schema.Index(target.At)
	if column < 0 {
		return fmt.Errorf("reading target %q: no column %q (its `at`) in the leads", target.Name, target.At)
	}
	switch k := t.Schema.Fields[column].Kind; {
	case form.none() || k == datasets.Unknown: // without as-of there is nothing to compare with; Unknown is missing in every row
		return nil
	case k != datasets.Time:
		return fmt.Errorf("reading target %q: column %q (its `at`) is %v, want time", target.Name, target.At, k)
	}
	o.at = make([]int64, 0, t.Rows())
	for _, b := range t.Batches {
		o.at = append(o.at, b.Column(column).Times...)
	}
	return nil
}

// time is the moment of the outcome of a row of the file, datasets.MissingTime where it is not known.
func (o *Outcomes) time(row int) int64 {
	if o.at == nil {
		return datasets.MissingTime
	}
	return o.at[row]
}

// judge returns the label of a row as of a, whose outcome in the file is raw and came at the moment at, or why it
// has none. Without a horizon an outcome counts whenever it came, and an open lead is neither positive nor
// negative. With a horizon h a row is positive where the conversion came at a + h or before, and else
// negative, whether it was lost, is open, or was won later.
//
// A row whose window had not closed, a + h > end, is immature, and the early winners among them are
// set aside with the rest: of the leads of the last h days the quick conversions alone are known, so keeping them
// would make late leads look like winners.
func (o *Outcomes) judge(raw int8, a, at int64, p *period) (int8, reason) {
	closed, known := raw != setAside, at != datasets.MissingTime
	if closed && known {
		switch {
		case at > p.now:
			return setAside, outcomeFuture
		case a != datasets.MissingTime && at < a: // at == a did not happen before
			return setAside, outcomeEarly
		}
	}
	if o.horizon == 0 {
		switch {
		case !closed:
			return setAside, outcomeOpen
		case known && p.given && at >= p.end: // by the end of the data it was open
			return setAside, outcomeLate
		}
		return raw, kept
	}
	switch {
	case a+o.horizon > p.end:
		return setAside, outcomeImmature
	case raw != positive:
		return negative, kept
	case !known:
		return setAside, outcomeUntimed
	case at <= a+o.horizon:
		return positive, kept
	}
	return negative, kept
}

// mature replaces the labels and times by row of the file by those by snapshot and counts again.
func (o *Outcomes) mature(s *snapshots, p *period, each bool) {
	raw := o.Label
	rows := len(raw)
	if s.rows != nil {
		rows = len(s.rows)
		o.Label = make([]int8, rows)
	}
	if each {
		o.each = make([]reason, rows)
	}
	o.Positives, o.Negatives, o.SetAside = 0, 0, 0
	for row := range rows {
		of := s.of(row)
		label, why := setAside, s.reasonOf(row)
		if why == kept {
			a := int64(datasets.MissingTime)
			if s.asOf != nil {
				a = s.asOf[row]
			}
			label, why = o.judge(raw[of], a, o.time(of), p)
		}
		o.Label[row] = label
		switch label {
		case positive:
			o.Positives++
		case negative:
			o.Negatives++
		default:
			o.SetAside++
			o.why[why]++
			if each {
				o.each[row] = why
			}
		}
	}
	if s.rows != nil {
		o.at = atRows(o.at, s.rows)
	}
}
