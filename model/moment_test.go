package model

import (
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
)

// TestReasonsAreOfTheMoment: a lead that is scored as of a moment is told about as one whose as-of cell holds it, whatever its own cell holds: weekday, hour,
// day and ages are of that moment, in value and text.
func TestReasonsAreOfTheMoment(t *testing.T) {
	table := leads(t, 400, 1)
	for _, e := range []features.Encoding{features.Additive, features.Linear} {
		english := scorer(t, fixture(t, table, e))
		for _, lang := range Languages() {
			s, err := english.In(lang)
			if err != nil {
				t.Fatal(err)
			}
			parts := 0
			for row := range 20 {
				own := leadAt(table, row)
				for _, later := range []time.Duration{time.Hour, 29 * time.Hour, 400 * 24 * time.Hour} {
					moment := table.Batches[0].Value(s.asOf, row).Time + later.Microseconds()
					cell, asked, none := *own, *own, *own
					cell.Values, none.Values = slices.Clone(own.Values), slices.Clone(own.Values)
					cell.Values[s.asOf], none.Values[s.asOf] = datasets.At(moment), datasets.Value{}
					cell.AsOf, asked.AsOf, none.AsOf = datasets.MissingTime, moment, moment
					want, err := s.Explain(&cell, len(s.features))
					if err != nil {
						t.Fatal(err)
					}
					for name, l := range map[string]*Lead{"its own cell": &asked, "no cell": &none} {
						got, err := s.Explain(l, len(s.features))
						if err != nil {
							t.Fatal(err)
						}
						if !slices.Equal(got.Effects, want.Effects) || !slices.Equal(got.Reasons, want.Reasons) {
							t.Fatalf("%s, %s, row %d, %s later:\n%+v, want\n%+v", lang, name, row, later, got.Effects, want.Effects)
						}
						for _, line := range got.Effects {
							if strings.HasPrefix(line.Feature, "created_at.") {
								if parts++; line.Value != datasets.At(moment).String() {
									t.Errorf("%s: %s is told as %s", name, line.Feature, line.Value)
								}
							}
						}
					}
				}
			}
			if parts == 0 {
				t.Error("no feature is of the as-of column")
			}
		}
	}
}
