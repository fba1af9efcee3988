package cli

import (
	_ "embed"
	"fmt"
	"strings"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// basicRules is the template without data: its columns and events are common names.
//
//go:embed rules_basic.yaml
var basicRules string

// proposedRule is a rule that basic proposes where the data has such a column.
type proposedRule struct {
	name   string
	words  []string
	texts  bool // any text will do
	listed bool // points by value, not by range
	when   string
	points int
}

// The rules of basic, in their groups. when has %s for the column.
var (
	basicFit = []proposedRule{
		{name: "decision maker", words: titleWords, texts: true, when: "{field: %s, matches: " + singleQuoted(rules.DecisionMakers) + "}", points: 15},
		{name: "occupation", words: []string{"occupation", "current occupation", "profession"}, listed: true, points: 10},
		{name: "company size", words: []string{"company size", "employees", "size", "headcount"}, listed: true, points: 10},
		{name: "industry", words: []string{"industry", "sector", "vertical", "specialization"}, listed: true, points: 10},
		{name: "country", words: []string{"country", "region", "market"}, listed: true, points: 5},
	}
	basicEngagement = []proposedRule{
		{name: "visits", words: []string{"visits", "totalvisits", "website visits", "sessions"}, points: 10},
		{name: "pages", words: []string{"page", "pages"}, points: 5},
		{name: "time on site", words: []string{"time on", "time spent", "total time", "duration"}, points: 15},
		{name: "source", words: []string{"source", "lead source", "channel", "lead origin"}, listed: true, points: 5},
	}
	basicNegative = []proposedRule{
		{name: "no mail", words: []string{"do not email", "unsubscribed", "opted out", "opt out", "bounced"}, when: "{field: %s, in: [%s]}", points: -20},
		{name: "no calls", words: []string{"do not call"}, when: "{field: %s, in: [%s]}", points: -10},
	}
)

// writeBasicRules writes a rules file with points by group.
func writeBasicRules(out *printer, found *ruleColumnsFound) {
	if found == nil {
		out.printf("%s", basicRules)
		return
	}
	out.printf("# Points for who a lead is (fit), for what it does (engagement), and against it (negative). Columns were proposed by their names, all\n")
	out.printf("# points are proposals: make them your own. `leadscore rules check` says what is wrong.\nversion: 1\nscorecards:\n")
	out.printf("  - name: default\n    bounds: {min: 0, max: 100}   # of the whole score\n    groups:\n")
	any := false
	for _, g := range []struct {
		name, settings string
		rules          []proposedRule
	}{
		{"fit", "        cap: 40                  # of the group's sum\n", basicFit},
		{"engagement", "        cap: 40\n        # decay: {half_life: 30d}   # of the points of events\n", basicEngagement},
		{"negative", "", basicNegative},
	} {
		var lines []string
		for i := range g.rules {
			if line := g.rules[i].propose(found); line != "" {
				lines = append(lines, line)
			}
		}
		if lines != nil {
			any = true
			out.printf("      - name: %s\n%s        rules:\n%s", g.name, g.settings, strings.Join(lines, ""))
		}
	}
	if !any {
		out.printf("      - name: fit\n        rules:\n")
		out.printf("          - {name: begin here, when: {field: %s}, points: 0}   # no column has a name that fits: this one is known\n", scalar(found.profiles[0].Name))
	}
	out.printf("tests:\n  - {name: nothing is known yet, lead: {}, score: 0, stage: none}\n")
}

// propose writes the rule of the first column that fits; "": there is none.
func (r *proposedRule) propose(found *ruleColumnsFound) string {
	c := found.take(r.words, r.texts)
	if c == nil {
		return ""
	}
	line := func(when, points string) string {
		return fmt.Sprintf("          - {name: %s, when: %s, points: %s}\n", r.name, when, points)
	}
	switch {
	case r.texts:
		return line(fmt.Sprintf(r.when, scalar(c.Name)), fmt.Sprint(r.points))
	case r.when != "":
		value := ""
		for _, l := range c.Top {
			if yesWords.MatchString(l.Level) {
				value = scalar(l.Level)
			}
		}
		if c.Kind == datasets.Boolean {
			value = "true"
		}
		if value == "" {
			return ""
		}
		return line(fmt.Sprintf(r.when, scalar(c.Name), value), fmt.Sprint(r.points))
	case c.Kind == datasets.Boolean:
		return line(fmt.Sprintf("{field: %s, in: [true]}", scalar(c.Name)), fmt.Sprint(r.points))
	case c.Kind == datasets.Numeric && !r.listed || c.Kind == datasets.Numeric && c.Distinct > mostLevels:
		return line(fmt.Sprintf("{field: %s}", scalar(c.Name)),
			fmt.Sprintf("{table: [{to: %s, points: 0}, {to: %s, points: %d}, {points: %d}]}", plainNumber(roughly(c.Mean/2)), plainNumber(roughly(c.Mean*1.5)), r.points/2, r.points))
	}
	var rows []string
	for _, l := range c.Top[:min(3, len(c.Top))] {
		rows = append(rows, fmt.Sprintf("{in: [%s], points: %d}", scalar(l.Level), r.points))
	}
	return line(fmt.Sprintf("{field: %s}", scalar(c.Name)), fmt.Sprintf("{table: [%s]}", strings.Join(rows, ", ")))
}
