package report

import (
	"strings"
	"testing"

	"leadscore/model"
)

// What is told of time: the other split, where rows went, and which way to a later target is better.
func TestHistoryIsTold(t *testing.T) {
	c := twoTargets(t)
	for name, text := range map[string]string{"html": pageOf(t, c, Options{}), "markdown": markdown(t, c, Options{}), "terminal": terminal(t, c, Options{Width: 400})} {
		text = strings.ReplaceAll(text, "\\", "") // Markdown escapes the bar
		for _, want := range []string{"P(a won deal) is better modelled as P(converted) · P(a won deal | converted) than directly", "The model has it directly.", "immature", "at random"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
	chain := c.Targets["a won deal"].Chain
	for p, want := range map[float64]string{.2: "cannot tell whether", .001: "is worse than directly"} {
		chain.Comparisons[0].P, chain.Comparisons[0].Difference = p, model.Estimate{Value: .01, Lower: -.002, Upper: .022}
		if text := terminal(t, c, Options{Width: 400}); !strings.Contains(text, want) {
			t.Errorf("with p = %v the terminal does not say %q", p, want)
		}
	}
	if text := terminal(t, c, Options{Width: 400}); !strings.Contains(text, "700 rows of the file: 60 immature (window open at the end of the data), 40 purged (window reaches into the hold-out), 480 training, 120 hold-out") {
		t.Errorf("no account of the rows:\n%s", text)
	}
}

func TestNothingIsToldOfRowsThatAllTrainOrTest(t *testing.T) {
	c := sampleCard(t, 600, 5)
	c.Targets["converted"].Account = []model.Count{{What: model.CountRead, Rows: 9}, {What: model.CountTrain, Rows: 7}, {What: model.CountHoldout, Rows: 2}}
	if text := terminal(t, c, Options{}); strings.Contains(text, "rows of the file") {
		t.Errorf("the terminal tells of rows:\n%s", text)
	}
}
