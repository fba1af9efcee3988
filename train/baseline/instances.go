package baseline

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/sjwhitworth/golearn/base"

	"leadscore/datasets"
)

// missing is the value of a missing cell in a CategoricalAttribute, its first; datasets has no empty level.
const missing = ""

// exactTime bounds the moments, in microseconds from 1970, that a float64 holds exactly: the years 1684 to 2255.
const exactTime = 1 << 53

// Instances makes golearn's instances of a table and its labels, a row each in the same order. The class attribute has the name class, and
// the values NotConverted and Converted; every other attribute is a column, by its name:
//
//	numeric            FloatAttribute, the same bits; missing is NaN
//	time               FloatAttribute, microseconds since 1970 UTC; missing is NaN
//	boolean            CategoricalAttribute "", "false", "true"
//	categorical, text  CategoricalAttribute "" and the levels
//
// "" is missing. Columns of Unknown kind have no cell and are left out; Table gives all the others back. What must not be seen by a
// classifier (the outcome, ids) has to be taken out of the table before. Errors, all at once: labels of another number,
// a column named class, names that stand twice, a moment beyond the years 1684 to 2255.
func Instances(t *datasets.Table, class string, label []bool) (grid *base.DenseInstances, err error) {
	const doing = "making instances of a table"
	defer recovered(&err, doing)
	if t == nil {
		return nil, errors.New(doing + ": there is no table")
	}
	var problems []error
	if len(label) != t.Rows() {
		problems = append(problems, fmt.Errorf("%d labels for %d rows", len(label), t.Rows()))
	}
	seen := map[string]bool{class: true}
	for _, f := range t.Schema.Fields {
		if seen[f.Name] {
			problems = append(problems, fmt.Errorf("column %q: the name stands for another column or the class; want different names", f.Name))
		}
		seen[f.Name] = true
	}
	columns := make([]*instanceColumn, 0, len(t.Schema.Fields))
	for i, f := range t.Schema.Fields {
		if f.Kind == datasets.Unknown {
			continue
		}
		c, err := newInstanceColumn(t, i)
		if err != nil {
			problems = append(problems, err)
		}
		columns = append(columns, c)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %w", doing, errors.Join(problems...))
	}
	grid = base.NewDenseInstances()
	spec := addClass(grid, class)
	specs := make([]base.AttributeSpec, len(columns))
	for i, c := range columns {
		specs[i] = grid.AddAttribute(c.attribute)
	}
	if err := allocate(grid, spec, label); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	var cell [8]byte
	for i, c := range columns {
		for row, v := range c.cells {
			base.PackU64ToBytesInline(v, cell[:])
			grid.Set(specs[i], row, cell[:])
		}
	}
	return grid, nil
}

// instanceColumn is a column as golearn holds it: an attribute and the 8 bytes of each cell.
type instanceColumn struct {
	attribute base.Attribute
	cells     []uint64
}

func newInstanceColumn(t *datasets.Table, column int) (*instanceColumn, error) {
	f := &t.Schema.Fields[column]
	c := &instanceColumn{cells: make([]uint64, 0, t.Rows())}
	if f.Kind == datasets.Numeric || f.Kind == datasets.Time {
		c.attribute = base.NewFloatAttribute(f.Name)
		for _, b := range t.Batches {
			for row := range b.Rows() {
				x, ok := number(b.Value(column, row))
				if !ok {
					return nil, fmt.Errorf("column %q: row %d: %s is beyond the moments that a float64 holds to the microsecond; want 1684 to 2255",
						f.Name, len(c.cells)+1, b.Value(column, row))
				}
				c.cells = append(c.cells, math.Float64bits(x))
			}
		}
		return c, nil
	}
	values, place := []string{missing}, map[string]uint64{missing: 0}
	add := func(word string) uint64 {
		at, ok := place[word]
		if !ok {
			at = uint64(len(values))
			place[word] = at
			values = append(values, word)
		}
		return at
	}
	if f.Kind == datasets.Boolean {
		add(strconv.FormatBool(false))
		add(strconv.FormatBool(true))
	}
	for _, b := range t.Batches {
		for row := range b.Rows() {
			c.cells = append(c.cells, add(b.Value(column, row).String()))
		}
	}
	c.attribute = categorical(f.Name, values)
	return c, nil
}

// number is a numeric or time value as a float64, NaN where it is missing; false where it would not be exact.
func number(v datasets.Value) (float64, bool) {
	switch {
	case v.Missing():
		return math.NaN(), true
	case v.Kind == datasets.Time:
		return float64(v.Time), -exactTime <= v.Time && v.Time <= exactTime
	}
	return v.Num, true
}
