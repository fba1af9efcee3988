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
