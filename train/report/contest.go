package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadscore/model"
)

// ContestJSON writes a contest, indented.
func ContestJSON(w io.Writer, c *model.Contest) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("writing the comparison as JSON: %w", err)
	}
	return nil
}

// contestView is a contest with what its texts need.
type contestView struct {
	*model.Contest
	words *words
}

// name is a scorer in a sentence.
func (c contestView) name(of string) string {
	w := c.words
	for _, s := range c.Scorers {
		if s.Name != of {
			continue
		}
		switch {
		case s.Kind == model.ContestModel:
			return w.T("contest.name.model")
		case s.Kind == model.ContestRules:
			return w.T("contest.name.rules")
		case s.Kind == model.ContestBlend:
			return w.T("contest.name.blend")
		case s.Kind == model.ContestBaseline && of == "naive_bayes":
			return w.T("contest.name.naive_bayes")
		case s.Kind == model.ContestBaseline && of == "tree":
			return w.T("contest.name.tree")
		}
	}
	return w.T("contest.name.quoted", of)
}

// short is a scorer in a table.
func (c contestView) short(of string) string {
	for _, s := range c.Scorers {
		if s.Name == of && (s.Kind == model.ContestVersion || s.Kind == model.ContestColumn) {
			return of
		}
	}
	return c.words.known("scorer", of)
}

func (c contestView) scorer(name string) model.Contestant {
	for _, s := range c.Scorers {
		if s.Name == name {
			return s
		}
	}
	return model.Contestant{}
}

// list writes names as a sentence does: a, b and c.
func (c contestView) list(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, c.name(n))
	}
	if n := len(all); n > 1 {
		return c.words.T("contest.and", strings.Join(all[:n-1], ", "), all[n-1])
	}
	return strings.Join(all, "")
}

// ContestSentence says in one sentence which scorer ranks better, by how much and how surely, or that the data cannot tell.
func ContestSentence(c *model.Contest, o Options) (string, error) {
	w, err := o.words()
	if err != nil {
		return "", err
	}
	return contestView{c, w}.sentence(), nil
}

func (c contestView) sentence() string {
	w, v := c.words, c.Verdict
	three := func(x float64) string { return w.Num(x, 3) }
	auc := func(name string) string { return three(c.scorer(name).Metrics.AUC.Value) }
	d := v.Nearest.Difference
	signed := w.Difference(d, 3)
	sure := w.T("contest.sure", w.Interval(d, signed), c.p(v.Nearest.Holm))
	if v.Pairs > 1 {
		sure = w.T("contest.corrected", sure, w.Int(v.Pairs))
	}
	if !v.Tells {
		return w.T("contest.cannot", auc(v.Nearest.A), c.name(v.Nearest.A), auc(v.Nearest.B), c.name(v.Nearest.B), signed(d.Value), sure)
	}
	text := w.T("contest.better", c.name(v.Better), c.list(v.Than))
	if len(v.Than) > 1 {
		text = w.T("contest.better_many", text, c.name(v.Nearest.B))
	}
	text = w.T("contest.by", text, auc(v.Better), auc(v.Nearest.B), signed(d.Value), sure)
	if len(v.Level) > 0 {
		text = w.T("contest.level", text, c.name(v.Better), c.list(v.Level))
	}
	if g := v.Gain; g != nil {
		count := func(x float64) string { return w.Signed(x, 0) }
		text = w.T("contest.gain", text, w.Num(c.Capacity.Leads, 0), count(g.Difference.Value), w.Interval(g.Difference, count))
		if win := c.Capacity.Win; win != nil {
			money := func(x float64) string { return w.Signed(x*float64(*win), 0) }
			text = w.T("contest.money", text, money(g.Difference.Value), w.Interval(g.Difference, money))
		}
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// p writes a p value with its sign.
func (c contestView) p(p float64) string {
	s := c.words.P(p)
	if strings.HasPrefix(s, "<") {
		return "p " + s
	}
	return "p = " + s
}
