package report

import (
	"math"
	"sort"
	"strconv"

	"leadscore/model"
)

// most bounds on what is shown; the rest is in metrics.json.
const (
	mostFindings     = 300
	mostCoefficients = 1000
	plottedEffects   = 15
)

// dataSection tells rows, windows and base rates, and what was dropped.
func dataSection(c *model.Card, ts []targetView, w *words, plots bool) (section, error) {
	s := section{ID: "data", Nav: w.T("nav.data"), Heading: w.T("data.heading"), Intro: w.T("data.intro")}
	tab := &table{Head: []string{w.T("data.sample"), w.T("data.count"), w.T("data.positives"), w.T("data.rate")}, Left: 1}
	for _, t := range ts {
		for _, x := range []struct {
			name   string
			sample model.Sample
		}{{w.T("data.train"), t.card.Train}, {w.T("data.holdout"), t.card.Holdout}} {
			name := cell{Main: x.name}
			if t.many {
				name.Main = x.name + " · " + t.name
			}
			if x.sample.From != "" && x.sample.To != "" {
				name.Small = w.T("data.window.of", date(x.sample.From), date(x.sample.To))
			}
			rate := noFigure
			if x.sample.Rows > 0 {
				rate = w.Pct(float64(x.sample.Positives)/float64(x.sample.Rows), 1)
			}
			tab.Rows = append(tab.Rows, []cell{name, text(w.Int(x.sample.Rows)), text(w.Int(x.sample.Positives)), text(rate)})
		}
	}
	note := w.T("data.selection")
	if len(ts) > 0 && ts[0].card.Split != "" {
		note = w.T("data.split.note", w.known("split", ts[0].card.Split)) + " " + note
	}
	s.Blocks = append(s.Blocks, block{Lead: w.T("data.read", w.Int(c.Rows), w.Int(c.SetAside), w.Int(c.BadRows)), Table: tab, Note: note})
	for _, t := range ts {
		b, ok, err := t.monthBlock(plots)
		if err != nil {
			return s, err
		}
		if ok {
			s.Blocks = append(s.Blocks, b)
		}
	}
	for _, t := range ts {
		if b, ok := t.accountBlock(); ok {
			s.Blocks = append(s.Blocks, b)
		}
	}
	findings := block{Heading: w.T("data.findings")}
	if len(c.Findings) == 0 {
		findings.Note = w.T("data.nofindings")
	} else {
		findings.Table = &table{Head: []string{w.T("data.column"), w.T("data.reason"), w.T("data.detail")}, Left: 3}
		for i, f := range c.Findings {
			if i == mostFindings {
				findings.Note = w.T("data.morefinding", w.Int(len(c.Findings)-mostFindings))
				break
			}
			column := f.Column
			if column == "" {
				column = noFigure
			}
			findings.Table.Rows = append(findings.Table.Rows, []cell{text(column), text(w.known("reason", f.Reason)), {Main: f.Text, Foreign: true}})
		}
	}
	s.Blocks = append(s.Blocks, findings)
	return s, nil
}

// strongest returns the coefficients with the strongest evidence, the largest |z|, first; where there are no standard
// errors the largest effects. Of equal ones the order is the card's.
func strongest(all []model.Coefficient) []model.Coefficient {
	out := append([]model.Coefficient(nil), all...)
	strength := func(c model.Coefficient) float64 {
		if math.IsNaN(c.Z) {
			return -1
		}
		if c.SE == 0 {
			return math.Abs(c.Estimate)
		}
		return math.Abs(c.Z)
	}
	sort.SliceStable(out, func(i, j int) bool { return strength(out[i]) > strength(out[j]) })
	return out
}

// onePerFeature keeps the first coefficient of each feature: of a number in thirty bins the neighbours say the same.
func onePerFeature(coefficients []model.Coefficient) []model.Coefficient {
	var out []model.Coefficient
	seen := map[string]bool{}
	for _, c := range coefficients {
		if !seen[c.Feature] {
			seen[c.Feature] = true
			out = append(out, c)
		}
	}
	return out
}

func (t targetView) drivers(plots bool) (section, error) {
	w := t.words
	s := section{ID: "drivers", Nav: w.T("nav.drivers"), Heading: w.T("drivers.heading"), Intro: w.T("drivers.intro")}
	coefficients := strongest(t.card.Coefficients)
	if len(coefficients) == 0 {
		s.Intro = w.T("drivers.none")
		return s, nil
	}
	if plots {
		var figures []figure
		drawn := coefficients
		if len(t.card.Shapes) > 0 {
			f, ok, err := t.importancePlot()
			if err != nil {
				return s, err
			}
			if ok {
				figures = append(figures, f)
			}
			drawn = onePerFeature(coefficients)
		}
		f, err := t.effectPlot(drawn)
		if err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, block{Figures: append(figures, f)})
		effects, err := t.effectBlocks()
		if err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, effects...)
	}
	tab := &table{Head: []string{w.T("drivers.feature"), w.T("drivers.odds"), w.T("drivers.z"), w.T("drivers.p"), w.T("drivers.rows")}, Left: 1}
	note := ""
	for i, c := range coefficients {
		if i == mostCoefficients {
			note = w.T("drivers.more", w.Int(len(coefficients)-mostCoefficients))
			break
		}
		name := cell{Main: c.Feature}
		if c.Level != "" {
			name.Small = w.known("level", c.Level)
		}
		row := []cell{
			name, {Main: w.Odds(c.Odds.Value), Small: w.Range(c.Odds, w.Odds)},
			text(w.Signed(c.Z, 1)), text(w.P(c.P)), text(w.Int(c.Rows)),
		}
		if c.SE == 0 { // no standard errors: an L1 penalty, or very many columns
			row[1].Small, row[2], row[3] = "", text(noFigure), text(noFigure)
		}
		tab.Rows = append(tab.Rows, row)
	}
	s.Blocks = append(s.Blocks, block{Table: tab, Fold: w.T("drivers.rest", w.Int(len(coefficients))), Note: note})
	return s, nil
}

// repeatSection tells what is needed to get the same model again.
func repeatSection(c *model.Card, ts []targetView, w *words) section {
	s := section{ID: "repeat", Nav: w.T("nav.repeat"), Heading: w.T("repeat.heading"), Intro: w.T("repeat.intro")}
	facts := &table{Left: 2}
	add := func(name, value string) {
		if value != "" {
			facts.Rows = append(facts.Rows, []cell{text(name), text(value)})
		}
	}
	add(w.T("repeat.digest"), c.Digest)
	if r := c.Run; r != nil && r.Seed > 0 {
		add(w.T("repeat.seed"), strconv.FormatUint(r.Seed, 10))
		add(w.T("repeat.seed.split"), strconv.FormatUint(r.SplitSeed, 10))
	}
	for _, t := range ts {
		f := t.card.Fit
		if f.Kind == "" {
			continue
		}
		of := func(name string) string {
			if t.many {
				return name + " · " + t.name
			}
			return name
		}
		add(of(w.T("repeat.kind")), w.known("kind", f.Kind))
		add(of(w.T("repeat.status")), w.T("repeat.iterations", w.known("status", f.Status), w.Int(f.Iterations)))
		if f.Kind != "additive" { // whose tables have one each, estimated
			add(of(w.T("repeat.lambda")), w.Score(f.Lambda))
		}
		add(of(w.T("repeat.columns")), w.Int(f.Columns))
		add(of(w.T("repeat.df")), w.Num(f.DF, 1))
		add(of(w.T("repeat.objective")), w.Num(f.Objective, 4))
		add(of(w.T("repeat.loglik")), w.Num(f.LogLik, 4))
	}
	if r := c.Run; r != nil {
		add(w.T("repeat.at"), r.At)
		add(w.T("repeat.seconds"), w.T("repeat.seconds.of", w.Num(r.Seconds, 2), w.Int(r.Cores)))
		add(w.T("repeat.version"), r.Version)
		add(w.T("repeat.go"), r.Go)
	}
	s.Blocks = append(s.Blocks, block{Table: facts})
	if r := c.Run; r != nil && r.Config != "" {
		s.Blocks = append(s.Blocks, block{Text: r.Config, Fold: w.T("repeat.config")})
	}
	return s
}
