package model

import (
	"encoding/binary"
	"fmt"

	"leadscore/features"
)

// check says what is wrong with a covariance over the given features, "" nothing.
func (c *Covariance) check(all []features.Feature) string {
	n := c.Columns()
	if n > MaxCovariance {
		return fmt.Sprintf("%d columns, more than %d", n, MaxCovariance)
	}
	upper, deviations, correlations := 2*n*(n+1), 0, 0
	switch c.Bits {
	case 0:
	case 4, 8:
		upper, deviations, correlations = 0, 4*n, packed(n, c.Bits)
	default:
		return fmt.Sprintf("correlations of %d bits, want 4 or 8", c.Bits)
	}
	if len(c.Upper) != upper || len(c.Deviations) != deviations || len(c.Correlations) != correlations {
		return fmt.Sprintf("%d, %d and %d bytes for %d columns, want %d, %d and %d", len(c.Upper), len(c.Deviations), len(c.Correlations), n, upper, deviations, correlations)
	}
	seen := make([]bool, len(all))
	feature := func(f int) string {
		if f < 0 || f >= len(all) || seen[f] {
			return fmt.Sprintf("feature %d is not in the pipeline or stands twice", f)
		}
		seen[f] = true
		return ""
	}
	for _, t := range c.Terms {
		if problem := feature(t.Feature); problem != "" {
			return problem
		}
		if t.Slope && !all[t.Feature].Linear {
			return fmt.Sprintf("a slope for %q, which is not linear", all[t.Feature].Name)
		}
		if problem := checkCodes(t.Codes, -1, &all[t.Feature]); problem != "" {
			return problem
		}
	}
	if l := c.Levels; l != nil {
		if problem := feature(l.Feature); problem != "" {
			return problem
		}
		if problem := checkCodes(l.Codes, 0, &all[l.Feature]); problem != "" {
			return problem
		}
		if problem := l.check(n); problem != "" {
			return problem
		}
	}
	if !usable(c.Upper, false) || !usable(c.Deviations, true) {
		return "a number in it is not usable"
	}
	return ""
}

// checkCodes says what is wrong with the codes of a feature, of which least is the smallest.
func checkCodes(codes []int, least int, f *features.Feature) string {
	listed := make([]bool, len(f.Levels)+1)
	for _, code := range codes {
		if code < least || code >= len(f.Levels) || listed[code+1] {
			return fmt.Sprintf("code %d of %q is not one of its levels or stands twice", code, f.Name)
		}
		listed[code+1] = true
	}
	return ""
}

// check says what is wrong with the levels beside n columns, "" nothing.
func (l *CovarianceLevels) check(n int) string {
	q := len(l.Codes)
	if len(l.Variances) != 4*q || len(l.Own) != 4*q || q == 0 || len(l.Kept)%(4*q) != 0 {
		return fmt.Sprintf("%d, %d and %d bytes for %d levels", len(l.Variances), len(l.Own), len(l.Kept), q)
	}
	for i := 0; i < len(l.Kept); i += 4 {
		if column := int(binary.LittleEndian.Uint16(l.Kept[i:])); column >= n {
			return fmt.Sprintf("a level has column %d of %d", column, n)
		}
	}
	if !usable(l.Variances, true) || !usable(l.Own, false) {
		return "a number of its levels is not usable"
	}
	return ""
}

// usable reports whether all of the numbers can be summed; positive: none is negative either.
func usable(b []byte, positive bool) bool {
	for _, v := range floats(b) {
		if !bounded(float64(v)) || positive && v < 0 {
			return false
		}
	}
	return true
}
