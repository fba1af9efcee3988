package train

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

// replay is a replay in the making.
type replay struct {
	options  ReplayOptions
	table    *datasets.Table
	rows     int
	id       int     // column of table, −1: none
	asOf     []int64 // nil: not known
	label    []int8  // nil: not known
	weights  []float64
	cluster  func(in func(row int) bool) []int32 // nil: rows are independent
	number   func(row int) int                   // in the file, from 1
	sides    [2]*replaySide                      // current, new
	digest   string
	badRows  int
	findings []model.Finding
}

// replaySide is one way to recommend stages: by points, or by a model.
type replaySide struct {
	name, scale string
	leads       *datasets.Table
	policy      model.Policy
	set         *rules.Set    // nil: a model without rules
	scorer      *model.Scorer // nil: by points
	events      [][]datasets.Event

	score []float64
	stage []uint8 // place in replayStages
}

// replayStages are the stages in their order.
var replayStages = [...]model.Stage{model.Nurture, model.MQL, model.SQL, model.Disqualify}

func stageNumber(s model.Stage) uint8 { return uint8(slices.Index(replayStages[:], s)) }

// selects reports whether a row is MQL or SQL.
func (s *replaySide) selects(row int) bool { return s.stage[row] == 1 || s.stage[row] == 2 }

// run scores the rows by both sides; the batches of a side go to as many goroutines as there are cores.
func (s *replaySide) run(ctx context.Context, asOf []int64, rows, workers int) error {
	s.score, s.stage = make([]float64, rows), make([]uint8, rows)
	first := make([]int, len(s.leads.Batches)+1)
	for i, b := range s.leads.Batches {
		first[i+1] = first[i] + b.Rows()
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, len(s.leads.Batches))
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(workers, len(errs)) {
		done.Go(func() {
			var c model.Columns
			for k := int(next.Add(1)) - 1; k < len(errs); k = int(next.Add(1)) - 1 {
				if errs[k] = ctx.Err(); errs[k] == nil {
					errs[k] = s.batch(s.leads.Batches[k], first[k], asOf, &c)
				}
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("replaying %s: %w", s.name, err)
		}
	}
	return nil
}

func (s *replaySide) batch(b *datasets.Batch, first int, asOf []int64, c *model.Columns) error {
	of := func(row int) []datasets.Event {
		if s.events == nil {
			return nil
		}
		return s.events[first+row]
	}
	if s.scorer != nil {
		if err := s.scorer.ScoreBatchEvents(b, of, c); err != nil {
			return err
		}
		copy(s.score[first:], c.Score)
		for i, stage := range c.Stage {
			s.stage[first+i] = stageNumber(stage)
		}
		return nil
	}
	lead := model.Case{Known: func(model.Stage) bool { return true }}
	row := make([]datasets.Value, len(b.Schema().Fields))
	for i := range b.Rows() {
		b.Row(i, row)
		points, hard := s.set.Score(row, of(i), momentAt(asOf, first+i))
		s.score[first+i] = points
		lead.Scores, lead.Hard, lead.At = [2]float64{points, points}, model.Stage(hard), momentAt(asOf, first+i)
		s.stage[first+i] = stageNumber(s.policy.Decide(&lead))
	}
	return nil
}

func momentAt(asOf []int64, row int) int64 {
	if asOf == nil {
		return datasets.MissingTime
	}
	return asOf[row]
}

// Replayed is a replay with what its movers' file needs.
type Replayed struct {
	*model.Replay
	replay *replay
}

// mostExamples is how many leads of those that move are told of, in and out each.
const mostExamples = 5

func (r *replay) run(ctx context.Context) (*Replayed, error) {
	if r.rows == 0 {
		return nil, fmt.Errorf("replaying rules: the file has no leads")
	}
	if r.options.ByMonth && r.asOf == nil {
		return nil, fmt.Errorf("replaying rules by month: the as-of moments of the leads are not known")
	}
	for _, s := range r.sides {
		if err := s.run(ctx, r.asOf, r.rows, r.options.Workers); err != nil {
			return nil, err
		}
	}
	out := &model.Replay{Digest: r.digest, BadRows: r.badRows, Findings: append([]model.Finding{}, r.findings...)}
	out.Rows = r.counts()
	all := func(int) bool { return true }
	for i, side := range []*model.ReplaySide{&out.Current, &out.New} {
		*side = r.side(r.sides[i], out.Rows.Days, all)
	}
	if err := r.compare(out); err != nil {
		return nil, err
	}
	var moves [len(replayStages)][len(replayStages)]float64
	for i := range r.rows {
		moves[r.sides[0].stage[i]][r.sides[1].stage[i]] += weightAt(r.weights, i)
	}
	for from := range replayStages {
		for to, n := range moves[from] {
			if n > 0 {
				out.Stages = append(out.Stages, model.StageMove{From: replayStages[from], To: replayStages[to], Leads: rounded(n)})
			}
		}
	}
	out.In, out.Out = r.moved(true), r.moved(false)
	if r.options.ByMonth {
		out.Months = r.months()
	}
	return &Replayed{out, r}, nil
}

// compare fills in the AUCs where there are outcomes of both kinds.
func (r *replay) compare(out *model.Replay) error {
	if out.Rows.Positives == 0 || out.Rows.Positives == out.Rows.Labelled {
		return nil
	}
	var samples [2]evaluate.Sample
	for k, s := range r.sides {
		for i := range r.rows {
			if l := r.labelAt(i); l != setAside {
				samples[k].Label = append(samples[k].Label, l == positive)
				samples[k].Score = append(samples[k].Score, s.score[i])
				if r.weights != nil {
					samples[k].Weight = append(samples[k].Weight, r.weights[i])
				}
			}
		}
		if r.cluster != nil {
			samples[k].Cluster = r.cluster(func(row int) bool { return r.labelAt(row) != setAside })
		}
	}
	var err error
	if out.Current.AUC, err = evaluate.AUC(samples[0]); err != nil {
		return err
	}
	if out.New.AUC, err = evaluate.AUC(samples[1]); err != nil {
		return err
	}
	c := model.Comparison{A: "new", B: "current", Metric: "auc"}
	if c.Difference, c.P, err = evaluate.CompareAUC(samples[1], samples[0]); err != nil {
		return err
	}
	out.AUC = &c
	return nil
}

// moves tells whether a row is selected by one side only: 1 it comes in, −1 it goes out.
func (r *replay) moves(row int) int {
	current, next := r.sides[0].selects(row), r.sides[1].selects(row)
	switch {
	case next && !current:
		return 1
	case current && !next:
		return -1
	}
	return 0
}

// moved counts the leads that come in, or go out, and tells of those of the highest score on the side that selects them, converted and not
// in turn.
func (r *replay) moved(in bool) model.ReplayMoved {
	want, side := 1, r.sides[1]
	if !in {
		want, side = -1, r.sides[0]
	}
	var n, won, lost float64
	var of [3][]int // rows that converted, that did not, and others
	for i := range r.rows {
		if r.moves(i) != want {
			continue
		}
		w := weightAt(r.weights, i)
		n += w
		switch r.labelAt(i) {
		case positive:
			won += w
			of[0] = append(of[0], i)
		case negative:
			lost += w
			of[1] = append(of[1], i)
		default:
			of[2] = append(of[2], i)
		}
	}
	out := model.ReplayMoved{Leads: rounded(n), Converted: rounded(won), Lost: rounded(lost), Open: rounded(n - won - lost), Rate: evaluate.Wilson(won, won+lost), Examples: []model.ReplayMover{}}
	for k := range of {
		slices.SortStableFunc(of[k], func(a, b int) int {
			switch x, y := side.score[a], side.score[b]; {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
	}
	for len(out.Examples) < mostExamples && len(of[0])+len(of[1])+len(of[2]) > 0 {
		for k := range of {
			if len(of[k]) > 0 && len(out.Examples) < mostExamples {
				out.Examples = append(out.Examples, r.mover(of[k][0]))
				of[k] = of[k][1:]
			}
		}
	}
	return out
}

// lead names a row.
func (r *replay) lead(row int) string {
	if r.id >= 0 {
		b, i := batchOf(r.table, row)
		if v := b.Value(r.id, i); !v.Missing() {
			return v.String()
		}
	}
	return strconv.Itoa(r.number(row))
}

// batchOf finds a row of a table: its batch and its place there.
func batchOf(t *datasets.Table, row int) (*datasets.Batch, int) {
	for _, b := range t.Batches {
		if row < b.Rows() {
			return b, row
		}
		row -= b.Rows()
	}
	panic("a row beyond the table")
}
