package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// EventMoments is what snapshots ask of the event log. The package that reads the log has one.
type EventMoments interface {
	// First returns a function from a lead's id to the moment of its first event of a type, in microseconds
	// since 1970; datasets.MissingTime where it has none.
	First(ctx context.Context, eventType string) (func(lead string) int64, error)
	// Latest returns the latest moment of the log that is not after by; datasets.MissingTime: there is none.
	Latest(ctx context.Context, by int64) (int64, error)
}

// mostRows is the most rows that a grid gives one lead: a lead that is never closed does not fill the table.
const mostRows = 60

// period is what is known of the time that the data covers.
type period struct {
	end      int64 // MissingTime: no moment is known
	given    bool  // by the configuration: nothing at or after end is known. Else end is the latest moment seen
	now      int64 // MaxInt64: not bounded
	future   int   // moments after now
	cutShort bool  // a given end lay after now, and is now
}

// see takes moments into account for the end of the data.
func (p *period) see(moments []int64) {
	for _, t := range moments {
		switch {
		case t == datasets.MissingTime:
		case t > p.now:
			p.future++
		case !p.given:
			p.end = max(p.end, t) // MissingTime is the least
		}
	}
}

// newPeriod returns the period before any moment was seen.
func newPeriod(c *Config) period {
	p := period{end: datasets.MissingTime, now: math.MaxInt64}
	if !c.Now.IsZero() {
		p.now = c.Now.UnixMicro()
	}
	if !c.End.IsZero() {
		p.end, p.given = c.End.UnixMicro(), true
		if p.end > p.now {
			p.end, p.cutShort = p.now, true
		}
	}
	return p
}

// after reports why a row as of a is not used, if the data does not reach so far.
func (p *period) after(a int64) reason {
	switch {
	case a > p.now:
		return asOfFuture
	case p.end == datasets.MissingTime:
	case a > p.end, a == p.end && p.given:
		return asOfLate
	}
	return kept
}

// snapshots are the rows (lead, as-of) of a training table.
type snapshots struct {
	rows []int32  // row of the file of each; nil: each row of the file once, in order
	asOf []int64  // nil without as-of
	why  []reason // nil: nothing is wrong with any row
}

// of returns the row of the file.
func (s *snapshots) of(row int) int {
	if s.rows == nil {
		return row
	}
	return int(s.rows[row])
}

// reasonOf is what is wrong with a row, whatever the target.
func (s *snapshots) reasonOf(row int) reason {
	if s.why == nil {
		return kept
	}
	return s.why[row]
}

// baseMoments returns the moment of each row of the file that as-of starts from: the column's or the event's.
func (d *data) baseMoments(ctx context.Context, c *Config) ([]int64, error) {
	if d.form.Event == "" {
		return times(d.leads, d.form.Column)
	}
	if c.EventMoments == nil || d.ids < 0 {
		return nil, fmt.Errorf("reading data.leads.as_of: %q needs an event log (data.events) and the leads' ids (data.leads.id)", c.Leads.AsOf)
	}
	first, err := c.EventMoments.First(ctx, d.form.Event)
	if err != nil {
		return nil, fmt.Errorf("finding the first event %q of each lead: %w", d.form.Event, err)
	}
	base := make([]int64, 0, d.leads.Rows())
	found := false
	for _, b := range d.leads.Batches {
		for i := range b.Rows() {
			t := int64(datasets.MissingTime)
			if id := b.Value(d.ids, i); !id.Missing() {
				t = first(id.String())
			}
			found = found || t != datasets.MissingTime
			base = append(base, t)
		}
	}
	if !found {
		return nil, fmt.Errorf("reading data.leads.as_of: no lead has an event of type %q", d.form.Event)
	}
	return base, nil
}

// snap makes the rows of an as-of form from the moments that it starts from. why, which may be nil, is what is wrong
// with rows of the file already; every row of the file gives at least one row. closing returns when a lead was
// closed: MaxInt64 while it is open, MissingTime where that is not known.
func (d *data) snap(base []int64, why []reason, closing func(row int) int64) *snapshots {
	s := &snapshots{why: why, asOf: base}
	if base == nil {
		return s
	}
	need := !d.form.plain() || d.horizons()
	judge := func(row int, a int64) reason {
		if why != nil && why[row] != kept {
			return why[row]
		}
		if a == datasets.MissingTime {
			if need {
				return asOfMissing
			}
			return kept
		}
		return d.period.after(a)
	}
	if d.form.Every == 0 {
		if d.form.Delay > 0 {
			s.asOf = make([]int64, len(base))
			for i, t := range base {
				if s.asOf[i] = t; t != datasets.MissingTime {
					s.asOf[i] = t + d.form.Delay
				}
			}
		}
		for i, a := range s.asOf {
			if r := judge(i, a); r != kept {
				if s.why == nil {
					s.why = make([]reason, len(base))
				}
				s.why[i] = r
			}
		}
		return s
	}
	s.rows, s.asOf, s.why = []int32{}, nil, []reason{}
	for i, t := range base {
		r := judge(i, t)
		s.rows, s.asOf, s.why = append(s.rows, int32(i)), append(s.asOf, t), append(s.why, r)
		if r != kept {
			continue
		}
		until := closing(i)
		if until == datasets.MissingTime {
			d.untimed++
			continue
		}
		for k := int64(1); ; k++ {
			after := k * d.form.Every
			if a := t + after; a >= until || a >= d.period.end || d.form.For > 0 && after >= d.form.For {
				break
			}
			if k == mostRows {
				d.capped++
				break
			}
			s.rows, s.asOf, s.why = append(s.rows, int32(i)), append(s.asOf, t+after), append(s.why, kept)
			d.repeated++
		}
	}
	return s
}

// horizons reports whether any target has one.
func (d *data) horizons() bool {
	for _, o := range d.outcomes {
		if o.horizon > 0 {
			return true
		}
	}
	return false
}

// withMoments returns the leads with a row a snapshot and the column of its moment. Columns are shared where each
// lead has one row.
func withMoments(leads *datasets.Table, s *snapshots) (*datasets.Table, error) {
	if leads.Schema.Index(derivedAsOf) >= 0 {
		return nil, fmt.Errorf("reading data.leads.as_of: the leads have a column %q already, which is the name of the moment that is made; rename theirs", derivedAsOf)
	}
	schema := &datasets.Schema{Nulls: leads.Schema.Nulls, Fields: append(append([]datasets.Field(nil), leads.Schema.Fields...), datasets.Field{Name: derivedAsOf, Kind: datasets.Time})}
	out := &datasets.Table{Schema: schema, Report: leads.Report}
	row, first := 0, 0 // of the snapshots and of the file
	for _, b := range leads.Batches {
		to := row
		last := first + b.Rows()
		if s.rows == nil {
			to = last
		} else {
			var pick []int
			for ; to < len(s.rows) && int(s.rows[to]) < last; to++ {
				pick = append(pick, int(s.rows[to])-first)
			}
			b = b.Pick(pick)
		}
		columns := make([]datasets.Column, len(schema.Fields))
		for i := range leads.Schema.Fields {
			columns[i] = *b.Column(i)
		}
		columns[len(columns)-1] = datasets.Column{Kind: datasets.Time, Times: s.asOf[row:to:to]}
		nb, err := datasets.NewBatch(schema, to-row, columns)
		if err != nil {
			return nil, err
		}
		out.Batches = append(out.Batches, nb)
		row, first = to, last
	}
	return out, nil
}

// atRows takes what is known of each row of the file to rows made of them; nil stays nil.
func atRows[T any](of []T, rows []int32) []T {
	if of == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = of[row]
	}
	return out
}

// moment writes a moment for a sentence.
func moment(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339) }

// markAsOf notes in the artifact which column is the moment, and how it was made where the file has none.
func (d *data) markAsOf(a *model.Artifact, text string) {
	a.AsOf = d.form.column()
	if !d.form.plain() {
		a.Snapshots = text
	}
}

// makeRows makes a row of each lead and as-of moment, with the labels of every target.
func (d *data) makeRows(ctx context.Context, c *Config) error {
	if d.form.Every > 0 && d.outcomes[0].Target.At == "" {
		return fmt.Errorf("reading data.leads.as_of: a grid has rows while a lead is open; say when it was closed: targets.%s.at", d.outcomes[0].Target.Name)
	}
	var base []int64
	if !d.form.none() {
		var err error
		if base, err = d.baseMoments(ctx, c); err != nil {
			return err
		}
		d.period.see(base)
		for _, o := range d.outcomes {
			d.period.see(o.at)
		}
		if c.EventMoments != nil && !d.period.given {
			latest, err := c.EventMoments.Latest(ctx, d.period.now)
			if err != nil {
				return fmt.Errorf("finding the latest event: %w", err)
			}
			d.period.see([]int64{latest})
		}
	}
	d.lead = d.leadsOf()
	why, err := d.dedupe(base, c.Duplicates)
	if err != nil {
		return err
	}
	primary := d.outcomes[0]
	s := d.snap(base, why, func(row int) int64 {
		if primary.Label[row] == setAside {
			return math.MaxInt64
		}
		return primary.time(row)
	})
	d.asOf = s.asOf
	for _, o := range d.outcomes {
		o.mature(s, &d.period, c.KeepOutcomes)
	}
	if s.rows != nil {
		lead := make([]int32, len(s.rows))
		for row, of := range s.rows {
			if lead[row] = of; d.lead != nil {
				lead[row] = d.lead[of]
			}
		}
		d.lead = lead
		d.weights, d.numbers = atRows(d.weights, s.rows), atRows(d.numbers, s.rows)
	}
	if !d.form.none() && !d.form.plain() {
		if d.leads, err = withMoments(d.leads, s); err != nil {
			return err
		}
		if d.raw != nil {
			d.raw, err = withMoments(d.raw, s)
		}
	}
	return err
}
