package model

import (
	"sync/atomic"

	"leadscore/datasets"
	"leadscore/features"
)

// sentences are those that depend on a feature's code alone, each once it was needed: most reasons are of categories, and serving
// writes six a lead. A sentence is the same whoever writes it first, so nothing is locked. Making all of them with the scorer was rejected: a model of
// thousands of columns would be slow to load for texts that nobody asks for.
type sentences [][]atomic.Pointer[string] // feature by code

func newSentences(all []features.Feature) sentences {
	t := make(sentences, len(all))
	for f := range all {
		t[f] = make([]atomic.Pointer[string], len(all[f].Levels))
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
	default:
		if code != feature.Missing || !value.Missing() {
			return nil
		}
	}
	return &s.kept[f][code]
}
