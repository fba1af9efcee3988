package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// deadline is far above what any of these files needs, even under the race detector on a busy machine.
const deadline = time.Minute

func inTime(t testing.TB, name string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > deadline {
		t.Errorf("%s took %v", name, took)
	}
}

func TestHostileFilesEndInAnError(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	keys := &strings.Builder{}
	for i := range 60_000 {
		fmt.Fprintf(keys, "key%d: 1\n", i)
	}
	steps := &strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(steps, "%sa:\n", strings.Repeat(" ", i))
	}
	for name, text := range map[string]string{
		"ten megabytes":          "version: 1\n" + strings.Repeat("# a comment that does not end\n", 10<<20/30),
		"alias bomb":             bomb,
		"flow lists":             "version: " + strings.Repeat("[", 10_000),
		"closed flow lists":      "version: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		"flow mappings":          strings.Repeat("{a: ", 10_000) + "1" + strings.Repeat("}", 10_000),
		"block lists":            strings.Repeat("- ", 10_000) + "a",
		"block mappings":         steps.String(),
		"conditions":             "version: 1\nscorecards: [{name: a, groups: [{name: b, rules: [{name: c, points: 1, when: " + strings.Repeat("{not: ", 10_000) + "{field: a}" + strings.Repeat("}", 10_000) + "}]}]}]\n",
		"complex keys":           strings.Repeat("? ", 10_000) + "a",
		"anchors":                strings.Repeat("&a ", 10_000) + "a",
		"tags":                   strings.Repeat("!a ", 10_000) + "a",
		"many keys":              keys.String(),
		"a long key":             strings.Repeat("k", 100_000) + ": 1\n",
		"a long text":            "version: " + strings.Repeat("x", 100_000) + "\n",
		"a long path of keys":    strings.Repeat(strings.Repeat("k", 900)+": {", 90) + strings.Repeat("a: 1, b: 2, ", 1000) + strings.Repeat("}", 90),
		"many documents":         strings.Repeat("---\na: 1\n", 50_000),
		"zero bytes":             strings.Repeat("\x00", 10_000),
		"carriage returns":       "version: 1\rdata: 2\r",
		"colons":                 strings.Repeat(": ", 100_000),
		"brackets the wrong way": strings.Repeat("}]", 1000),
		"unclosed quote":         "version: \"" + strings.Repeat("a\n", 1000),
		"only a colon":           ":",
		"only a dash":            "-",
		"only a question mark":   "?",
		"only a pipe":            "version: |",
	} {
		path := filepath.Join(t.TempDir(), "lead.yaml")
		writeFile(t, path, text)
		inTime(t, name, func() {
			_, err := Load(path)
			if err == nil {
				t.Errorf("%s: no error", name)
			} else if len(err.Error()) > 100_000 {
				t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
			}
			if _, _, err := LoadRules(path); err == nil {
				t.Errorf("%s as rules: no error", name)
			}
		})
	}
	for text, want := range map[string]string{
		strings.Repeat("# a comment\n", 100_000):       "more than 1048576 bytes",
		strings.Repeat("k", 1001) + ": 1\n":            "a key has more than 1000 characters",
		"version: " + strings.Repeat("x", 64_001):      "a text has more than 64000 bytes",
		strings.Repeat("- ", 101) + "a":                "nest more than 100 deep",
		strings.Repeat("[", 101):                       "nest more than 100 deep",
		"a:\n" + strings.Repeat("  b: 1\n", 10_001):    "a mapping has more than 10000 keys",
		"a: [" + strings.Repeat("[], ", 1000) + "*b]":  "aliases (*) are not part of this format",
		"version: 1\nversion: 2\n%YAML 1.2\n---\na: 1": "directives (%) are not part of this format",
	} {
		if _, _, problems := parse("lead.yaml", []byte(text)); len(problems) != 1 || !strings.Contains(problems[0].Text, want) {
			t.Errorf("%.40q: %v, want %s", text, problems, want)
		}
	}
	for _, path := range []string{"nowhere.yaml", ".", os.DevNull} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("loading %s: %v", path, err)
		}
	}
}

// A file of the largest size that is allowed loads, and in time.
func TestLargeRulesFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nscorecards:\n  - name: a\n    groups:\n      - name: g\n        rules:\n")
	for i := 0; b.Len() < maxBytes-200; i++ {
		fmt.Fprintf(&b, "          - {name: r%d, when: {field: country, in: [ES, MX, \"x y\"]}, points: %d}\n", i, i%7)
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	writeFile(t, path, b.String())
	inTime(t, "a large file", func() {
		f, _, err := LoadRules(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(f.Scorecards[0].Groups[0].Rules); n < 10_000 {
			t.Errorf("%d rules", n)
		}
	})
}

// Large rules are checked in time too, however they are made: work must not grow with the square of them.
func TestLargeRulesAreCheckedInTime(t *testing.T) {
	schema := &datasets.Schema{Fields: []datasets.Field{{Name: "c", Kind: datasets.Categorical}, {Name: "n", Kind: datasets.Numeric}}}
	list := func(head, entry, tail string) string {
		var b strings.Builder
		b.WriteString("version: 1\nscorecards: [{name: a, " + head)
		size := maxBytes / 4
		if strings.Contains(entry, "cel") {
			size = maxBytes / 40 // most of a millisecond each
		}
		for i := 0; b.Len() < size; i++ {
			b.WriteString(strings.ReplaceAll(entry, "#", fmt.Sprint(i)) + ", ")
		}
		return b.String() + tail + "}]\n"
	}
	rule := func(when string) (head, tail string) {
		return "groups: [{name: g, rules: [{name: r, points: 1, when: " + when, "}]}]"
	}
	allHead, allTail := rule("{all: [")
	inHead, inTail := rule("{all: [{field: c, in: [x]}, {not: {field: c, in: [")
	for name, text := range map[string]string{
		"conditions":  list(allHead, "{field: n, from: #}", "]}"+allTail),
		"texts":       list(allHead, "{field: c, matches: \"a#\"}", "]}"+allTail),
		"events":      list(allHead, "{event: e, where: {p: {from: #}}}", "]}"+allTail),
		"expressions": list(allHead, "{cel: 'lead[\"n\"] > #.0'}", "]}"+allTail),
		"values":      list(inHead, "v#", "]}}]}"+inTail),
		"rows":        list("groups: [{name: g, rules: [{name: r, when: {field: c}, points: {table: [", "{in: [v#], points: 1}", "]}}]}]"),
		"hard rules":  list("hard: [", "{name: h#, when: {field: c}, stage: SQL}", "]"),
		"dimensions":  list("frameworks: [{name: f, dimensions: [", "{name: d#, weight: 1, question: q, evidence: [{field: c, answers: [{in: [a], share: 1}]}]}", "]}]"),
	} {
		inTime(t, name, func() {
			file, at, problems := parseRules("rules.yaml", []byte(text))
			if problems != nil {
				t.Fatalf("%s: %v", name, problems[0])
			}
			if _, wrong := rules.Compile(file, schema); wrong != nil {
				_ = at.Problems(wrong).Error()
			}
			rules.Guess(file)
			rules.Warnings(file, nil)
		})
	}
}

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.y*ml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, path := range []string{"crm.yaml", "xeducation.yaml"} {
		text, err := os.ReadFile(filepath.Join("../../../../model/rules/testdata", path))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: [b, {c: d}, \"e\"]\n- f\n? g\n|\n  h"))
}

func FuzzConfig(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		inTime(t, "loading", func() {
			c := &Config{path: "lead.yaml", file: &file{}}
			d, problems := decode(c.path, text, c.file)
			if problems != nil {
				_ = problems.err().Error()
				return
			}
			c.positions = d.Positions
			d.check(c.file, func(string) string { return "config_test.go" })
			if err := d.problems.err(); err != nil {
				for _, p := range d.problems {
					if p.Line < 1 || p.Line > len(d.src.lines) || p.Column < 1 {
						t.Errorf("%s is at no place of the file", p)
					}
				}
				_ = err.Error()
				return
			}
			_ = c.Train()
		})
	})
}

func FuzzRules(f *testing.F) {
	seeds(f)
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "country", Kind: datasets.Categorical}, {Name: "employees", Kind: datasets.Numeric},
		{Name: "Do Not Email", Kind: datasets.Boolean}, {Name: "created_at", Kind: datasets.Time}, {Name: "x"},
		{Name: "What is your current occupation", Kind: datasets.Categorical}, {Name: "Total Time Spent on Website", Kind: datasets.Numeric},
		{Name: "email_domain", Kind: datasets.Text},
	}}
	row := []datasets.Value{datasets.Level("ES"), datasets.Number(5), datasets.Bool(true), datasets.At(0), {}, {}, datasets.Number(700), datasets.Words("rival.example")}
	f.Fuzz(func(t *testing.T, text []byte) {
		inTime(t, "loading and scoring", func() {
			file, at, problems := parseRules("rules.yaml", text)
			if problems != nil {
				_ = problems.err().Error()
				return
			}
			if set, wrong := rules.Compile(file, rules.Guess(file)); wrong == nil {
				set.RunTests()
			}
			rules.Warnings(file, nil)
			set, wrong := rules.Compile(file, schema)
			if wrong != nil {
				_ = at.Problems(wrong).Error()
				return
			}
			set.RunTests()
			score, _, lines := set.Trace(row, []rules.Event{{Type: "price_page", At: 1}}, datasets.MissingTime)
			sum := 0.0
			for _, l := range lines {
				sum += l.Points
			}
			if sum != score {
				t.Errorf("the lines add up to %v, the score is %v", sum, score)
			}
			if r := set.Result(0, row, []rules.Event{{Type: "price_page", At: 1}}, datasets.MissingTime); r.Score != score || !(r.Low <= score && score <= r.High) {
				t.Errorf("the score is %v, the result %+v", score, r)
			}
		})
	})
}
