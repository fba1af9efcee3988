package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"leadscore/model"
	"leadscore/model/rules"
)

// writeSuggestion writes suggested rules as a commented file. A rule stands in one line, a table in a line a row.
func writeSuggestion(out *printer, s *model.Suggestion) {
	out.printf("# Suggested by `leadscore rules suggest` from the model %s, target %s: %s, %s points double the odds.\n",
		s.Model, s.Target, countOf(len(s.Lines), "rule"), plainNumber(s.PointsToDouble))
	out.printf("# A comment has the share of the training leads that converted, and how many they were. Make the points your own; then\n")
	out.printf("# `leadscore rules check` says what is wrong, and `leadscore rules replay` what a change would have done.\n")
	out.printf("# Scores have no bounds: leads beyond a bound would all be equal. 0 is no lead in particular.\n")
	if m := s.Measured; m != nil {
		out.printf("# On %d leads with outcomes: AUC %s (the model %s). MQL from %d points selects %s %% of them, the model's policy %s %%.\n",
			m.Rows.Rows, three(m.AUC.Value), three(m.Model.AUC.Value), m.MQL.Points, wholePercent(float64(m.MQL.Rules.Share)), wholePercent(float64(m.MQL.Model.Share)))
	}
	out.printf("version: 1\nscorecards:\n")
	line := 0
	for i := range s.Rules.Scorecards {
		card := &s.Rules.Scorecards[i]
		out.printf("  - name: %s\n    groups:\n", scalar(card.Name))
		for g := range card.Groups {
			out.printf("      - name: %s\n        rules:\n", scalar(card.Groups[g].Name))
			for k := range card.Groups[g].Rules {
				writeSuggestedRule(out, &card.Groups[g].Rules[k], s.Lines[line].Cells)
				line++
			}
		}
	}
	out.printf("tests:\n")
	for i := range s.Rules.Tests {
		out.printf("  - %s\n", flow(&s.Rules.Tests[i]))
	}
}

func three(x float64) string        { return strconv.FormatFloat(x, 'f', 3, 64) }
func wholePercent(x float64) string { return strconv.FormatFloat(100*x, 'f', 0, 64) }

func writeSuggestedRule(out *printer, r *rules.Rule, cells []model.SuggestedCell) {
	name, when := scalar(r.Name), flow(&r.When)
	if r.Points.Table == nil {
		out.printf("          - {name: %s, when: %s, points: %s}   # %s\n", name, when, plainNumber(r.Points.Fixed), observed(cells[0]))
		return
	}
	out.printf("          - name: %s\n            when: %s\n            points:\n              table:\n", name, when)
	for i := range r.Points.Table {
		out.printf("                - %s   # %s\n", flow(&r.Points.Table[i]), observed(cells[i]))
	}
}

// observed is what training saw of the leads that get some points.
func observed(c model.SuggestedCell) string {
	if math.IsNaN(float64(c.Rate)) {
		return fmt.Sprintf("n = %d", c.Rows)
	}
	return fmt.Sprintf("%s %%, n = %d", wholePercent(float64(c.Rate)), c.Rows)
}

// flow writes a part of a rules file in one line: its JSON, which is YAML, with keys and texts unquoted where YAML reads them as they are.
func flow(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error() // conditions and tests are made of texts, finite numbers and booleans
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var text strings.Builder
	flowValue(&text, d)
	return text.String()
}

// flowValue writes the next value of d and reports whether there was one: false at the end of a list or an object.
func flowValue(text *strings.Builder, d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	switch x := token.(type) {
	case json.Delim:
		if x == '}' || x == ']' {
			return false
		}
		text.WriteRune(rune(x))
		for first := true; d.More(); first = false {
			if !first {
				text.WriteString(", ")
			}
			if x == '{' {
				flowValue(text, d)
				text.WriteString(": ")
			}
			flowValue(text, d)
		}
		_, _ = d.Token() // the end, which More has seen
		text.WriteRune(map[json.Delim]rune{'{': '}', '[': ']'}[x])
	case string:
		text.WriteString(scalar(x))
	case json.Number:
		text.WriteString(plain(x))
	case bool:
		text.WriteString(strconv.FormatBool(x))
	default:
		text.WriteString("null")
	}
	return true
}

// plain writes a number without an exponent, to the last bit.
func plain(x json.Number) string {
	f, err := x.Float64()
	if err != nil {
		return x.String()
	}
	return plainNumber(f)
}
