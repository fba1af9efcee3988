package model

import (
	"fmt"
	"sync"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// TestKeptSentences: a sentence that is kept is the one that the lead would get anew, for each feature of many leads in both languages, asked
// for by several goroutines at once.
func TestKeptSentences(t *testing.T) {
	table := leads(t, 120, 11) // so few that some levels are rare
	many, rare := leads(t, 600, 12), 0
	for _, e := range []features.Encoding{features.Additive, features.Linear} {
		english := scorer(t, fixture(t, table, e))
		for _, f := range english.features {
			if f.Other >= 0 {
				rare++
			}
		}
		for _, lang := range Languages() {
			s, err := english.In(lang)
			if err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			wrong := make([]string, 4)
			for worker := range wrong {
				group.Go(func() {
					var x Explanation
					for _, l := range everyLead(many) {
						if err := s.Advise(l, len(s.features), &x); err != nil {
							wrong[worker] = err.Error()
							return
						}
						for f := range s.features {
							line := s.line(f, l, &x)
							var value datasets.Value
							if s.source[f] >= 0 {
								value = l.Values[s.source[f]]
							}
							if anew := s.write(f, value, s.moment(l), x.cells[f], line.Effect); anew != line.Text {
								wrong[worker] = fmt.Sprintf("%s: %q, anew %q", line.Feature, line.Text, anew)
							}
						}
					}
				})
			}
			group.Wait()
			for _, w := range wrong {
				if w != "" {
					t.Errorf("%s: %s", lang, w)
				}
			}
		}
	}
	if rare == 0 {
		t.Error("no feature has rare levels")
	}
}

// TestSomeSentencesAreKept: of a category they are, of a number they are not.
func TestSomeSentencesAreKept(t *testing.T) {
	table := leads(t, 300, 12)
	s := scorer(t, fixture(t, table, features.Additive))
	var x Explanation
	for _, l := range everyLead(table) {
		if err := s.Advise(l, len(s.features), &x); err != nil {
			t.Fatal(err)
		}
	}
	kept := map[subjectKind]int{}
	for f := range s.features {
		for code := range s.kept[f] {
			if s.kept[f][code].Load() != nil && code != s.features[f].Missing {
				kept[s.subjects[f].kind]++
			}
		}
	}
	if kept[isLevel] == 0 || kept[isBoolean] == 0 || kept[isNumber] != 0 || kept[isDay] != 0 || kept[isAge] != 0 {
		t.Errorf("kept %v", kept)
	}
}
