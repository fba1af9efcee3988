package model

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The languages that a Scorer tells its reasons in.
const (
	English = "en"
	Spanish = "es"
)

// Languages are the languages of reasons, conditions, warnings and changes, by the alphabet.
func Languages() []string { return slices.Sorted(maps.Keys(catalogues)) }

// In returns the same scorer with texts in another language; "" is English. The scores are the same bits, and so
// are the names of features, values and stages, which programs read. The error names the languages there are.
func (s *Scorer) In(lang string) (*Scorer, error) {
	if lang == "" {
		lang = English
	}
	texts, ok := catalogues[lang]
	if !ok {
		return nil, fmt.Errorf("unknown language %q; want %s", lang, strings.Join(Languages(), " or "))
	}
	other := *s
	other.words = &words{lang, texts}
	other.subjects = other.describe()
	return &other, nil
}

// words are the texts and the number formats of one language.
type words struct {
	lang  string
	texts map[string]string
}

// catalogues hold every text by language: the same keys, with the same number of %s, which a test holds.
var catalogues = map[string]map[string]string{English: textsEnglish, Spanish: textsSpanish}

// T returns a text of the catalogue with its %s filled in order.
func (w *words) T(key string, args ...string) string {
	return string(w.append(nil, key, args...))
}

// append appends a text with its %s filled. fmt was rejected: reasons are written for every lead that is scored.
func (w *words) append(b []byte, key string, args ...string) []byte {
	text, ok := w.texts[key]
	if !ok {
		return append(append(append(b, '['), key...), ']') // a test finds it
	}
	for _, arg := range args {
		before, after, ok := strings.Cut(text, "%s")
		if !ok {
			break
		}
		b = append(append(b, before...), arg...)
		text = after
	}
	return append(b, text...)
}

// known returns the translation of a word that training wrote in English, or the word itself.
func (w *words) known(group, word string) string {
	if text, ok := w.texts[group+"."+word]; ok {
		return text
	}
	return word
}

// number writes a number in full, thousands parted from five digits on: a year is no 2,024.
func (w *words) number(x float64) string {
	format := byte('f')
	if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e15) {
		format = 'g'
	}
	return w.grouped(strconv.FormatFloat(x+0, format, -1, 64))
}

// about writes a measured number to three digits, or to the last whole one.
func (w *words) about(x float64) string {
	if a := math.Abs(x); a >= 100 && a < 1e15 {
		return w.number(math.Round(x))
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		rounded = x
	}
	return w.number(rounded)
}

func (w *words) count(n int) string { return w.grouped(strconv.Itoa(n)) }

// percent writes a share: whole per cents, with one decimal below 10 % and above 99 %.
func (w *words) percent(share float64) string {
	digits := 0
	if x := 100 * share; x > 0 && x < 9.95 || x > 99 && x < 100 {
		digits = 1
	}
	return w.fixed(100*share, digits) + " %"
}

// fixed writes a number with so many decimals.
func (w *words) fixed(x float64, decimals int) string {
	return w.grouped(strconv.FormatFloat(x, 'f', decimals, 64))
}

// grouped gives the digits of a number the marks of the language.
func (w *words) grouped(digits string) string {
	comma, point := ",", "."
	if w.lang == Spanish {
		comma, point = ".", ","
	}
	if strings.ContainsAny(digits, "enI") { // an exponent, or no number
		return strings.Replace(digits, ".", point, 1)
	}
	whole, part, decimal := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if n := len(whole); n >= 5 {
		var b strings.Builder
		for i := range n {
			if i > 0 && (n-i)%3 == 0 {
				b.WriteString(comma)
			}
			b.WriteByte(whole[i])
		}
		whole = b.String()
	}
	if decimal {
		whole += point + part
	}
	return sign + whole
}

// date writes a day that training wrote as 2026-01-31.
func (w *words) date(iso string) (string, bool) {
	if len(iso) != len("2026-01-31") || iso[4] != '-' || iso[7] != '-' {
		return iso, false
	}
	month, err := strconv.Atoi(iso[5:7])
	day, err2 := strconv.Atoi(iso[8:])
	if err != nil || err2 != nil || month < 1 || month > 12 {
		return iso, false
	}
	return w.T("date", strconv.Itoa(day), w.known("month", monthNames[month-1]), iso[:4]), true
}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// span writes a window of time: "the last 30 days".
func (w *words) span(micros int64) string {
	const minute, hour, day = 60e6, 3600e6, 24 * 3600e6
	switch {
	case micros == day:
		return w.T("span.day")
	case micros%day == 0:
		return w.T("span.days", strconv.FormatInt(micros/day, 10))
	case micros%hour == 0:
		return w.T("span.hours", strconv.FormatInt(micros/hour, 10))
	}
	return w.T("span.minutes", w.number(float64(micros)/minute))
}
