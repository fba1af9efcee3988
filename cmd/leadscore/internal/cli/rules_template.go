package cli

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// titleWords are words of the names of columns that hold a job title.
var titleWords = []string{"job title", "title", "position", "seniority", "role"}

// writeFramework writes a rules file with one framework and returns the dimensions that no column of the data fits.
func writeFramework(out *printer, t *rules.Template, found *ruleColumnsFound) (unanswered []string) {
	out.printf("# %s.\n", oneLine(t.About))
	out.printf(`#
# A dimension that is answered gives weight · share points. One that nobody has answered is unknown: neither yes nor no. It gives
# nothing, the score says between which limits it lies, and the question of the heaviest unknown dimension is the one to ask next.
# Weights, shares and bounds are proposals: make them your own.
version: 1
scorecards:
  - name: default
    bounds: {min: 0, max: 100}
    frameworks:
      - name: %s
        axis: fit
        decay: {half_life: 180d}   # answers age, where evidence has answered: COLUMN OF DATES; or linear: 365d, or step: {after: 180d, keep: 0.5}
        dimensions:
`, t.Name)
	for i := range t.Dimensions {
		d := &t.Dimensions[i]
		out.printf("          - name: %s\n            weight: %s\n            question: %s\n", scalar(d.Name), plainNumber(d.Weight), strconv.Quote(d.Question))
		if found == nil {
			out.printf("            evidence:                # where the answer is written down; the first that has one counts\n")
			writeAnswers(out, d.Column, d.Answers, i == 0)
			continue
		}
		column := found.take(d.Words, false)
		var title *datasets.ColumnProfile
		if d.Title {
			title = found.take(titleWords, true)
		}
		if column == nil && title == nil {
			unanswered = append(unanswered, d.Name)
			out.printf("            # No column of the data fits. Where the answer is written down:\n            # evidence:\n")
			out.printf("            #   - field: %s\n            #     answers: [{in: [yes], share: 1}, {in: [no], share: -0.5}]\n", scalar(d.Column))
			continue
		}
		out.printf("            evidence:                # where the answer is written down; the first that has one counts\n")
		if column != nil {
			writeAnswers(out, column.Name, answersIn(column, d), i == 0)
		}
		if title != nil {
			out.printf("              - when: {field: %s, matches: %s}   # a title is a hint only\n", scalar(title.Name), singleQuoted(rules.DecisionMakers))
			out.printf("                share: 1\n                confidence: 0.7\n")
		}
	}
	out.printf("tests:\n  - {name: nothing is known yet, lead: {}, score: 0, question: %s}\n", scalar(t.Dimensions[0].Name))
	return unanswered
}

// writeAnswers writes the evidence of a column; explained: with what else may stand there.
func writeAnswers(out *printer, column string, answers []rules.Answer, explained bool) {
	out.printf("              - field: %s\n                answers:\n", scalar(column))
	for _, a := range answers {
		out.printf("                  - {")
		switch {
		case a.To != nil:
			out.printf("to: %s, ", plainNumber(*a.To))
		case a.In != nil:
			texts := make([]string, len(a.In))
			for i, v := range a.In {
				texts[i] = scalar(fmt.Sprint(v))
				if b, ok := v.(bool); ok {
					texts[i] = strconv.FormatBool(b)
				}
			}
			out.printf("in: [%s], ", strings.Join(texts, ", "))
		}
		out.printf("share: %s", plainNumber(a.Share))
		if a.Cap != nil {
			out.printf(", cap: %s", plainNumber(*a.Cap))
		}
		out.printf("}")
		switch {
		case a.Cap != nil:
			out.printf("   # cap: all dimensions together give at most this; or veto: disqualify")
		case a.To == nil && a.In == nil:
			out.printf("   # every other value")
		case a.To != nil && explained:
			out.printf("   # up to and with this number")
		}
		out.printf("\n")
	}
	if explained {
		out.printf("                # confidence: 0.8            # how sure it is, or a column with 0 to 1; the rest stays unknown\n")
		out.printf("                # answered: answered_at      # a column with the date of the answer: from then on it ages\n")
	}
}

var (
	yesWords = regexp.MustCompile(`(?i)^(yes|y|true|1)$|approved|confirmed|available|decid|decision|high|urgent|pressing|immediate|hot`)
	noWords  = regexp.MustCompile(`(?i)^(no|n|false|0|none|not .*)$|reject|denied|unavailable|low|never|cold`)
)

// answersIn proposes what the values of a column mean.
func answersIn(c *datasets.ColumnProfile, d *rules.TemplateDimension) []rules.Answer {
	last := d.Answers[len(d.Answers)-1]
	switch c.Kind {
	case datasets.Boolean:
		return []rules.Answer{{In: rules.Values{true}, Share: 1}, {In: rules.Values{false}, Share: last.Share, Cap: last.Cap}}
	case datasets.Numeric:
		if d.Answers[0].To != nil {
			return d.Answers
		}
		middle := roughly(c.Mean)
		return []rules.Answer{{To: &middle, Share: 0.5}, {Share: 1}}
	}
	var best, middle, no rules.Values
	for _, l := range c.Top {
		switch {
		case noWords.MatchString(l.Level):
			no = append(no, l.Level)
		case yesWords.MatchString(l.Level):
			best = append(best, l.Level)
		default:
			middle = append(middle, l.Level)
		}
	}
	var out []rules.Answer
	if best != nil {
		out = append(out, rules.Answer{In: best, Share: 1})
	}
	if middle != nil {
		out = append(out, rules.Answer{In: middle, Share: 0.5})
	}
	if no != nil {
		out = append(out, rules.Answer{In: no, Share: last.Share, Cap: last.Cap})
	}
	return out
}

// roughly rounds to two digits.
func roughly(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 1, 64), 64)
	if err != nil || math.IsNaN(y) {
		return 0
	}
	return y
}

func plainNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// singleQuoted writes a YAML text in which a backslash is a backslash.
func singleQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
