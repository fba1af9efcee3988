package baseline

import (
	"fmt"
	"strconv"

	"github.com/sjwhitworth/golearn/base"
)

// The values of the class attribute of every set of instances that this package makes.
const (
	NotConverted = "not converted"
	Converted    = "converted"
)

// outcome names the class attribute of coded rows.
const outcome = "outcome"

// index is the system value of a label among the values of the class attribute.
func index(label bool) uint64 {
	if label {
		return 1
	}
	return 0
}

// levelName names the binary attribute of a level. golearn tells attributes apart by name and kind, so two columns of one
// name are kept apart by their place.
func levelName(column, level int) string { return strconv.Itoa(column) + "=" + strconv.Itoa(level) }

// OneHot makes golearn's instances of coded rows: a BinaryAttribute for each level of each column, 1 where the row has it, none left
// out, and the class attribute "outcome". They are what its BernoulliNBClassifier takes. len(Label) must be the
// number of rows.
func OneHot(r Rows) (*base.DenseInstances, error) {
	if err := r.check(len(r.Label)); err != nil {
		return nil, fmt.Errorf("making one-hot instances: %w", err)
	}
	grid := base.NewDenseInstances()
	class := addClass(grid, outcome)
	specs := make([][]base.AttributeSpec, len(r.Columns))
	for c := range r.Columns {
		specs[c] = make([]base.AttributeSpec, r.Columns[c].Levels)
		for level := range specs[c] {
			specs[c][level] = grid.AddAttribute(base.NewBinaryAttribute(levelName(c, level)))
		}
	}
	if err := allocate(grid, class, r.Label); err != nil {
		return nil, err
	}
	one := []byte{1}
	for c := range r.Columns {
		for i, code := range r.Columns[c].Codes {
			grid.Set(specs[c][code], i, one)
		}
	}
	return grid, nil
}

// addClass adds the class attribute, before any other: golearn looks it up again for every row, from the front.
func addClass(grid *base.DenseInstances, name string) base.AttributeSpec {
	return grid.AddAttribute(categorical(name, []string{NotConverted, Converted}))
}

// allocate makes room for the rows, after the last attribute was added, and sets their class.
func allocate(grid *base.DenseInstances, class base.AttributeSpec, label []bool) error {
	if err := grid.AddClassAttribute(class.GetAttribute()); err != nil {
		return err
	}
	if err := grid.Extend(len(label)); err != nil {
		return err
	}
	for i, l := range label {
		grid.Set(class, i, base.PackU64ToBytes(index(l)))
	}
	return nil
}
