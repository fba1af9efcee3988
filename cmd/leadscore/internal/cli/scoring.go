package cli

import (
	"context"
	"strconv"

	"leadscore/datasets"
	"leadscore/model"
)

// scoring scores a file.
type scoring struct {
	scorer *model.Scorer
	events [][]datasets.Event // by row; nil: none
	before *previousRows      // nil: not known
	limits []capacity
	schema *datasets.Schema // of what is written

	stages  map[string]int
	changed int            // leads that enter a stage now
	turned  map[string]int // that a capacity has kept out of a stage
}

// scored is a batch with its predictions.
type scored struct {
	ids     []string
	columns *model.Columns
	because []string // nil: no capacity is asked for
}

// columns are those of a scored file: always the first six, then what the model and the flags have more.
func (j *scoring) columns() *datasets.Schema {
	a := j.scorer.Artifact()
	fields := []datasets.Field{
		{Name: "lead_id", Kind: datasets.Text},
		{Name: "probability", Kind: datasets.Numeric},
		{Name: "rule_score", Kind: datasets.Numeric},
		{Name: "score", Kind: datasets.Numeric},
		{Name: "grade", Kind: datasets.Categorical},
		{Name: "recommendation", Kind: datasets.Categorical},
	}
	for _, t := range a.Targets[1:] {
		fields = append(fields, datasets.Field{Name: "probability_" + t.Name, Kind: datasets.Numeric})
	}
	if a.Policy.Grades != nil {
		fields = append(fields, axisFields()...)
	}
	fields = append(fields, furtherCardFields(a.Rules)...)
	if j.before != nil {
		fields = append(fields, datasets.Field{Name: "changed", Kind: datasets.Boolean})
	}
	if len(j.limits) > 0 {
		fields = append(fields, datasets.Field{Name: "because", Kind: datasets.Text})
	}
	return &datasets.Schema{Fields: fields}
}

// run scores batches on all cores and writes them in the order of the file. With a capacity the predictions of the whole file are held
// until the last is there.
func (j *scoring) run(ctx context.Context, r datasets.Reader, w datasets.Writer) error {
	if len(j.limits) == 0 {
		type result struct {
			out     *datasets.Batch
			columns *model.Columns
		}
		return inOrder(ctx, r, func(b *datasets.Batch, first int) (result, error) {
			s, err := j.score(b, first)
			if err != nil {
				return result{}, err
			}
			out, err := j.batch(s)
			return result{out, s.columns}, err
		}, func(x result) error {
			j.count(x.columns)
			return w.Write(x.out)
		})
	}
	all := scored{columns: &model.Columns{}}
	err := inOrder(ctx, r, j.score, func(s scored) error {
		all.ids = append(all.ids, s.ids...)
		all.columns.Append(s.columns)
		return nil
	})
	if err != nil {
		return err
	}
	j.limit(&all)
	j.count(all.columns)
	out, err := j.batch(all)
	if err != nil {
		return err
	}
	return w.Write(out)
}

// score scores one batch; a lead without an id is named by its row number, from 1.
func (j *scoring) score(b *datasets.Batch, first int) (scored, error) {
	s := scored{ids: make([]string, b.Rows()), columns: &model.Columns{}}
	var err error
	if j.before != nil {
		if s.columns.Previous, err = j.before.of(b, first); err != nil {
			return s, err
		}
		s.columns.AsOf = j.before.asOf
	}
	if err := j.scorer.ScoreBatchEvents(b, eventsFrom(j.events, first), s.columns); err != nil {
		return s, err
	}
	if id := j.scorer.Artifact().ID; id != "" {
		copy(s.ids, b.Column(b.Schema().Index(id)).Texts)
	} else {
		for i := range s.ids {
			s.ids[i] = strconv.Itoa(first + i + 1)
		}
	}
	return s, nil
}

// batch is what is written of scored leads.
func (j *scoring) batch(s scored) (*datasets.Batch, error) {
	c := s.columns
	columns := []datasets.Column{
		{Kind: datasets.Text, Texts: s.ids},
		{Kind: datasets.Numeric, Numbers: c.Probability},
		{Kind: datasets.Numeric, Numbers: c.RuleScore},
		{Kind: datasets.Numeric, Numbers: c.Score},
		gradeColumn(c.Grade),
		stageColumn(c.Stage),
	}
	if len(c.Probabilities) > 0 {
		for _, p := range c.Probabilities[1:] {
			columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: p})
		}
	} else { // no row at all
		for range j.scorer.Artifact().Targets[1:] {
			columns = append(columns, datasets.Column{Kind: datasets.Numeric})
		}
	}
	if j.scorer.Artifact().Policy.Grades != nil {
		columns = append(columns, axisColumns(c.Axes)...)
	}
	columns = append(columns, furtherCardColumns(j.scorer.Artifact().Rules, c)...)
	if j.before != nil {
		changed := make([]float64, len(c.Changed))
		for i, yes := range c.Changed {
			if yes {
				changed[i] = 1
			}
		}
		columns = append(columns, datasets.Column{Kind: datasets.Boolean, Numbers: changed})
	}
	if len(j.limits) > 0 {
		columns = append(columns, datasets.Column{Kind: datasets.Text, Texts: s.because})
	}
	return datasets.NewBatch(j.schema, len(s.ids), columns)
}

func (j *scoring) count(c *model.Columns) {
	for i, stage := range c.Stage {
		j.stages[string(stage)]++
		if c.Changed[i] {
			j.changed++
		}
	}
}
