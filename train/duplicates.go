package train

import (
	"fmt"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
)

// Duplicates says what becomes of rows of one lead and one moment whose outcomes differ. Of rows that agree the first
// is kept, whatever the policy.
type Duplicates string

// The policies.
const (
	FailDuplicates  Duplicates = "fail" // and ""
	FirstDuplicates Duplicates = "first"
	LastDuplicates  Duplicates = "last"
	DropDuplicates  Duplicates = "drop" // all of them
)

// leadsOf returns the lead of each row of the file: the number of the first row with its id. It is nil where
// every row is a lead of its own. A row without an id is one.
//
// A table of row numbers with open addressing holds the ids: a map would keep them all twice. Beside the number stand
// 32 bits of the hash, so that a text is looked at again only where those agree.
func (d *data) leadsOf() []int32 {
	if d.ids < 0 {
		return nil
	}
	ids := newCells(d.leads, d.ids)
	if ids.ascend() {
		return nil
	}
	n := d.leads.Rows()
	size := 16
	for size < 2*n {
		size *= 2
	}
	const row = 1<<32 - 1
	table := make([]uint64, size) // bits of the hash, row + 1; 0 is free
	var lead []int32
	i := 0
	for _, b := range d.leads.Batches {
		for k := range b.Rows() {
			id := ids.in(b, k)
			if id == "" {
				i++
				continue
			}
			h := hash(id)
			at := int(h) & (size - 1)
			for table[at] != 0 && (table[at]&^row != h&^row || ids.at(int(table[at]&row)-1) != id) {
				at = (at + 1) & (size - 1)
			}
			if table[at] == 0 {
				table[at] = h&^row | uint64(i+1)
			} else {
				if lead == nil {
					lead = make([]int32, n)
					for k := range lead {
						lead[k] = int32(k)
					}
				}
				lead[i] = int32(table[at]&row) - 1
			}
			i++
		}
	}
	return lead
}

// cells reads the texts of a column by row of the table; "" is missing.
type cells struct {
	table  *datasets.Table
	column int
	first  []int // row of each batch's first
}

func newCells(t *datasets.Table, column int) *cells {
	c := &cells{table: t, column: column}
	row := 0
	for _, b := range t.Batches {
		c.first = append(c.first, row)
		row += b.Rows()
	}
	return c
}

// ascend reports whether each text is greater than the one before, a longer text being greater than a shorter one: ids that are
// numbered, with leading zeros or without, are often in order, and one pass over them is cheaper than a table. A missing text ends
// the order.
func (c *cells) ascend() bool {
	last := ""
	for _, b := range c.table.Batches {
		for i := range b.Rows() {
			text := c.in(b, i)
			if len(text) < len(last) || len(text) == len(last) && text <= last {
				return false
			}
			last = text
		}
	}
	return true
}

func (c *cells) at(row int) string {
	k, found := slices.BinarySearch(c.first, row)
	if !found {
		k--
	}
	for c.table.Batches[k].Rows() == 0 { // of batches with the same first row the last has it
		k++
	}
	return c.in(c.table.Batches[k], row-c.first[k])
}

func (c *cells) in(b *datasets.Batch, row int) string {
	if column := b.Column(c.column); column.Kind == datasets.Text {
		return column.Texts[row]
	}
	if v := b.Value(c.column, row); !v.Missing() {
		return v.String()
	}
	return ""
}

// hash is FNV-1a with its bits mixed once more (the finaliser of MurmurHash3), for the low ones are used.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

// dedupe finds rows of one lead with the same moment (without as-of: any rows of one lead), keeps one of those
// whose outcomes are the same and does with the others what the policy says. The outcome is the same where
// every target has the same label, and with a horizon the same time. It returns nil where there is nothing to leave out.
func (d *data) dedupe(base []int64, policy Duplicates) ([]reason, error) {
	if d.lead == nil {
		return nil, nil
	}
	type key struct {
		lead int32
		at   int64
	}
	all := map[key][]int{}
	var order []key
	repeated := map[int32]bool{}
	for i, l := range d.lead {
		if int(l) != i {
			repeated[l] = true
		}
	}
	for i, l := range d.lead {
		if !repeated[l] {
			continue
		}
		k := key{lead: l}
		if base != nil {
			k.at = base[i]
		}
		if all[k] == nil {
			order = append(order, k)
		}
		all[k] = append(all[k], i)
	}
	same := func(a, b int) bool {
		for _, o := range d.outcomes {
			if o.Label[a] != o.Label[b] || o.horizon > 0 && o.Label[a] == positive && o.time(a) != o.time(b) {
				return false
			}
		}
		return true
	}
	why := make([]reason, len(d.lead))
	var conflicts []string
	equal, conflicting, found := 0, 0, false
	for _, k := range order {
		rows := all[k]
		if len(rows) < 2 {
			continue
		}
		found = true
		agree := true
		for _, r := range rows[1:] {
			agree = agree && same(rows[0], r)
		}
		keep, because := rows[0], rowTwice
		if !agree {
			conflicting++
			because = rowConflicting
			if len(conflicts) < 5 {
				conflicts = append(conflicts, d.nameRows(rows))
			}
			switch policy {
			case LastDuplicates:
				keep = rows[len(rows)-1]
			case DropDuplicates:
				keep = -1
			}
		} else {
			equal++
		}
		for _, r := range rows {
			if r != keep {
				why[r] = because
			}
		}
	}
	if !found {
		return nil, nil
	}
	if conflicting > 0 {
		what := fmt.Sprintf("%d leads stand twice with the same moment and different outcomes: %s", conflicting, atMostOf(conflicts, conflicting))
		switch policy {
		case FailDuplicates, "":
			return nil, fmt.Errorf("reading the leads: %s; say which is meant: data.duplicates: first, last or drop", what)
		}
		d.duplicates = append(d.duplicates, model.Finding{Reason: "duplicates", Text: what + "; data.duplicates: " + string(policy)})
	}
	if equal > 0 {
		d.duplicates = append(d.duplicates, model.Finding{Reason: "duplicates", Text: fmt.Sprintf("%d leads stand twice with the same moment and the same outcome; the first row of each is kept", equal)})
	}
	return why, nil
}

// nameRows names a lead and its rows, from 1, the header not counted.
func (d *data) nameRows(rows []int) string {
	numbers := make([]string, 0, len(rows))
	for _, r := range rows {
		numbers = append(numbers, fmt.Sprint(r+1))
	}
	id := newCells(d.leads, d.ids).at(rows[0])
	return fmt.Sprintf("%q (rows %s)", id, atMost(numbers, 5))
}

// atMostOf joins the examples of a number of things.
func atMostOf(examples []string, of int) string {
	text := strings.Join(examples, ", ")
	if of > len(examples) {
		text += fmt.Sprintf(" and %d more", of-len(examples))
	}
	return text
}
