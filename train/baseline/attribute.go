package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sjwhitworth/golearn/base"
)

// categorical makes an attribute with these values, whose system values are 0, 1, … in order. golearn adds values one by one with a
// search through all before; its UnmarshalJSON takes them at once, but JSON has no invalid UTF-8.
func categorical(name string, values []string) *base.CategoricalAttribute {
	a := base.NewCategoricalAttribute()
	a.SetName(name)
	text, err := json.Marshal(map[string][]string{"values": values})
	if err == nil && a.UnmarshalJSON(text) == nil && slices.Equal(a.GetValues(), values) {
		return a
	}
	a = base.NewCategoricalAttribute()
	a.SetName(name)
	for _, v := range values {
		a.GetSysValFromString(v)
	}
	return a
}

// classSpec finds the class attribute of a grid and checks that its values are NotConverted and Converted.
func classSpec(grid base.FixedDataGrid) (base.AttributeSpec, error) {
	all := grid.AllClassAttributes()
	if len(all) != 1 {
		return base.AttributeSpec{}, fmt.Errorf("the instances have %d class attributes; want 1", len(all))
	}
	class, ok := all[0].(*base.CategoricalAttribute)
	if !ok || !slices.Equal(class.GetValues(), []string{NotConverted, Converted}) {
		return base.AttributeSpec{}, fmt.Errorf("class attribute %q: want the values %q and %q, in that order, as Instances makes it",
			all[0].GetName(), NotConverted, Converted)
	}
	return grid.GetAttribute(class)
}

// Labels reads the class of each row of instances that this package made, or of a view of them: true is Converted.
func Labels(grid base.FixedDataGrid) (labels []bool, err error) {
	defer recovered(&err, "reading the class of instances")
	if grid == nil {
		return nil, errors.New("reading the class of instances: there are none")
	}
	spec, err := classSpec(grid)
	if err != nil {
		return nil, fmt.Errorf("reading the class of instances: %w", err)
	}
	_, n := grid.Size()
	labels = make([]bool, n)
	for i := range labels {
		v := base.UnpackBytesToU64(grid.Get(spec, i))
		if v > 1 {
			return nil, fmt.Errorf("reading the class of instances: row %d has value %d; want 0 or 1", i+1, v)
		}
		labels[i] = v == 1
	}
	return labels, nil
}
