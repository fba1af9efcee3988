package report

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"leadscore/model"
)

// everyDrift is a drift of every sort: the first features shifted, the last are of the calendar.
func everyDrift(features int) *model.Drift {
	bins := func(n int) (out []model.ShiftBin) {
		for k := range n {
			out = append(out, model.ShiftBin{Name: fmt.Sprintf("bin %d", k), Old: 1 / float64(n), New: float64(2*k+1) / float64(n*n)})
		}
		return out
	}
	d := &model.Drift{
		Reference: 7392, Rows: 1848, Score: model.Shift{PSI: .31, P: 0, Rank: model.ShiftShifted, Bins: bins(10)},
		ExpectedAUC: .8123, Training: .8711, MeanScore: .3321, MeanTrained: .3853,
	}
	for i := range features {
		f := model.FeatureShift{Feature: fmt.Sprintf("What matters most to you in choosing a course, %d", i), Shift: model.Shift{PSI: model.Figure(.5 / float64(i+1)), Rank: model.ShiftStable, P: .4, Bins: bins(1 + i%20)}}
		switch i {
		case 0:
			f.Rank, f.P, f.NewLevels, f.Unknown, f.MissingNew = model.ShiftShifted, 0, []string{"podcast", "<b>fair</b>"}, .234, .02
		case 1:
			f.Rank, f.P = model.ShiftMoved, 0
		case features - 1:
			f.Calendar, f.Rank, f.PSI = true, model.ShiftShifted, 9
		}
		d.Features = append(d.Features, f)
	}
	return d
}

func driftText(t *testing.T, d *model.Drift, limit float64, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := DriftTerminal(&b, d, limit, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDriftFitsItsWidth(t *testing.T) {
	brackets := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|%s|EXTRA|MISSING`)
	for _, lang := range Languages() {
		for _, width := range []int{0, 30, 40, 60, 80, 100, 160} {
			for _, features := range []int{0, 1, 3, 40} {
				text := driftText(t, everyDrift(features), .25, Options{Lang: lang, Width: width})
				most := max(width, narrowest)
				if width == 0 {
					most = defaultWidth
				}
				for _, line := range strings.Split(text, "\n") {
					if n := utf8.RuneCountInString(line); n > most && !strings.Contains(line, "…") && features > 0 && strings.Contains(line, "  ") {
						t.Errorf("%s, width %d: %d wide: %q", lang, width, n, line)
					}
				}
				if m := brackets.FindString(text); m != "" {
					t.Errorf("%s: %s in\n%s", lang, m, text)
				}
			}
		}
	}
	if text := driftText(t, everyDrift(3), .25, Options{}); strings.Contains(text, "\x1b") {
		t.Error("colour without a terminal")
	}
	if text := driftText(t, everyDrift(3), .25, Options{Colour: true}); !strings.Contains(text, "\x1b[31m") {
		t.Error("no colour on a terminal")
	}
}

func TestDriftSaysWhatMoved(t *testing.T) {
	says := func(text string, want bool, parts ...string) {
		t.Helper()
		flat := strings.Join(strings.Fields(text), " ")
		for _, p := range parts {
			if strings.Contains(flat, p) != want {
				t.Errorf("%q in it: %v, want %v\n%s", p, !want, want, text)
			}
		}
	}
	d := everyDrift(40)
	says(driftText(t, d, .25, Options{Width: 120}), true, "1,848 new leads against 7,392 training leads", "Of 39 features 1 shifted (PSI above 0.25) and 1 moved a little",
		"has shifted: a PSI of 0.310", "podcast, <b>fair</b>", "an AUC of 0.812 is to be expected", "it was 0.871", "33.2%; on the training leads it was 38.5%",
		"Beyond the limit of 0.25: the probability (0.310), What matters most to you in choosing a course, 0 (0.500).", "28 more features", "Days and months move on")
	says(driftText(t, d, 5, Options{}), true, "Nothing is beyond the limit of 5")
	says(driftText(t, d, .25, Options{Lang: "es"}), true, "1.848 leads nuevos frente a 7.392", "Por encima del límite de 0,25: la probabilidad (0,310)")
	calm := &model.Drift{Rows: 200, Reference: 1000, Score: model.Shift{PSI: .01, P: .5, Rank: model.ShiftStable}, ExpectedAUC: .8, Training: .8, MeanScore: .1, MeanTrained: .1}
	says(driftText(t, calm, .25, Options{}), true, "Nothing has moved by more than chance alone would do.")
	calm.Score.Rank = model.ShiftMoved
	says(driftText(t, calm, .25, Options{}), false, "Nothing has moved")
	old := &model.Drift{Rows: 200, Reference: 1000, Score: model.Shift{PSI: model.Figure(math.NaN())}, ExpectedAUC: .8, Training: model.Figure(math.NaN()), MeanScore: .1, MeanTrained: model.Figure(math.NaN())}
	says(driftText(t, old, .25, Options{}), true, "trained by an older leadscore", "an AUC of 0.800 is to be expected on these leads; the mean probability is 10.0%.")
	if err := DriftTerminal(&bytes.Buffer{}, calm, .25, Options{Lang: "fr"}); err == nil {
		t.Error("an unknown language is accepted")
	}
}
