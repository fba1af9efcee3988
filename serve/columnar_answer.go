package serve

import (
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
)

// answerTable lays out the answer to a batch that is a table: the columns of `leadscore score` under the same names, then what a table can
// tell more. The cells of a refused row are empty but for error.
type answerTable struct {
	schema  *datasets.Schema
	targets []int // after the first, whose probabilities are answered
	axes    bool
	cards   int // scorecards after the first
	bounds  bool
	reasons bool
}

// refusal is a row that was not scored.
type refusal struct {
	row          int
	code, detail string
}

// scoredRows are the predictions of the rows that were.
type scoredRows struct {
	columns          *model.Columns
	notes            *model.Notes
	because, reasons []string // empty: not asked for
}

func newAnswerTable(a *model.Artifact, q *asked) *answerTable {
	t := &answerTable{axes: a.Policy.Grades != nil, bounds: a.Targets[0].Covariance != nil, reasons: q.reasons(0) > 0}
	var fields []datasets.Field
	add := func(kind datasets.Kind, names ...string) {
		for _, name := range names {
			fields = append(fields, datasets.Field{Name: name, Kind: kind})
		}
	}
	add(datasets.Text, "lead_id")
	add(datasets.Numeric, "probability", "rule_score", "score")
	add(datasets.Categorical, "grade", "recommendation")
	for i := range a.Targets[1:] {
		if q.targets == nil || q.targets[i+1] {
			t.targets = append(t.targets, i+1)
			add(datasets.Numeric, "probability_"+a.Targets[i+1].Name)
		}
	}
	if t.axes {
		add(datasets.Numeric, "fit", "engagement")
		add(datasets.Categorical, "axis_grade")
	}
	if a.Rules != nil {
		for _, card := range a.Rules.Scorecards[1:] {
			t.cards++
			add(datasets.Numeric, "rule_score."+card.Name)
		}
	}
	if t.bounds {
		add(datasets.Numeric, "lower", "upper")
	}
	if t.reasons {
		add(datasets.Text, "because", "reasons")
	}
	add(datasets.Categorical, "warnings")
	add(datasets.Text, "error")
	t.schema = &datasets.Schema{Fields: fields}
	return t
}

// batch makes rows of the answer, the refused ones in their places. said is nil where all are.
func (t *answerTable) batch(rows int, refused []refusal, said *scoredRows) (*datasets.Batch, error) {
	s := spreader{rows: rows}
	if len(refused) > 0 {
		s.gone = make([]bool, rows)
		for _, r := range refused {
			s.gone[r.row] = true
		}
	}
	if said == nil {
		said = &scoredRows{columns: &model.Columns{}, notes: &model.Notes{}}
	}
	c, n := said.columns, said.notes
	columns := make([]datasets.Column, 0, len(t.schema.Fields))
	numbers := func(xs []float64) {
		columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: s.numbers(xs)})
	}
	texts := func(xs []string) {
		columns = append(columns, datasets.Column{Kind: datasets.Text, Texts: spread(&s, xs, "")})
	}
	coded := func(n int, at func(int) string) {
		codes, l := make([]int32, n), levels{}
		for i := range codes {
			codes[i] = l.code(at(i))
		}
		columns = append(columns, datasets.Column{Kind: datasets.Categorical, Codes: spread(&s, codes, -1), Levels: l.list})
	}
	texts(n.LeadIDs)
	numbers(c.Probability)
	numbers(c.RuleScore)
	numbers(c.Score)
	coded(len(c.Grade), func(i int) string { return c.Grade[i] })
	coded(len(c.Stage), func(i int) string { return string(c.Stage[i]) })
	for _, target := range t.targets {
		numbers(at(c.Probabilities, target))
	}
	if t.axes {
		numbers(each(c.Axes, func(a model.Axes) float64 { return a.Fit }))
		numbers(each(c.Axes, func(a model.Axes) float64 { return a.Engagement }))
		coded(len(c.Axes), func(i int) string { return c.Axes[i].Grade })
	}
	for card := range t.cards {
		numbers(at(c.RuleScores, card+1))
	}
	if t.bounds {
		numbers(each(n.Intervals, func(i model.Interval) float64 { return i.Lower }))
		numbers(each(n.Intervals, func(i model.Interval) float64 { return i.Upper }))
	}
	if t.reasons {
		texts(said.because)
		texts(said.reasons)
	}
	columns = append(columns, datasets.Column{Kind: datasets.Categorical, Codes: spread(&s, n.Warnings, -1), Levels: n.Texts})
	errs := make([]string, rows)
	for _, r := range refused {
		errs[r.row] = r.code + ": " + r.detail
	}
	columns = append(columns, datasets.Column{Kind: datasets.Text, Texts: errs})
	return datasets.NewBatch(t.schema, rows, columns)
}

// at is xs[i], nothing where no row was scored.
func at(xs [][]float64, i int) []float64 {
	if i >= len(xs) {
		return nil
	}
	return xs[i]
}

func each[T any](xs []T, of func(T) float64) []float64 {
	out := make([]float64, len(xs))
	for i := range xs {
		out[i] = of(xs[i])
	}
	return out
}

// spreader puts the cells of the rows that were scored where those rows stood, in memory of their own: an encoder keeps them.
type spreader struct {
	rows int
	gone []bool // nil: none is
}

func (s *spreader) numbers(xs []float64) []float64 { return spread(s, xs, math.NaN()) }

func spread[T any](s *spreader, xs []T, missing T) []T {
	if s.gone == nil {
		return slices.Clone(xs)
	}
	out, next := make([]T, s.rows), 0
	for row := range out {
		if s.gone[row] || next == len(xs) {
			out[row] = missing
			continue
		}
		out[row] = xs[next]
		next++
	}
	return out
}

// levels codes a few texts in the order that they come in.
type levels struct{ list []string }

func (l *levels) code(text string) int32 {
	i := slices.Index(l.list, text)
	if i < 0 {
		i = len(l.list)
		l.list = append(l.list, text)
	}
	return int32(i)
}
