package evaluate

import (
	"math"

	"leadscore/model"
)

// catch is what the best leads of each scorer of a panel hold, with its bootstrap.
type catch struct {
	value      []float64 // conversions, by scorer
	most       float64   // that can be caught
	replicates [][]float64
}

// newCatch counts conversions among the best leads. In a replicate the leads that are worked are the same share of the rows, and its count is
// taken back to the number of leads: at a fixed number the bootstrap would add the noise of its own size.
func newCatch(p *panel, leads float64, o Options) *catch {
	total, positives := 0.0, 0.0
	for i, w := range p.t.weight {
		total += w
		if p.t.label[i] {
			positives += w
		}
	}
	c := &catch{most: math.Min(leads, positives)}
	share := leads / total
	buf := make([]float64, len(p.t.label))
	for _, s := range p.scorers {
		c.value = append(c.value, s.ranks.caught(s.ranks.arranged(p.t.weight, buf), share)*total)
	}
	c.replicates = p.t.bootstrap(len(p.scorers), o, func() func(w, dst []float64) {
		buf := make([]float64, len(p.t.label))
		return func(w, dst []float64) {
			for i, s := range p.scorers {
				dst[i] = s.ranks.caught(s.ranks.arranged(w, buf), share) * total
			}
		}
	})
	return c
}

// caught returns the weight of the positives in the best share of the rows, as a share of all weight; of the
// group at the cut the part that fits. NaN without weight.
func (v *view) caught(w []float64, share float64) float64 {
	total := 0.0
	for _, x := range w {
		total += x
	}
	if total == 0 {
		return nan
	}
	cut := share * total
	var seen, top, pos, all float64
	for k, y := range v.one {
		all += w[k]
		pos += w[k] * float64(y)
		if !v.last[k] {
			continue
		}
		if seen+all >= cut {
			if all > 0 {
				top += pos * (cut - seen) / all
			}
			break
		}
		top += pos
		seen += all
		pos, all = 0, 0
	}
	return top / total
}

func (c *catch) estimate(scorer int) model.Estimate {
	se := deviation(c.replicates, func(r []float64) float64 { return r[scorer] })
	return within(c.value[scorer], se, 0, c.most)
}

// compare returns the paired difference of two scorers in conversions, and in money where it is known what one is worth.
func (c *catch) compare(nameA string, a int, nameB string, b int, of model.Capacity) []model.ContestTest {
	difference := c.value[a] - c.value[b]
	se := deviation(c.replicates, func(r []float64) float64 { return r[a] - r[b] })
	if math.IsNaN(se) {
		return nil
	}
	test := model.ContestTest{Comparison: model.Comparison{A: nameA, B: nameB, Metric: "caught",
		Difference: within(difference, se, -c.most, c.most), P: ratioP(difference, se)}}
	if of.Win == nil {
		return []model.ContestTest{test}
	}
	money := test
	money.Metric, money.Difference = "earned", scale(test.Difference, float64(*of.Win), 0)
	return []model.ContestTest{test, money}
}

// earned is what the conversions are worth less what working all leads costs.
func earned(caught model.Estimate, c model.Capacity) model.Estimate {
	if c.Win == nil {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	cost := 0.0
	if c.Contact != nil {
		cost = float64(*c.Contact) * c.Leads
	}
	return scale(caught, float64(*c.Win), -cost)
}

func scale(e model.Estimate, by, plus float64) model.Estimate {
	return model.Estimate{Value: by*e.Value + plus, Lower: by*e.Lower + plus, Upper: by*e.Upper + plus}
}
