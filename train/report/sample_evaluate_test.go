package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"leadscore/model"
)

// addEvaluation fills what a card has of months, segments, decision curve, choices and drift from made-up leads: counts and
// rates are counted, the rest (slopes, PSI of features) is set by hand. One segment is planted as weak in its ranking, one in its calibration.
func addEvaluation(target *model.TargetCard, label []bool, probability []float64) {
	rng := rand.New(rand.NewPCG(11, 11))
	rows := len(label)
	for name, m := range target.Scores {
		addMeasures(&m, name != "rules")
		target.Scores[name] = m
	}
	pick := func(keep func(i int) bool) model.Cohort {
		var c model.Cohort
		expected := 0.0
		for i := range label {
			if keep(i) {
				c.Rows++
				expected += probability[i]
				if label[i] {
					c.Positives++
				}
			}
		}
		c.Expected = model.Figure(expected / float64(c.Rows))
		c.Observed = wilson(c.Positives, c.Rows)
		auc := .84 + .05*rng.NormFloat64()
		c.AUC = model.Estimate{Value: auc, Lower: auc - .08, Upper: math.Min(1, auc+.08)}
		return c
	}
	for k := range 17 { // January 2023 to May 2024
		n := 4*rows/17 + rng.IntN(40) - 20
		wins := int(float64(n) * (.34 + .01*float64(k%7)))
		no := math.NaN()
		target.Months = append(target.Months, model.Month{Month: fmt.Sprintf("%d-%02d", 2023+k/12, k%12+1), Part: "train",
			Cohort: model.Cohort{Rows: n, Positives: wins, Expected: model.Figure(no), Observed: wilson(wins, n), AUC: model.Estimate{Value: no, Lower: no, Upper: no}}})
	}
	for k := range 5 { // May, of which training has the most, to September
		c := pick(func(i int) bool { return i%5 == k })
		target.Months = append(target.Months, model.Month{Month: fmt.Sprintf("2024-%02d", 5+k), Part: "holdout", Cohort: c})
	}
	for _, column := range []struct {
		name   string
		levels []string
	}{
		{"Lead Source", []string{"Google", "Direct Traffic", "Olark Chat", "Organic Search", "Reference", "Welingak Website <b>", ""}},
		{"What is your current occupation", []string{"Unemployed", "Working Professional", "Student of \"some\" school", ""}},
		{"Country", []string{"India", "United States of America and its outlying islands", "Germany"}},
	} {
		n := len(column.levels)
		for k, level := range append(slices.Clone(column.levels), "other") {
			s := model.Segment{Column: column.name, Value: level, Other: k == n, Cohort: pick(func(i int) bool { return (i*7+i/3)%(n+1) == k })}
			if s.Other {
				s.Value = ""
			}
			switch level {
			case "Olark Chat":
				s.AUC, s.Weak = model.Estimate{Value: .61, Lower: .52, Upper: .7}, "ranking"
			case "Working Professional":
				s.Expected, s.Weak = s.Expected*.7, "calibration"
			}
			target.Segments = append(target.Segments, s)
		}
	}
	base := 0.0
	for _, y := range label {
		if y {
			base += 1 / float64(rows)
		}
	}
	for k := 1; k < 100; k++ {
		at := float64(k) / 100
		cost := at / (1 - at)
		benefit := 0.0
		for i := range label {
			if probability[i] >= at {
				if label[i] {
					benefit += 1 / float64(rows)
				} else {
					benefit -= cost / float64(rows)
				}
			}
		}
		target.Benefit = append(target.Benefit, model.NetBenefit{Threshold: at, All: base - (1-base)*cost,
			Scorers: map[string]model.Figure{"model": model.Figure(benefit), "blend": model.Figure(benefit + .004*math.Sin(9*at)), "rules": model.Figure(math.NaN())}})
	}
	for _, x := range []model.Choice{
		{Stage: "MQL", By: "youden", Score: 38.5, Met: true}, {Stage: "SQL", By: "top", Asked: "10%", Score: 82, Met: true},
		{Stage: "MQL", By: "precision", Asked: "precision: 0.58", Score: 61.2, Met: true}, {Stage: "MQL", By: "precision", Asked: "precision: 0.99", Score: 101},
		{By: "capacity", Asked: "capacity: 5/day", Score: 74.1, Met: true}, {By: "cost", Asked: "cost: {contact: 5, win: 400}", Score: 11.2, Met: true},
	} {
		share := math.Max(0, 1-x.Score/100)
		x.Selected = int(share * float64(rows))
		wins := int(float64(x.Selected) * math.Min(1, .3+x.Score/130))
		x.Precision, x.Recall = wilson(wins, x.Selected), wilson(wins, int(base*float64(rows)))
		day := 11.4 * share
		x.Volume = model.Estimate{Value: day, Lower: .9 * day, Upper: 1.1 * day}
		x.Benefit = model.Estimate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
		x.Chosen, x.Out = 4*rows, true
		target.Choices = append(target.Choices, x)
	}
	target.Drift = sampleDrift(rows)
}

// addMeasures sets the further figures of a scorer from those that it has.
func addMeasures(m *model.Metrics, probability bool) {
	around := func(x, half float64) model.Estimate {
		return model.Estimate{Value: x, Lower: x - half, Upper: x + half}
	}
	m.Gini = model.Estimate{Value: 2*m.AUC.Value - 1, Lower: 2*m.AUC.Lower - 1, Upper: 2*m.AUC.Upper - 1}
	lift := m.Lift10.Value
	m.Lift1, m.Lift5, m.Lift20 = around(lift*1.1, .4), around(lift*1.05, .2), around(lift*.85, .1)
	m.Recall1, m.Recall5, m.Recall10, m.Recall20 = around(.011*lift, .004), around(.0525*lift, .01), around(.1*lift, .014), around(.17*lift, .02)
	no := math.NaN()
	none := model.Estimate{Value: no, Lower: no, Upper: no}
	m.ECECorrected, m.Slope, m.Intercept = none, none, none
	m.BrierParts = model.BrierParts{Reliability: model.Figure(no), Resolution: model.Figure(no), Uncertainty: model.Figure(no), Within: model.Figure(no)}
	if probability {
		m.ECECorrected, m.Slope, m.Intercept = model.Estimate{Value: .0042, Lower: 0, Upper: .019}, around(.94, .09), around(-.08, .13)
		brier := m.Brier.Value
		m.BrierParts = model.BrierParts{Reliability: .0011, Resolution: model.Figure(.237 + .0011 - brier - .0008), Uncertainty: .237, Within: -.0008}
	}
}

// sampleDrift has a stable score, a shifted feature with new levels, one that moved and stable ones.
func sampleDrift(rows int) *model.Drift {
	shift := func(rank string, psi float64, names []string, tilt float64) model.Shift {
		s := model.Shift{PSI: model.Figure(psi), P: .5, Rank: rank}
		old, now := 0.0, 0.0
		for k, name := range names {
			a := 1 / (1 + float64(k%5))
			b := a * math.Exp(tilt*(float64(k)/float64(len(names))-.5))
			old, now = old+a, now+b
			s.Bins = append(s.Bins, model.ShiftBin{Name: name, Old: a, New: b})
		}
		for k := range s.Bins {
			s.Bins[k].Old /= old
			s.Bins[k].New /= now
		}
		return s
	}
	tenths := []string{"≤ 0.05", "0.05 – 0.11", "0.11 – 0.18", "0.18 – 0.26", "0.26 – 0.35", "0.35 – 0.46", "0.46 – 0.58", "0.58 – 0.71", "0.71 – 0.85", "> 0.85"}
	d := &model.Drift{Reference: 4 * rows, Rows: rows, ExpectedAUC: .861, Training: .872, MeanScore: .391, MeanTrained: .385, Score: shift("stable", .031, tenths, .4)}
	d.Features = []model.FeatureShift{
		{Feature: "Lead Source", Shift: shift("shifted", .31, []string{"Google", "Direct Traffic", "Olark Chat", "Reference", "other"}, 2), MissingOld: .004, MissingNew: .031,
			NewLevels: []string{"TikTok", "Partner <i>portal</i>", "WeLearn", "Click2call", "testone"}, Unknown: .043},
		{Feature: "Total Time Spent on Website", Shift: shift("moved", .14, []string{"= 0", "0 – 120", "120 – 480", "> 480", "missing"}, 1.2), MissingOld: .02, MissingNew: .02},
	}
	for i := range 14 {
		d.Features = append(d.Features, model.FeatureShift{Feature: fmt.Sprintf("Feature %d", i), Shift: shift("stable", .05/float64(i+1), tenths, .1)})
	}
	d.Features = append(d.Features, model.FeatureShift{Feature: "created_at (month)", Calendar: true, Shift: shift("shifted", 7.3, tenths, 9)})
	return d
}

// wilson is a rate with its 95 % interval (Wilson 1927); NaN of no rows.
func wilson(wins, n int) model.Estimate {
	const z = 1.959964
	p, m := float64(wins)/float64(n), float64(n)
	middle, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return model.Estimate{Value: p, Lower: math.Max(0, middle-half), Upper: math.Min(1, middle+half)}
}
