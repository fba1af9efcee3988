package serve

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"leadscore/serve/api"
)

// appendAnswer appends an answer as JSON: the bytes of encoding/json with SetEscapeHTML(false), which a test
// holds, without its reflection; but Probabilities are those of p, which are ordered by name. Nil lists are written as empty ones.
func appendAnswer(b []byte, a *api.Answer, p []chance) ([]byte, error) {
	var interval api.Interval
	if a.Interval != nil {
		interval = *a.Interval
	}
	var axes api.Axes
	if a.Axes != nil {
		axes = *a.Axes
	}
	for _, x := range [...]float64{a.Probability, a.RuleScore, a.Score, interval.Lower, interval.Upper, axes.Fit, axes.Engagement} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return b, fmt.Errorf("writing an answer: a score is %v", x)
		}
	}
	for i := range a.RuleScores {
		if x := a.RuleScores[i].Value; math.IsNaN(x) || math.IsInf(x, 0) {
			return b, fmt.Errorf("writing an answer: the score of scorecard %q is %v", a.RuleScores[i].Name, x)
		}
	}
	b = append(b, `{"lead_id":`...)
	b = appendText(b, a.LeadID)
	b = append(b, `,"target":`...)
	b = appendText(b, a.Target)
	b = append(b, `,"probability":`...)
	b = appendFloat(b, a.Probability)
	if a.Interval != nil {
		b = append(b, `,"interval":{"lower":`...)
		b = appendFloat(b, a.Interval.Lower)
		b = append(b, `,"upper":`...)
		b = appendFloat(b, a.Interval.Upper)
		b = append(b, '}')
	}
	b = append(b, `,"probabilities":`...)
	b = appendChances(b, p)
	b = append(b, `,"rule_score":`...)
	b = appendFloat(b, a.RuleScore)
	for i := range a.RuleScores {
		if i == 0 {
			b = append(b, `,"rule_scores":{`...)
		} else {
			b = append(b, ',')
		}
		b = appendFloat(append(appendText(b, a.RuleScores[i].Name), ':'), a.RuleScores[i].Value)
		if i == len(a.RuleScores)-1 {
			b = append(b, '}')
		}
	}
	b = append(b, `,"score":`...)
	b = appendFloat(b, a.Score)
	b = append(b, `,"grade":`...)
	b = appendText(b, a.Grade)
	if a.Axes != nil {
		b = append(b, `,"axes":{"fit":`...)
		b = appendFloat(b, axes.Fit)
		b = append(b, `,"engagement":`...)
		b = appendFloat(b, axes.Engagement)
		b = append(b, `,"grade":`...)
		b = appendText(b, axes.Grade)
		b = append(b, '}')
	}
	b = append(b, `,"recommendation":{"stage":`...)
	b = appendText(b, a.Recommendation.Stage)
	b = append(b, `,"because":`...)
	b = appendTexts(b, a.Recommendation.Because)
	if changed := a.Recommendation.Changed; changed != nil {
		b = append(b, `,"changed":`...)
		b = strconv.AppendBool(b, *changed)
	}
	b = append(b, `},"reasons":[`...)
	for i := range a.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEffect(b, &a.Reasons[i])
	}
	b = append(b, `],"warnings":`...)
	b = appendTexts(b, a.Warnings)
	b = append(b, `,"model":{"name":`...)
	b = appendText(b, a.Model.Name)
	b = append(b, `,"version":`...)
	b = appendText(b, a.Model.Version)
	if a.Model.RegistryVersion != "" {
		b = append(b, `,"registry_version":`...)
		b = appendText(b, a.Model.RegistryVersion)
	}
	return append(b, `}}`...), nil
}

func appendChances(b []byte, p []chance) []byte {
	b = append(b, '{')
	for i := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFloat(append(appendText(b, p[i].name), ':'), p[i].probability)
	}
	return append(b, '}')
}

func appendEffect(b []byte, e *api.Effect) []byte {
	b = append(b, `{"feature":`...)
	b = appendText(b, e.Feature)
	b = append(b, `,"value":`...)
	b = appendText(b, e.Value)
	b = append(b, `,"effect":`...)
	b = appendFloat(b, e.Effect)
	b = append(b, `,"text":`...)
	b = appendText(b, e.Text)
	return append(b, '}')
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, t)
	}
	return append(b, ']')
}

// appendFloat writes the fewest digits that read back as the same bits, in the form of
// encoding/json (ECMAScript's): an exponent below 1e-6 and from 1e21, without a leading zero.
func appendFloat(b []byte, x float64) []byte {
	format := byte('f')
	if abs := math.Abs(x); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, x, format, -1, 64)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1] // e-09 is e-9
		b = b[:n-1]
	}
	return b
}

const hexDigits = "0123456789abcdef"

// verbatim are the ASCII characters that stand in a quoted text as they are: one look is half of the time of four comparisons.
var verbatim = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendText writes a quoted text. Bytes that are not UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if verbatim[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			// U+2028 and U+2029 end a line in older JavaScript; encoding/json escapes them always.
			if r != utf8.RuneError && r != '\u2028' && r != '\u2029' || r == utf8.RuneError && n > 1 {
				i += n
				continue
			}
			b = append(b, s[start:i]...)
			switch r {
			case utf8.RuneError:
				b = append(b, `\ufffd`...)
			case '\u2028':
				b = append(b, `\u2028`...)
			default:
				b = append(b, `\u2029`...)
			}
			i += n
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
