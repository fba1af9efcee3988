package features

import (
	"math"
	"strings"
)

// companySize reads a size or a range of sizes written in words, such as `51-200`,
// `1,001 - 5,000`, `10000+`, `> 500`, `200 employees`, `1–10` or `10K-50K`, as one number:
//
//	a–b          √(a·b), the middle on the scale on which sizes differ; a below 1 counts as 1
//	< b, up to b √(1·b)
//	> a, a+      a: how far an open range goes nobody knows
//	a            a
//
// It returns NaN for what is not a size. A point or comma before exactly three digits parts
// thousands; otherwise it is the decimal sign. It allocates nothing.
func companySize(s string) float64 {
	p := sizeText{rest: s}
	p.skipWords()
	open := p.bound()
	low, ok := p.number()
	if !ok {
		return math.NaN()
	}
	p.skipWords()
	if p.done() {
		if open < 0 {
			return math.Sqrt(max(low, 1))
		}
		return low
	}
	if open != 0 {
		return math.NaN()
	}
	if p.plus() {
		p.skipWords()
		if p.done() {
			return low
		}
		return math.NaN()
	}
	if !p.dash() {
		return math.NaN()
	}
	p.skipWords()
	high, ok := p.number()
	p.skipWords()
	if !ok || !p.done() || high < low {
		return math.NaN()
	}
	return math.Sqrt(float64(max(low, 1) * max(high, 1)))
}

// isSizeRange reports whether a text is a size of more than a bare number.
func isSizeRange(s string) bool {
	p := sizeText{rest: s}
	p.skipWords()
	open := p.bound()
	if _, ok := p.number(); !ok {
		return false
	}
	return (open != 0 || strings.TrimSpace(p.rest) != "") && !math.IsNaN(companySize(s))
}

// isSizeColumn reports whether a column of words holds sizes: at least 95 % of the words
// read as one, and one at least is a range.
func isSizeColumn(words []string) bool {
	n, ranges := 0, false
	for _, s := range words {
		if !math.IsNaN(companySize(s)) {
			n++
			ranges = ranges || isSizeRange(s)
		}
	}
	return ranges && 20*n >= 19*len(words)
}

// sizeText is what is left to read of a size.
type sizeText struct{ rest string }

var (
	// sizeWords may stand before, between and behind the numbers and mean nothing.
	sizeWords = [...]string{"employees", "employee", "empleados", "empleado", "mitarbeiter", "mitarbeitende", "beschäftigte", "employés", "employes",
		"salariés", "salaries", "people", "persons", "personas", "personen", "personnes", "staff", "fte", "ftes", "users", "seats", "headcount",
		"between", "entre", "zwischen", "from", "von", "desde", "de", "about", "approx.", "ca.", "$", "€", "£"}
	sizeAbove  = [...]string{">=", "=>", ">", "≥", "over", "more than", "at least", "above", "más de", "mas de", "über", "ueber", "mehr als", "ab", "plus de", "mindestens"}
	sizeBelow  = [...]string{"<=", "=<", "<", "≤", "under", "less than", "fewer than", "up to", "below", "menos de", "hasta", "unter", "weniger als", "bis zu", "bis", "moins de", "jusqu'à"}
	sizePlus   = [...]string{"+", "or more", "and more", "and above", "and over", "y más", "y mas", "o más", "o mas", "und mehr", "oder mehr", "et plus", "ou plus", "plus"}
	sizeDashes = [...]string{"-", "–", "—", "−", "‑", "~", "..", "to", "bis", "a", "à", "and", "und", "y", "et", "hasta"}
)

// take removes a word from the front of the text, spaces before it gone already, case ignored; a word of
// letters must end there.
func (p *sizeText) take(word string) bool {
	if len(p.rest) < len(word) || p.rest[0]|0x20 != word[0]|0x20 && word[0] < 0x80 || !strings.EqualFold(p.rest[:len(word)], word) {
		return false
	}
	if c := word[len(word)-1]; isLetter(c) && len(p.rest) > len(word) && isLetter(p.rest[len(word)]) {
		return false
	}
	p.rest = p.rest[len(word):]
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (p *sizeText) any(words []string) bool {
	if p.done() || isDigit(p.rest[0]) {
		return false
	}
	for _, w := range words {
		if p.take(w) {
			return true
		}
	}
	return false
}

func (p *sizeText) skipWords() {
	for !p.done() && (isLetter(p.rest[0]) || p.rest[0] == '$' || p.rest[0] >= 0x80) && p.any(sizeWords[:]) {
	}
}

func (p *sizeText) plus() bool { return p.any(sizePlus[:]) }
func (p *sizeText) dash() bool { return p.any(sizeDashes[:]) }

// done skips spaces, the unbreakable one too, and reports whether nothing is left.
func (p *sizeText) done() bool {
	for p.rest != "" {
		switch {
		case p.rest[0] == ' ' || p.rest[0] == '\t':
			p.rest = p.rest[1:]
		case strings.HasPrefix(p.rest, "\u00a0"):
			p.rest = p.rest[len("\u00a0"):]
		default:
			return false
		}
	}
	return true
}

// bound reads a word before a number that leaves the range open: 1 above, −1 below, 0 none.
func (p *sizeText) bound() int {
	switch {
	case p.any(sizeAbove[:]):
		p.skipWords()
		return 1
	case p.any(sizeBelow[:]):
		p.skipWords()
		return -1
	}
	return 0
}

// number reads an unsigned number of at most 12 digits, with a k, m or b for thousands, millions, billions.
func (p *sizeText) number() (float64, bool) {
	if p.done() {
		return 0, false
	}
	s, x, digits := p.rest, 0.0, 0
	i := 0
	for i < len(s) {
		if isDigit(s[i]) {
			x, digits, i = x*10+float64(s[i]-'0'), digits+1, i+1
			continue
		}
		// A separator of thousands: one sign, then three digits and no fourth.
		n := 1
		if strings.HasPrefix(s[i:], "\u00a0") || strings.HasPrefix(s[i:], "’") {
			n = len("\u00a0")
			if s[i] != 0xc2 {
				n = len("’")
			}
		} else if strings.IndexByte(",.' ", s[i]) < 0 {
			break
		}
		if digits == 0 || digits > 3 && !p.grouped(s[:i]) || !threeDigits(s[i+n:]) {
			break
		}
		i += n
	}
	if digits == 0 || digits > 12 {
		return 0, false
	}
	if i+1 < len(s) && (s[i] == '.' || s[i] == ',') && isDigit(s[i+1]) {
		unit := 0.1
		for i++; i < len(s) && isDigit(s[i]); i++ {
			x, unit = x+float64(float64(s[i]-'0')*unit), unit/10
		}
	}
	if i < len(s) && (i+1 == len(s) || !isLetter(s[i+1])) {
		switch s[i] {
		case 'k', 'K':
			x, i = x*1e3, i+1
		case 'm', 'M':
			x, i = x*1e6, i+1
		case 'b', 'B':
			x, i = x*1e9, i+1
		}
	}
	p.rest = s[i:]
	return x, true
}

// grouped reports whether a number so far has a separator already.
func (p *sizeText) grouped(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return true
		}
	}
	return false
}

// threeDigits reports whether a text begins with three digits and no fourth.
func threeDigits(s string) bool {
	return len(s) >= 3 && isDigit(s[0]) && isDigit(s[1]) && isDigit(s[2]) && (len(s) == 3 || !isDigit(s[3]))
}
