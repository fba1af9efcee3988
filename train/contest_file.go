package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

// addFile adds what is made of the file alone: rules of their own, and columns.
func (m *contest) addFile(ctx context.Context, c Contenders) error {
	if c.Rules == nil && len(c.Columns) == 0 {
		return nil
	}
	leads, err := m.withColumns(ctx, c)
	if err != nil {
		return err
	}
	if c.Rules != nil {
		if err := m.addRules(ctx, c.Rules, leads); err != nil {
			return err
		}
	}
	for _, name := range c.Columns {
		if err := m.addColumn(name, leads); err != nil {
			return err
		}
	}
	return nil
}

// withColumns returns the leads with the columns that rules and scorers ask for and the model does not read. Their kinds
// are inferred, as a rules file is checked against a file, unless training settled them.
func (m *contest) withColumns(ctx context.Context, c Contenders) (*datasets.Table, error) {
	a := m.scorer.Artifact()
	hidden := map[string]bool{} // outcomes and the weight
	for _, name := range a.Unread() {
		hidden[name] = true
	}
	names := slices.Clone(m.read.Unknown) // of the file
	for _, f := range a.Schema.Fields {
		if !m.absent[f.Name] {
			names = append(names, f.Name)
		}
	}
	for _, name := range c.Columns {
		switch {
		case hidden[name]:
			return nil, fmt.Errorf("%s: column %q holds an outcome or the weight of a row, which is not a score", m.doing, name)
		case !slices.Contains(names, name) && m.leads.Schema.Index(name) < 0:
			return nil, fmt.Errorf("%s: no column %q%s", m.doing, name, didYouMean(datasets.Nearest(name, names)))
		}
	}
	ruled := c.Rules.Reads()
	o := datasets.ReadOptions{Nulls: a.Schema.Nulls, Force: map[string]datasets.Field{}, BadRows: m.options.BadRows, MaxBadRows: m.options.MaxBadRows, Workers: m.options.Workers}
	var wanted []string
	for _, name := range names {
		at := m.leads.Schema.Index(name)
		if !hidden[name] && (ruled(name) || slices.Contains(c.Columns, name)) && (at < 0 || m.leads.Schema.Fields[at].Kind == datasets.Unknown) {
			wanted = append(wanted, name)
			if k := a.Schema.Index(name); k >= 0 && a.Schema.Fields[k].Kind != datasets.Unknown {
				o.Force[name] = a.Schema.Fields[k]
			}
		} else {
			o.Skip = append(o.Skip, name)
		}
	}
	if len(wanted) == 0 {
		return m.leads, nil
	}
	for name := range hidden {
		o.Skip = append(o.Skip, name)
	}
	t, err := datasets.Read(ctx, m.path, o)
	if err != nil {
		return nil, err
	}
	if t.Rows() != m.read.Rows {
		return nil, fmt.Errorf("%s: %d rows can be read with columns %s, %d without; mend the file, so that all scorers see the same rows", m.doing, t.Rows(), quoted(wanted), m.read.Rows)
	}
	var first []int // row of each batch's first
	row := 0
	for _, b := range t.Batches {
		first = append(first, row)
		row += b.Rows()
	}
	fields, columns := make([]datasets.Field, len(wanted)), make([]datasets.Column, len(wanted))
	for i, name := range wanted {
		at := t.Schema.Index(name)
		fields[i] = t.Schema.Fields[at]
		k := 0
		columns[i] = datasets.ColumnOf(fields[i].Kind, m.rows(), func(row int) datasets.Value {
			of := m.number(row) - 1
			for k > 0 && first[k] > of {
				k--
			}
			for of >= first[k]+t.Batches[k].Rows() {
				k++
			}
			return t.Batches[k].Value(at, of-first[k])
		})
	}
	return datasets.Replace(m.leads, fields, columns)
}

// addRules scores the rows by rules that are not the model's. Their points are no probabilities: nothing was fitted to them.
func (m *contest) addRules(ctx context.Context, f *rules.File, leads *datasets.Table) error {
	set, err := compileRules(f, leads)
	if err != nil {
		return err
	}
	if len(set.EventTypes()) > 0 && m.log == nil {
		m.found = append(m.found, model.Finding{Reason: "absent", Text: "the rules ask for events, and there is no log of them: they are scored as of leads without events"})
	}
	if err := m.readRuleEvents(ctx, set); err != nil {
		return err
	}
	var points []float64
	row := make([]datasets.Value, len(leads.Schema.Fields))
	at := 0
	for _, b := range leads.Batches {
		for i := range b.Rows() {
			if m.holdout[at] {
				b.Row(i, row)
				moment := int64(datasets.MissingTime)
				if m.asOf != nil {
					moment = m.asOf[at]
				}
				p, _ := set.Score(row, m.eventsAt(at), moment)
				points = append(points, p)
			}
			at++
		}
	}
	m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: "rules", Score: points}, Kind: model.ContestRules})
	return nil
}

// addColumn takes a column for a score. A lead without one stands behind all others: nobody gave it a place.
func (m *contest) addColumn(name string, leads *datasets.Table) error {
	at := leads.Schema.Index(name)
	if k := leads.Schema.Fields[at].Kind; k != datasets.Numeric {
		return fmt.Errorf("%s: column %q is %v; a score is numeric, the higher the likelier", m.doing, name, k)
	}
	var score []float64
	least, missing, row := math.Inf(1), 0, 0
	for _, b := range leads.Batches {
		for i, x := range b.Column(at).Numbers {
			if m.holdout[row+i] {
				score = append(score, x)
				if x == x {
					least = math.Min(least, x)
				} else {
					missing++
				}
			}
		}
		row += b.Rows()
	}
	if missing == len(score) {
		return fmt.Errorf("%s: column %q has no number in any of the %d rows", m.doing, name, len(score))
	}
	last := math.Nextafter(least, math.Inf(-1))
	if math.IsInf(last, 0) {
		return fmt.Errorf("%s: column %q: %v is too small a score to have one below it, for leads without one", m.doing, name, least)
	}
	for i, x := range score {
		if math.IsNaN(x) {
			score[i] = last
		}
	}
	m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: name, Score: score}, Kind: model.ContestColumn, Missing: missing})
	return nil
}
