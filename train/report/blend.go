package report

import (
	"strings"

	"leadscore/model"
)

// blendSentence says what the rules add to the model, by ranking and by log loss on the hold-out; "" without a blend.
func (t targetView) blendSentence() string {
	w := t.words
	c, ok := t.between("blend", "model", "auc")
	if !ok {
		return ""
	}
	signed := w.Difference(c.Difference, 3)
	sentence := w.T("rules.blend."+outcome(c, false), signed(c.Difference.Value), w.Interval(c.Difference, signed))
	if c, ok = t.between("blend", "model", "log_loss"); ok && finite(c.Difference.Value) {
		four := w.Difference(c.Difference, 4)
		sentence += " " + w.T("blend.loss", four(c.Difference.Value), w.Interval(c.Difference, four), w.T("blend.loss."+outcome(c, true)))
	}
	return sentence
}

// weightsSentence says how much model and groups count: "model 0.93 (0.85–1.01), rules/fit 0.40 (0.00–0.81)"; "" where no weights were fitted.
func (t targetView) weightsSentence() string {
	w, b := t.words, t.card.Blend
	if b == nil || len(b.Weights) == 0 {
		return ""
	}
	two := func(x float64) string { return w.Num(x, 2) }
	var parts []string
	for _, p := range b.Weights {
		if p.Held != "" {
			parts = append(parts, w.T("blend.short", t.blendPart(p)))
			continue
		}
		parts = append(parts, w.T("blend.one", t.blendPart(p), two(p.Weight.Value), w.Range(p.Weight, two)))
	}
	return w.T("blend.weights", strings.Join(parts, ", "))
}

func (t targetView) blendPart(p model.BlendWeight) string {
	if p.Scorer == "rules" {
		return t.words.T("blend.group", p.Group)
	}
	return t.words.T("blend.model")
}

// blendBlock is the table of the weights; false where there is nothing to tell.
func (t targetView) blendBlock() (block, bool) {
	w, c := t.words, t.card.Blend
	if c == nil {
		return block{}, false
	}
	b := block{Heading: w.T("blend.heading")}
	switch {
	case len(c.Weights) > 0:
		two := func(x float64) string { return w.Num(x, 2) }
		b.Table = &table{Head: []string{w.T("blend.part"), w.T("blend.weight")}, Left: 1}
		for _, p := range c.Weights {
			weight := cell{Main: two(p.Weight.Value), Small: w.Range(p.Weight, two)}
			if p.Held != "" {
				weight = cell{Main: two(0), Small: w.known("blend.held", p.Held)}
			}
			b.Table.Rows = append(b.Table.Rows, []cell{text(t.blendPart(p)), weight})
		}
		b.Note = w.T("blend.note", w.Int(c.Rows))
	case c.Given:
		b.Note = w.T("blend.given")
	case c.Upgrade > 0:
		b.Note = w.T("blend.upgrade", w.Score(c.Upgrade))
	default:
		return block{}, false
	}
	return b, true
}
