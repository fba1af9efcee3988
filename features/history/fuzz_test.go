package history

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"leadscore/datasets"
)

// Whatever JSON is taken makes rows without a panic, has distinct columns, and is written as it was read.
func FuzzPlanJSON(f *testing.F) {
	b, err := json.Marshal(testPlan(f, oddLearned))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"windows":[604800000000],"half_life":1}`))
	f.Add([]byte(`{"windows":[1,2],"half_life":5,"properties":["a"],"types":[{"name":"t","properties":[0,0]}],"channels":["c"]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Plan
		if err := json.Unmarshal(b, &p); err != nil {
			return
		}
		fields := p.Fields()
		names := map[string]bool{}
		for _, f := range fields {
			names[f.Name] = true
		}
		if len(names) != len(fields) || len(p.Describe()) != len(fields) {
			t.Errorf("%d names of %d columns", len(names), len(fields))
		}
		events := []datasets.Event{{Type: "t", At: 1, ID: "1", Channel: "c"}, {Type: "t", At: 5, Channel: "d", Values: []datasets.Property{{Name: "a", Value: 2}}}}
		p.Row(events, 5, make([]datasets.Value, len(fields)), new(Scratch))
		again, err := json.Marshal(&p)
		if err != nil {
			t.Fatal(err)
		}
		var q Plan
		if err := json.Unmarshal(again, &q); err != nil || !slices.Equal(q.Fields(), fields) {
			t.Errorf("written as %s, read with %v", again, err)
		}
	})
}

// Row gives finite numbers, never a negative zero, whatever the events are; it does not depend on their order, nor on what lies
// at or after as-of.
func FuzzRow(f *testing.F) {
	p := testPlan(f, learned{
		Windows: []int64{1, day, maxWindow}, HalfLife: 14 * day, Properties: []string{"a", "b", "c"},
		Types: []learnedType{{"t0", []int32{0, 2}}, {"t1", nil}, {"t2", []int32{2}}}, Channels: []string{"c0", "c1"},
	})
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop"), 77*day)
	f.Add(make([]byte, 100), int64(math.MinInt64))
	f.Add(slices.Repeat([]byte{0xff}, 100), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, b []byte, asOf int64) {
		var events []datasets.Event
		for len(b) >= 20 {
			at := int64(binary.LittleEndian.Uint64(b))
			if b[8]&1 == 0 {
				at = int64(binary.LittleEndian.Uint32(b)) * minute
			}
			e := datasets.Event{At: at, Type: string([]byte{'t', '0' + b[9]%5}), Channel: string([]byte{'c', '0' + b[10]%4})}
			if b[11]%2 > 0 {
				e.ID = string([]byte{'i', '0' + b[11]%7})
			}
			if b[10]%5 == 0 {
				e.Channel = ""
			}
			e.Values = []datasets.Property{{Name: string([]byte{'a' + b[8]%4}), Value: math.Float64frombits(binary.LittleEndian.Uint64(b[12:]))}, {Name: "c", Value: float64(b[9])}}
			events, b = append(events, e), b[20:]
		}
		var s Scratch
		got, again := make([]datasets.Value, len(p.columns)), make([]datasets.Value, len(p.columns))
		p.Row(events, asOf, got, &s)
		for i, v := range got {
			if math.IsInf(v.Num, 0) || math.IsNaN(v.Num) || v.Num == 0 && math.Signbit(v.Num) {
				t.Errorf("%s is %v", p.columns[i].name, v)
			}
		}
		slices.Reverse(events)
		if asOf != datasets.MissingTime {
			events = append(events, datasets.Event{Type: "t0", At: asOf, ID: "i1", Channel: "c0"})
		}
		p.Row(events, asOf, again, &s)
		for i := range got {
			if !sameValue(got[i], again[i]) {
				t.Errorf("%s is %v, in another order %v", p.columns[i].name, got[i], again[i])
			}
		}
	})
}
