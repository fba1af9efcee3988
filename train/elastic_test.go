package train

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// An elastic net names the columns that it keeps and gives no standard errors, which it has none of.
func TestElasticNetIsTrained(t *testing.T) {
	penalty := 40.0
	c := config(writeLeads(t, makeLeads(3000, 5)))
	c.Model.Kind, c.Model.L1Ratio, c.Model.Penalty = "linear", 1, &penalty
	card := run(t, c).Card.Targets["won"]
	ridge := c
	ridge.Model.L1Ratio = 0
	other := run(t, ridge).Card.Targets["won"]
	if n := len(card.Coefficients); n == 0 || n >= len(other.Coefficients) {
		t.Errorf("the lasso keeps %d coefficients, ridge %d", n, len(other.Coefficients))
	}
	for _, k := range card.Coefficients {
		if k.Estimate == 0 || k.SE != 0 || k.Z != 0 || k.P != 0 || k.Odds.Lower != k.Odds.Value || k.Odds.Upper != k.Odds.Value {
			t.Errorf("coefficient %+v", k)
		}
	}
	if other.Coefficients[0].SE == 0 {
		t.Error("ridge has no standard errors")
	}
	text, err := json.Marshal(card.Coefficients)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"se"`, `"z"`, `"p"`} {
		if strings.Contains(string(text), key) {
			t.Errorf("the card has %s: %s", key, text)
		}
	}
	if got := card.Scores["model"].AUC.Value; got < .7 {
		t.Errorf("AUC %.3f", got)
	}
	if want := float64(1 + len(card.Coefficients)); card.Fit.DF != want || card.Fit.Lambda != penalty {
		t.Errorf("%v degrees of freedom and λ %v, want %v and %v", card.Fit.DF, card.Fit.Lambda, want, penalty)
	}
}

func TestElasticNetChoosesItsPenalty(t *testing.T) {
	c := config(writeLeads(t, makeLeads(2000, 6)))
	c.Model.Kind, c.Model.L1Ratio = "linear", .5
	first := run(t, c)
	if auc := first.Card.Targets["won"].Scores["model"].AUC.Value; auc < .74 {
		t.Errorf("AUC %.3f", auc)
	}
	c.Workers = 3
	if !bytes.Equal(artifactBytes(t, first.Artifact), artifactBytes(t, run(t, c).Artifact)) {
		t.Error("3 workers wrote another artifact")
	}
}
