package history

import (
	"fmt"

	"leadscore/datasets"
)

// Number gives the leads of a table numbers in the order in which they come, by the text of their id; rows without an id are
// no lead.
func Number(leads *datasets.Table, id int) (ids []string, number map[string]int32) {
	number = make(map[string]int32, leads.Rows())
	for _, b := range leads.Batches {
		for i := range b.Rows() {
			text := b.Value(id, i).String()
			if _, known := number[text]; text != "" && !known {
				number[text] = int32(len(ids))
				ids = append(ids, text)
			}
		}
	}
	return ids, number
}

// Moments are the rows of a table as Number numbers their leads, each at its as-of moment. A row without an id is an error.
func Moments(leads *datasets.Table, id int, number map[string]int32, asOf []int64) ([]Moment, error) {
	rows := make([]Moment, 0, leads.Rows())
	for _, b := range leads.Batches {
		for i := range b.Rows() {
			n, ok := number[b.Value(id, i).String()]
			if !ok {
				return nil, fmt.Errorf("finding the history of the leads: row %d has no id in column %q, and a history belongs to a lead by its id", len(rows)+1, leads.Schema.Fields[id].Name)
			}
			rows = append(rows, Moment{Lead: n, AsOf: asOf[len(rows)]})
		}
	}
	return rows, nil
}

// Properties are the numbers of events that the plan knows, by name.
func (p *Plan) Properties() []string { return p.learned.Properties }

// Groups tells the columns of a plan apart by what they are about, a number a column: 0 all events, then each
// type with its properties, then the channels together. Columns of one group say much the same.
func (p *Plan) Groups() []int {
	out := make([]int, len(p.columns))
	for i := range p.columns {
		switch c := &p.columns[i]; c.measure {
		case share, firstChannel, lastChannel:
			out[i] = 1 + len(p.learned.Types)
		case sum, last:
			out[i] = 1 + int(p.pairs[c.slot].kind)
		default:
			out[i] = int(c.slot)
		}
	}
	return out
}
