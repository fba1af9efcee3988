package train

import "slices"

// clusters numbers what the rows for which in is true belong together by, so that intervals do not take them for independent: the
// values of the split's group column, each missing one alone, else leads. nil where every row is a lead of its own.
func (d *data) clusters(in func(row int) bool) []int32 {
	if d.lead == nil && d.groups == nil {
		return nil
	}
	var out []int32
	of := d.groupNumbers()
	for row := range d.rows() {
		if !in(row) {
			continue
		}
		alone := int32(row)
		if d.lead != nil {
			alone = d.lead[row]
		}
		number := int32(len(of)) + alone
		if d.groups != nil && d.groups[row] != "" {
			number = of[d.groups[row]]
		}
		out = append(out, number)
	}
	return out
}

// groupNumbers numbers the groups of the split by name, whatever the order of the rows is.
func (d *data) groupNumbers() map[string]int32 {
	of := map[string]int32{}
	for _, g := range d.groups {
		if g != "" {
			of[g] = 0
		}
	}
	names := make([]string, 0, len(of))
	for g := range of {
		names = append(names, g)
	}
	slices.Sort(names)
	for k, g := range names {
		of[g] = int32(k)
	}
	return of
}
