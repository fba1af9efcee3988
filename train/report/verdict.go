package report

import (
	"math"
	"strings"

	"leadscore/model"
)

// verdict is the recommendation: one badge, three plain sentences (use it or not, from which cut-offs, what it gains over the
// rules), a few figures, and notes on what else to know.
type verdict struct {
	Tone      string // good | fair | weak | unsure | suspect; a class of the style sheet
	Badge     string
	Tiles     []tile
	Sentences []string
	Notes     []string
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
	roughShare     = .4 // of the observed rate: where few convert, few points are much
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
	v.say(t.qualitySentence(quality, m.AUC))
	v.say(t.stages(v.Tone))
	v.say(t.againstRules())
	if n := c.Holdout.Positives; n < fewConversions {
		v.note(w.T("quality.few", w.Int(n)))
	}
	if len(c.Deciles) == 10 && quality != "unsure" && quality != "worse" {
		d := c.Deciles[0]
		v.note(w.T("quality.top", w.Pct(d.Rate.Value, 0), w.Num(d.Lift, 1), w.Pct(d.Captured, 0)))
	}
	if e := m.ECE.Value; !math.IsNaN(e) {
		key := "quality.trust"
		if e > roughECE || e > roughShare*rateOf(c.Holdout) {
			key = "quality.distrust"
		} else if e > trustECE {
			key = "quality.roughly"
		}
		v.note(w.T(key, w.Num(100*e, 1)))
	}
	for _, sentence := range []string{t.blendSentence(), t.weightsSentence(), t.chainSentence(), t.weakSentence(), t.driftSentence()} {
		if sentence != "" {
			v.note(sentence)
		}
	}
	return v
}

// rateOf is the share of positives; 1 of no rows.
func rateOf(s model.Sample) float64 {
	if s.Rows == 0 {
		return 1
	}
	return float64(s.Positives) / float64(s.Rows)
}

// qualitySentence says whether to use the model, by its AUC.
func (t targetView) qualitySentence(quality string, auc model.Estimate) string {
	w := t.words
	if quality == "unsure" {
		number := func(x float64) string { return w.Num(x, 3) }
		return w.T("quality.unsure", number(auc.Value), w.Interval(auc, number))
	}
	pairs := func(x float64) string { return w.Num(100*x, 0) }
	return w.T("quality."+quality, pairs(auc.Value), w.Interval(auc, pairs))
}

func (v *verdict) say(sentence string)  { v.Sentences = append(v.Sentences, sentence) }
func (v *verdict) note(sentence string) { v.Notes = append(v.Notes, sentence) }

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

// againstRules says what the model gains over the rules.
func (t targetView) againstRules() string {
	w := t.words
	rules, ok := t.card.Scores["rules"]
	if !ok {
		return w.T("rules.none")
	}
	c, ok := t.between("model", "rules", "auc")
	if !ok {
		return w.T("rules.unmeasured")
	}
	signed := w.Difference(c.Difference, 3)
	sentence := w.T("rules."+outcome(c, false), signed(c.Difference.Value), w.Interval(c.Difference, signed))
	row, _ := metric("recall_at_10pct")
	ours, has := row.figureOf(t.card.Scores["model"])
	theirs, too := row.figureOf(rules)
	if has && too {
		sentence += " " + w.T("rules.gain", w.Pct(ours.Value, 0), w.Pct(theirs.Value, 0))
	}
	return sentence
}

// stages says in one sentence what the policy's cut-offs give; of a model that is not recommended, for the case that it is used.
func (t targetView) stages(tone string) string {
	w := t.words
	if len(t.card.Stages) == 0 {
		return w.T("stage.none")
	}
	pct := func(x float64) string { return w.Pct(x, 0) }
	var parts []string
	for _, s := range t.card.Stages {
		if s.Selected == 0 {
			parts = append(parts, w.T("stage.nothing", t.stageName(s), w.Score(s.Score)))
			continue
		}
		parts = append(parts, w.T("stage.selected", t.stageName(s), w.Score(s.Score),
			share(w, s.Selected, t.card.Holdout.Rows), pct(s.Precision.Value), w.Interval(s.Precision, pct)))
	}
	key := "stage.take"
	if tone != "good" && tone != "fair" {
		key = "stage.if"
	}
	return w.T(key, strings.Join(parts, "; "))
}

// stageName names a stage, and the target that decides it where that is not the score.
func (t targetView) stageName(s model.StageCut) string {
	if s.Target == "" {
		return s.Stage
	}
	return t.words.T("stage.by", s.Stage, s.Target)
}

// share writes part of whole as a percentage.
func share(w *words, part, whole int) string {
	if whole == 0 {
		return noFigure
	}
	return w.Pct(float64(part)/float64(whole), 0)
}
