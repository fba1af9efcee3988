package report

import (
	"fmt"
	"math"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"leadscore/model"
)

// words are the texts and the number formats of one language.
type words struct {
	lang    string
	texts   map[string]string
	printer *message.Printer
}

func newWords(lang string) *words {
	switch lang {
	case "es":
		return &words{lang, spanish, message.NewPrinter(language.Spanish)}
	default:
		return &words{"en", english, message.NewPrinter(language.English)}
	}
}

// T returns a text of the catalogue with its %s filled in order. A key that is missing shows as
// itself in brackets; a test holds that there is none.
func (w *words) T(key string, args ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// known returns the translation of a word that other packages write in English, or the word itself.
func (w *words) known(group, word string) string {
	if text, ok := w.texts[group+"."+word]; ok {
		return text
	}
	return word
}

// noFigure stands where there is none.
const noFigure = "–"

// Int writes a count with the language's grouping.
func (w *words) Int(n int) string { return w.printer.Sprintf("%d", n) }

// Num writes a number with fixed decimals and a true minus.
func (w *words) Num(x float64, decimals int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return noFigure
	}
	s := w.printer.Sprintf(fmt.Sprintf("%%.%df", decimals), math.Abs(x))
	if x < 0 && strings.ContainsAny(s, "123456789") {
		return "−" + s
	}
	return s
}

// Signed is Num with a plus where it is due.
func (w *words) Signed(x float64, decimals int) string {
	s := w.Num(x, decimals)
	if x > 0 && strings.ContainsAny(s, "123456789") {
		return "+" + s
	}
	return s
}

// Difference is Signed for a difference and its interval: with so many decimals, or with as many more, up to three, as it takes to show
// that an interval without 0 is one.
func (w *words) Difference(e model.Estimate, decimals int) func(float64) string {
	nearest := math.Min(math.Abs(e.Lower), math.Abs(e.Upper))
	if e.Lower > 0 || e.Upper < 0 {
		for most := decimals + 3; decimals < most && nearest < .5*math.Pow10(-decimals); {
			decimals++
		}
	}
	return func(x float64) string { return w.Signed(x, decimals) }
}

// Pct writes a share as a percentage.
func (w *words) Pct(x float64, decimals int) string {
	s := w.Num(100*x, decimals)
	if s == noFigure {
		return s
	}
	return w.T("format.percent", s)
}

// Score writes a score or a cut-off in as many decimals as it has, four at most.
func (w *words) Score(x float64) string {
	for d := range 4 {
		if scale := math.Pow(10, float64(d)); math.Abs(x*scale-math.Round(x*scale)) < 1e-9*scale {
			return w.Num(x, d)
		}
	}
	return w.Num(x, 4)
}

// P writes a p value.
func (w *words) P(p float64) string {
	if p < .001 {
		return "< " + w.Num(.001, 3)
	}
	return w.Num(p, 3)
}

// Odds writes a ratio with about three digits.
func (w *words) Odds(x float64) string {
	switch {
	case x >= 999.5:
		return "> " + w.Int(999)
	case x >= 100:
		return w.Num(x, 0)
	case x >= 10:
		return w.Num(x, 1)
	case x < .001:
		return "< " + w.Num(.001, 3)
	case x < .1:
		return w.Num(x, 3)
	}
	return w.Num(x, 2)
}

// Interval writes the ends of an estimate by a number format, for a sentence; "" without ends.
func (w *words) Interval(e model.Estimate, format func(float64) string) string {
	if math.IsNaN(e.Lower) || math.IsNaN(e.Upper) {
		return ""
	}
	return w.T("format.interval", format(e.Lower), format(e.Upper))
}

// Range is Interval for tables and small type, without words: with a dash, or with dots where an end
// has a sign that a dash would look like.
func (w *words) Range(e model.Estimate, format func(float64) string) string {
	if math.IsNaN(e.Lower) || math.IsNaN(e.Upper) {
		return ""
	}
	low, high := format(e.Lower), format(e.Upper)
	if unit := w.T("format.percent", ""); strings.HasSuffix(low, unit) && strings.HasSuffix(high, unit) {
		low = strings.TrimSuffix(low, unit) // once is enough
	}
	if strings.ContainsAny(low+high, "−+<>") {
		return w.T("format.ends", low, high)
	}
	return w.T("format.range", low, high)
}

// date shortens an RFC 3339 moment to its day.
func date(s string) string {
	if len(s) >= 10 {
		return s[:10]
	}
	return s
}
