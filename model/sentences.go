package model

import (
	"strconv"
	"strings"
	"sync/atomic"

	"leadscore/datasets"
	"leadscore/features"
)

// sentences are those that depend on a feature's code alone, each once it was needed: most reasons are of categories, and serving
// writes six a lead. A sentence is the same whoever writes it first, so nothing is locked. Making all of them with the scorer was rejected: a model of
// thousands of columns would be slow to load for texts that nobody asks for.
type sentences [][]atomic.Pointer[string] // feature by code

func newSentences(all []features.Feature) sentences {
	return byCode[string](all)
}

// framings are what stands before and after a number in its sentence, likewise kept.
type framings [][]atomic.Pointer[framing]

type framing struct{ before, after string }

func byCode[T any](all []features.Feature) [][]atomic.Pointer[T] {
	t := make([][]atomic.Pointer[T], len(all))
	for f := range all {
		t[f] = make([]atomic.Pointer[T], len(all[f].Levels))
	}
	return t
}

// place is where a sentence is kept; nil: it depends on the value too.
func (s *Scorer) place(f int, value datasets.Value, code int) *atomic.Pointer[string] {
	feature := &s.features[f]
	if code >= len(feature.Levels) {
		return nil
	}
	switch s.subjects[f].kind {
	case isPair:
	case isLevel, isClass, isBoolean, isWeekday, isMonth, isHour:
		if missing := code == feature.Missing; value.Missing() != missing || !missing && (code == feature.Other || feature.Linear) {
			return nil
		}
	case isNumber:
		if missing := code == feature.Missing; value.Missing() != missing || !missing && (feature.Linear || !isSingle(feature.Levels[code], value.Num)) {
			return nil
		}
	default:
		if code != feature.Missing || !value.Missing() {
			return nil
		}
	}
	return &s.kept[f][code]
}

// isSingle reports whether a bin has this number alone.
func isSingle(level string, x float64) bool {
	text, ok := strings.CutPrefix(level, "= ")
	if !ok {
		return false
	}
	single, err := strconv.ParseFloat(text, 64)
	return err == nil && x == single
}

// framing is that of a number in a bin of several that training counted; nil: it is no such number.
func (s *Scorer) framing(f int, value datasets.Value, code int) *framing {
	feature, sub, e := &s.features[f], &s.subjects[f], &s.artifact.Targets[0].Effects[f]
	if sub.kind != isNumber || feature.Linear || code >= len(feature.Levels) || code == feature.Missing || code == feature.Other ||
		value.Missing() || code >= len(e.Rows) || e.Rows[code] == 0 || strings.HasPrefix(feature.Levels[code], "= ") {
		return nil
	}
	kept := &s.framed[f][code]
	if made := kept.Load(); made != nil {
		return made
	}
	w := s.words
	after := append([]byte(w.ranges[1]), w.bin(feature.Levels[code], "range", w.readNumber)...)
	after = s.observed(append(append(after, w.ranges[2]...), w.is[2]...), e, code)
	made := &framing{w.is[0] + sub.label + w.is[1] + w.ranges[0], string(after)}
	kept.Store(made)
	return made
}
