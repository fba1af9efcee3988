package evaluate

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"leadscore/model"
)

// The figures equal those of Python (testdata/choice.py).
func TestChoicesEqualTheReference(t *testing.T) {
	b, err := os.ReadFile("testdata/choice.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Label   []int
		Score   []float64
		Choices []struct {
			Target, Cut                        float64
			Selected                           int
			Precision, Recall, Volume, Benefit [3]float64
		}
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	s := Sample{Score: ref.Score}
	for _, l := range ref.Label {
		s.Label = append(s.Label, l == 1)
	}
	p := Population{Days: 31}
	curve, err := CutCurve(s, p, Cost{5, 40})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range ref.Choices {
		cut := choose(t, cutoffs(t, s, p), Way{By: ByPrecision, Target: want.Target})
		if cut.Lowest != want.Cut {
			t.Errorf("precision %v: cut-off at %v, want %v", want.Target, cut.Lowest, want.Cut)
		}
		c, err := MeasureChoice(model.Choice{Score: want.Cut}, s, p, Cost{5, 40})
		if err != nil {
			t.Fatal(err)
		}
		if c.Selected != want.Selected {
			t.Errorf("%v selects %d, want %d", want.Cut, c.Selected, want.Selected)
		}
		for name, e := range map[string]struct {
			got  model.Estimate
			want [3]float64
		}{"precision": {c.Precision, want.Precision}, "recall": {c.Recall, want.Recall}, "volume": {c.Volume, want.Volume}, "benefit": {c.Benefit, want.Benefit}} {
			if !alike(e.got.Value, e.want[0]) || !alike(e.got.Lower, e.want[1]) || !alike(e.got.Upper, e.want[2]) {
				t.Errorf("%v: %s is %v, want %v", want.Cut, name, e.got, e.want)
			}
		}
		at := slices.IndexFunc(curve, func(c CutPoint) bool { return c.Score == want.Cut })
		if got := curve[at]; got.Precision != c.Precision || got.Recall != c.Recall || !alike(got.PerDay, c.Volume.Value) || !alike(got.Benefit, c.Benefit.Value) {
			t.Errorf("the curve has %+v, the choice %+v", got, c)
		}
	}
	distinct := len(slices.Compact(slices.Sorted(slices.Values(s.Score))))
	if len(curve) != distinct || !slices.IsSortedFunc(curve, func(a, b CutPoint) int { return int(math.Copysign(1, a.Score-b.Score)) }) {
		t.Errorf("%d cut-offs of %d scores", len(curve), distinct)
	}
}

func TestWaysThatMakeNoSenseAreRefused(t *testing.T) {
	c := cutoffs(t, draw(1, 100, -1), Population{Days: 3})
	for _, w := range []Way{
		{}, {By: "best"}, {By: ByScore, Score: 101}, {By: ByTop}, {By: ByPrecision, Target: 1}, {By: ByPrecision, Target: math.NaN()},
		{By: ByCapacity}, {By: ByCapacity, Leads: -1, Per: 1}, {By: ByCapacity, Leads: 5, Per: 1}, {By: ByCost}, {By: ByNetBenefit, Cost: Cost{4, 4}}, {By: ByCost, Cost: Cost{1, math.Inf(1)}},
	} {
		if cut, err := c.Choose(w); err == nil {
			t.Errorf("%+v gives %+v", w, cut)
		}
	}
	for _, text := range []string{"", "50", "50/hour", "0/day", "-5/day", "5.5/day", "0%", "101%", "NaN%", "%", "/day", "50/day/week"} {
		if w, err := ParseCapacity(text); err == nil {
			t.Errorf("%q is %+v", text, w)
		} else if !strings.Contains(err.Error(), "such as 50/day") {
			t.Error(err)
		}
	}
	for text, perDay := range map[string]bool{"50/day": true, "7/week": true, "10%": false, "12.5%": false, "90/month": true} {
		if w, err := ParseCapacity(text); err != nil || w.Check() != nil || w.String() != "capacity: "+text || w.PerDay() != perDay {
			t.Errorf("%q is %+v (%s): %v", text, w, w, err)
		}
	}
}

func FuzzCapacity(f *testing.F) {
	for _, text := range []string{"50/day", "10%", "1e2%", "7/week", "0x1/day", "%", "1_0%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseCapacity(text)
		if err == nil && w.Check() != nil {
			t.Errorf("%q is read as %+v: %v", text, w, w.Check())
		}
	})
}
