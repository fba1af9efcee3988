package train

import (
	"fmt"
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
// A table of row numbers with open addressing holds the ids: a map would keep them all twice.
func (d *data) leadsOf() []int32 {
	if d.ids < 0 {
		return nil
	}
	n := d.leads.Rows()
	size := 16
	for size < 2*n {
		size *= 2
	}
	table := make([]int32, size) // row + 1; 0 is free
	texts := make([]string, 0, n)
	for _, b := range d.leads.Batches {
		if c := b.Column(d.ids); c.Kind == datasets.Text {
			texts = append(texts, c.Texts...)
			continue
		}
		for i := range b.Rows() {
			text := ""
			if v := b.Value(d.ids, i); !v.Missing() {
				text = v.String()
			}
			texts = append(texts, text)
		}
	}
	var lead []int32
	for i, id := range texts {
		if id == "" {
			continue
		}
		at := int(hash(id)) & (size - 1)
		for table[at] != 0 && texts[table[at]-1] != id {
			at = (at + 1) & (size - 1)
		}
		if table[at] == 0 {
			table[at] = int32(i + 1)
			continue
		}
		if lead == nil {
			lead = make([]int32, n)
			for k := range lead {
				lead[k] = int32(k)
			}
		}
		lead[i] = table[at] - 1
	}
	return lead
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
	id, first := "", 0
	for _, b := range d.leads.Batches {
		if rows[0] < first+b.Rows() {
			id = b.Value(d.ids, rows[0]-first).String()
			break
		}
		first += b.Rows()
	}
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
