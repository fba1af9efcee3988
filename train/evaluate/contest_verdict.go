package evaluate

import (
	"cmp"
	"slices"

	"leadscore/model"
)

// contestLevel is the p value, corrected for the number of pairs, below which a difference is called.
const contestLevel = .05

// correct fills in the p values corrected for the number of pairs, within each metric.
func correct(tests []model.ContestTest) {
	by := map[string][]int{}
	for i, t := range tests {
		by[t.Metric] = append(by[t.Metric], i)
	}
	for _, of := range by {
		p := make([]float64, len(of))
		for k, i := range of {
			p[k] = tests[i].P
		}
		for k, x := range holm(p) {
			tests[of[k]].Holm = x
		}
	}
}

// between returns the test of a minus b by a metric.
func between(tests []model.ContestTest, metric, a, b string) (model.ContestTest, bool) {
	for _, t := range tests {
		switch {
		case t.Metric != metric:
		case t.A == a && t.B == b:
			return t, true
		case t.A == b && t.B == a:
			d := t.Difference
			t.A, t.B, t.Difference = a, b, model.Estimate{Value: -d.Value, Lower: -d.Upper, Upper: -d.Lower}
			return t, true
		}
	}
	return model.ContestTest{}, false
}

// beatsChance reports whether the AUC of one of n scorers is above ½ with Bonferroni's correction for n: by its interval,
// which is normal on the logit scale. A perfect AUC, whose interval is another, has only to lie above.
func beatsChance(auc model.Estimate, n int) bool {
	if !(auc.Lower > .5) {
		return false
	}
	if auc.Value >= 1 {
		return true
	}
	se := (model.Logit(auc.Value) - model.Logit(auc.Lower)) / z95
	return float64(n)*twoSided(model.Logit(auc.Value)/se) < contestLevel
}

// contestVerdict says what the tests of the AUC tell; see model.ContestVerdict. That the better scorer must beat chance too is
// what keeps a scorer that is no use from winning over one that is by chance the worse: of scorers that
// know nothing the corrected tests alone would call one better in nearly 5 % of data sets.
func contestVerdict(c *model.Contest) model.ContestVerdict {
	byAUC := slices.Clone(c.Scorers)
	slices.SortStableFunc(byAUC, func(a, b model.Contestant) int {
		return cmp.Compare(b.Metrics.AUC.Value, a.Metrics.AUC.Value)
	})
	v := model.ContestVerdict{Pairs: len(c.Scorers) * (len(c.Scorers) - 1) / 2}
	for _, better := range byAUC {
		if !beatsChance(better.Metrics.AUC, len(c.Scorers)) {
			continue
		}
		var than, level []string
		var nearest model.ContestTest
		for _, other := range byAUC {
			if other.Name == better.Name {
				continue
			}
			t, tested := between(c.Tests, "auc", better.Name, other.Name)
			switch {
			case tested && t.Holm < contestLevel && t.Difference.Value > 0:
				if len(than) == 0 {
					nearest = t
				}
				than = append(than, other.Name)
			case !tested || t.Holm >= contestLevel:
				level = append(level, other.Name)
			}
		}
		if len(than) == 0 {
			continue
		}
		v.Tells, v.Better, v.Than, v.Level, v.Nearest = true, better.Name, than, level, nearest
		if t, tested := between(c.Tests, "caught", better.Name, nearest.B); tested {
			v.Gain = &t
		}
		return v
	}
	v.Nearest, _ = between(c.Tests, "auc", byAUC[0].Name, byAUC[1].Name)
	return v
}
