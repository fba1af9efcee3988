package model

import (
	"bytes"
	"math"
	"testing"

	"leadscore/features"
)

// A target that is given another has the product of both probabilities, by row and by column, and after a
// save; the other target, and its own logit, are as they were.
func TestGivenMultiplies(t *testing.T) {
	table := leads(t, 200, 4)
	plain := scorer(t, withoutRules(t, table, features.Additive))
	a := withoutRules(t, table, features.Additive)
	a.Targets[1].Given = a.Targets[0].Name
	var file bytes.Buffer
	if err := a.Write(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	chained := scorer(t, loaded)
	var columns Columns
	if err := chained.ScoreBatch(table.Batches[0], &columns); err != nil {
		t.Fatal(err)
	}
	for i := range table.Rows() {
		var one, two Prediction
		for _, err := range []error{plain.Score(leadAt(table, i), &one), chained.Score(leadAt(table, i), &two)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if !same(one.Probabilities[0], two.Probabilities[0]) || !same(one.Logits[1], two.Logits[1]) {
			t.Fatalf("row %d: the chain changed what it does not touch", i)
		}
		want := one.Probabilities[1] * one.Probabilities[0]
		if !same(two.Probabilities[1], want) || !same(columns.Probabilities[1][i], want) {
			t.Fatalf("row %d: %v by row and %v by column, want %v", i, two.Probabilities[1], columns.Probabilities[1][i], want)
		}
		if !(want > 0 && want < one.Probabilities[0]) {
			t.Fatalf("row %d: %v is not within 0 and %v", i, want, one.Probabilities[0])
		}
	}
	a.Targets[0].Intercept, a.Targets[1].Intercept = -1e5, -1e5
	var p Prediction
	if err := scorer(t, a).Score(leadAt(table, 0), &p); err != nil || !(p.Probabilities[1] > 0) || math.IsNaN(p.Probabilities[1]) {
		t.Errorf("the least probabilities multiply to %v (%v), want more than 0", p.Probabilities[1], err)
	}
}
