package cli

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train"
)

// writePredictions writes the scored hold-out; where the rules have two axes those too, and the points of further scorecards.
func writePredictions(path string, r *train.Result) error {
	h := r.Holdout
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "lead_id", Kind: datasets.Text},
		{Name: "label", Kind: datasets.Numeric},
		{Name: "probability", Kind: datasets.Numeric},
		{Name: "rule_score", Kind: datasets.Numeric},
		{Name: "score", Kind: datasets.Numeric},
		{Name: "recommendation", Kind: datasets.Categorical},
	}}
	label := make([]float64, len(h.Labels))
	for i, l := range h.Labels {
		if l {
			label[i] = 1
		}
	}
	columns := []datasets.Column{
		{Kind: datasets.Text, Texts: h.IDs},
		{Kind: datasets.Numeric, Numbers: label},
		{Kind: datasets.Numeric, Numbers: h.Columns.Probability},
		{Kind: datasets.Numeric, Numbers: h.Columns.RuleScore},
		{Kind: datasets.Numeric, Numbers: h.Columns.Score},
		stageColumn(h.Columns.Stage),
	}
	if h.Columns.Axes != nil {
		schema.Fields = append(schema.Fields, axisFields()...)
		columns = append(columns, axisColumns(h.Columns.Axes)...)
	}
	schema.Fields = append(schema.Fields, furtherCardFields(r.Artifact.Rules)...)
	columns = append(columns, furtherCardColumns(r.Artifact.Rules, &h.Columns)...)
	b, err := datasets.NewBatch(schema, len(h.IDs), columns)
	if err != nil {
		return err
	}
	return writeBatch(path, b)
}

// writeBatch writes a table that is one batch.
func writeBatch(path string, b *datasets.Batch) error {
	w, err := datasets.Create(path, b.Schema())
	if err != nil {
		return err
	}
	if err := w.Write(b); err != nil {
		w.Abort()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return w.Close()
}

var stageLevels = func() (names []string) {
	for _, stage := range model.Stages() {
		names = append(names, string(stage))
	}
	return names
}()

// stageColumn codes stages as a categorical column.
func stageColumn(stages []model.Stage) datasets.Column {
	codes := make([]int32, len(stages))
	for i, s := range stages {
		for k, level := range stageLevels {
			if level == string(s) {
				codes[i] = int32(k)
			}
		}
	}
	return datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: stageLevels}
}

var gradeLevels = []string{"A", "B", "C", "D"}

// gradeColumn codes grades as a categorical column.
func gradeColumn(grades []string) datasets.Column { return coded(grades, gradeLevels) }

func coded(values, levels []string) datasets.Column {
	codes := make([]int32, len(values))
	for i, v := range values {
		for k, level := range levels {
			if level == v {
				codes[i] = int32(k)
			}
		}
	}
	return datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: levels}
}

var axisLevels = model.AxisGrades()

// furtherCardFields are the columns of the scorecards after the first, named as `rules score` names them.
func furtherCardFields(file *rules.File) (fields []datasets.Field) {
	if file == nil {
		return nil
	}
	for _, card := range file.Scorecards[1:] {
		fields = append(fields, datasets.Field{Name: "rule_score." + card.Name, Kind: datasets.Numeric})
	}
	return fields
}

// furtherCardColumns are the points of furtherCardFields. Of no rows at all c may lack them.
func furtherCardColumns(file *rules.File, c *model.Columns) []datasets.Column {
	columns := make([]datasets.Column, len(furtherCardFields(file)))
	for i := range columns {
		columns[i].Kind = datasets.Numeric
		if len(c.RuleScores) > 0 {
			columns[i].Numbers = c.RuleScores[i+1]
		}
	}
	return columns
}

// axisFields are the columns of the two axes of the rules.
func axisFields() []datasets.Field {
	return []datasets.Field{{Name: "fit", Kind: datasets.Numeric}, {Name: "engagement", Kind: datasets.Numeric}, {Name: "axis_grade", Kind: datasets.Categorical}}
}

func axisColumns(axes []model.Axes) []datasets.Column {
	fit, engagement, grades := make([]float64, len(axes)), make([]float64, len(axes)), make([]string, len(axes))
	for i, a := range axes {
		fit[i], engagement[i], grades[i] = a.Fit, a.Engagement, a.Grade
	}
	return []datasets.Column{{Kind: datasets.Numeric, Numbers: fit}, {Kind: datasets.Numeric, Numbers: engagement}, coded(grades, axisLevels)}
}
