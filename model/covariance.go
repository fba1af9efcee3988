package model

import (
	"encoding/binary"
	"math"
)

// MaxCovariance is the most columns, intercept included and those of Levels not counted, whose covariance an
// artifact keeps. A model of more has no intervals.
const MaxCovariance = 5000

// What a number of V is worth, by the number of columns: all of it up to exactCovariance (4.5 MB), a byte up to
// byteCovariance (4.5 MB), half a byte above (6.3 MB at most).
const (
	exactCovariance = 1500
	byteCovariance  = 3000
)

// Covariance is the posterior covariance of a target's coefficients, V = (X′WX + P)⁻¹ at the optimum, for
// tables centred on the training rows and the intercept that goes with them: the numbers that scoring
// adds up. So the variance of a logit is the sum of V over all pairs of the entries that were added, the slope of a
// linear feature times its z.
// The columns are the intercept and then those of each term, in order.
//
// Up to 1,500 columns V is kept as it is, in float32: Upper. Of more there are the standard deviations in float32
// and the correlations in Bits bits each, 8 up to 3,000 columns and else 4: the nearest of sign·(k/127)², |k| ≤ 127, or of
// sign·(k/7)², |k| ≤ 7, which is fine where most of them are, near 0. The half-width of an interval is then off by
// .06 % in the median and .6 % at the worst with 8 bits, by 1 % and 8 % with 4, in the measurement of
// TestCoarseCovariance with its 40 terms. It is 4.5 MB at most, with 4 bits 6.3 MB, of which base64 makes
// 6 and 8.4 MB of JSON; Levels are 3.5 MB more with 50,000 of them.
type Covariance struct {
	Terms []CovarianceTerm `json:"terms"`
	Upper []byte           `json:"upper,omitempty"` // upper triangle of V row by row, float32, little endian

	Bits         int               `json:"bits,omitempty"`         // 8 or 4, in place of Upper; 0: Upper
	Deviations   []byte            `json:"deviations,omitempty"`   // one a column, float32, little endian
	Correlations []byte            `json:"correlations,omitempty"` // the triangle as Upper has it; int8, or k + 8 in four bits, the lower half of a byte first
	Levels       *CovarianceLevels `json:"levels,omitempty"`       // nil: no category stands apart
}

// CovarianceTerm says which codes of a feature have a column. A code that stands in no term is known exactly:
// a feature that vanished, a level that training never saw (its effect is the average lead's).
type CovarianceTerm struct {
	Feature int   `json:"feature"`         // position in the pipeline
	Codes   []int `json:"codes,omitempty"` // one a column; −1: all codes of the feature that are not listed share it
	Slope   bool  `json:"slope,omitempty"` // one more column, behind those of the codes: of the slope, to be taken z times
}

func (t *CovarianceTerm) columns() int {
	if t.Slope {
		return len(t.Codes) + 1
	}
	return len(t.Codes)
}

// CovarianceLevels is the part of V of one very large category. A lead is in one level only, so of each are
// wanted the variance, and the covariances with the columns of the terms: Own with the intercept, and less Σ weight·V(column, ·)
// over the few columns that its training rows mostly have in common. What that leaves out, and that the variances never
// are too small, stands at glm.Eliminated.
type CovarianceLevels struct {
	Feature   int    `json:"feature"`        // position in the pipeline; it has no term
	Codes     []int  `json:"codes"`          // of the levels
	Variances []byte `json:"variances"`      // one a level, float32, little endian
	Own       []byte `json:"own"`            // one a level, float32, little endian
	Kept      []byte `json:"kept,omitempty"` // as many a level: column and 65,535·weight, uint16, little endian
}

// Kept is a column of a covariance and its weight in a level's mean row, 0 to 1.
type Kept struct {
	Column int
	Weight float64
}

// Columns is the number of rows of V, those of Levels not counted.
func (c *Covariance) Columns() int {
	n := 1
	for i := range c.Terms {
		n += c.Terms[i].columns()
	}
	return n
}

// PackCovariance keeps v(i, j), i ≤ j, over the columns of terms; nil where they are more than MaxCovariance.
func PackCovariance(terms []CovarianceTerm, v func(i, j int) float64) *Covariance {
	c := &Covariance{Terms: terms}
	n := c.Columns()
	switch {
	case n > MaxCovariance:
		return nil
	case n > byteCovariance:
		c.Bits = 4
	case n > exactCovariance:
		c.Bits = 8
	default:
		c.Upper = make([]byte, 0, 2*n*(n+1))
		for i := range n {
			for j := i; j < n; j++ {
				c.Upper = appendFloat32(c.Upper, v(i, j))
			}
		}
		return c
	}
	c.correlate(n, v)
	return c
}

// correlate sets Deviations and Correlations of Bits bits.
func (c *Covariance) correlate(n int, v func(i, j int) float64) {
	sd := make([]float64, n)
	for i := range sd {
		sd[i] = math.Sqrt(max(0, v(i, i)))
		c.Deviations = appendFloat32(c.Deviations, sd[i])
	}
	steps := finest(c.Bits)
	c.Correlations = make([]byte, packed(n, c.Bits))
	at := 0
	for i := range sd {
		for j := i; j < n; j++ {
			r := 0.0
			if d := sd[i] * sd[j]; d > 0 {
				r = min(max(v(i, j)/d, -1), 1)
			}
			k := int(math.Copysign(math.Round(steps*math.Sqrt(math.Abs(r))), r))
			if c.Bits == 8 {
				c.Correlations[at] = byte(int8(k))
			} else {
				c.Correlations[at/2] |= byte(k+8) << (at % 2 * 4)
			}
			at++
		}
	}
}

// finest is the k of the correlation 1.
func finest(bits int) float64 {
	if bits == 8 {
		return 127
	}
	return 7
}

// packed is the bytes of a triangle of n rows.
func packed(n, bits int) int { return (n*(n+1)/2*bits + 7) / 8 }

// PackLevels gives c the part of a large category whose codes are 0, 1, … with these variances.
func (c *Covariance) PackLevels(feature int, variances, own []float64, kept [][]Kept) {
	l := &CovarianceLevels{Feature: feature}
	most := 0
	for _, list := range kept {
		most = max(most, len(list))
	}
	for code, list := range kept {
		l.Codes = append(l.Codes, code)
		l.Variances, l.Own = appendFloat32(l.Variances, variances[code]), appendFloat32(l.Own, own[code])
		for _, k := range list {
			l.Kept = binary.LittleEndian.AppendUint16(l.Kept, uint16(k.Column))
			l.Kept = binary.LittleEndian.AppendUint16(l.Kept, uint16(math.Round(min(max(k.Weight, 0), 1)*wholeWeight)))
		}
		l.Kept = append(l.Kept, make([]byte, 4*(most-len(list)))...)
	}
	c.Levels = l
}

// wholeWeight is the number that stands for the weight 1.
const wholeWeight = math.MaxUint16

func appendFloat32(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
}

// floats reads float32 numbers.
func floats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
