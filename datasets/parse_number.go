package datasets

import (
	"math"
	"strconv"
)

// powersOfTen are the powers of ten that a float64 holds exactly.
var powersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// A numberShape says what of a number's text depends on the decimal separator.
type numberShape uint8

const (
	notNumber numberShape = iota
	// plainNumber has neither point nor comma: it is the same number either way.
	plainNumber
	// separatedNumber has a point or a comma.
	separatedNumber
)

// parseNumber reads a finite decimal number: an optional sign, digits with at most one decimal
// separator, an optional exponent. The digits before the separator may stand in groups: one to
// three digits, not starting with 0, then groups of exactly three, parted by the comma (by the
// point when comma is true and the decimal separator is the comma). The result is correctly
// rounded, as from strconv.ParseFloat, which is not called directly because it also takes
// infinities, NaN, hexadecimal and no groups.
//
// Spaces, apostrophes, percent and currency signs are no part of a number: "12 %" may mean 12
// or 0.12, and only the user knows.
func parseNumber(s string, comma bool) (float64, numberShape) {
	i, negative := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		i = 1
	}
	point := byte('.')
	if comma {
		point = ','
	}
	var mantissa uint64
	start := i
	for i < len(s) && s[i]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(s[i]-'0')
		i++
	}
	digits, decimals, shape := i-start, 0, plainNumber
	if i < len(s) && s[i] == point {
		shape = separatedNumber
		i++
		start = i
		for i < len(s) && s[i]-'0' <= 9 {
			mantissa = mantissa*10 + uint64(s[i]-'0')
			i++
		}
		decimals = i - start
		digits += decimals
	}
	// Clinger's fast path: both operands are exact, so the quotient is rounded once.
	if i == len(s) && digits > 0 && digits <= 19 && mantissa <= 1<<53 && decimals < len(powersOfTen) {
		x := float64(mantissa)
		if decimals > 0 {
			x /= powersOfTen[decimals]
		}
		if negative {
			x = -x
		}
		return x, shape
	}
	return parseLongNumber(s, comma)
}

// parseLongNumber is parseNumber for what its fast path leaves: groups, exponents, many digits,
// and texts that are no numbers. It rewrites the text for strconv.
func parseLongNumber(s string, comma bool) (float64, numberShape) {
	point, group := byte('.'), byte(',')
	if comma {
		point, group = ',', '.'
	}
	var room [64]byte
	plain := room[:0]
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		plain = append(plain, s[i])
		i++
	}
	start := i
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	digits, grouped, shape := i-start, false, plainNumber
	plain = append(plain, s[start:i]...)
	if i < len(s) && s[i] == group {
		if digits < 1 || digits > 3 || s[start] == '0' {
			return 0, notNumber
		}
		grouped, shape = true, separatedNumber
		for i < len(s) && s[i] == group {
			if len(s)-i < 4 || s[i+1]-'0' > 9 || s[i+2]-'0' > 9 || s[i+3]-'0' > 9 {
				return 0, notNumber
			}
			plain = append(plain, s[i+1:i+4]...)
			digits += 3
			i += 4
		}
	}
	if i < len(s) && s[i] == point {
		shape = separatedNumber
		plain = append(plain, '.')
		i++
		for i < len(s) && s[i]-'0' <= 9 {
			plain = append(plain, s[i])
			digits++
			i++
		}
	}
	if digits == 0 {
		return 0, notNumber
	}
	if i < len(s) && s[i]|0x20 == 'e' && !grouped {
		plain = append(plain, 'e')
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			plain = append(plain, s[i])
			i++
		}
		if i == len(s) {
			return 0, notNumber
		}
		for i < len(s) && s[i]-'0' <= 9 {
			plain = append(plain, s[i])
			i++
		}
	}
	if i != len(s) {
		return 0, notNumber
	}
	x, err := strconv.ParseFloat(view(plain), 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, notNumber // beyond the range of a float64
	}
	return x, shape
}
