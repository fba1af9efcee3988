package serve

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/serve/api"
)

// TestAppendAnswerIsEncodingJSON: every field, in order, with the same bytes.
func TestAppendAnswerIsEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return string(b) + string([]rune{rune(r.IntN(0x3000)), '\u2028', '<', rune(r.IntN(0x10FFFF))}[r.IntN(4)])
	}
	number := func() float64 {
		for {
			if x := math.Float64frombits(r.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
				if r.IntN(2) == 0 {
					return r.NormFloat64() * math.Pow(10, float64(r.IntN(40)-20))
				}
				return x
			}
		}
	}
	texts := func() []string {
		out := []string{}
		for range r.IntN(3) {
			out = append(out, text())
		}
		return out
	}
	for range 3000 {
		a := api.Answer{
			LeadID: text(), Target: text(), Probability: number(), Probabilities: map[string]float64{}, RuleScore: number(), Score: number(), Grade: text(),
			Recommendation: api.Recommendation{Stage: text(), Because: texts()}, Reasons: []api.Effect{}, Warnings: texts(),
			Model: api.ModelRef{Name: text(), Version: text(), RegistryVersion: text()},
		}
		if r.IntN(2) == 0 {
			a.Interval = &api.Interval{Lower: number(), Upper: number()}
		}
		for range r.IntN(4) {
			a.RuleScores = append(a.RuleScores, api.OfScorecard[float64]{Name: text(), Value: number()})
		}
		if r.IntN(2) == 0 {
			a.Axes = &api.Axes{Fit: number(), Engagement: number(), Grade: text()}
		}
		if r.IntN(2) == 0 {
			changed := r.IntN(2) == 0
			a.Recommendation.Changed = &changed
		}
		for range r.IntN(4) {
			a.Probabilities[string(rune('a'+r.IntN(26)))] = number()
			a.Reasons = append(a.Reasons, api.Effect{Feature: text(), Value: text(), Effect: number(), Text: text()})
		}
		var p []chance
		for _, name := range slices.Sorted(maps.Keys(a.Probabilities)) {
			p = append(p, chance{name, a.Probabilities[name]})
		}
		got, err := appendAnswer(nil, &a, p)
		if err != nil {
			t.Fatal(err)
		}
		want, err := toJSON(a)
		if err != nil {
			t.Fatal(err)
		}
		if want = bytes.TrimSuffix(want, []byte("\n")); !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAppendAnswerOfNils(t *testing.T) {
	got, err := appendAnswer(nil, &api.Answer{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"because":[]`, `"reasons":[]`, `"warnings":[]`, `"probabilities":{}`} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got, err := appendAnswer([]byte("before"), &api.Answer{Score: x}, nil); err == nil || string(got) != "before" {
			t.Errorf("%v: %s, %v", x, got, err)
		}
		scores := api.PerScorecard[float64]{{Name: "a"}, {Name: "b", Value: x}}
		if got, err := appendAnswer([]byte("before"), &api.Answer{RuleScores: scores}, nil); err == nil || string(got) != "before" {
			t.Errorf("%v of a scorecard: %s, %v", x, got, err)
		}
	}
}

// TestFillAnswerForgetsTheLastAnswer, which may have been another model's.
func TestFillAnswerForgetsTheLastAnswer(t *testing.T) {
	of := func(targets ...string) *model.Artifact {
		a := &model.Artifact{Name: targets[0]}
		for _, name := range targets {
			a.Targets = append(a.Targets, model.Target{Name: name})
		}
		return a
	}
	e := &model.Explanation{Prediction: model.Prediction{Probabilities: []float64{.1, .2}, RuleScores: []float64{1, 2}}, Reasons: []model.EffectLine{{Feature: "a"}}, Warnings: []string{"w"}}
	var used api.Answer
	first := of("won", "sql")
	first.Rules = &rules.File{Scorecards: []rules.Scorecard{{Name: "a"}, {Name: "b"}}}
	fillAnswer(&used, first, e)
	next := &model.Explanation{Prediction: model.Prediction{Probabilities: []float64{.3}}}
	fillAnswer(&used, of("lost"), next)
	fresh := newAnswer(of("lost"), next)
	got, err := appendAnswer(nil, &used, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := appendAnswer(nil, &fresh, nil); !bytes.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFloatsRoundTrip: an answer's numbers read back as the same bits.
func TestFloatsRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 100_000 {
		x := r.Float64()
		if i%2 == 0 {
			x = math.Float64frombits(r.Uint64())
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		var back float64
		if err := json.Unmarshal(appendFloat(nil, x), &back); err != nil || math.Float64bits(back) != math.Float64bits(x) {
			t.Fatalf("%v became %s (%v)", x, appendFloat(nil, x), err)
		}
	}
}

// TestChances: the probabilities of an answer are in the order of encoding/json, and those alone that were asked for.
func TestChances(t *testing.T) {
	a := &model.Artifact{Targets: []model.Target{{Name: "won"}, {Name: "Ärger"}, {Name: "sql"}}}
	e := &model.Explanation{Prediction: model.Prediction{Probabilities: []float64{.1, .2, .3}}}
	for _, asked := range [][]bool{nil, {true, false, true}, {false, true, false}, {false, false, false}} {
		x := newAnswer(a, e)
		keepTargets(&x, a, asked)
		want, err := json.Marshal(x.Probabilities)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendChances(nil, chances(nil, byName(a), a, e, asked)); !bytes.Equal(got, want) {
			t.Errorf("%v: %s, want %s", asked, got, want)
		}
	}
}
