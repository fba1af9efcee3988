package baseline_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/evaluation"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
	"leadscore/train/baseline"
)

// history is generated leads whose outcome is known, with some of what was known when they were created.
func history(leads int) (*datasets.Table, []bool, error) {
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: leads, Seed: 1})
	if err != nil {
		return nil, nil, err
	}
	won, decided := h.Labels()
	table, err := datasets.SelectRows(h.Leads, decided)
	if err != nil {
		return nil, nil, err
	}
	table, err = datasets.SelectColumns(table, []string{"created_at", "company_size", "country", "source", "budget_confirmed", "website_visits", "time_on_site", "demo_requested"})
	var label []bool
	for i, d := range decided {
		if d {
			label = append(label, won[i])
		}
	}
	return table, label, err
}

// trainer trains on instances as leadscore trains on a file: it writes them to one.
func trainer(schema *datasets.Schema) func(base.FixedDataGrid) (*model.Scorer, error) {
	return func(grid base.FixedDataGrid) (scorer *model.Scorer, err error) {
		dir, err := os.MkdirTemp("", "baseline")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		table, err := baseline.Table(grid, schema)
		if err != nil {
			return nil, err
		}
		label, err := baseline.Labels(grid)
		if err != nil {
			return nil, err
		}
		won := datasets.ColumnOf(datasets.Boolean, len(label), func(row int) datasets.Value { return datasets.Bool(label[row]) })
		table, err = datasets.Replace(table, []datasets.Field{{Name: "won", Kind: datasets.Boolean}}, []datasets.Column{won})
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "train.parquet")
		if err := datasets.WriteTable(path, table); err != nil {
			return nil, err
		}
		r, err := train.Run(context.Background(), train.Config{
			Leads:        train.Leads{Path: path},
			Targets:      []train.Target{{Name: "won", Column: "won", Positive: []string{"true"}}},
			Interactions: "none",
		}, nil)
		if err != nil {
			return nil, err
		}
		return model.NewScorer(r.Artifact)
	}
}

func trained(t *testing.T) (*baseline.Classifier, *base.DenseInstances, *datasets.Table, []bool) {
	t.Helper()
	table, label, err := history(1500)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := baseline.Instances(table, "won", label)
	if err != nil {
		t.Fatal(err)
	}
	c := &baseline.Classifier{Train: trainer(table.Schema)}
	if err := c.Fit(grid); err != nil {
		t.Fatal(err)
	}
	return c, grid, table, label
}

func TestClassifier(t *testing.T) {
	c, grid, table, label := trained(t)
	t.Run("scores are those of the table, to the bit", func(t *testing.T) {
		got, err := c.Score(grid)
		if err != nil {
			t.Fatal(err)
		}
		var want model.Columns
		for _, b := range table.Batches {
			var more model.Columns
			if err := c.Scorer.ScoreBatch(b, &more); err != nil {
				t.Fatal(err)
			}
			want.Append(&more)
		}
		if len(got.Probability) != len(label) {
			t.Fatalf("%d scores for %d rows", len(got.Probability), len(label))
		}
		for i := range want.Probability {
			if math.Float64bits(got.Probability[i]) != math.Float64bits(want.Probability[i]) || math.Float64bits(got.Score[i]) != math.Float64bits(want.Score[i]) || got.Stage[i] != want.Stage[i] {
				t.Fatalf("row %d: %v by way of instances, %v from the table", i+1, got.Probability[i], want.Probability[i])
			}
		}
	})
	t.Run("rules of prediction", func(t *testing.T) {
		columns, err := c.Score(grid)
		if err != nil {
			t.Fatal(err)
		}
		p := slices.Sorted(slices.Values(columns.Probability))
		at := p[len(p)/2] // of some row: the threshold itself is converted
		for _, rule := range []struct {
			c    baseline.Classifier
			want func(i int) bool
		}{
			{baseline.Classifier{}, func(i int) bool { return columns.Probability[i] >= .5 }},
			{baseline.Classifier{Threshold: at}, func(i int) bool { return columns.Probability[i] >= at }},
			{baseline.Classifier{Stage: model.MQL}, func(i int) bool { return columns.Stage[i] == model.MQL || columns.Stage[i] == model.SQL }},
			{baseline.Classifier{Stage: model.SQL, Threshold: .01}, func(i int) bool { return columns.Stage[i] == model.SQL }},
		} {
			rule.c.Scorer = c.Scorer
			predicted, err := rule.c.Predict(grid)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for i := range label {
				want := baseline.NotConverted
				if rule.want(i) {
					want = baseline.Converted
					n++
				}
				if got := base.GetClass(predicted, i); got != want {
					t.Fatalf("threshold %v, stage %q: row %d is predicted %q, want %q", rule.c.Threshold, rule.c.Stage, i+1, got, want)
				}
			}
			if n == 0 || n == len(label) {
				t.Errorf("threshold %v, stage %q: %d of %d rows converted, which shows nothing", rule.c.Threshold, rule.c.Stage, n, len(label))
			}
		}
	})
	t.Run("kept and read back", func(t *testing.T) {
		dir := t.TempDir()
		if err := c.Save(filepath.Join(dir, "model.json")); err != nil {
			t.Fatal(err)
		}
		w, err := base.CreateSerializedClassifierStub(filepath.Join(dir, "archive"), c.GetMetadata())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SaveWithPrefix(w, "one"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var fromFile, fromArchive baseline.Classifier
		if err := fromFile.Load(filepath.Join(dir, "model.json")); err != nil {
			t.Fatal(err)
		}
		r, err := base.ReadSerializedClassifierStub(filepath.Join(dir, "archive"))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := fromArchive.LoadWithPrefix(r, "one"); err != nil {
			t.Fatal(err)
		}
		if err := fromArchive.LoadWithPrefix(r, "two"); err == nil {
			t.Error("a prefix that is not there was read")
		}
		for _, other := range []*baseline.Classifier{&fromFile, &fromArchive} {
			if other.String() != c.String() {
				t.Errorf("%v came back as %v", c, other)
			}
		}
	})
	t.Run("errors", func(t *testing.T) {
		ready := baseline.Classifier{Scorer: c.Scorer}
		narrow := base.NewInstancesViewFromVisible(grid, []int{0}, grid.AllAttributes()[:3])
		bare := base.NewDenseInstances()
		failed := errors.New("no luck")
		for want, do := range map[string]func() error{
			"is fitted already": func() error { return ready.Fit(grid) },
			"no luck": func() error {
				return (&baseline.Classifier{Train: func(base.FixedDataGrid) (*model.Scorer, error) { return nil, failed }}).Fit(grid)
			},
			"by a panic: out of range": func() error {
				return (&baseline.Classifier{Train: func(base.FixedDataGrid) (*model.Scorer, error) { panic("out of range") }}).Fit(grid)
			},
			"there is no scorer": func() error {
				return (&baseline.Classifier{Train: func(base.FixedDataGrid) (*model.Scorer, error) { return nil, nil }}).Fit(grid)
			},
			"is not fitted": func() error { _, err := (&baseline.Classifier{}).Predict(grid); return err },
			"threshold 1 is no": func() error {
				_, err := (&baseline.Classifier{Scorer: c.Scorer, Threshold: 1}).Predict(grid)
				return err
			},
			`stage "nurture" does not`: func() error {
				_, err := (&baseline.Classifier{Scorer: c.Scorer, Stage: model.Nurture}).Predict(grid)
				return err
			},
			"0 class attributes": func() error { _, err := ready.Predict(bare); return err },
			"no such attribute":  func() error { _, err := ready.Predict(narrow); return err },
			"there are none":     func() error { _, err := ready.Predict(nil); return err },
			"it is not fitted":   func() error { return (&baseline.Classifier{}).Save(filepath.Join(t.TempDir(), "x")) },
		} {
			if err := do(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want %q in it", err, want)
			}
		}
	})
}

// golearn's own cross-validation, whose folds nobody can seed, trains our model and counts every row once.
func TestGolearnsCrossValidationRunsOnOurModel(t *testing.T) {
	c, grid, _, label := trained(t)
	c.Threshold = .2
	folds, err := evaluation.GenerateCrossFoldValidationConfusionMatrices(grid, c, 2)
	if err != nil {
		t.Fatal(err)
	}
	rows, caught := 0, 0.
	for _, m := range folds {
		for _, predicted := range m {
			for _, n := range predicted {
				rows += n
			}
		}
		caught += evaluation.GetTruePositives(baseline.Converted, m)
	}
	if rows != len(label) || caught == 0 {
		t.Errorf("%d rows of %d, %v conversions foreseen", rows, len(label), caught)
	}
}

// stub predicts every row as converted and keeps what it was shown.
type stub struct {
	baseline.Classifier
	shown [][]bool
}

func (s *stub) Fit(grid base.FixedDataGrid) error {
	label, err := baseline.Labels(grid)
	s.shown = append(s.shown, label)
	return err
}

func (s *stub) Predict(grid base.FixedDataGrid) (base.FixedDataGrid, error) { return grid, nil }

// Each row is predicted once, by a fit on the other folds; classes are dealt evenly; a seed is a division.
func TestCrossValidateDealsEveryRowOnce(t *testing.T) {
	label := make([]bool, 103)
	for i := range 31 {
		label[i*3] = true
	}
	grid, err := baseline.OneHot(baseline.Rows{Columns: []baseline.Column{{Name: "a", Levels: 1, Codes: make([]uint32, 103)}}, Label: label})
	if err != nil {
		t.Fatal(err)
	}
	var s stub
	matrices, err := baseline.CrossValidate(grid, &s, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(matrices) != 5 {
		t.Fatalf("%d matrices", len(matrices))
	}
	converted := 0
	for fold, m := range matrices {
		won, lost := m[baseline.Converted][baseline.Converted], m[baseline.NotConverted][baseline.NotConverted]
		if converted += won; won < 6 || won > 7 || lost < 14 || lost > 15 || won+lost+len(s.shown[fold]) != 103 {
			t.Errorf("fold %d tests on %d converted and %d others after %d rows of training", fold+1, won, lost, len(s.shown[fold]))
		}
	}
	if converted != 31 {
		t.Errorf("%d converted rows were predicted, want 31", converted)
	}
	if _, err := baseline.CrossValidate(grid, nil, 5, 1); err == nil {
		t.Error("no classifier was cross-validated")
	}
	for _, k := range []int{0, 1, -3, 1000} {
		if _, err := baseline.CrossValidate(grid, &stub{}, k, 1); err == nil {
			t.Errorf("%d folds were dealt", k)
		}
	}
	if _, err := baseline.CrossValidate(grid, &baseline.Classifier{}, 5, 1); err == nil || !strings.Contains(err.Error(), "fold 1 of 5: fitting") {
		t.Errorf("a classifier that cannot be fitted: %v", err)
	}
}
