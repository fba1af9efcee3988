package model

import (
	"encoding/binary"
	"fmt"
	"math"

	"leadscore/features"
)

// MaxCovariance is the most columns, intercept included, whose covariance an artifact keeps: 4.5 MB of numbers.
// A model of more has no intervals.
const MaxCovariance = 1500

// Covariance is the posterior covariance of a target's coefficients, V = (X′WX + P)⁻¹ at the optimum, for
// tables centred on the training rows and the intercept that goes with them: the numbers that scoring
// adds up. So the variance of a logit is the sum of V over all pairs of the entries that were added.
// The columns are the intercept and then those of each term, in order.
type Covariance struct {
	Terms []CovarianceTerm `json:"terms"`
	Upper []byte           `json:"upper"` // upper triangle of V row by row, float32, little endian
}

// CovarianceTerm says which codes of a feature have a column. A code that stands in no term is known exactly:
// a feature that vanished, a level that training never saw (its effect is the average lead's).
type CovarianceTerm struct {
	Feature int   `json:"feature"` // position in the pipeline
	Codes   []int `json:"codes"`   // one a column; −1: all codes of the feature that are not listed share it
}

// Columns is the number of rows of V.
func (c *Covariance) Columns() int {
	n := 1
	for i := range c.Terms {
		n += len(c.Terms[i].Codes)
	}
	return n
}

// PackCovariance keeps v(i, j), i ≤ j, over the columns of terms; nil where they are more than MaxCovariance.
func PackCovariance(terms []CovarianceTerm, v func(i, j int) float64) *Covariance {
	c := &Covariance{Terms: terms}
	n := c.Columns()
	if n > MaxCovariance {
		return nil
	}
	c.Upper = make([]byte, 0, 2*n*(n+1))
	for i := range n {
		for j := i; j < n; j++ {
			c.Upper = binary.LittleEndian.AppendUint32(c.Upper, math.Float32bits(float32(v(i, j))))
		}
	}
	return c
}

// check says what is wrong with a covariance over the given features, "" nothing.
func (c *Covariance) check(all []features.Feature) string {
	n := c.Columns()
	if n > MaxCovariance {
		return fmt.Sprintf("%d columns, more than %d", n, MaxCovariance)
	}
	if want := 2 * n * (n + 1); len(c.Upper) != want {
		return fmt.Sprintf("%d bytes for %d columns, want %d", len(c.Upper), n, want)
	}
	seen := make([]bool, len(all))
	for _, t := range c.Terms {
		if t.Feature < 0 || t.Feature >= len(all) || seen[t.Feature] {
			return fmt.Sprintf("feature %d is not in the pipeline or stands twice", t.Feature)
		}
		seen[t.Feature] = true
		levels := len(all[t.Feature].Levels)
		listed := make([]bool, levels+1)
		for _, code := range t.Codes {
			if code < -1 || code >= levels || listed[code+1] {
				return fmt.Sprintf("code %d of %q is not one of its levels or stands twice", code, all[t.Feature].Name)
			}
			listed[code+1] = true
		}
	}
	for i := range c.Upper[:len(c.Upper)/4] {
		if !bounded(float64(c.at(i))) {
			return "a number in it is not usable"
		}
	}
	return ""
}

func (c *Covariance) at(i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(c.Upper[4*i:]))
}

// covariance is a Covariance ready to be summed.
type covariance struct {
	n       int
	upper   []float32
	feature []int     // of each term
	column  [][]int32 // of each term: the column of each code, −1 none
}

func (c *Covariance) prepare(all []features.Feature) *covariance {
	if c == nil {
		return nil
	}
	p := &covariance{n: c.Columns(), upper: make([]float32, len(c.Upper)/4)}
	for i := range p.upper {
		p.upper[i] = c.at(i)
	}
	next := int32(1)
	for _, t := range c.Terms {
		column := make([]int32, len(all[t.Feature].Levels))
		listed := make([]bool, len(column))
		rest := int32(-1)
		for _, code := range t.Codes {
			if code < 0 {
				rest = next
			} else {
				column[code], listed[code] = next, true
			}
			next++
		}
		for code := range column {
			if !listed[code] {
				column[code] = rest
			}
		}
		p.feature = append(p.feature, t.Feature)
		p.column = append(p.column, column)
	}
	return p
}

// variance is x′Vx of a lead's cells. columns is scratch and returned for the next call.
func (p *covariance) variance(cells []features.Cell, columns []int32) (float64, []int32) {
	columns = append(columns[:0], 0)
	for t, f := range p.feature {
		if code := int(cells[f].Code); code < len(p.column[t]) && p.column[t][code] >= 0 {
			columns = append(columns, p.column[t][code])
		}
	}
	sum := 0.0
	for a, i := range columns { // columns rise, for terms are in the order of their columns
		start := int(i)*p.n - int(i)*(int(i)-1)/2 - int(i) // of row i, less i: entry (i, j) is start + j
		row := p.upper[start:]
		half := .5 * float64(row[i])
		for _, j := range columns[a+1:] {
			half += float64(row[j])
		}
		sum += 2 * half
	}
	return max(sum, 0), columns
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
