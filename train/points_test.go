package train

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

func TestRoundingCostsLittle(t *testing.T) {
	r := run(t, config(writeLeads(t, makeLeads(5000, 21))))
	target := r.Card.Targets["won"]
	card := target.PointsCard
	if card == nil || card.Cost == nil || card.PDO != model.DefaultPDO || card.Base != model.BasePoints {
		t.Fatalf("points card %+v", card)
	}
	x := card.Cost
	if x.AUCModel != target.Scores["model"].AUC || x.LogLossModel != target.Scores["model"].LogLoss {
		t.Error("the card compares with another model than the report tells of")
	}
	if math.Abs(x.Difference.Value) > .002 || math.Abs(x.LogLossDifference.Value) > .002 {
		t.Errorf("rounding to 20 points costs %v AUC and %v log loss; want next to nothing", x.Difference, x.LogLossDifference)
	}
	if d := x.AUCRounded.Value - x.AUCModel.Value; math.Abs(d-x.Difference.Value) > 1e-12 {
		t.Errorf("difference %v, the two are %v apart", x.Difference.Value, d)
	}
	if d := x.LogLossRounded.Value - x.LogLossModel.Value; math.Abs(d-x.LogLossDifference.Value) > 1e-9 {
		t.Errorf("difference of log loss %v, the two are %v apart", x.LogLossDifference.Value, d)
	}
	if !(x.Difference.Lower <= x.Difference.Value && x.Difference.Value <= x.Difference.Upper) || x.Difference.Upper-x.Difference.Lower > .02 {
		t.Errorf("interval %v of the difference: paired it is narrow and holds the value", x.Difference)
	}
}

// The figures of the rounded score are those of the points on the card, added up for each lead of the hold-out.
func TestRoundedScoreIsThatOfTheCard(t *testing.T) {
	leads := makeLeads(2000, 22)
	r := run(t, config(writeLeads(t, leads)))
	points, err := r.Artifact.Points(0, model.DefaultPDO)
	if err != nil {
		t.Fatal(err)
	}
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]lead{}
	for _, l := range leads {
		held[l.id] = l
	}
	sample := evaluate.Sample{Label: r.Holdout.Labels}
	for _, id := range r.Holdout.IDs {
		l := held[id]
		e, err := s.Explain(scored(t, s, l), 1)
		if err != nil {
			t.Fatal(err)
		}
		sum := float64(model.BasePoints)
		for _, x := range e.Effects {
			sum += math.Round(points.Factor * x.Effect)
		}
		sample.Score = append(sample.Score, sum)
		sample.Probability = append(sample.Probability, r.Artifact.Targets[0].Calibration.Apply(points.Logit(int(sum))))
	}
	want, err := evaluate.Measure(sample, evaluate.Options{Replicates: -1})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Card.Targets["won"].PointsCard.Cost
	if math.Abs(got.AUCRounded.Value-want.AUC.Value) > 1e-12 || math.Abs(got.LogLossRounded.Value-want.LogLoss.Value) > 1e-9 {
		t.Errorf("rounded score: AUC %v, log loss %v; of the points added up by hand %v and %v",
			got.AUCRounded.Value, got.LogLossRounded.Value, want.AUC.Value, want.LogLoss.Value)
	}
}

// scored is a generated lead as the scorer takes it.
func scored(t *testing.T, s *model.Scorer, l lead) *model.Lead {
	t.Helper()
	quoted := func(text string) json.RawMessage { return json.RawMessage(fmt.Sprintf("%q", text)) }
	values, _, err := s.ParseLead(map[string]json.RawMessage{
		"lead_id": quoted(l.id), "created_at": quoted(l.created), "source": quoted(l.source), "company_size": quoted(l.size),
		"visits": json.RawMessage(fmt.Sprint(l.visits)),
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	return &model.Lead{Values: values, AsOf: datasets.MissingTime}
}

func TestShapesTellOrderAndSides(t *testing.T) {
	c := config(writeLeads(t, makeLeads(3000, 23)))
	c.Pairs = [][2]string{{"visits", "source"}}
	card := run(t, c).Card.Targets["won"]
	of := map[string]model.Shape{}
	for _, s := range card.Shapes {
		of[s.Feature] = s
		if !(s.Importance > 0) {
			t.Errorf("%s: importance %v", s.Feature, s.Importance)
		}
	}
	if len(of["visits"].Ordered) < 8 || of["source"].Ordered != nil {
		t.Errorf("visits has %d ordered levels, source %d; want many and none", len(of["visits"].Ordered), len(of["source"].Ordered))
	}
	if of["visits"].Importance < of["company_size.size"].Importance {
		t.Error("what does nothing is more important than what does all")
	}
	if s, ok := of["visits × source"]; ok && (len(s.Sides) != 2 || s.Sides[0].Ordered < 2 || s.Sides[1].Ordered != 0) {
		t.Errorf("sides %+v", s.Sides)
	}
}

func TestLinearModelHasNoPointsCard(t *testing.T) {
	c := config(writeLeads(t, makeLeads(1500, 24)))
	c.Model.Kind = "linear"
	if card := run(t, c).Card.Targets["won"]; card.PointsCard != nil || card.Shapes != nil {
		t.Error("a linear model has a points card")
	}
}

// A prior moves the offset alone: the card's points and its cost are those of the fit.
func TestPriorMovesOnlyTheOffset(t *testing.T) {
	path := writeLeads(t, makeLeads(2000, 25))
	c := config(path)
	c.Model.Calibrate = "none"
	plain := run(t, c).Card.Targets["won"].PointsCard
	c.Targets[0].Prior = .05
	moved := run(t, c).Card.Targets["won"].PointsCard
	if *plain.Cost != *moved.Cost {
		t.Errorf("cost %+v with a prior, %+v without", moved.Cost, plain.Cost)
	}
	if len(plain.Rows) != len(moved.Rows) || !(moved.Offset > plain.Offset) {
		t.Errorf("offset %v with a prior of 5 %%, %v without: fewer conversions, so the same score must mean less", moved.Offset, plain.Offset)
	}
}
