package features

import (
	"encoding/json"
	"math"
	"testing"

	"leadscore/datasets"
)

// The offset is the last feature, its z the number less the centre, and it survives being saved, in both encodings.
func TestWithOffset(t *testing.T) {
	table := tableOf(t, 0, wordsOf("source", append(repeat(20, "web"), repeat(20, "ads")...)...), numbersOf("old", make([]float64, 40)...))
	for _, e := range []Encoding{Linear, Additive} {
		base := mustFit(t, table, nil, Spec{Encoding: e, Drop: []string{"old"}})
		p, err := base.WithOffset("old", -1.25)
		if err != nil {
			t.Fatal(err)
		}
		if len(base.Features()) != 1 || len(p.Features()) != 2 || p.Features()[1].Name != "old" {
			t.Fatalf("%s: features %v", e, p.Features())
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var read Pipeline
		if err := json.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		if err := read.Bind(table.Schema); err != nil {
			t.Fatal(err)
		}
		cells := make([]Cell, 2)
		read.Row([]datasets.Value{datasets.Level("web"), datasets.Number(.75)}, datasets.MissingTime, cells)
		if cells[1] != (Cell{Z: 2}) {
			t.Errorf("%s: the cell of .75 is %+v, want a z of 2", e, cells[1])
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			if _, err := base.WithOffset("old", bad); err == nil {
				t.Errorf("a centre of %v is no error", bad)
			}
		}
		if _, err := base.WithOffset("older", 0); err == nil {
			t.Error("a column that is not there is no error")
		}
		if _, err := p.WithOffset("old", 0); err == nil {
			t.Error("a second offset of one name is no error")
		}
	}
}
