package baseline

import (
	"errors"
	"fmt"
	"math"

	"github.com/sjwhitworth/golearn/base"

	"leadscore/datasets"
)

// Table gives the rows of instances that Instances made, or of a view of them, under a schema: the way back, cell for cell.
// Columns are found by name, in any order; attributes that the schema does not have are passed over, and its columns of Unknown
// kind are missing. Errors, all at once: a column that is no attribute, an attribute of another kind, a value that the kind does
// not have (an infinite number, a moment with a fraction, a Boolean other than "", "false" and "true").
func Table(grid base.FixedDataGrid, schema *datasets.Schema) (t *datasets.Table, err error) {
	const doing = "making a table of instances"
	defer recovered(&err, doing)
	if grid == nil || schema == nil {
		return nil, errors.New(doing + ": want instances and a schema")
	}
	attributes := map[string]base.Attribute{}
	for _, a := range grid.AllAttributes() {
		attributes[a.GetName()] = a
	}
	for _, a := range grid.AllClassAttributes() {
		delete(attributes, a.GetName())
	}
	_, n := grid.Size()
	var problems []error
	columns := make([]datasets.Column, len(schema.Fields))
	for i := range schema.Fields {
		f := &schema.Fields[i]
		if f.Kind == datasets.Unknown {
			continue
		}
		a, ok := attributes[f.Name]
		if !ok {
			problems = append(problems, fmt.Errorf("column %q: the instances have no such attribute", f.Name))
			continue
		}
		c, err := tableColumn(grid, a, f.Kind, n)
		if err != nil {
			problems = append(problems, fmt.Errorf("column %q: %w", f.Name, err))
			continue
		}
		columns[i] = c
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %w", doing, errors.Join(problems...))
	}
	b, err := datasets.NewBatch(schema, n, columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}, nil
}

// tableColumn reads an attribute of n rows as a column of a kind.
func tableColumn(grid base.FixedDataGrid, a base.Attribute, kind datasets.Kind, n int) (datasets.Column, error) {
	spec, err := grid.GetAttribute(a)
	if err != nil {
		return datasets.Column{}, err
	}
	var read func(cell []byte) (datasets.Value, bool)
	switch a := a.(type) {
	case *base.FloatAttribute:
		if kind == datasets.Numeric || kind == datasets.Time {
			read = func(cell []byte) (datasets.Value, bool) { return numberValue(kind, base.UnpackBytesToFloat(cell)) }
		}
	case *base.CategoricalAttribute:
		if kind == datasets.Boolean || kind == datasets.Categorical || kind == datasets.Text {
			read = func(cell []byte) (datasets.Value, bool) { return wordValue(kind, a.GetStringFromSysVal(cell)) }
		}
	}
	if read == nil {
		return datasets.Column{}, fmt.Errorf("the attribute is a %T; the schema says %v", a, kind)
	}
	values := make([]datasets.Value, n)
	for row := range values {
		cell := grid.Get(spec, row)
		v, ok := read(cell)
		if !ok {
			return datasets.Column{}, fmt.Errorf("row %d: %s is no %v value", row+1, a.GetStringFromSysVal(cell), kind)
		}
		values[row] = v
	}
	return datasets.ColumnOf(kind, n, func(row int) datasets.Value { return values[row] }), nil
}

func numberValue(kind datasets.Kind, x float64) (datasets.Value, bool) {
	switch {
	case math.IsNaN(x):
		return datasets.Value{}, true
	case kind == datasets.Numeric:
		return datasets.Number(x), !math.IsInf(x, 0)
	}
	return datasets.At(int64(x)), x == math.Trunc(x) && math.Abs(x) <= exactTime
}

func wordValue(kind datasets.Kind, word string) (datasets.Value, bool) {
	switch {
	case word == missing:
		return datasets.Value{}, true
	case kind == datasets.Boolean:
		return datasets.Bool(word == "true"), word == "true" || word == "false"
	case kind == datasets.Text:
		return datasets.Words(word), true
	}
	return datasets.Level(word), true
}
