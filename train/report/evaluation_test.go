package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/model"
)

// sectionOf cuts a section out of a page.
func sectionOf(page, id string) string {
	_, rest, _ := strings.Cut(page, `<section id="`+id+`">`)
	s, _, _ := strings.Cut(rest, `</section>`)
	return s
}

// What the further parts of a card say is in the page, in the text and, of the most useful, in the terminal.
func TestEvaluationIsTold(t *testing.T) {
	c := sampleCard(t, 900, 12)
	c.Targets["converted"].Split = "time"
	page, text, term := pageOf(t, c, Options{}), markdown(t, c, Options{}), terminal(t, c, Options{Width: 400})
	for id, want := range map[string][]string{
		"data":        {"Conversion by month", "Leads by month", "May 24", "training, all months: 38.5%"},
		"accuracy":    {"Gini"},
		"calibration": {"ECE, corrected", "Slope", "Brier: resolution", "no sign that the probabilities are too extreme", "Conversion of the hold-out by month", "Sep 24"},
		"deciles":     {"Lift, best 1%", "Conversions in the best 20%"},
		"thresholds":  {"MQL: best separation (Youden)", "precision: 0.99", "* What was asked for cannot be reached.", "Net benefit per 100 leads", "contact everyone", "Leads a day"},
		"segments":    {"Olark Chat", "Lead Source · weak: ranking", "all others", "the same, of a weak spot"},
		"drift":       {"score PSI 0.03, stable", "Lead Source (0.31)", "4% have new levels: TikTok, Partner &lt;i&gt;portal&lt;/i&gt;, WeLearn, Click2call, …", "Expected AUC", "calendar"},
		"repeat":      {"Seed of the split", "<pre>version: 1", "Converted &lt;/pre&gt;"},
	} {
		s := sectionOf(page, id)
		for _, w := range want {
			if !strings.Contains(s, w) {
				t.Errorf("section %s does not say %q", id, w)
			}
		}
	}
	if s := sectionOf(page, "thresholds"); strings.Contains(s, "Benefit per lead") {
		t.Error("a column of benefits without any")
	}
	for _, w := range []string{"score PSI 0.03, stable", "weak: ranking", "Jan 23", "Slope", "best separation", "▂ → ▅", "````\nversion: 1"} {
		if !strings.Contains(text, w) {
			t.Errorf("report.md does not say %q", w)
		}
	}
	for _, w := range []string{
		"Test period: score PSI 0.03, stable. Moved: Lead Source (0.31), Total Time Spent on Websi… (0.14).",
		"Weak spots: ", "Lead Source = Olark Chat (ranking)",
		"Take leads as MQL from a score of 38.5: ", "; SQL from a score of 82: ",
	} {
		if !strings.Contains(term, w) {
			t.Errorf("the terminal does not say %q:\n%s", w, term)
		}
	}
}

// bare is a card from before the further parts: as it is made, with zeros, and as it is read, with NaN.
func bare(c *model.Card, read bool) *model.Card {
	x := math.NaN()
	if !read {
		x = 0
	}
	none, figure := model.Estimate{Value: x, Lower: x, Upper: x}, model.Figure(x)
	for _, target := range c.Targets {
		target.Months, target.Segments, target.Benefit, target.Choices, target.Drift = nil, nil, nil, nil, nil
		for name, m := range target.Scores {
			m.Gini, m.ECECorrected, m.Slope, m.Intercept, m.Lift1, m.Lift5, m.Lift20 = none, none, none, none, none, none, none
			m.Recall1, m.Recall5, m.Recall10, m.Recall20 = none, none, none, none
			m.BrierParts = model.BrierParts{Reliability: figure, Resolution: figure, Uncertainty: figure, Within: figure}
			target.Scores[name] = m
		}
	}
	c.Run.Config, c.Run.Seed, c.Run.SplitSeed = "", 0, 0
	return c
}

func TestOlderCardsLeaveOutWhatTheyLack(t *testing.T) {
	for _, read := range []bool{false, true} {
		c := bare(sampleCard(t, 600, 5), read)
		for name, all := range map[string]string{"page": pageOf(t, c, Options{}), "report.md": markdown(t, c, Options{}), "terminal": terminal(t, c, Options{})} {
			for _, part := range []string{"Gini", "corrected", "Slope", "Brier:", "Month by month", "month by month", "best 1%", "Its best tenth", "that you could choose", "worth acting on", "Weak spots",
				"weak spots", "Drift", "PSI", "Seed", "The configuration", `id="segments"`, `id="drift"`} {
				if strings.Contains(all, part) {
					t.Errorf("read %v: the %s of an older card says %q", read, name, part)
				}
			}
			if name != "terminal" && !strings.Contains(all, "The policy’s cut-offs") {
				t.Errorf("read %v: the %s has no table of the policy's cut-offs", read, name)
			}
		}
		if m := regexp.MustCompile(`<h[23]>[^<]*</h[23]>\s*(<h[23]>|</section>)`).FindString(pageOf(t, c, Options{})); m != "" {
			t.Errorf("read %v: a heading above nothing: %s", read, m)
		}
	}
}

// A part whose every figure is not a number shows no number, and breaks nothing.
func TestPartsWithoutFigures(t *testing.T) {
	nan := math.NaN()
	no, figure := model.Estimate{Value: nan, Lower: nan, Upper: nan}, model.Figure(nan)
	cohort := model.Cohort{Rows: 3, Expected: figure, Observed: no, AUC: no}
	c := sampleCard(t, 300, 4)
	target := c.Targets["converted"]
	target.Months = []model.Month{{Month: "2024-13"}, {Month: "2024-01", Part: "holdout", Cohort: cohort}, {Month: "", Part: "train", Cohort: cohort}}
	target.Segments = []model.Segment{{Column: "a", Cohort: cohort}, {Column: "a", Value: "x", Cohort: model.Cohort{Observed: no, AUC: no}, Weak: "something new"}}
	target.Benefit = []model.NetBenefit{{Threshold: .1, All: nan, Scorers: map[string]model.Figure{"model": .2}}, {Threshold: .2, All: math.Inf(-1), Scorers: map[string]model.Figure{"model": figure}}}
	target.Choices = []model.Choice{{By: "something new", Score: nan, Volume: no, Precision: no, Recall: no, Benefit: no}}
	target.Drift = &model.Drift{Score: model.Shift{PSI: figure}, ExpectedAUC: figure, Training: figure, MeanScore: figure, MeanTrained: figure,
		Features: []model.FeatureShift{{Feature: "f", Shift: model.Shift{PSI: figure, Bins: []model.ShiftBin{{Old: nan, New: nan}, {Old: math.Inf(1)}}}, MissingOld: nan}}}
	for _, lang := range Languages() {
		page := pageOf(t, c, Options{Lang: lang})
		for name, all := range map[string]string{"page": page, "report.md": markdown(t, c, Options{Lang: lang}), "terminal": terminal(t, c, Options{Lang: lang})} {
			if m := regexp.MustCompile(`.{0,60}(NaN|Inf|%!).{0,20}`).FindString(all); m != "" {
				t.Errorf("%s, %s: %s", lang, name, m)
			}
		}
	}
}

func TestCalendarLeavesGapsAndShares(t *testing.T) {
	at := func(month, part string) model.Month {
		return model.Month{Month: month, Part: part, Cohort: model.Cohort{Rows: 10, Positives: 3, Observed: wilson(3, 10)}}
	}
	c := newCalendar([]model.Month{at("2025-11", "train"), at("2026-02", "train"), at("2026-02", "holdout"), at("2026-04", "holdout"), at("no month", "train")})
	var got []string
	for _, p := range c.at {
		got = append(got, fmt.Sprintf("%s %.2f %.1f", newWords("en").month(p.month), p.place, p.half))
	}
	if want := []string{"Nov 25 0.00 0.4", "Feb 26 2.79 0.2", "Feb 26 3.21 0.2", "Apr 26 5.00 0.4"}; !slices.Equal(got, want) {
		t.Errorf("months at %q, want %q", got, want)
	}
	if c.cut {
		t.Error("months are said to be left out")
	}
	c = newCalendar([]model.Month{at("2000-01", "train"), at("2021-01", "train"), at("2021-02", "train"), at("2026-01", "holdout")})
	if !c.cut || len(c.at) != 2 || c.at[0].Month.Month != "2021-02" || c.at[1].place != mostMonths-1 {
		t.Errorf("the latest %d months: %+v", mostMonths, c.at)
	}
	if got := newWords("es").month(12*2026 + 7); got != "ago 26" {
		t.Errorf("August is %q", got)
	}
}

// A rare month's wide interval does not stretch the axis beyond one and a half times the highest rate.
func TestAxisOfRates(t *testing.T) {
	c := newCalendar([]model.Month{
		{Month: "2026-01", Cohort: model.Cohort{Rows: 3, Observed: wilson(0, 3)}}, {Month: "2026-02", Cohort: model.Cohort{Rows: 900, Observed: wilson(90, 900)}}})
	if end := c.end(func(model.Month) float64 { return .02 }); math.Abs(end-.15) > 1e-9 {
		t.Errorf("the axis ends at %v, want 0.15", end)
	}
	if end := c.end(func(model.Month) float64 { return .4 }); math.Abs(end-.6) > 1e-9 {
		t.Errorf("with an expected rate of 40 %% the axis ends at %v, want 0.6", end)
	}
}

func TestSlopeIsReadByItsInterval(t *testing.T) {
	e := func(v, low, high float64) model.Estimate { return model.Estimate{Value: v, Lower: low, Upper: high} }
	for _, c := range []struct {
		slope, intercept model.Estimate
		want             string
	}{
		{e(.9, .8, 1.02), e(.1, -.1, .3), "no sign that the probabilities are too extreme or too timid. On the whole they are neither"},
		{e(.8, .7, .9), e(-.5, -.7, -.3), "are too extreme: high ones come out lower, low ones higher. On the whole they are too high"},
		{e(1.2, 1.1, 1.3), e(.5, .3, .7), "are too timid: high ones come out higher, low ones lower. On the whole they are too low"},
	} {
		card := &model.TargetCard{Scores: map[string]model.Metrics{"model": {Slope: c.slope, Intercept: c.intercept}}}
		if got := (targetView{card: card, words: newWords("en")}).slopeSentence(); !strings.Contains(got, c.want) {
			t.Errorf("slope %v, intercept %v: %q, want %q", c.slope, c.intercept, got, c.want)
		}
	}
	if got := (targetView{card: &model.TargetCard{Scores: map[string]model.Metrics{"model": {}}}, words: newWords("en")}).slopeSentence(); got != "" {
		t.Errorf("without a slope: %q", got)
	}
}

// The same gap is much where few convert.
func TestTrustGoesByTheRate(t *testing.T) {
	for positives, want := range map[int]string{100: "Do not read its probabilities literally", 400: "roughly right"} {
		card := &model.TargetCard{Holdout: model.Sample{Rows: 1000, Positives: positives},
			Scores: map[string]model.Metrics{"model": {AUC: model.Estimate{Value: .8, Lower: .7, Upper: .9}, ECE: model.Estimate{Value: .045}}}}
		v := targetView{card: card, words: newWords("en")}.verdict()
		if got := strings.Join(v.Notes, "\n"); !strings.Contains(got, want) {
			t.Errorf("%d of 1000 converted: %q, want %q", positives, got, want)
		}
	}
}

func TestRecommendationHasThreeSentences(t *testing.T) {
	c := sampleCard(t, 900, 5)
	target := c.Targets["converted"]
	v := targetView{name: "converted", card: target, words: newWords("en")}.verdict()
	if len(v.Sentences) != 3 {
		t.Fatalf("%d sentences: %q", len(v.Sentences), v.Sentences)
	}
	if !strings.Contains(v.Sentences[2], "Its best tenth holds") {
		t.Errorf("what is gained over the rules: %q", v.Sentences[2])
	}
	weak := target.Scores["model"]
	weak.AUC = model.Estimate{Value: .5, Lower: .45, Upper: .55}
	target.Scores["model"] = weak
	v = targetView{name: "converted", card: target, words: newWords("en")}.verdict()
	if len(v.Sentences) != 3 || !strings.HasPrefix(v.Sentences[1], "If you use it all the same, take leads as MQL") {
		t.Errorf("of a model that is not recommended: %q", v.Sentences)
	}
}

func TestEmptyColumnsAreDropped(t *testing.T) {
	tab := &table{Head: []string{"name", "a", "b", "c"}, Left: 1, Rows: [][]cell{
		{text("x"), text(noFigure), text("1"), {}}, {text("y"), text(noFigure), text(noFigure), {SVG: "<svg>"}}}}
	tab.dropEmpty()
	if !slices.Equal(tab.Head, []string{"name", "b", "c"}) || len(tab.Rows[0]) != 3 || tab.Rows[1][2].SVG == "" {
		t.Errorf("left: %+v", tab)
	}
}

// The decision curve ends where nothing is gained any more: beyond, a handful of leads makes it jump.
func TestDecisionCurveEnds(t *testing.T) {
	c := sampleCard(t, 300, 4)
	target := c.Targets["converted"]
	target.Benefit = nil
	for k := 1; k < 100; k++ {
		v := math.Max(0, .3-float64(k)/100)
		if k == 98 {
			v = .05
		}
		target.Benefit = append(target.Benefit, model.NetBenefit{Threshold: float64(k) / 100, All: -1, Scorers: map[string]model.Figure{"model": model.Figure(v)}})
	}
	b, ok, err := targetView{card: target, words: newWords("en")}.benefitBlock(true)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if svg := string(b.Figures[0].SVG); !strings.Contains(svg, ">25%<") && !strings.Contains(svg, ">30%<") || strings.Contains(svg, ">40%<") {
		t.Error("the axis does not end where the benefit does, at 30 %")
	}
	target.Benefit = target.Benefit[40:60]
	if _, ok, _ := (targetView{card: target, words: newWords("en")}).benefitBlock(true); ok {
		t.Error("a curve without any benefit is drawn")
	}
}

func TestPercentagesInNamesOfBins(t *testing.T) {
	for lang, want := range map[string]string{"en": "7.79%", "es": "7,79\u00a0%"} {
		if got := compact(newWords(lang), "7.79 %"); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := compact(newWords("en"), "best 5 %"); got != "best 5 %" {
		t.Errorf("a word became %q", got)
	}
}

// No two subjects have the same key: the joined catalogue has as many as the files together.
func TestSubjectsShareNoKey(t *testing.T) {
	key := regexp.MustCompile(`(?m)^\t"[^"]+":\s`)
	for lang, texts := range catalogues {
		files, err := filepath.Glob("catalogue_" + lang + "*.go")
		if err != nil || len(files) < 5 {
			t.Fatal(files, err)
		}
		n := 0
		for _, f := range files {
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			n += len(key.FindAll(source, -1))
		}
		if n != len(texts) {
			t.Errorf("%s: %d keys in the files, %d in the catalogue: a subject is not joined, or two have one key", lang, n, len(texts))
		}
	}
}

// widest is a card with as much of everything as training writes: 200 features of twenty levels, their drift, and segments.
func widest(t testing.TB) *model.Card {
	c := additiveCard(t, 100, 60)
	target, more := c.Targets["converted"], sampleCard(t, 400, 4).Targets["converted"]
	target.Drift, target.Segments, target.Months = more.Drift, nil, nil
	for i := range 200 {
		f := more.Drift.Features[i%len(more.Drift.Features)]
		f.Feature = fmt.Sprintf("Feature %d", i)
		target.Drift.Features = append(target.Drift.Features, f)
	}
	for i := range 400 {
		s := more.Segments[i%len(more.Segments)]
		s.Column, s.Value, s.Other = fmt.Sprintf("Column %d", i/50), fmt.Sprintf("level %d", i), false
		target.Segments = append(target.Segments, s)
	}
	for i := range 240 {
		m := more.Months[i%len(more.Months)]
		m.Month = fmt.Sprintf("%d-%02d", 2006+i/12, i%12+1)
		target.Months = append(target.Months, m)
	}
	return c
}

func TestWidestReportIsSmallAndFast(t *testing.T) {
	c := widest(t)
	start := time.Now()
	page := pageOf(t, c, Options{})
	if took := time.Since(start); took > 15*time.Second { // .6 s on a quiet machine; the race detector is slow
		t.Errorf("the widest card took %v", took)
	}
	if len(page) > 3<<20 {
		t.Errorf("%d bytes", len(page))
	}
	t.Logf("%d bytes", len(page))
	for _, want := range []string{"The latest 60 months", "The 14 largest of 50 segments", "more in metrics.json"} {
		if !strings.Contains(page, want) {
			t.Errorf("what is left out is not told: %q", want)
		}
	}
}

func BenchmarkWidestHTML(b *testing.B) {
	c := widest(b)
	b.ReportAllocs()
	for b.Loop() {
		var page bytes.Buffer
		if err := HTML(&page, c, Options{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(page.Len()), "bytes/page")
	}
}

// A card that was read back from metrics.json gives the same page as the one that was written.
func TestPageOfACardThatWasRead(t *testing.T) {
	c := sampleCard(t, 400, 6)
	var b bytes.Buffer
	if err := JSON(&b, c); err != nil {
		t.Fatal(err)
	}
	var read model.Card
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if pageOf(t, c, Options{}) != pageOf(t, &read, Options{}) {
		t.Error("the pages differ")
	}
}
