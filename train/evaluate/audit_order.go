package evaluate

import (
	"cmp"
	"math"
	"slices"

	"leadscore/model"
)

// AuditOrder is the order of a column's values on some of the rows.
type AuditOrder struct {
	Rows    []int     // places in AuditRows, rising
	Values  []float64 // of those rows; of texts their alphabetical rank; NaN: missing
	Words   bool      // the values are ranks of texts
	Address bool      // the texts are e-mail addresses, which name a person without being an id
}

const (
	fewestOrdered = 50
	collisions    = 20  // equal pairs that values drawn at random would have, from which their absence speaks
	fewCollisions = .1  // of those pairs, up to which the values were given out one by one
	uniqueShare   = .99 // of the values that are different
	lookOrder     = .90 // |rank correlation| with time
	lookRows      = .99 // with the order of the rows, for values that name them
)

// checks finds ids and time proxies.
//
// Whole numbers are an id where they do not repeat though they lie densely: n numbers drawn at random from S
// neighbouring ones have n²/2S equal pairs or more (the birthday problem); at least 20 must be expected, at most a
// tenth of them be there, and 99 % of the numbers be different. Measured amounts, spread widely or repeating, do not fire.
// Texts are an id where each is different and they are no addresses.
//
// A time proxy is a column whose rank correlation (Spearman) with as-of is .9 or more either way, or an id
// that is .99 or more in the order of the rows where there is no as-of: a model would learn the calendar from it, and the
// latest leads lie outside of what it has seen. A file that was sorted by an id is one of these too.
// Columns of times are no proxies: their age and their season are features on purpose.
func (o *AuditOrder) checks(a *audit) []model.AuditCheck {
	var known []placed
	integers := true
	for i, x := range o.Values {
		if !math.IsNaN(x) {
			known = append(known, placed{x, i})
			integers = integers && whole(x)
		}
	}
	if len(known) < fewestOrdered || a.AsOf == nil && !integers {
		return nil
	}
	slices.SortFunc(known, func(x, y placed) int { return cmp.Or(cmp.Compare(x.value, y.value), cmp.Compare(x.place, y.place)) })
	distinct := 1
	for k := 1; k < len(known); k++ {
		if known[k].value != known[k-1].value {
			distinct++
		}
	}
	n := len(known)
	span := known[n-1].value - known[0].value + 1
	expected := float64(n) * float64(n) / (2 * span)
	id := integers && float64(distinct) >= uniqueShare*float64(n) && expected >= collisions && float64(n-distinct) <= fewCollisions*expected
	if o.Words {
		id = distinct == n && !o.Address
	}
	var out []model.AuditCheck
	if id {
		c := model.AuditCheck{Kind: model.CheckID, Rows: distinct, Of: n, Figure: model.Estimate{Value: float64(distinct) / float64(n), Lower: nan, Upper: nan}}
		c.Text = sayID(&c, o.Words)
		out = append(out, c)
	}
	var x, y []float64
	for _, k := range known {
		at := float64(o.Rows[k.place])
		if a.AsOf != nil {
			at = a.AsOf[o.Rows[k.place]]
		}
		if !math.IsNaN(at) {
			x, y = append(x, k.value), append(y, at)
		}
	}
	if len(x) < fewestOrdered || a.AsOf == nil && !id || o.Words && !id {
		return out
	}
	rho := spearman(x, y)
	limit := lookOrder
	if a.AsOf == nil {
		limit = lookRows
	}
	if math.Abs(rho) >= limit {
		c := model.AuditCheck{Kind: model.CheckTime, Figure: fisher(rho, len(x)), Level: a.Name}
		c.Text = sayTime(&c)
		out = append(out, c)
	}
	return out
}

// placed is a value with its place in AuditOrder.
type placed struct {
	value float64
	place int
}

// spearman is the rank correlation, ties at their mean rank; 0 where a side is constant.
func spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	middle := float64(len(x)+1) / 2
	var xx, yy, xy float64
	for i := range a {
		dx, dy := a[i]-middle, b[i]-middle
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return math.Max(-1, math.Min(1, xy/math.Sqrt(xx*yy)))
}

func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(x[i], x[j]), cmp.Compare(i, j)) })
	r := make([]float64, len(x))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			r[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return r
}

// fisher is the interval of a rank correlation by Fisher's transform, with the variance 1.06/(n−3) of Fieller,
// Hartley & Pearson 1957.
func fisher(rho float64, n int) model.Estimate {
	if math.Abs(rho) >= 1 || n <= 3 {
		return model.Estimate{Value: rho, Lower: rho, Upper: rho}
	}
	z, half := math.Atanh(rho), z95*math.Sqrt(1.06/float64(n-3))
	return model.Estimate{Value: rho, Lower: math.Tanh(z - half), Upper: math.Tanh(z + half)}
}

// check names times that lie too late where they are one in twenty or more. Those after as-of are read as missing in
// training and scoring, so that they do no harm, and are of no use.
func (l *Later) check() (model.AuditCheck, bool) {
	c := model.AuditCheck{Kind: l.Kind, Rows: l.Rows, Of: l.Of, Level: l.Than}
	if l.Of == 0 || l.Rows < fewestOfLevel || 20*l.Rows < l.Of {
		return c, false
	}
	c.Figure = Wilson(float64(l.Rows), float64(l.Of))
	c.Text = sayLater(&c)
	return c, true
}
