package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"leadscore/datasets"
	"leadscore/features"
)

// ChangeSource is a log of attributes that change: title, owner, stage. A lead's attribute is then the value valid
// at the as-of moment, not the last one that the leads file happens to hold.
type ChangeSource struct {
	Paths    []string
	Lead, At string // columns
	// Field and Value are the columns with an attribute's name and its new value. Both "": every other column is
	// an attribute, and a missing cell leaves it as it was.
	Field, Value string
	// Old is the column with the value before the change, with Field; "" has none: then the log must begin with the
	// values that a lead came with, for nothing else tells what was valid before its first change.
	Old string
	// Fields says how attributes are read that the leads have too, and those whose kind is forced; the rest is inferred.
	Fields     map[string]datasets.Field
	Nulls      []string
	Zone       string
	BadRows    datasets.BadRows
	MaxBadRows int
	Workers    int
}

// ChangeReport counts what the log held.
type ChangeReport struct {
	Changes     int // that are used
	UnknownLead int // of leads that are not in the leads
	NoTime      int // without a moment: when they came is not known
	NoField     int // that name no attribute
	BadRows     int
	Digest      string
	Zones       []datasets.ZoneCount
}

// Changes is the history of attributes, ready to be asked.
type Changes struct {
	attributes []attribute
	old        bool // the log tells what was before a change
}

type attribute struct {
	field   datasets.Field
	changes []change // by lead, then by time; of one moment the last in the log comes last
}

type change struct {
	lead     int32
	at       int64
	old, now datasets.Value // old is missing where it is not known
}

// ReadChanges reads a log; leads are the ids by lead number.
func ReadChanges(ctx context.Context, s ChangeSource, leads []string) (*Changes, *ChangeReport, error) {
	force := map[string]datasets.Field{s.Lead: {Name: s.Lead, Kind: datasets.Text}}
	long := s.Field != ""
	if long {
		force[s.Field] = datasets.Field{Name: s.Field, Kind: datasets.Categorical}
		force[s.Value] = datasets.Field{Name: s.Value, Kind: datasets.Text}
		if s.Old != "" {
			force[s.Old] = datasets.Field{Name: s.Old, Kind: datasets.Text}
		}
	} else {
		names, err := datasets.Names(s.Paths[0])
		if err != nil {
			return nil, nil, err
		}
		for name, f := range s.Fields {
			if slices.Contains(names, name) {
				force[name] = f
			}
		}
	}
	t, err := datasets.ReadAll(ctx, s.Paths, datasets.ReadOptions{Nulls: s.Nulls, Zone: s.Zone, Force: force, BadRows: s.BadRows, MaxBadRows: s.MaxBadRows, Workers: s.Workers})
	if err != nil {
		return nil, nil, err
	}
	r := &ChangeReport{BadRows: t.Report.BadTotal, Digest: t.Report.Digest, Zones: t.Report.Zones}
	at := t.Schema.Index(s.At)
	switch {
	case at < 0:
		return nil, nil, fmt.Errorf("reading the changes: no column %q in %s", s.At, t.Report.Path)
	case t.Schema.Fields[at].Kind != datasets.Time:
		return nil, nil, fmt.Errorf("reading the changes: column %q is %v, want time", s.At, t.Schema.Fields[at].Kind)
	}
	number := make(map[string]int32, len(leads))
	for i, id := range leads {
		number[id] = int32(i)
	}
	c := &Changes{old: s.Old != ""}
	if long {
		err = c.readLong(t, &s, number, r)
	} else {
		c.readWide(t, &s, number, r)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, a := range c.attributes {
		sort.SliceStable(a.changes, func(i, j int) bool {
			x, y := &a.changes[i], &a.changes[j]
			return x.lead < y.lead || x.lead == y.lead && x.at < y.at
		})
	}
	return c, r, nil
}

// rows calls do with each row of a known lead with a moment, and counts the others.
func (s *ChangeSource) rows(t *datasets.Table, number map[string]int32, r *ChangeReport, do func(b *datasets.Batch, row int, lead int32, at int64)) {
	lead, at := t.Schema.Index(s.Lead), t.Schema.Index(s.At)
	for _, b := range t.Batches {
		for i := range b.Rows() {
			n, known := number[b.Column(lead).Texts[i]]
			switch {
			case !known:
				r.UnknownLead++
			case b.Column(at).Times[i] == datasets.MissingTime:
				r.NoTime++
			default:
				do(b, i, n, b.Column(at).Times[i])
			}
		}
	}
}

func (c *Changes) readWide(t *datasets.Table, s *ChangeSource, number map[string]int32, r *ChangeReport) {
	var columns []int
	for i, f := range t.Schema.Fields {
		if f.Name != s.Lead && f.Name != s.At && f.Kind != datasets.Unknown {
			columns = append(columns, i)
			c.attributes = append(c.attributes, attribute{field: f})
		}
	}
	s.rows(t, number, r, func(b *datasets.Batch, row int, lead int32, at int64) {
		r.Changes++
		for k, column := range columns {
			if v := b.Value(column, row); !v.Missing() {
				c.attributes[k].changes = append(c.attributes[k].changes, change{lead: lead, at: at, now: v})
			}
		}
	})
}

func (c *Changes) readLong(t *datasets.Table, s *ChangeSource, number map[string]int32, r *ChangeReport) error {
	for _, name := range []string{s.Field, s.Value, s.Old} {
		if name != "" && t.Schema.Index(name) < 0 {
			return fmt.Errorf("reading the changes: no column %q in %s", name, t.Report.Path)
		}
	}
	field, now, old := t.Schema.Index(s.Field), t.Schema.Index(s.Value), -1
	if s.Old != "" {
		old = t.Schema.Index(s.Old)
	}
	type texts struct{ old, now []string } // old is short where there is no column of it
	place := map[string]int{}
	var all []texts
	s.rows(t, number, r, func(b *datasets.Batch, row int, lead int32, at int64) {
		v := b.Value(field, row)
		if v.Missing() {
			r.NoField++
			return
		}
		k, ok := place[v.Str]
		if !ok {
			k = len(all)
			place[v.Str] = k
			all = append(all, texts{})
			c.attributes = append(c.attributes, attribute{field: datasets.Field{Name: v.Str}})
		}
		r.Changes++
		c.attributes[k].changes = append(c.attributes[k].changes, change{lead: lead, at: at})
		all[k].now = append(all[k].now, b.Value(now, row).String())
		if old >= 0 {
			all[k].old = append(all[k].old, b.Value(old, row).String())
		}
	})
	var problems []error
	for k := range all {
		a := &c.attributes[k]
		f, ok := s.Fields[a.field.Name]
		if !ok {
			var err error
			if f, err = datasets.InferTexts(a.field.Name, slices.Concat(all[k].old, all[k].now), datasets.ReadOptions{Nulls: s.Nulls, Zone: s.Zone}); err != nil {
				problems = append(problems, err)
				continue
			}
		}
		a.field = f
		schema := &datasets.Schema{Fields: []datasets.Field{f}, Nulls: s.Nulls}
		read := func(text string) datasets.Value {
			v, err := schema.Parse(0, text)
			if err != nil {
				problems = append(problems, fmt.Errorf("reading the changes of %q: %w", f.Name, err))
			}
			return v
		}
		for i := range a.changes {
			a.changes[i].now = read(all[k].now[i])
			if old >= 0 {
				a.changes[i].old = read(all[k].old[i])
			}
			if len(problems) > 20 {
				return errors.Join(append(problems, errors.New("reading the changes: there may be more"))...)
			}
		}
	}
	return errors.Join(problems...)
}

// Fields are the attributes, in the order of the log.
func (c *Changes) Fields() []datasets.Field {
	fields := make([]datasets.Field, len(c.attributes))
	for i := range c.attributes {
		fields[i] = c.attributes[i].field
	}
	return fields
}

// Column is attribute i of each row as it was at the row's as-of moment: the value of the latest change
// before it (features.Before: strictly). Before the first change it is the old value, and of a lead without any
// change what the leads file says, stays: who never changed it still has it. Where the log has no old values
// both are missing: the file's value for the one and nothing for the other would tell that a change is to come.
func (c *Changes) Column(i int, rows []Moment, stays func(row int) datasets.Value) datasets.Column {
	a := &c.attributes[i]
	return datasets.ColumnOf(a.field.Kind, len(rows), func(row int) datasets.Value {
		m := rows[row]
		from := sort.Search(len(a.changes), func(k int) bool { return a.changes[k].lead >= m.Lead })
		to := from
		for ; to < len(a.changes) && a.changes[to].lead == m.Lead && features.Before(a.changes[to].at, m.AsOf); to++ {
		}
		switch {
		case to > from:
			return a.changes[to-1].now
		case !c.old:
		case to < len(a.changes) && a.changes[to].lead == m.Lead:
			return a.changes[to].old
		case stays != nil:
			return stays(row)
		}
		return datasets.Value{}
	})
}
