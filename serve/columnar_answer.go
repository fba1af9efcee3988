package serve

import (
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
)

// answerTable lays out the answer to a batch that is a table: the columns of `leadscore score` under the same names, then what a table can
// tell more: model_version is the version of the model that answered, as answers in JSON name it. The cells of a refused row are empty but for error.
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
	add(datasets.Categorical, "warnings", "model_version")
	add(datasets.Text, "error")
	t.schema = &datasets.Schema{Fields: fields}
	return t
}

// batch makes rows of the answer of what the models said of their shares, the refused ones in their places.
func (t *answerTable) batch(rows int, refused []refusal, shares []share) (*datasets.Batch, error) {
	columns := make([]datasets.Column, 0, len(t.schema.Fields))
	numbers := func(of func(*share) []float64) {
		columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: spread(rows, shares, math.NaN(), of)})
	}
	texts := func(of func(*share) []string) {
		columns = append(columns, datasets.Column{Kind: datasets.Text, Texts: spread(rows, shares, "", of)})
	}
	codes := func(levels []string, of func(*share) []int32) {
		columns = append(columns, datasets.Column{Kind: datasets.Categorical, Codes: spread(rows, shares, -1, of), Levels: levels})
	}
	coded := func(at func(s *share, i int) string) {
		var l levels
		codes := made(rows, shares, -1, func(s *share) []int32 {
			return each(s.columns.Score, func(i int) int32 { return l.code(at(s, i)) })
		})
		columns = append(columns, datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: l.list})
	}
	texts(func(s *share) []string { return s.notes.LeadIDs })
	numbers(func(s *share) []float64 { return s.columns.Probability })
	numbers(func(s *share) []float64 { return s.columns.RuleScore })
	numbers(func(s *share) []float64 { return s.columns.Score })
	coded(func(s *share, i int) string { return s.columns.Grade[i] })
	coded(func(s *share, i int) string { return string(s.columns.Stage[i]) })
	for _, target := range t.targets {
		numbers(func(s *share) []float64 { return s.columns.Probabilities[target] })
	}
	if t.axes {
		numbers(func(s *share) []float64 {
			return each(s.columns.Axes, func(i int) float64 { return s.columns.Axes[i].Fit })
		})
		numbers(func(s *share) []float64 {
			return each(s.columns.Axes, func(i int) float64 { return s.columns.Axes[i].Engagement })
		})
		coded(func(s *share, i int) string { return s.columns.Axes[i].Grade })
	}
	for card := range t.cards {
		numbers(func(s *share) []float64 { return s.columns.RuleScores[card+1] })
	}
	if t.bounds {
		numbers(func(s *share) []float64 {
			return each(s.notes.Intervals, func(i int) float64 { return s.notes.Intervals[i].Lower })
		})
		numbers(func(s *share) []float64 {
			return each(s.notes.Intervals, func(i int) float64 { return s.notes.Intervals[i].Upper })
		})
	}
	if t.reasons {
		texts(func(s *share) []string { return s.because })
		texts(func(s *share) []string { return s.reasons })
	}
	warned, warnings := warningsOf(shares)
	codes(warned, warnings)
	coded(func(s *share, _ int) string { return s.model.ref.Version })
	errs := make([]string, rows)
	for _, r := range refused {
		errs[r.row] = r.code + ": " + r.detail
	}
	columns = append(columns, datasets.Column{Kind: datasets.Text, Texts: errs})
	return datasets.NewBatch(t.schema, rows, columns)
}

// warningsOf are the texts of all shares, and the codes of a share's rows into them.
func warningsOf(shares []share) (texts []string, codes func(*share) []int32) {
	if len(shares) == 1 {
		return shares[0].notes.Texts, func(s *share) []int32 { return s.notes.Warnings }
	}
	return slices.Concat(each(shares, func(i int) []string { return shares[i].notes.Texts })...), func(s *share) []int32 {
		before := int32(0)
		for i := 0; &shares[i] != s; i++ {
			before += int32(len(shares[i].notes.Texts))
		}
		return each(s.notes.Warnings, func(i int) int32 {
			if s.notes.Warnings[i] < 0 {
				return -1
			}
			return before + s.notes.Warnings[i]
		})
	}
}

func each[S, T any](xs []S, at func(i int) T) []T {
	out := make([]T, len(xs))
	for i := range out {
		out[i] = at(i)
	}
	return out
}

// spread puts the cells of the rows that were scored where those rows stand, in memory of their own: they are encoded later.
func spread[T any](rows int, shares []share, missing T, of func(*share) []T) []T {
	if len(shares) == 1 && shares[0].rows == nil {
		return slices.Clone(of(&shares[0]))
	}
	return made(rows, shares, missing, of)
}

// made is spread for cells that of makes, in memory of their own already.
func made[T any](rows int, shares []share, missing T, of func(*share) []T) []T {
	if len(shares) == 1 && shares[0].rows == nil {
		return of(&shares[0])
	}
	out := make([]T, rows)
	for i := range out {
		out[i] = missing
	}
	for i := range shares {
		cells := of(&shares[i])
		if shares[i].rows == nil {
			copy(out, cells)
		}
		for k, row := range shares[i].rows {
			out[row] = cells[k]
		}
	}
	return out
}

// levels codes a few texts in the order that they come in.
type levels struct{ list []string }

func (l *levels) code(text string) int32 {
	for i, level := range l.list {
		if level == text {
			return int32(i)
		}
	}
	l.list = append(l.list, text)
	return int32(len(l.list) - 1)
}
