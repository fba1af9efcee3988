package model

import (
	"math"
	"strconv"

	"leadscore/datasets"
	"leadscore/features"
)

// sentence tells a feature's effect in plain words: what the lead is, and for a code that training counted the observed rate
// and of how many, for a linear number where it lies and which way the effect goes.
func (s *Scorer) sentence(f int, value datasets.Value, asOf int64, cell features.Cell, effect float64) string {
	kept := s.place(f, value, int(cell.Code))
	if kept == nil {
		if frame := s.framing(f, value, int(cell.Code)); frame != nil {
			var out [256]byte
			return string(append(s.words.appendNumber(append(out[:0], frame.before...), value.Num), frame.after...))
		}
		return s.write(f, value, asOf, cell, effect)
	}
	text := kept.Load()
	if text == nil {
		made := s.write(f, value, asOf, cell, effect)
		text = &made
		kept.Store(text)
	}
	return *text
}

// write is sentence anew.
func (s *Scorer) write(f int, value datasets.Value, asOf int64, cell features.Cell, effect float64) string {
	feature, w := &s.features[f], s.words
	e, code := &s.artifact.Targets[0].Effects[f], int(cell.Code)
	b := s.phrase(make([]byte, 0, 160), f, value, asOf, code)
	switch {
	case code >= len(feature.Levels):
		return string(append(b, w.texts["unseen"]...))
	case feature.Linear && code != feature.Missing:
		b = append(append(b, ", "...), w.texts[distance(cell.Z)]...)
		switch {
		case e.Slope > 0:
			b = append(b, w.texts["higher.more"]...)
		case e.Slope < 0:
			b = append(b, w.texts["higher.less"]...)
		}
	case code < len(e.Rows) && e.Rows[code] > 0:
		return string(s.observed(b, e, code))
	}
	return string(w.append(b, "odds", w.about(math.Exp(effect))))
}

// observed appends what training counted of a code.
func (s *Scorer) observed(b []byte, e *TermEffect, code int) []byte {
	w := s.words
	b = w.appendPercent(append(b, w.rate[0]...), float64(e.Positives[code])/float64(e.Rows[code]))
	b = w.appendCount(append(b, w.rate[1]...), e.Rows[code])
	return append(append(append(b, w.rate[2]...), s.average...), w.rate[3]...)
}

// distance puts a standardised number in words: within half a standard deviation is about average,
// from two on far.
func distance(z float64) string {
	switch {
	case z >= 2:
		return "distance.far_above"
	case z >= .5:
		return "distance.above"
	case z > -.5:
		return "distance.about"
	case z > -2:
		return "distance.below"
	}
	return "distance.far_below"
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
			out = append(out, s.words.T("warning.missing", strconv.Quote(name)))
			last = column
		case !s.features[f].Linear && int(p.cells[f].Code) >= len(s.features[f].Levels):
			out = append(out, s.words.T("warning.unseen", strconv.Quote(name), strconv.Quote(value.String())))
			last = column
		}
	}
	return out
}
