package model

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// TestKeptSentences: a sentence that is kept is the one that the lead would get anew, for each feature of many leads in both languages, asked
// for by several goroutines at once.
func TestKeptSentences(t *testing.T) {
	table := spread(leads(t, 120, 11)) // so few that some levels are rare
	many, rare := spread(leads(t, 600, 12)), 0
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

// TestSomeSentencesAreKept: of a category they are; of a number they are where its bin has no other, or else what stands around it.
func TestSomeSentencesAreKept(t *testing.T) {
	table := spread(leads(t, 300, 12))
	s := scorer(t, fixture(t, table, features.Additive))
	var x Explanation
	for _, l := range everyLead(table) {
		if err := s.Advise(l, len(s.features), &x); err != nil {
			t.Fatal(err)
		}
	}
	kept, framed := map[subjectKind]int{}, map[subjectKind]int{}
	for f := range s.features {
		for code := range s.kept[f] {
			kind := s.subjects[f].kind
			if s.framed[f][code].Load() != nil {
				framed[kind]++
			}
			if s.kept[f][code].Load() != nil && code != s.features[f].Missing {
				kept[kind]++
				if level := s.features[f].Levels[code]; kind == isNumber && !strings.HasPrefix(level, "= ") {
					t.Errorf("a sentence of %s in %s is kept", s.features[f].Name, level)
				}
			}
		}
	}
	if kept[isLevel] == 0 || kept[isBoolean] == 0 || kept[isNumber] == 0 || kept[isDay] != 0 || kept[isAge] != 0 || framed[isNumber] == 0 || len(framed) != 1 {
		t.Errorf("kept %v, framed %v", kept, framed)
	}
}

// spread makes the numbers above 4 distinct, so that some bins have many and some have one.
func spread(table *datasets.Table) *datasets.Table {
	for _, b := range table.Batches {
		for row, x := range b.Column(2).Numbers {
			if x > 4 {
				b.Column(2).Numbers[row] = x + float64(row)/1000
			}
		}
	}
	return table
}
