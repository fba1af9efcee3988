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
	other.speak(newWords(lang, texts))
	return &other, nil
}

// speak prepares the texts of a language.
func (s *Scorer) speak(w *words) {
	s.words = w
	s.subjects = s.describe()
	s.kept, s.framed = newSentences(s.features), byCode[framing](s.features)
	s.average = w.percent(s.artifact.Targets[0].BaseRate)
}

// words are the texts and the number formats of one language.
type words struct {
	lang  string
	texts map[string]string

	// Texts between their places, of those that nearly every lead needs.
	rate   [4]string // what most reasons end in
	score  [5]string // because.score
	target [6]string // because.target
	short  [2]string // because.short
	is     [3]string
	ranges [3]string // value.range
}

func newWords(lang string, texts map[string]string) *words {
	w := &words{lang: lang, texts: texts}
	for key, places := range map[string][]string{
		"rate": w.rate[:], "because.score": w.score[:], "because.target": w.target[:], "because.short": w.short[:], "is": w.is[:], "value.range": w.ranges[:],
	} {
		copy(places, strings.Split(texts[key], "%s"))
	}
	return w
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
	var out [48]byte
	return string(w.appendNumber(out[:0], x))
}

func (w *words) appendNumber(b []byte, x float64) []byte {
	format := byte('f')
	if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e15) {
		format = 'g'
	}
	var digits [32]byte
	return w.group(b, strconv.AppendFloat(digits[:0], x+0, format, -1, 64))
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

// percent writes a share: whole per cents, with one decimal below 10 % and above 99 %.
func (w *words) percent(share float64) string { return string(w.appendPercent(nil, share)) }

func (w *words) appendPercent(b []byte, share float64) []byte {
	digits := 0
	if x := 100 * share; x > 0 && x < 9.95 || x > 99 && x < 100 {
		digits = 1
	}
	return append(w.appendFixed(b, 100*share, digits), " %"...)
}

// fixed writes a number with so many decimals.
func (w *words) fixed(x float64, decimals int) string { return string(w.appendFixed(nil, x, decimals)) }

func (w *words) appendFixed(b []byte, x float64, decimals int) []byte {
	var digits [32]byte
	return w.group(b, strconv.AppendFloat(digits[:0], x, 'f', decimals, 64))
}

// appendCount writes a whole number.
func (w *words) appendCount(b []byte, n int) []byte {
	var digits [20]byte
	return w.group(b, strconv.AppendInt(digits[:0], int64(n), 10))
}

// group appends the digits of a number with the marks of the language.
func (w *words) group(b, digits []byte) []byte {
	comma, point := byte(','), byte('.')
	if w.lang == Spanish {
		comma, point = '.', ','
	}
	end := 0 // of the whole part and its sign
	for end < len(digits) && (digits[end] >= '0' && digits[end] <= '9' || end == 0 && digits[0] == '-') {
		end++
	}
	start := 0
	if len(digits) > 0 && digits[0] == '-' {
		start = 1
	}
	for i, c := range digits[:end] {
		if n := end - i; i > start && n%3 == 0 && end-start >= 5 {
			b = append(b, comma)
		}
		b = append(b, c)
	}
	for _, c := range digits[end:] { // the rest, an exponent, or no number
		if c == '.' {
			c = point
		}
		b = append(b, c)
	}
	return b
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
