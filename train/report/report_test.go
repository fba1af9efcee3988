package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"leadscore/model"
)

func pageOf(t testing.TB, c *model.Card, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func markdown(t testing.TB, c *model.Card, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Markdown(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func terminal(t testing.TB, c *model.Card, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Terminal(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageIsSelfContained(t *testing.T) {
	for _, lang := range Languages() {
		page := pageOf(t, sampleCard(t, 1200, 60), Options{Lang: lang})
		for _, banned := range []string{"<script", "<link", "<img", "<iframe", "@import", "http:", "https:", " src=", "url(", "xlink", "javascript:"} {
			if strings.Contains(strings.ToLower(page), banned) {
				t.Errorf("%s: the page holds %q", lang, banned)
			}
		}
		if !strings.Contains(page, `<html lang="`+lang+`">`) {
			t.Errorf("%s: the page does not say its language", lang)
		}
	}
}

func TestNamesFromDataAreEscaped(t *testing.T) {
	c := sampleCard(t, 600, 30)
	c.Findings = append(c.Findings, model.Finding{Column: "<b>x</b>|y", Reason: "constant", Text: "</td><script>1</script> | `a` *b*\nc"})
	c.Targets["a \"b\" </section><script>"] = c.Targets["converted"]
	page := pageOf(t, c, Options{Title: "</title><script>"})
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>") {
		t.Error("a name from the data became markup")
	}
	for _, line := range strings.Split(markdown(t, c, Options{}), "\n") {
		if strings.Contains(line, "<script") || strings.Contains(line, "<b>") {
			t.Errorf("a name from the data became markup: %s", line)
		}
	}
}

var svgPattern = regexp.MustCompile(`(?s)<svg.*?</svg>`)

func TestPlots(t *testing.T) {
	page := pageOf(t, sampleCard(t, 1200, 60), Options{})
	plots := svgPattern.FindAllString(page, -1)
	if len(plots) != 16+12 { // and a small one for each of twelve features
		t.Errorf("%d plots, want 28", len(plots))
	}
	for _, p := range plots {
		label := regexp.MustCompile(`aria-label="([^"]*)"`).FindStringSubmatch(p)
		opening := p[:strings.IndexByte(p, '>')]
		small := strings.Contains(opening, `class="small" viewBox="0 0 132 30"`)
		if label == nil || !small && !strings.Contains(opening, `viewBox="0 0 400 `) || strings.Contains(opening, "width=") || strings.Contains(opening, "height=") {
			t.Errorf("plot opens with %s", opening)
		}
		if i := strings.Index(p, "#0"); i >= 0 {
			t.Errorf("%s: a fixed colour, %s", label, p[i:i+7])
		}
		if strings.Contains(p, "opacity") {
			t.Errorf("%s: a stand-in colour was mixed with another", label)
		}
		if strings.Contains(p, "NaN") || strings.Contains(p, "Inf") {
			t.Errorf("%s: a place that is not a number", label)
		}
		if !small && !strings.Contains(p, "currentColor") || !strings.Contains(p, "var(--") || strings.Contains(p, "font-family") {
			t.Errorf("%s does not follow the page's colours and font", label)
		}
		d := xml.NewDecoder(strings.NewReader(p))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s is not well-formed: %v", label, err)
				break
			}
		}
	}
}

func TestSectionsStandInOrder(t *testing.T) {
	page := pageOf(t, sampleCard(t, 600, 20), Options{})
	at := -1
	for _, id := range []string{"do", "data", "accuracy", "compare", "calibration", "deciles", "thresholds", "drivers", "segments", "audit", "drift", "repeat"} {
		i := strings.Index(page, `<section id="`+id+`">`)
		if i <= at {
			t.Errorf("section %q stands at %d, after %d", id, i, at)
		}
		at = i
	}
	ids := regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(pageOf(t, twoTargets(t), Options{}), -1)
	seen := map[string]bool{}
	for _, m := range ids {
		if seen[m[1]] || strings.ContainsAny(m[1], " <&") {
			t.Errorf("id %q is there twice or not a word", m[1])
		}
		seen[m[1]] = true
	}
}

func TestSameCardSameBytes(t *testing.T) {
	c := twoTargets(t)
	all := func() string { return pageOf(t, c, Options{}) + markdown(t, c, Options{}) + terminal(t, c, Options{}) }
	want := all()
	for range 5 {
		if all() != want {
			t.Fatal("two reports of one card differ")
		}
	}
}

func TestWideReportIsSmallAndFast(t *testing.T) {
	c := sampleCard(t, 2000, 4000) // 200 features of twenty levels
	start := time.Now()
	page := pageOf(t, c, Options{})
	if took := time.Since(start); took > 10*time.Second { // .2 s on a quiet machine; the race detector is slow
		t.Errorf("200 features took %v", took)
	}
	if len(page) > 3<<20 {
		t.Errorf("%d bytes", len(page))
	}
	if !strings.Contains(page, "3,000 more") {
		t.Error("the page does not say that coefficients are left out")
	}
}

func TestPoorCards(t *testing.T) {
	nan := math.NaN()
	no := model.Estimate{Value: nan, Lower: nan, Upper: nan}
	nothing := model.Metrics{AUC: no, PRAUC: no, LogLoss: no, Skill: no, Brier: no, ECE: no, KS: no, Lift10: no}
	full := sampleCard(t, 300, 8)
	odd := *full.Targets["converted"]
	odd.Coefficients = []model.Coefficient{
		{Feature: "separated", Estimate: 80, SE: 1e9, Odds: model.Estimate{Value: math.Exp(80), Lower: 0, Upper: math.Inf(1)}},
		{Feature: "no interval", Estimate: -.01, Z: nan, Odds: no},
		{Feature: "not a number", Estimate: nan, Odds: no},
	}
	odd.Thresholds = odd.Thresholds[:1]
	odd.Stages = []model.StageCut{{Stage: "SQL", Score: 100, Precision: no, Recall: no}}
	for name, c := range map[string]*model.Card{
		"empty":      {},
		"nil target": {Targets: map[string]*model.TargetCard{"x": nil}},
		"no figures": {Targets: map[string]*model.TargetCard{"x": {}}},
		"NaN":        {Targets: map[string]*model.TargetCard{"x": {Scores: map[string]model.Metrics{"model": nothing, "rules": nothing}, Calibration: []model.CalibrationBin{{Observed: no}}, Deciles: []model.Decile{{Decile: 1, Rate: no}}}}},
		"odd":        {Targets: map[string]*model.TargetCard{"x": &odd}},
	} {
		for _, lang := range Languages() {
			page := pageOf(t, c, Options{Lang: lang})
			if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "%!") {
				t.Errorf("%s, %s: the page shows what is not a number", name, lang)
			}
			if text := markdown(t, c, Options{Lang: lang}) + terminal(t, c, Options{Lang: lang}); strings.Contains(text, "NaN") || strings.Contains(text, "%!") {
				t.Errorf("%s, %s: the text shows what is not a number", name, lang)
			}
		}
	}
}

func TestJSONIsTheCard(t *testing.T) {
	c := sampleCard(t, 300, 8)
	var b bytes.Buffer
	if err := JSON(&b, c); err != nil {
		t.Fatal(err)
	}
	var got model.Card
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want, have := c.Targets["converted"], got.Targets["converted"]
	if !reflect.DeepEqual(want.Deciles, have.Deciles) || !reflect.DeepEqual(want.Coefficients, have.Coefficients) || want.Scores["model"] != have.Scores["model"] || !reflect.DeepEqual(c.Run, got.Run) {
		t.Error("the card does not come back")
	}
	if !math.IsNaN(have.Scores["rules"].LogLoss.Value) || !strings.Contains(b.String(), `"value": null`) {
		t.Error("a figure that is missing is not null")
	}
	if strings.Contains(b.String(), `\u003c`) {
		t.Error("names are escaped as if for HTML")
	}
	c.Targets["converted"].Deciles[0].Lift = math.NaN()
	if err := JSON(&b, c); err == nil {
		t.Error("a plain number that is NaN: no error")
	}
}

func TestTerminalKeepsToItsWidth(t *testing.T) {
	c := twoTargets(t)
	for _, lang := range Languages() {
		for _, width := range []int{50, 72, 100, 140} {
			for _, line := range strings.Split(terminal(t, c, Options{Lang: lang, Width: width}), "\n") {
				if n := utf8.RuneCountInString(line); n > width {
					t.Errorf("%s, width %d: %d columns: %s", lang, width, n, line)
				}
			}
		}
	}
	wide, narrow := terminal(t, c, Options{Width: 140}), terminal(t, c, Options{Width: 60})
	if !strings.Contains(wide, "0.836–0.884") || strings.Contains(narrow, "0.836–0.884") {
		t.Error("intervals are shown where there is room, and only there")
	}
	if !strings.Contains(terminal(t, c, Options{Width: 80}), "\n       0.836–0.884") {
		t.Error("intervals do not stand below the figures where that is what fits")
	}
	if strings.Contains(wide, "\x1b") || !strings.Contains(terminal(t, c, Options{Colour: true}), "\x1b[1;32m") {
		t.Error("colour is used when asked for, and only then")
	}
	if lines := strings.Count(terminal(t, sampleCard(t, 900, 200), Options{}), "\n"); lines > 32 {
		t.Errorf("%d lines: a wall of numbers", lines)
	}
}

func TestSparks(t *testing.T) {
	if got := sparks([]float64{0, .5, 1, math.NaN(), .1}, 1); got != "▁▅█ ▂" {
		t.Errorf("got %q", got)
	}
}

func TestMarkdownTablesAreWhole(t *testing.T) {
	c := sampleCard(t, 900, 60)
	c.Findings[0].Text = "a | b"
	columns := 0
	for _, line := range strings.Split(markdown(t, c, Options{Lang: "es"}), "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns != 0 && n != columns {
			t.Errorf("%d bars in a table of %d: %s", n, columns, line)
		}
		columns = n
	}
}

func TestUnknownLanguageIsRefused(t *testing.T) {
	err := HTML(io.Discard, &model.Card{}, Options{Lang: "fr"})
	if err == nil || !strings.Contains(err.Error(), `"fr"; want en or es`) {
		t.Errorf("error %v", err)
	}
	if !HasLanguage("") || !HasLanguage("es") || HasLanguage("fr") {
		t.Error("HasLanguage")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsAreReturned(t *testing.T) {
	c := sampleCard(t, 200, 4)
	for name, err := range map[string]error{
		"HTML": HTML(brokenWriter{}, c, Options{}), "Markdown": Markdown(brokenWriter{}, c, Options{}),
		"JSON": JSON(brokenWriter{}, c), "Terminal": Terminal(brokenWriter{}, c, Options{}),
	} {
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	c := sampleCard(b, 2000, 4000)
	b.ReportAllocs()
	for b.Loop() {
		if err := HTML(io.Discard, c, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
