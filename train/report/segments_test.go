package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"leadscore/model"
)

// The largest weak spot is named first; in the plot of a column the largest segment stands first and all others last.
func TestSegmentsStandInOrder(t *testing.T) {
	of := func(value string, rows int, other bool, weak string) model.Segment {
		return model.Segment{Column: "source", Value: value, Other: other, Weak: weak, Cohort: model.Cohort{Rows: rows, Expected: .3, Observed: wilson(rows/3, rows)}}
	}
	segments := []model.Segment{of("small", 30, false, "ranking"), of("large", 300, false, "calibration"), of("", 900, true, ""), of("", 90, false, "")}
	target := targetView{card: &model.TargetCard{Segments: segments}, words: newWords("en")}
	if got, want := target.weakSentence(), "Weak spots: source = large (calibration); source = small (ranking)."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f, err := target.segmentPlot("source", segments)
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, name := range []string{">large<", ">missing<", ">small<", ">all others<"} {
		m := regexp.MustCompile(`y="(-?[0-9.]+)"[^>]*` + name).FindStringSubmatch(string(f.SVG))
		if m == nil {
			t.Fatalf("the plot does not name %s", name)
		}
		at = append(at, strings.Index(string(f.SVG), name))
	}
	if up := slices.IsSorted(at); !up && !slices.IsSortedFunc(at, func(a, b int) int { return b - a }) {
		t.Errorf("the segments are drawn at %v: not from the largest to all others", at)
	}
	target.card.Segments = segments[2:]
	if got, want := target.weakSentence(), "No weak spots: none of 2 segments does worse than chance would explain."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestChoicesThatCannotBeMetAreMarked(t *testing.T) {
	c := sampleCard(t, 300, 4).Targets["converted"]
	b, ok := targetView{card: c, words: newWords("en")}.choiceBlock()
	if !ok {
		t.Fatal("no table of choices")
	}
	for i, row := range b.Table.Rows {
		if marked := strings.HasSuffix(row[0].Main, " *"); marked == c.Choices[i].Met {
			t.Errorf("%s, %s: marked %v, met %v", row[0].Main, row[0].Small, marked, c.Choices[i].Met)
		}
	}
	if own := b.Table.Rows[2][0].Main; strings.HasPrefix(own, "MQL") {
		t.Errorf("an alternative is told as the policy's own: %q", own)
	}
}

func TestOneLevelOfEachFeatureIsAmongTheStrongest(t *testing.T) {
	got := onePerFeature([]model.Coefficient{{Feature: "a", Level: "1"}, {Feature: "a", Level: "2"}, {Feature: "b", Level: "3"}, {Feature: "a", Level: "4"}})
	if len(got) != 2 || got[0].Level != "1" || got[1].Level != "3" {
		t.Errorf("kept %v", got)
	}
}
