package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/glm"
)

// weightedFile writes leads of 0 to 3 copies each, as one row with a weight or as the copies. Leads of one account
// stand together, so that a split by account treats both files alike.
func weightedFile(t *testing.T, leads []lead, copies []int, asCopies bool) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("lead_id,account,created_at,source,company_size,visits,copies,status\n")
	for i, l := range leads {
		times, weight := 1, copies[i]
		if asCopies {
			times, weight = copies[i], 1
		}
		for k := range times {
			fmt.Fprintf(&b, "%s-%d,A%d,%s,%s,%s,%g,%d,%s\n", l.id, k, i/2, l.created, l.source, l.size, l.visits, weight, l.label)
		}
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func drawCopies(n int) []int {
	rng := rand.New(rand.NewPCG(5, 6))
	out := make([]int, n)
	for i := range out {
		out[i] = []int{0, 1, 1, 1, 2, 2, 3}[rng.IntN(7)]
	}
	return out
}

// alike compares two values of the same shape: numbers to a relative tolerance, all else exactly.
func alike(t *testing.T, at string, got, want any, tolerance float64) {
	t.Helper()
	decode := func(v any) (out any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	compare(t, at, decode(got), decode(want), tolerance)
}

func compare(t *testing.T, at string, got, want any, tolerance float64) {
	t.Helper()
	switch want := want.(type) {
	case float64:
		unit := 0.0
		if strings.Contains(at, "thresholds[") && strings.HasSuffix(at, ".score") {
			unit = 1.01e-3 // written with three decimals: the last may fall on either side
		}
		if g, ok := got.(float64); !ok || math.Abs(g-want) > unit+tolerance*(1+math.Abs(want)) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	case map[string]any:
		g, _ := got.(map[string]any)
		if len(g) != len(want) {
			t.Errorf("%s: %v, want %v", at, got, want)
			return
		}
		for k := range want {
			compare(t, at+"."+k, g[k], want[k], tolerance)
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(want) {
			t.Errorf("%s: %d entries, want %d", at, len(g), len(want))
			return
		}
		for i := range want {
			compare(t, fmt.Sprintf("%s[%d]", at, i), g[i], want[i], tolerance)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
}

// withoutBootstrap is the figures that no bootstrap has a part in.
func withoutBootstrap(c *model.TargetCard) map[string]any {
	out := map[string]any{
		"holdout": c.Holdout, "train": c.Train, "base": c.BaseRate, "deciles": c.Deciles, "calibration": c.Calibration,
		"thresholds": c.Thresholds, "stages": c.Stages, "points": c.PointsCard,
	}
	for name, m := range c.Scores {
		out[name] = []any{m.AUC, m.LogLoss, m.Skill, m.Brier, m.PRAUC.Value, m.KS.Value, m.Lift10.Value, m.ECE.Value}
	}
	return out
}

func weightConfig(path string) Config {
	c := config(path)
	c.Leads.Weight = "copies"
	c.Split = Split{By: "group", Group: "account"}
	c.Features.Exclude = []string{"account"}
	return c
}

func partnerRule() *rules.File {
	return &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{{
		Name: "fit", Rules: []rules.Rule{
			{Name: "partner", When: rules.Condition{Field: "source", In: []any{"partner"}}, Points: rules.Points{Fixed: 50}},
		},
	}}}}}
}

// Weight 2 is the row twice and weight 0 the row gone, from the file to the artifact and the card.
func TestWeightsAreCopiesOfTheRow(t *testing.T) {
	leads := makeLeads(2400, 31)
	copies := drawCopies(len(leads))
	weighted, copied := weightedFile(t, leads, copies, false), weightedFile(t, leads, copies, true)
	for name, change := range map[string]func(c *Config){
		"additive":        func(*Config) {},
		"additive, rules": func(c *Config) { c.Rules = partnerRule() },
		"additive, pair":  func(c *Config) { c.Pairs = [][2]string{{"source", "visits"}} },
		"additive, monotone": func(c *Config) {
			c.Features.Columns = map[string]features.ColumnSpec{"visits": {Monotone: "increasing"}}
		},
		"prior":         func(c *Config) { c.Targets[0].Prior = .03 },
		"linear":        func(c *Config) { c.Model.Kind = "linear" },
		"linear, λ":     func(c *Config) { c.Model.Kind = "linear"; l := 3.0; c.Model.Penalty = &l; c.Model.Calibrate = "none" },
		"linear, rules": func(c *Config) { c.Model.Kind = "linear"; c.Rules = partnerRule() },
		"elastic net":   func(c *Config) { c.Model.Kind = "linear"; c.Model.L1Ratio = .5 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := weightConfig(weighted), weightConfig(copied)
			change(&a)
			change(&b)
			got, want := run(t, a), run(t, b)
			const tolerance = 1e-6
			const inference = 1e-4 // inverses of Hessians that only a tiny ridge makes regular
			for i := range want.Artifact.Targets {
				g, w := &got.Artifact.Targets[i], &want.Artifact.Targets[i]
				if (g.Covariance == nil) != (w.Covariance == nil) || w.Covariance != nil && !reflect.DeepEqual(g.Covariance.Terms, w.Covariance.Terms) {
					t.Error("the covariances have other terms")
				}
				g.Covariance, w.Covariance = nil, nil // single precision; its diagonal is in the coefficients
			}
			alike(t, "targets", got.Artifact.Targets, want.Artifact.Targets, tolerance)
			alike(t, "coefficients", got.Card.Targets["won"].Coefficients, want.Card.Targets["won"].Coefficients, inference)
			alike(t, "blend", got.Artifact.Blend, want.Artifact.Blend, tolerance)
			alike(t, "policy", got.Artifact.Policy, want.Artifact.Policy, tolerance)
			alike(t, "pipeline", got.Artifact.Pipeline, want.Artifact.Pipeline, 1e-12)
			alike(t, "card", withoutBootstrap(got.Card.Targets["won"]), withoutBootstrap(want.Card.Targets["won"]), tolerance)
		})
	}
}

// A file without the rows of weight 0 gives the same bytes, whatever stood in them.
func TestWeightZeroIsTheRowGone(t *testing.T) {
	leads := makeLeads(2000, 32)
	copies := drawCopies(len(leads))
	all := weightConfig(weightedFile(t, leads, copies, false))
	var left []lead
	var counts []int
	for i := range leads {
		if copies[i] > 0 {
			left, counts = append(left, leads[i]), append(counts, copies[i])
		} else {
			leads[i].visits, leads[i].source = 1e9, "nowhere"
		}
	}
	few := weightConfig(weightedFile(t, left, counts, false))
	all.Split, few.Split = Split{}, Split{}
	all.Features.Exclude, few.Features.Exclude = []string{"account"}, []string{"account"}
	changed := weightConfig(weightedFile(t, leads, copies, false))
	changed.Split = Split{}
	want := artifactBytes(t, run(t, few).Artifact)
	for name, c := range map[string]Config{"with the rows": all, "with nonsense in them": changed} {
		if !bytes.Equal(artifactBytes(t, run(t, c).Artifact), want) {
			t.Errorf("%s of weight 0 the artifact is another", name)
		}
	}
}

// All weights times a number is a file of so many more leads: at no penalty the linear coefficients stay.
func TestScalingWeightsMovesNoUnpenalisedCoefficient(t *testing.T) {
	leads := makeLeads(1500, 33)
	one, seven := make([]int, len(leads)), make([]int, len(leads))
	for i := range leads {
		one[i] = 1 + i%2
		seven[i] = 7 * one[i]
	}
	fit := func(copies []int) *Result {
		c := weightConfig(weightedFile(t, leads, copies, false))
		c.Model = ModelConfig{Kind: "linear", Penalty: new(float64), Calibrate: "none"}
		c.Features.MinLevel = 1
		return run(t, c)
	}
	got, want := fit(seven), fit(one)
	for f := range want.Artifact.Targets[0].Effects {
		alike(t, "effect", got.Artifact.Targets[0].Effects[f].Effect, want.Artifact.Targets[0].Effects[f].Effect, 1e-7)
	}
	alike(t, "intercept", got.Artifact.Targets[0].Intercept, want.Artifact.Targets[0].Intercept, 1e-7)
	for _, m := range []string{"model"} {
		alike(t, "AUC", got.Card.Targets["won"].Scores[m].AUC.Value, want.Card.Targets["won"].Scores[m].AUC.Value, 1e-12)
	}
}

// Leads of one class that were thinned out and weighted for it give the model of all leads.
func TestWeightsUndoThinning(t *testing.T) {
	leads := makeLeads(40000, 34)
	var left []lead
	var weight []int
	lost := 0
	for _, l := range leads {
		w := 1
		if l.label == "lost" {
			if lost++; lost%5 != 0 {
				continue
			}
			w = 5
		}
		left, weight = append(left, l), append(weight, w)
	}
	c := weightConfig(weightedFile(t, left, weight, false))
	c.Interactions = "none"
	got := run(t, c).Artifact.Targets[0].BaseRate
	won := float64(len(leads)-lost) / float64(len(leads))
	if math.Abs(got-won) > .01 {
		t.Errorf("base rate %.4f, want that of all leads, %.4f", got, won)
	}
}

func TestWrongWeightsAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "leads.csv")
	write := func(weights ...string) {
		var b strings.Builder
		b.WriteString("x,w,status\n")
		for i, w := range weights {
			fmt.Fprintf(&b, "%d,%s,%s\n", i, w, []string{"won", "lost"}[i%2])
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := Config{Leads: Leads{Path: path, Weight: "w"}, Targets: []Target{{Name: "won", Column: "status", Positive: []string{"won"}}}, AllowSmall: true}
	fails := func(c Config, parts ...string) {
		t.Helper()
		_, err := Run(context.Background(), c, nil)
		mustContain(t, err, parts...)
	}
	write("1", "-2.5", "1", "NA", "1", "1")
	fails(c, `"w"`, "2 of 6 rows", "row 2: -2.5", "row 4: missing")
	write("1", "many", "1", "1")
	fails(c, "line 3", `"w"`, `"many"`)
	write("0", "0", "0", "0")
	fails(c, `"w"`, "0 in all 4 rows")
	write("1e308", "1e308", "1e308", "1")
	fails(c, `"w"`, "more than a number can hold")
	write("0", "1", "0", "1")
	fails(c, "0 positives and 2 negatives")
	c.Leads.Weight = "ww"
	fails(c, `no column is named "ww"`, `did you mean "w"`)
	c.Leads.Weight = "status"
	fails(c, `"status" is both data.leads.weight and the outcome of target "won"`)
	c.Leads = Leads{Path: path, ID: "w", Weight: "w"}
	fails(c, `"w" is both data.leads.id and data.leads.weight`)
}

// Scoring never asks for the weight, takes it in silence, and evaluation counts by it where the file has it.
func TestEvaluateByWeight(t *testing.T) {
	leads := makeLeads(2400, 35)
	copies := drawCopies(len(leads))
	r := run(t, weightConfig(weightedFile(t, leads, copies, false)))
	if r.Artifact.Schema.Index("copies") >= 0 || r.Artifact.Pipeline.Uses("copies") {
		t.Fatal("the weight is among the columns that scoring reads")
	}
	path := filepath.Join(t.TempDir(), "model.json")
	if err := r.Artifact.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, warnings, err := loaded.ParseLead(map[string]json.RawMessage{"visits": []byte("3"), "copies": []byte(`"x"`)}, false); err != nil || len(warnings) > 0 {
		t.Errorf("a lead with a weight: %v, warnings %q", err, warnings)
	}
	scorer, err := model.NewScorer(loaded)
	if err != nil {
		t.Fatal(err)
	}
	evaluate := func(path string) *model.Card {
		t.Helper()
		card, err := Evaluate(context.Background(), scorer, path, datasets.ReadOptions{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return card
	}
	got, want := evaluate(weightedFile(t, leads, copies, false)), evaluate(weightedFile(t, leads, copies, true))
	alike(t, "card", withoutBootstrap(got.Targets["won"]), withoutBootstrap(want.Targets["won"]), 1e-9)
	without := evaluate(writeLeads(t, leads))
	if n := without.Targets["won"].Holdout.Rows; n != len(leads) {
		t.Errorf("a file without weights counts %d leads, want %d", n, len(leads))
	}
	said := false
	for _, f := range without.Findings {
		said = said || f.Column == "copies" && f.Reason == "absent"
	}
	if !said {
		t.Error("nothing says that the file has no weights")
	}
}

// Where pairs matter their screening and their number go by weight too.
func TestPairsAreChosenByWeight(t *testing.T) {
	leads := makeLeads(3000, 36)
	for i := range leads { // large partners lose, large visitors from the web win
		if leads[i].size == "51-200" && i%10 > 0 {
			leads[i].label = map[string]string{"partner": "lost", "web": "won"}[leads[i].source]
			if leads[i].label == "" {
				leads[i].label = "lost"
			}
		}
	}
	copies := drawCopies(len(leads))
	got, want := run(t, weightConfig(weightedFile(t, leads, copies, false))), run(t, weightConfig(weightedFile(t, leads, copies, true)))
	pairs := 0
	for _, f := range want.Artifact.Pipeline.Features() {
		if f.Parents != nil {
			pairs++
		}
	}
	if pairs == 0 {
		t.Fatal("no pair was chosen: the test says nothing")
	}
	got.Artifact.Targets[0].Covariance, want.Artifact.Targets[0].Covariance = nil, nil
	alike(t, "pipeline", got.Artifact.Pipeline, want.Artifact.Pipeline, 1e-12)
	alike(t, "targets", got.Artifact.Targets, want.Artifact.Targets, 1e-5)
	// The scores of the screening themselves.
	screened := func(path string) [][2]string {
		c := weightConfig(path).withDefaults()
		table, err := datasets.Read(context.Background(), path, c.readOptions())
		if err != nil {
			t.Fatal(err)
		}
		d, err := label(t.Context(), table, &c)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.split(c.Split); err != nil {
			t.Fatal(err)
		}
		p, _, err := features.FitWeighted(d.leads, d.train, d.weights, features.Spec{Encoding: features.Additive, Drop: []string{"lead_id", "account"}})
		if err != nil {
			t.Fatal(err)
		}
		s := d.trainingSample(0)
		fit, err := d.estimate(context.Background(), p, s.rows, s.y, nil, glm.AdditiveSettings{})
		if err != nil {
			t.Fatal(err)
		}
		list, err := fit.screen(context.Background(), s.y, 0)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	alike(t, "screening", screened(weightedFile(t, leads, copies, false)), screened(weightedFile(t, leads, copies, true)), 0)
}

// Every map of calibration, and the choice between them, by weight and by copies.
func TestCalibrationByWeight(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	var labels, labels2 []bool
	var eta, weight, eta2 []float64
	var folds, folds2 []uint8
	for i := range 3000 {
		x := rng.NormFloat64() * 2
		y := rng.Float64() < model.Sigmoid(x/3-.5) // far too sure
		w := 1 + rng.IntN(3)
		labels, eta, weight, folds = append(labels, y), append(eta, x), append(weight, float64(w)), append(folds, uint8(i%5))
		for range w {
			labels2, eta2, folds2 = append(labels2, y), append(eta2, x), append(folds2, uint8(i%5))
		}
	}
	ctx := context.Background()
	all := func(int) bool { return true }
	for _, method := range []string{model.CalibrateSigmoid, model.CalibrateBeta, model.CalibrateIsotonic} {
		a, errA := fitCalibration(ctx, method, labels, weight, eta, all)
		b, errB := fitCalibration(ctx, method, labels2, nil, eta2, all)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		alike(t, method, a, b, 1e-7)
	}
	a, errA := calibrate(ctx, labels, weight, eta, folds, 5)
	b, errB := calibrate(ctx, labels2, nil, eta2, folds2, 5)
	if errA != nil || errB != nil || b == nil {
		t.Fatal(errA, errB, b)
	}
	alike(t, "calibrate", a, b, 1e-7)
}
