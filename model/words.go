package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
)

// sentence tells a feature's effect in plain words: for a code that training counted the observed rate,
// for a linear number where it lies and which way the effect goes.
func (s *Scorer) sentence(f int, value string, isMissing bool, cell features.Cell, effect float64) string {
	feature, t := &s.features[f], &s.artifact.Targets[0]
	e, code := &t.Effects[f], int(cell.Code)
	b := append(appendLabel(make([]byte, 0, 128), feature), " is "...)
	linear := false
	switch {
	case code >= len(feature.Levels):
		if isMissing {
			value = missing
		}
		return string(append(append(b, value...), ", which training has not seen: it counts neither way"...))
	case code == feature.Missing:
		b = append(b, missing...)
	case feature.Linear:
		b, linear = append(b, value...), true
	case feature.Name != feature.Column || s.isBoolean(f): // derived, or a pair: the level is what the reader can check
		b = append(b, feature.Levels[code]...)
	case code == feature.Other:
		b = append(append(b, value...), " (with other rare values)"...)
	case feature.Levels[code] != value: // a bin
		b = append(append(append(append(b, value...), " ("...), feature.Levels[code]...), ')')
	default:
		b = append(b, value...)
	}
	switch {
	case linear:
		b = append(append(b, ", "...), distance(cell.Z)...)
		switch {
		case e.Slope > 0:
			b = append(b, ", and higher values convert more often"...)
		case e.Slope < 0:
			b = append(b, ", and higher values convert less often"...)
		}
	case !linear && code < len(e.Rows) && e.Rows[code] > 0:
		b = appendPercent(append(b, ": "...), float64(e.Positives[code])/float64(e.Rows[code]))
		b = strconv.AppendInt(append(b, " of "...), int64(e.Rows[code]), 10)
		return string(appendPercent(append(b, " such leads converted, average "...), t.BaseRate))
	}
	return string(appendShort(append(b, ": odds × "...), math.Exp(effect)))
}

// isBoolean reports whether a feature is a yes or no, which its levels say in words.
func (s *Scorer) isBoolean(f int) bool {
	return s.source[f] >= 0 && s.artifact.Schema.Fields[s.source[f]].Kind == datasets.Boolean
}

// appendLabel names a feature for people: "email.domain_class" of column "email" is "email (domain class)".
func appendLabel(b []byte, f *features.Feature) []byte {
	part, derived := strings.CutPrefix(f.Name, f.Column+".")
	switch {
	case !derived || f.Column == "":
		return append(b, f.Name...)
	case strings.EqualFold(part, f.Column): // "size (size)"
		return append(b, f.Column...)
	}
	b = append(b, f.Column...)
	b = append(b, " ("...)
	b = append(b, strings.ReplaceAll(part, "_", " ")...)
	return append(b, ')')
}

// distance puts a standardised number in words: within half a standard deviation is about average,
// from two on far.
func distance(z float64) string {
	switch {
	case z >= 2:
		return "far above average"
	case z >= .5:
		return "above average"
	case z > -.5:
		return "about average"
	case z > -2:
		return "below average"
	}
	return "far below average"
}

// appendPercent writes a share: whole per cents, with one decimal below 10 % and above 99 %.
func appendPercent(b []byte, share float64) []byte {
	digits := 0
	if x := 100 * share; x > 0 && x < 9.95 || x > 99 && x < 100 {
		digits = 1
	}
	b = strconv.AppendFloat(b, 100*share, 'f', digits, 64)
	return append(b, " %"...)
}

// appendShort writes a number to three significant digits.
func appendShort(b []byte, x float64) []byte { return strconv.AppendFloat(b, x, 'g', 3, 64) }

// because lists what decided the stage and what was not met.
func (s *Scorer) because(l *Lead, p *Prediction, out []string) []string {
	if p.hard != "" {
		_, _, lines := s.rules.Trace(l.Values, l.Events, s.moment(l))
		for _, line := range lines {
			if line.Kind == "hard" && strings.HasPrefix(line.Text, string(p.hard)+":") { // others fired and lost, or failed
				out = append(out, fmt.Sprintf("hard rule %q: %s", line.Rule, line.Text))
			}
		}
		if p.hard == Disqualify {
			return out
		}
	}
	policy := &s.artifact.Policy
	for _, step := range []struct {
		stage Stage
		rule  *StageRule
	}{{SQL, &policy.SQL}, {MQL, &policy.MQL}} {
		met := p.Score >= step.rule.MinScore
		out = append(out, compare(p.Score, step.rule.MinScore, met, step.stage))
		if !met {
			continue
		}
		for _, column := range s.requires(step.stage) {
			is := "known"
			if l.Values[column].Missing() {
				is, met = missing, false
			}
			out = append(out, fmt.Sprintf("%s is %s (required for %s)", s.artifact.Schema.Fields[column].Name, is, step.stage))
		}
		if met {
			break // a lower stage decides nothing
		}
	}
	return out
}

// compare writes "score 71.2 ≥ 62 (MQL)", with as many decimals as tell the two apart.
func compare(score, limit float64, met bool, stage Stage) string {
	sign := " < "
	if met {
		sign = " ≥ "
	}
	want := strconv.FormatFloat(limit, 'f', -1, 64)
	b := make([]byte, 0, 32)
	for digits := 1; ; digits++ {
		b = strconv.AppendFloat(append(b[:0], "score "...), score, 'f', digits, 64)
		shown, err := strconv.ParseFloat(string(b[len("score "):]), 64)
		if err != nil || (shown >= limit) == met || digits > 17 {
			break
		}
	}
	b = append(append(b, sign...), want...)
	return string(b) + " (" + string(stage) + ")"
}

// warnings names the columns that are missing, and the values that training has not seen, where the
// feature makes a difference; each column once.
func (s *Scorer) warnings(l *Lead, p *Prediction, out []string) []string {
	last := -1
	for f := range s.features {
		column := s.source[f]
		if !s.matters[f] || column < 0 || column == last {
			continue
		}
		name, value := s.artifact.Schema.Fields[column].Name, l.Values[column]
		switch {
		case value.Missing() && s.events.makes(column): // it says that there was no such event
		case value.Missing():
			out = append(out, fmt.Sprintf("%q is missing: scored as missing", name))
			last = column
		case !s.features[f].Linear && int(p.cells[f].Code) >= len(s.features[f].Levels):
			out = append(out, fmt.Sprintf("%q: training has not seen %q: scored without it", name, value))
			last = column
		}
	}
	return out
}
