package report

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var catalogues = map[string]map[string]string{"en": english, "es": spanish}

func TestCataloguesHaveTheSameKeysAndPlaces(t *testing.T) {
	if got := slices.Sorted(maps.Keys(catalogues)); !slices.Equal(got, slices.Sorted(slices.Values(Languages()))) {
		t.Errorf("languages %v, catalogues %v", Languages(), got)
	}
	for lang, texts := range catalogues {
		for key, text := range english {
			if strings.TrimSpace(texts[key]) == "" {
				t.Errorf("%s: %q is missing", lang, key)
			}
			if strings.Count(texts[key], "%s") != strings.Count(text, "%s") {
				t.Errorf("%s: %q has other places to fill: %q", lang, key, texts[key])
			}
		}
		for key := range texts {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %q is not in the English catalogue", lang, key)
			}
		}
		// A text with places goes through Sprintf: no other percent sign may stand alone in it; one
		// without does not: none may be doubled.
		for key, text := range texts {
			bare := strings.NewReplacer("%s", "", "%%", "").Replace(text)
			if strings.Contains(text, "%s") && strings.Contains(bare, "%") || !strings.Contains(text, "%s") && strings.Contains(text, "%%") {
				t.Errorf("%s: %q has a wrong percent sign: %q", lang, key, text)
			}
		}
	}
}

// families are keys that are made at run time from a word of the card.
var families = []string{"metric.", "terminal.metric.", "quality.", "rules.", "do.verdict.", "scorer.", "split.", "reason.", "level.", "kind.", "status.", "account.", "chain.", "severity.",
	"brier.", "month.", "weak.", "cutoffs.way.", "shifts.score.", "shifts.only.", "shifts.mean.", "shifts.auc.", "rank.", "blend.loss.", "blend.held.", "suggest.reason.", "suggest.in.", "replay.stage.", "replay.outcome."}

func TestEveryKeyIsKnownAndUsed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	calls := regexp.MustCompile(`\.T\("([^"]+)"|\{\{-? ?t "([^"]+)"`)
	literal := regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)+|title|subtitle|target|contents|footer)"`)
	for _, f := range append(files, "report.html.tmpl") {
		if strings.HasPrefix(f, "catalogue_") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range calls.FindAllStringSubmatch(string(source), -1) {
			key := m[1] + m[2]
			if strings.HasSuffix(key, ".") {
				continue // made at run time
			}
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %q is not in the catalogue", f, key)
			}
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
	}
	for key := range english {
		if !used[key] && !slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) }) {
			t.Errorf("%q is used nowhere", key)
		}
	}
}

func TestTemplateHasNoWordsOfItsOwn(t *testing.T) {
	text := regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(pageTemplate, "")
	for range 2 { // actions may stand within tags
		text = regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(text, "")
	}
	text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
	if words := strings.Fields(text); len(words) > 0 {
		t.Errorf("the template says %v", words)
	}
}

// TestNoKeyShows lays out cards of every sort and finds no key in brackets and no place unfilled.
func TestNoKeyShows(t *testing.T) {
	brackets := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|%s|EXTRA|MISSING`)
	for _, lang := range Languages() {
		for name, c := range map[string]func() string{
			"html":     func() string { return pageOf(t, twoTargets(t), Options{Lang: lang}) },
			"markdown": func() string { return markdown(t, twoTargets(t), Options{Lang: lang}) },
			"terminal": func() string { return terminal(t, twoTargets(t), Options{Lang: lang}) },
		} {
			if m := brackets.FindString(c()); m != "" {
				t.Errorf("%s, %s: %s", lang, name, m)
			}
		}
	}
}

// TestSpanishReportIsSpanish finds no word in it that only the English catalogue has.
func TestSpanishReportIsSpanish(t *testing.T) {
	c := sampleCard(t, 600, 20)
	c.Findings = nil
	page := pageOf(t, c, Options{Lang: "es"})
	for key, text := range english {
		if len(text) < 12 || text == spanish[key] || strings.Contains(text, "%s") {
			continue
		}
		if strings.Contains(page, ">"+text+"<") {
			t.Errorf("%q is shown in English", key)
		}
	}
}
