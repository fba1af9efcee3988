package model

import (
	"encoding/binary"
	"math"

	"leadscore/features"
)

// covariance is a Covariance ready to be summed.
type covariance struct {
	n       int
	upper   []float32    // V; nil: coded
	coded   []int8       // places in value
	value   [256]float64 // the correlation of each code + 128
	sd      []float64    // nil with upper
	feature []int        // of each term
	column  [][]int32    // of each term: the column of each code, −1 none
	slope   []int32      // of each term: the column of its slope, −1 none

	levels         int     // feature that stands apart, −1 none
	level          []int32 // its place in the following by code, −1 none
	variances, own []float32
	kept           []kept // each: as many a level
}

// part is one number of those that a logit is the sum of: weight times the one of the column.
type part struct {
	column int32
	weight float64
}

// kept is Kept in memory.
type kept struct {
	column uint16
	weight float32
}

func (c *Covariance) prepare(all []features.Feature) *covariance {
	if c == nil {
		return nil
	}
	p := &covariance{n: c.Columns(), levels: -1}
	if c.Bits == 0 {
		p.upper = floats(c.Upper)
	} else {
		p.decode(c)
	}
	next := int32(1)
	for i := range c.Terms {
		t := &c.Terms[i]
		p.feature = append(p.feature, t.Feature)
		p.column = append(p.column, places(t.Codes, next, len(all[t.Feature].Levels)))
		next += int32(len(t.Codes))
		if t.Slope {
			p.slope = append(p.slope, next)
			next++
		} else {
			p.slope = append(p.slope, -1)
		}
	}
	if l := c.Levels; l != nil {
		p.levels, p.level = l.Feature, places(l.Codes, 0, len(all[l.Feature].Levels))
		p.variances, p.own, p.kept = floats(l.Variances), floats(l.Own), make([]kept, len(l.Kept)/4)
		for i := range p.kept {
			b := l.Kept[4*i:]
			p.kept[i] = kept{binary.LittleEndian.Uint16(b), float32(binary.LittleEndian.Uint16(b[2:])) / wholeWeight}
		}
	}
	return p
}

// decode unpacks deviations and correlations.
func (p *covariance) decode(c *Covariance) {
	for _, v := range floats(c.Deviations) {
		p.sd = append(p.sd, float64(v))
	}
	steps := finest(c.Bits)
	for k := range p.value {
		r := float64(k-128) / steps
		p.value[k] = math.Copysign(min(r*r, 1), r)
	}
	p.coded = make([]int8, p.n*(p.n+1)/2)
	for i := range p.coded {
		if c.Bits == 8 {
			p.coded[i] = int8(c.Correlations[i])
		} else {
			p.coded[i] = int8(c.Correlations[i/2]>>(i%2*4)&15) - 8
		}
	}
}

// places gives each code of a feature its place in the list, counted from first; −1: it has none.
func places(codes []int, first int32, levels int) []int32 {
	column := make([]int32, levels)
	listed := make([]bool, levels)
	rest := int32(-1)
	for i, code := range codes {
		if code < 0 {
			rest = first + int32(i)
		} else {
			column[code], listed[code] = first+int32(i), true
		}
	}
	for code := range column {
		if !listed[code] {
			column[code] = rest
		}
	}
	return column
}

// variance is x′Vx of a lead's cells. parts is scratch and returned for the next call.
func (p *covariance) variance(cells []features.Cell, parts []part) (float64, []part) {
	parts = append(parts[:0], part{0, 1})
	for t, f := range p.feature {
		if code := int(cells[f].Code); code < len(p.column[t]) && p.column[t][code] >= 0 {
			parts = append(parts, part{p.column[t][code], 1})
		}
		if slope := p.slope[t]; slope >= 0 {
			parts = append(parts, part{slope, min(max(cells[f].Z, -maxZ), maxZ)})
		}
	}
	sum := 0.0
	if p.levels >= 0 {
		if code := int(cells[p.levels].Code); code < len(p.level) && p.level[code] >= 0 {
			sum = p.apart(int(p.level[code]), parts)
		}
	}
	if p.upper == nil {
		rest, least := p.correlated(parts)
		return max(sum+rest, least), parts
	}
	for a, x := range parts { // columns rise, for terms are in the order of their columns
		row := p.upper[p.row(x.column):]
		half := float64(.5 * x.weight * float64(row[x.column]))
		for _, y := range parts[a+1:] {
			half += float64(y.weight * float64(row[y.column]))
		}
		sum += float64(2 * x.weight * half)
	}
	return max(sum, 0), parts
}

// row is the place of row i of the triangle less i, so that (i, j) is at j from it.
func (p *covariance) row(i int32) int {
	k := int(i)
	return k*p.n - k*(k-1)/2 - k
}

// correlated is x′Vx of correlations that were rounded. Where what is added up cancels to less than the rounding can
// tell, 1/128 of the variance that the parts would have together if they were independent, it is least.
func (p *covariance) correlated(parts []part) (sum, least float64) {
	for a, x := range parts {
		deviation := float64(x.weight * p.sd[x.column])
		row := p.coded[p.row(x.column):]
		half := .5 * deviation
		for _, y := range parts[a+1:] {
			half += float64(float64(y.weight*p.sd[y.column]) * p.value[int(row[y.column])+128])
		}
		sum += float64(2 * deviation * half)
		least += float64(deviation * deviation)
	}
	return sum, least / 128
}

// apart is what a level of the category that stands apart adds: its variance, and twice its covariance with the parts.
func (p *covariance) apart(level int, parts []part) float64 {
	n := len(p.kept) / len(p.variances)
	sum := 0.0
	for _, k := range p.kept[level*n:][:n] {
		if k.weight == 0 {
			continue
		}
		with := 0.0
		for _, x := range parts {
			with += float64(x.weight * p.at(int32(k.column), x.column))
		}
		sum += float64(float64(k.weight) * with)
	}
	return float64(p.variances[level]) + 2*(float64(p.own[level])-sum)
}

// at is V of two columns.
func (p *covariance) at(i, j int32) float64 {
	i, j = min(i, j), max(i, j)
	if p.upper != nil {
		return float64(p.upper[p.row(i):][j])
	}
	return float64(p.sd[i]*p.sd[j]) * p.value[int(p.coded[p.row(i):][j])+128]
}

// Interval is a 95 % interval of a probability, logit ± 1.96·√(x′Vx) through the calibration map. It tells how
// far the training rows determine the probability of such leads; that of one lead's outcome says nothing
// but 0 or 1, and a level that training never saw adds nothing to it. The zero Interval is none: the
// model has no covariance.
type Interval struct{ Lower, Upper float64 }

// Known reports whether there is an interval. A bound is never 0.
func (i Interval) Known() bool { return i.Upper > 0 }

const z95 = 1.959963984540054 // of the standard normal, 97.5 %

func (t *target) interval(logit, variance float64) Interval {
	half := float64(z95 * math.Sqrt(variance))
	return Interval{t.calibration.Apply(logit - half), t.calibration.Apply(logit + half)}
}
