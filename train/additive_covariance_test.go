package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// TestIntervalsCoverTheTruth: over leads drawn from an additive truth, 95 % intervals hold the true
// probability, and those of effects the true contrast, as often as they say: averaged over rows and over
// draws, which is what intervals of a penalised fit promise (Nychka 1988).
func TestIntervalsCoverTheTruth(t *testing.T) {
	const draws, rows = 20, 1500
	var probabilities, contrasts tally
	for seed := range uint64(draws) {
		rng := rand.New(rand.NewPCG(seed, 5))
		truth := map[string]map[string]float64{"city": {}, "source": {"s0": .4, "s1": -.4, "s2": 0}, "visits": {}}
		for k := range 12 {
			truth["city"][fmt.Sprintf("c%d", k)] = .7 * rng.NormFloat64()
		}
		for k := range 20 {
			truth["visits"][fmt.Sprintf("= %d", k)] = 1.2 * math.Sin(float64(k)/4)
		}
		var b bytes.Buffer
		b.WriteString("lead_id,city,source,visits,status\n")
		leads, etas := make([]map[string]json.RawMessage, rows), make([]float64, rows)
		for i := range rows {
			city, source, visits := fmt.Sprintf("c%d", min(rng.IntN(12), rng.IntN(12))), fmt.Sprintf("s%d", rng.IntN(3)), fmt.Sprint(rng.IntN(20))
			etas[i] = -.6 + truth["city"][city] + truth["source"][source] + truth["visits"]["= "+visits]
			status := 0
			if rng.Float64() < model.Sigmoid(etas[i]) {
				status = 1
			}
			fmt.Fprintf(&b, "L%d,%s,%s,%s,%d\n", i, city, source, visits, status)
			leads[i] = map[string]json.RawMessage{"city": json.RawMessage(`"` + city + `"`), "source": json.RawMessage(`"` + source + `"`), "visits": json.RawMessage(visits)}
		}
		path := filepath.Join(t.TempDir(), "leads.csv")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		c := config(path)
		c.Targets[0] = Target{Name: "won", Column: "status", Positive: []string{"1"}}
		c.Interactions, c.Model.Calibrate = "none", "none"
		r := run(t, c)
		scorer, err := model.NewScorer(r.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		var e model.Explanation
		for i, lead := range leads {
			values, _, err := scorer.ParseLead(lead, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := scorer.Advise(&model.Lead{Values: values, AsOf: datasets.MissingTime}, 0, &e); err != nil {
				t.Fatal(err)
			}
			if e.Interval.Lower > e.Probability || e.Interval.Upper < e.Probability {
				t.Fatalf("probability %v is not within %v", e.Probability, e.Interval)
			}
			probabilities.count(model.Sigmoid(etas[i]), e.Interval.Lower, e.Interval.Upper)
		}
		mean := map[string]float64{}
		coefficients := r.Card.Targets["won"].Coefficients
		for _, k := range coefficients {
			mean[k.Feature] += truth[k.Feature][k.Level] * float64(k.Rows) / float64(r.Card.Targets["won"].Train.Rows)
		}
		for _, k := range coefficients {
			contrasts.count(math.Exp(truth[k.Feature][k.Level]-mean[k.Feature]), k.Odds.Lower, k.Odds.Upper)
		}
	}
	if p := probabilities.share(); p < .92 || p > .98 {
		t.Errorf("%.3f of the intervals of probabilities hold the truth; want .92 to .98", p)
	}
	if p := contrasts.share(); p < .92 || p > .98 {
		t.Errorf("%.3f of the intervals of effects hold the truth; want .92 to .98", p)
	}
}

// tally counts how often an interval holds the truth.
type tally struct{ held, all float64 }

func (t *tally) count(truth, lower, upper float64) {
	t.all++
	if truth >= lower && truth <= upper {
		t.held++
	}
}

func (t *tally) share() float64 { return t.held / t.all }
