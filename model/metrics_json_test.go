package model

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// eachFigure calls f with every number of a set of figures.
func eachFigure(v reflect.Value, name string, f func(name string, x float64)) {
	if v.Kind() == reflect.Float64 {
		f(name, v.Float())
		return
	}
	for i := range v.NumField() {
		eachFigure(v.Field(i), name+"."+v.Type().Field(i).Name, f)
	}
}

func TestFiguresThatAnOlderFileLacksAreNaN(t *testing.T) {
	var m Metrics
	if err := json.Unmarshal([]byte(`{"auc": {"value": 0.8, "lower": 0.7, "upper": 0.9}, "brier_parts": {"uncertainty": 0.2}}`), &m); err != nil {
		t.Fatal(err)
	}
	if m.AUC != (Estimate{.8, .7, .9}) || m.BrierParts.Uncertainty != .2 {
		t.Errorf("what is there was not read: %+v", m)
	}
	eachFigure(reflect.ValueOf(m), "", func(name string, x float64) {
		if !strings.HasPrefix(name, ".AUC") && name != ".BrierParts.Uncertainty" && !math.IsNaN(x) {
			t.Errorf("%s is %v, want NaN", name, x)
		}
	})
	eachFigure(reflect.ValueOf(NoMetrics()), "", func(name string, x float64) {
		if !math.IsNaN(x) {
			t.Errorf("no metrics: %s is %v", name, x)
		}
	})
}

func TestMetricsComeBackAsTheyWere(t *testing.T) {
	want := NoMetrics()
	want.Slope, want.BrierParts.Within = Estimate{1.1, .9, 1.3}, -.01
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Metrics
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(got)
	if err != nil || string(again) != string(text) {
		t.Errorf("%s\nbecame %s (%v)", text, again, err)
	}
	if err := json.Unmarshal([]byte(`{"auk": {}}`), &got); err == nil || !strings.Contains(err.Error(), `"auk"`) {
		t.Errorf("an unknown key: error %v", err)
	}
}
