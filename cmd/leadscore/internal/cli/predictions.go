package cli

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
)

// writePredictions writes the scored hold-out.
func writePredictions(path string, h *train.Holdout) error {
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
	b, err := datasets.NewBatch(schema, len(h.IDs), []datasets.Column{
		{Kind: datasets.Text, Texts: h.IDs},
		{Kind: datasets.Numeric, Numbers: label},
		{Kind: datasets.Numeric, Numbers: h.Columns.Probability},
		{Kind: datasets.Numeric, Numbers: h.Columns.RuleScore},
		{Kind: datasets.Numeric, Numbers: h.Columns.Score},
		stageColumn(h.Columns.Stage),
	})
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

var stageLevels = []string{string(model.Nurture), string(model.MQL), string(model.SQL), string(model.Disqualify)}

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
func gradeColumn(grades []string) datasets.Column {
	codes := make([]int32, len(grades))
	for i, g := range grades {
		for k, level := range gradeLevels {
			if level == g {
				codes[i] = int32(k)
			}
		}
	}
	return datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: gradeLevels}
}
