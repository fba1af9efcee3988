package report

import (
	"math"

	"leadscore/model"
)

// verdict is the recommendation: one badge, a few figures and a few plain sentences.
type verdict struct {
	Tone      string // good | fair | weak | unsure | suspect; a class of the style sheet
	Badge     string
	Tiles     []tile
	Sentences []string
}

// tile is a figure that is read first.
type tile struct {
	Label, Value, Small string
}

// Bounds of the words in which an AUC is told. They follow Hosmer, Lemeshow & Sturdivant 2013, §5.2.4
// (.7 acceptable, .8 excellent, .9 outstanding), one step more sober; above suspectAUC a lead-scoring
// model is more often leaking than right.
const (
	fairAUC      = .65
	goodAUC      = .75
	excellentAUC = .85
	suspectAUC   = .97
)

// Bounds of the words in which a calibration error is told, and of how many conversions are few.
const (
	trustECE       = .02
	roughECE       = .05
	fewConversions = 100
)

// significance is the p value below which a difference is told as one.
const significance = .05

func (t targetView) verdict() *verdict {
	w, c := t.words, t.card
	v := &verdict{}
	m, ok := t.main()
	if !ok {
		v.Tone, v.Badge = "unsure", w.T("do.verdict.unsure")
		return v
	}
	quality := qualityOf(m.AUC)
	v.Tone = map[string]string{"unsure": "unsure", "worse": "weak", "weak": "weak", "fair": "fair", "good": "good", "excellent": "good", "suspect": "suspect"}[quality]
	v.Badge = w.T("do.verdict." + v.Tone)
	v.Tiles = t.tiles(m)
	if quality == "unsure" {
		number := func(x float64) string { return w.Num(x, 3) }
		v.say(w.T("quality.unsure", number(m.AUC.Value), w.Interval(m.AUC, number)))
	} else {
		pairs := func(x float64) string { return w.Num(100*x, 0) }
		v.say(w.T("quality."+quality, pairs(m.AUC.Value), w.Interval(m.AUC, pairs)))
	}
	if len(c.Deciles) == 10 && quality != "unsure" && quality != "worse" {
		d := c.Deciles[0]
		v.say(w.T("quality.top", w.Pct(d.Rate.Value, 0), w.Num(d.Lift, 1), w.Pct(d.Captured, 0)))
	}
	if e := m.ECE.Value; !math.IsNaN(e) {
		key := "quality.trust"
		if e > roughECE {
			key = "quality.distrust"
		} else if e > trustECE {
			key = "quality.roughly"
		}
		v.say(w.T(key, w.Num(100*e, 1)))
	}
	v.say(t.againstRules()...)
	if chain := t.chainSentence(); chain != "" {
		v.say(chain)
	}
	v.say(t.stages()...)
	if n := c.Holdout.Positives; n < fewConversions {
		v.say(w.T("quality.few", w.Int(n)))
	}
	return v
}

func (v *verdict) say(sentences ...string) { v.Sentences = append(v.Sentences, sentences...) }

// qualityOf names an AUC; what its interval cannot tell from chance is "unsure".
func qualityOf(auc model.Estimate) string {
	switch {
	case auc.Upper < .5:
		return "worse"
	case !(auc.Lower > .5):
		return "unsure"
	case auc.Value >= suspectAUC:
		return "suspect"
	case auc.Value >= excellentAUC:
		return "excellent"
	case auc.Value >= goodAUC:
		return "good"
	case auc.Value >= fairAUC:
		return "fair"
	}
	return "weak"
}

func (t targetView) tiles(m model.Metrics) []tile {
	w, c := t.words, t.card
	three := func(x float64) string { return w.Num(x, 3) }
	one := func(x float64) string { return w.Num(x, 1) }
	tiles := []tile{
		{w.T("metric.auc"), three(m.AUC.Value), w.Range(m.AUC, three)},
		{w.T("metric.lift_at_10pct"), one(m.Lift10.Value) + "×", w.Range(m.Lift10, one)},
	}
	if !math.IsNaN(m.LogLoss.Value) {
		tiles = append(tiles, tile{w.T("metric.log_loss"), three(m.LogLoss.Value), w.Range(m.LogLoss, three)})
	}
	return append(tiles, tile{w.T("data.holdout"), w.Int(c.Holdout.Rows), w.T("data.positives") + ": " + w.Int(c.Holdout.Positives)})
}

// between finds the comparison of two scorers in either direction and tells it as a − b.
func (t targetView) between(a, b, metric string) (model.Comparison, bool) {
	for _, c := range t.card.Comparisons {
		if c.Metric != metric {
			continue
		}
		if c.A == a && c.B == b {
			return c, true
		}
		if c.A == b && c.B == a {
			d := c.Difference
			c.A, c.B, c.Difference = a, b, model.Estimate{Value: -d.Value, Lower: -d.Upper, Upper: -d.Lower}
			return c, true
		}
	}
	return model.Comparison{}, false
}

// outcome is better, worse or unsure, from a p value and the side of the difference.
func outcome(c model.Comparison, lessIsBetter bool) string {
	switch {
	case !(c.P < significance) || c.Difference.Value == 0:
		return "unsure"
	case (c.Difference.Value > 0) != lessIsBetter:
		return "better"
	}
	return "worse"
}

// againstRules says what model and blend gain over the rules.
func (t targetView) againstRules() []string {
	w := t.words
	if _, ok := t.card.Scores["rules"]; !ok {
		return []string{w.T("rules.none")}
	}
	signed := func(x float64) string { return w.Signed(x, 3) }
	var out []string
	if c, ok := t.between("model", "rules", "auc"); ok {
		out = append(out, w.T("rules."+outcome(c, false), w.known("scorer", "model"), signed(c.Difference.Value), w.Interval(c.Difference, signed)))
	}
	if c, ok := t.between("blend", "model", "auc"); ok {
		out = append(out, w.T("rules.blend."+outcome(c, false), signed(c.Difference.Value), w.Interval(c.Difference, signed)))
	}
	return out
}

// stages says what the policy's cut-offs give.
func (t targetView) stages() []string {
	w := t.words
	if len(t.card.Stages) == 0 {
		return []string{w.T("stage.none")}
	}
	var out []string
	for _, s := range t.card.Stages {
		if s.Selected == 0 {
			out = append(out, w.T("stage.nothing", s.Stage, w.Score(s.Score)))
			continue
		}
		pct := func(x float64) string { return w.Pct(x, 0) }
		out = append(out, w.T("stage.selected", s.Stage, w.Score(s.Score),
			share(w, s.Selected, t.card.Holdout.Rows), pct(s.Precision.Value), w.Interval(s.Precision, pct), pct(s.Recall.Value)))
	}
	return out
}

// share writes part of whole as a percentage.
func share(w *words, part, whole int) string {
	if whole == 0 {
		return noFigure
	}
	return w.Pct(float64(part)/float64(whole), 0)
}
