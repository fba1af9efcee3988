package cli

import (
	"testing"

	"leadscore/model"
	"leadscore/model/rules"
)

// The points of further scorecards have a column each, also of a file of which no row was scored; one scorecard, or no rules, add none.
func TestFurtherCardColumns(t *testing.T) {
	three := &rules.File{Scorecards: []rules.Scorecard{{Name: "default"}, {Name: "b"}, {Name: "a"}}}
	fields := furtherCardFields(three)
	if len(fields) != 2 || fields[0].Name != "rule_score.b" || fields[1].Name != "rule_score.a" {
		t.Errorf("fields %+v", fields)
	}
	if got := furtherCardColumns(three, &model.Columns{}); len(got) != 2 || len(got[0].Numbers)+len(got[1].Numbers) != 0 {
		t.Errorf("without rows %+v", got)
	}
	if got := furtherCardColumns(three, &model.Columns{RuleScores: [][]float64{{1}, {2}, {3}}}); got[0].Numbers[0] != 2 || got[1].Numbers[0] != 3 {
		t.Errorf("of a row %+v", got)
	}
	for _, file := range []*rules.File{nil, {Scorecards: three.Scorecards[:1]}} {
		if fields, columns := furtherCardFields(file), furtherCardColumns(file, &model.Columns{}); len(fields)+len(columns) != 0 {
			t.Errorf("%+v and %+v of at most one scorecard", fields, columns)
		}
	}
}
