package evaluate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"leadscore/model"
)

// tally counts rows by weight: those selected of each class, and all of each.
type tally struct{ pos, neg, allPos, allNeg float64 }

// count adds the rows of a half of the sample (nil: of all) that a cut-off selects, and all its rows.
func (t *tally) count(s Sample, half []uint8, is uint8, cut float64) {
	for i, score := range s.Score {
		if half != nil && half[i] != is {
			continue
		}
		w := 1.0
		if s.Weight != nil {
			w = s.Weight[i]
		}
		if s.Label[i] {
			t.allPos += w
			if score >= cut {
				t.pos += w
			}
		} else {
			t.allNeg += w
			if score >= cut {
				t.neg += w
			}
		}
	}
}

// MeasureChoice fills what the cut-off of a choice gives on rows that it was not chosen on: Selected in rows, precision, volume and benefit
// of the population that they stand for.
//
// Intervals: precision and recall Wilson; the volume Garwood's exact one of a Poisson count (1936), which knows nothing of
// weekdays and seasons; the benefit is a mean of independent rows with the normal interval of a mean, 0 where
// nothing is selected.
func MeasureChoice(c model.Choice, s Sample, p Population, cost Cost) (model.Choice, error) {
	if err := s.check(); err != nil {
		return c, fmt.Errorf("measuring a cut-off: %w", err)
	}
	var t tally
	t.count(s, nil, 0, c.Score)
	t.fill(&c, p, cost)
	return c, nil
}

func (t *tally) fill(c *model.Choice, p Population, cost Cost) {
	c.Selected = int(math.Round(t.pos + t.neg))
	c.Volume = t.volume(p)
	c.Precision, c.Recall = t.precision(p), Wilson(t.pos, t.allPos)
	c.Benefit = t.benefit(p, cost)
}

// precision is the rate of the selected: of a subsampled file its odds times those of the population.
func (t *tally) precision(p Population) model.Estimate {
	e := Wilson(t.pos, t.pos+t.neg)
	wp, wn := p.classes()
	among := func(q float64) float64 { return wp * q / (wp*q + wn*(1-q)) }
	if wp == wn {
		return e
	}
	return model.Estimate{Value: among(e.Value), Lower: among(e.Lower), Upper: among(e.Upper)}
}

// perDay is the leads a day that the selected rows stand for; NaN where the period is not known or too short.
func (t *tally) perDay(p Population) float64 {
	if !p.timed() {
		return nan
	}
	wp, wn := p.classes()
	return (wp*t.pos + wn*t.neg) * p.perRow() / p.Days
}

func (t *tally) volume(p Population) model.Estimate {
	k, value := t.pos+t.neg, t.perDay(p)
	if math.IsNaN(value) {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	_, wn := p.classes()
	each := wn * p.perRow() / p.Days // what a row more would be, where none is selected
	if k > 0 {
		each = value / k
	}
	e := model.Estimate{Value: value, Upper: each * distuv.ChiSquared{K: 2*k + 2}.Quantile(.975) / 2}
	if k > 0 {
		e.Lower = each * distuv.ChiSquared{K: 2 * k}.Quantile(.025) / 2
	}
	return e
}

// gain is the mean benefit of a row: Win − Contact for a selected one that converts, −Contact for another, 0 for the rest.
func (t *tally) gain(p Population, cost Cost) float64 {
	wp, wn := p.classes()
	return (wp*t.pos*(cost.Win-cost.Contact) - wn*t.neg*cost.Contact) / (wp*t.allPos + wn*t.allNeg)
}

func (t *tally) benefit(p Population, cost Cost) model.Estimate {
	if !cost.Known() {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	value, n := t.gain(p, cost), t.allPos+t.allNeg
	up, down := cost.Win-cost.Contact, cost.Contact
	wp, wn := p.classes()
	if wp == wn {
		squares := t.pos*up*up + t.neg*down*down - n*value*value
		return within(value, math.Sqrt(math.Max(0, squares)/(n-1)/n), math.Inf(-1), math.Inf(1))
	}
	// The classes were drawn apart, and what share of the leads converts is known: each has a variance of its own.
	share := wp * t.allPos / (wp*t.allPos + wn*t.allNeg)
	f, g := t.pos/t.allPos, t.neg/t.allNeg
	variance := share*share*up*up*f*(1-f)/t.allPos + (1-share)*(1-share)*down*down*g*(1-g)/t.allNeg
	return within(value, math.Sqrt(variance), math.Inf(-1), math.Inf(1))
}

// CrossFit chooses a cut-off on all rows and says what choosing so gives: each half of the rows (0 or 1) is cut where the other
// half chose, and both are counted together, so that no row is measured by a cut-off that knew its
// outcome. Chosen is the rows of the smaller half. A cut-off that is given is measured on all rows as they are, Chosen on none.
func CrossFit(s Sample, half []uint8, p Population, w Way, cost Cost) (model.Choice, string, error) {
	choice := model.Choice{Asked: w.String()}
	all, err := NewCutoffs(s, p)
	if err != nil {
		return choice, "", err
	}
	cut, err := all.Choose(w)
	if err != nil {
		return choice, "", err
	}
	choice.By, choice.Score, choice.Met = cut.By, cut.Score, cut.Met
	var t tally
	if w.By == ByScore {
		t.count(s, nil, 0, w.Score)
		t.fill(&choice, p, cost)
		return choice, "", nil
	}
	if len(half) != len(s.Label) {
		return choice, "", fmt.Errorf("choosing on one half of the rows: %d rows but %d halves", len(s.Label), len(half))
	}
	choice.Chosen = len(half)
	for side := range uint8(2) {
		part := s.half(half, side)
		of := p
		of.Leads = p.perRow() * s.weight() / part.weight() // the whole period's leads for the rows of one half
		c, err := NewCutoffs(part, of)
		if err != nil {
			return choice, "", fmt.Errorf("choosing on one half of the rows: %w", err)
		}
		chosen, err := c.Choose(w)
		if err != nil {
			return choice, "", err
		}
		choice.Chosen = min(choice.Chosen, int(math.Round(part.weight())))
		t.count(s, half, 1-side, chosen.Score)
	}
	t.fill(&choice, p, cost)
	return choice, cut.Note, nil
}

// half is the rows of one half.
func (s Sample) half(half []uint8, is uint8) Sample {
	out := Sample{}
	for i, h := range half {
		if h != is {
			continue
		}
		out.Label, out.Score = append(out.Label, s.Label[i]), append(out.Score, s.Score[i])
		if s.Probability != nil {
			out.Probability = append(out.Probability, s.Probability[i])
		}
		if s.Weight != nil {
			out.Weight = append(out.Weight, s.Weight[i])
		}
	}
	return out
}

// weight is that of all rows.
func (s Sample) weight() float64 {
	pos, neg := s.totals()
	return pos + neg
}

// CutPoint is what one cut-off gives on the rows that it is counted on.
type CutPoint struct {
	Score             float64 // score ≥ Score
	Selected          float64 // rows, by weight
	Share             float64 // of the rows
	PerDay            float64 // leads; NaN where not known
	Precision, Recall model.Estimate
	Benefit           float64 // a lead that comes in; NaN without costs
}

// CutCurve returns every distinct cut-off of a sample, by rising score, with Wilson's intervals. They are those of each cut-off
// by itself, not of the best of them.
func CutCurve(s Sample, p Population, cost Cost) ([]CutPoint, error) {
	c, err := NewCutoffs(s, Population{})
	if err != nil {
		return nil, err
	}
	out := make([]CutPoint, len(c.levels))
	for i, l := range c.levels {
		t := tally{pos: l.pos, neg: l.selected - l.pos, allPos: c.pos, allNeg: c.total - c.pos}
		point := CutPoint{
			Score: l.score, Selected: l.selected, Share: l.selected / c.total, PerDay: t.perDay(p),
			Precision: t.precision(p), Recall: Wilson(t.pos, t.allPos), Benefit: nan,
		}
		if cost.Known() {
			point.Benefit = t.gain(p, cost)
		}
		out[len(out)-1-i] = point
	}
	return out, nil
}
