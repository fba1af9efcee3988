package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"leadscore/datasets"
)

// SnapshotTable is the rows that training sees, written out: a row a lead and as-of moment, with what was known then and
// what became of it.
type SnapshotTable struct {
	Table      *datasets.Table
	Dictionary *Dictionary
}

// What the columns of labels are called behind a target's name, and the column that says on which side of the split
// a row is for the primary target.
const (
	labelSuffix  = ".label" // only where a column of the leads has the target's name
	statusSuffix = ".status"
	splitColumn  = "split"
	statusUsed   = "used"
)

// Snapshot makes the table that Run would train on with the same configuration, through the same steps: id, as-of, the
// attributes as of that moment, the event features that the training rows give rise to, the outcomes as they stand in
// the files and the weight where there is one, and of each target its label (1, 0, missing), its status ("used" or
// the account's reason) and the split. Rows that no model uses are there too, so that the account can be checked.
// Columns without a kind, which are those that nothing reads, are left out. Nothing is fitted but which events have columns.
func Snapshot(ctx context.Context, c Config, progress Progress) (table *SnapshotTable, err error) {
	c = c.withDefaults()
	c.KeepOutcomes = true
	d, read, weight, err := gather(ctx, &c, progress.step)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.log.close()) }()
	if d.log != nil {
		progress.step("making event features")
	}
	if err := d.addEvents(ctx, c.Workers); err != nil {
		return nil, err
	}
	t := &tableMaker{d: d}
	t.leads(&c)
	t.outcomes()
	if weight != nil {
		t.whole(*weight, roleWeight, datasets.Column{Kind: datasets.Numeric, Numbers: d.weights})
	}
	t.targets()
	out := &SnapshotTable{}
	if out.Table, err = t.table(); err != nil {
		return nil, err
	}
	out.Table.Report = read
	out.Dictionary = d.dictionary(&c, out.Table, t)
	return out, nil
}

// tableMaker puts the columns of a snapshot table together.
type tableMaker struct {
	d       *data
	fields  []datasets.Field
	from    []func(batch, first, last int) datasets.Column // the column's cells of a batch, which are the rows first to last
	roles   []string
	labels  []string // of each target: the name of its label
	leftOut []string // columns of the leads without a kind
}

func (t *tableMaker) add(f datasets.Field, role string, cells func(batch, first, last int) datasets.Column) {
	t.fields, t.roles, t.from = append(t.fields, f), append(t.roles, role), append(t.from, cells)
}

// whole adds a column that is at hand for all rows.
func (t *tableMaker) whole(f datasets.Field, role string, c datasets.Column) {
	t.add(f, role, func(_, first, last int) datasets.Column {
		part := c
		switch c.Kind {
		case datasets.Categorical:
			part.Codes = c.Codes[first:last:last]
		default:
			part.Numbers = c.Numbers[first:last:last]
		}
		return part
	})
}

// of adds a column of a table whose batches are those of the leads.
func (t *tableMaker) of(from *datasets.Table, column int, role string) {
	t.add(from.Schema.Fields[column], role, func(batch, _, _ int) datasets.Column { return *from.Batches[batch].Column(column) })
}

// leads adds id and as-of, then the attributes, then the event features.
func (t *tableMaker) leads(c *Config) {
	s := t.d.leads.Schema
	asOf := s.Index(t.d.form.column())
	if t.d.ids >= 0 {
		t.of(t.d.leads, t.d.ids, roleID)
	}
	if asOf >= 0 {
		t.of(t.d.leads, asOf, roleAsOf)
	}
	made := map[string]bool{}
	if t.d.events != nil {
		for _, f := range t.d.events.Fields() {
			made[f.Name] = true
		}
	}
	for i, f := range s.Fields {
		switch {
		case i == t.d.ids || i == asOf:
		case f.Kind == datasets.Unknown:
			t.leftOut = append(t.leftOut, f.Name)
		case made[f.Name]:
			t.of(t.d.leads, i, roleEvents)
		case f.Name == c.Leads.Offset && f.Name != "":
			t.of(t.d.leads, i, roleOffset)
		default:
			t.of(t.d.leads, i, roleAttribute)
		}
	}
}

// outcomes adds the columns that the targets are read from, as they stand in the files: they are what a model is
// evaluated by.
func (t *tableMaker) outcomes() {
	for _, name := range t.d.outcomeColumns {
		if i := t.d.raw.Schema.Index(name); t.d.raw.Schema.Fields[i].Kind != datasets.Unknown {
			t.of(t.d.raw, i, roleOutcome)
		}
	}
}

// targets adds label and status of each target, and the split.
func (t *tableMaker) targets() {
	d := t.d
	taken := map[string]bool{}
	for _, f := range t.fields {
		taken[f.Name] = true
	}
	levels := []string{statusUsed}
	for _, w := range reasonWords[1:] {
		levels = append(levels, w.what)
	}
	for k, o := range d.outcomes {
		name := o.Target.Name
		if taken[name] {
			name += labelSuffix
		}
		t.labels = append(t.labels, name)
		label, status := make([]float64, d.rows()), make([]int32, d.rows())
		for row, l := range o.Label {
			if label[row] = float64(l); l == setAside {
				label[row] = math.NaN()
			}
			status[row] = int32(d.status(k, row))
		}
		t.whole(datasets.Field{Name: name, Kind: datasets.Numeric}, roleLabel, datasets.Column{Kind: datasets.Numeric, Numbers: label})
		t.whole(datasets.Field{Name: o.Target.Name + statusSuffix, Kind: datasets.Categorical}, roleStatus, datasets.Column{Kind: datasets.Categorical, Codes: status, Levels: levels})
	}
	side := make([]int32, d.rows())
	for row := range side {
		switch {
		case d.train[row]:
			side[row] = 1
		case d.holdout[row]:
			side[row] = 2
		}
	}
	t.whole(datasets.Field{Name: splitColumn, Kind: datasets.Categorical}, roleSplit, datasets.Column{Kind: datasets.Categorical, Codes: side, Levels: []string{"none", "train", "holdout"}})
}

// status tells why a row neither trains nor tests a target; kept: it does.
func (d *data) status(target, row int) reason {
	switch o := d.outcomes[target]; {
	case o.Label[row] == setAside:
		return o.each[row]
	case !d.used[row]:
		return primaryUnknown
	case d.holdout[row]:
		return kept
	}
	return d.trainReason(target, row)
}

// table makes the table, or names each two columns that have one name.
func (t *tableMaker) table() (*datasets.Table, error) {
	var problems []error
	seen := map[string]bool{}
	for _, f := range t.fields {
		if seen[f.Name] {
			problems = append(problems, fmt.Errorf("making the snapshot table: there are two columns %q; rename the one of the leads or the target", f.Name))
		}
		seen[f.Name] = true
	}
	if problems != nil {
		return nil, errors.Join(problems...)
	}
	out := &datasets.Table{Schema: &datasets.Schema{Fields: t.fields, Nulls: t.d.leads.Schema.Nulls}}
	first := 0
	for i, b := range t.d.leads.Batches {
		last := first + b.Rows()
		columns := make([]datasets.Column, len(t.fields))
		for j, from := range t.from {
			columns[j] = from(i, first, last)
		}
		nb, err := datasets.NewBatch(out.Schema, b.Rows(), columns)
		if err != nil {
			return nil, fmt.Errorf("making the snapshot table: %w", err)
		}
		out.Batches = append(out.Batches, nb)
		first = last
	}
	return out, nil
}
