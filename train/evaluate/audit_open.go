package evaluate

import (
	"math"

	"leadscore/model"
)

const (
	fewestOpen = 20  // open rows, and rows with an outcome beside them, from which they are compared
	lookOpen   = .10 // difference of the shares filled in that is worth a word
	alarmOpen  = 1e-3
)

// canTell reports whether filled before against after the outcome can be told: a file holds one state of each
// lead, so that only leads whose outcome is still open show what a column held before.
func (a *audit) canTell() bool {
	var n [2]int
	for i, s := range a.stratum {
		if s < strata {
			if a.Class[i] < 0 {
				n[0]++
			} else {
				n[1]++
			}
		}
	}
	return n[0] >= fewestOpen && n[1] >= fewestOpen
}

// openAgainstKnown compares how often a column is filled in among leads whose outcome is known and among open
// ones, within windows of as-of, because open leads are young and forms change: the Mantel–Haenszel difference
// of shares Σ w(p₁−p₀)/Σw with w = n₁n₀/(n₁+n₀) by window (Greenland & Robins 1985), and the one-sided
// Cochran–Mantel–Haenszel test, times the number of columns. It fires where known leads have it at least 10
// points more often and p < .001. Without an as-of column there is one window, and a form that changed may look
// like a leak. A column filled in less often after the outcome is no leak.
func (t *counts) openAgainstKnown(a *audit) (model.AuditCheck, bool) {
	c := model.AuditCheck{Kind: model.CheckOpen}
	if !a.told {
		return c, false
	}
	var weight, difference, variance, excess, null, known, open float64
	for k := range strata {
		m0, n0 := t.filled[k][0][1], t.filled[k][0][0]+t.filled[k][0][1]
		m1, n1 := t.filled[k][1][1], t.filled[k][1][0]+t.filled[k][1][1]
		n := n0 + n1
		if n0 == 0 || n1 == 0 || n < 2 {
			continue
		}
		w, p0, p1 := n1*n0/n, m0/n0, m1/n1
		weight += w
		difference += w * (p1 - p0)
		variance += w * w * (p1*(1-p1)/n1 + p0*(1-p0)/n0)
		known += w * p1
		open += w * p0
		m := m0 + m1
		excess += m1 - n1*m/n
		null += n1 * n0 * m * (n - m) / (n * n * (n - 1))
	}
	if weight == 0 || null <= 0 {
		return c, false
	}
	c.Figure = within(difference/weight, math.Sqrt(variance)/weight, -1, 1)
	c.Shares = []float64{known / weight, open / weight}
	c.P = corrected(math.Log(twoSided(excess/math.Sqrt(null))/2), a.columns)
	if excess < 0 {
		c.P = 1
	}
	c.Text = sayOpen(&c, a.AsOf != nil)
	return c, c.P < alarmOpen && c.Figure.Value >= lookOpen
}

// corrected is a p value by its logarithm, times the number of trials (Bonferroni), above 0 and at most 1.
func corrected(logP float64, trials int) float64 {
	p := math.Exp(logP + math.Log(float64(max(1, trials))))
	return math.Max(math.SmallestNonzeroFloat64, math.Min(1, p))
}
