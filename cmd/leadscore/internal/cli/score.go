package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
)

type scoreFlags struct {
	model, registry string
	in, out         string
	events          []string
	asOf            string
	badRows         string
	maxBadRows      int
	json            bool
}

func newScore(s Streams) *cobra.Command {
	var f scoreFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Score a file of leads: any format to any format, streaming",
		Long: `score scores every lead of a file. A model with event features makes them from the log of the leads'
events up to the as-of moment of each lead, the same columns under the same names as in training; the leads
are then held in memory, otherwise they stream. Rules that ask for events get those of the log too.`,
		Example: `  leadscore score --model run/model.json --in new.csv --out scored.csv
  leadscore score --model run/model.json --in new.csv --events events.parquet --as-of now --out scored.csv
  leadscore score --model run/model.json --in new.parquet --out scored.jsonl.gz
  leadscore score --model converted --registry models --in new.csv --out scored.parquet --bad-rows skip`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runScore(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.in, "in", "", "`file` of leads")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` to write")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	cmd.Flags().StringVar(&f.asOf, "as-of", "", asOfHelp)
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().BoolVar(&f.json, "json", false, "print a summary as JSON")
	for _, name := range []string{"model", "in", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func bindBadRows(cmd *cobra.Command, policy *string, most *int) {
	cmd.Flags().StringVar(policy, "bad-rows", "fail", "fail: report unreadable rows and write nothing; skip: count them and go on")
	cmd.Flags().IntVar(most, "max-bad-rows", 0, "with --bad-rows skip: fail beyond this `number`; 0 is no bound")
}

func badRowsPolicy(s string) (datasets.BadRows, error) {
	switch s {
	case "fail":
		return datasets.FailOnBadRows, nil
	case "skip":
		return datasets.SkipBadRows, nil
	}
	return 0, usage("reading --bad-rows: unknown policy %q; want fail or skip", s)
}

type scoreSummary struct {
	Rows    int            `json:"rows"`
	BadRows int            `json:"bad_rows"`
	Stages  map[string]int `json:"stages"`
	Absent  []string       `json:"absent_columns"`
	Unknown []string       `json:"unknown_columns"`
	Out     string         `json:"out"`
}

func runScore(ctx context.Context, s Streams, f scoreFlags) error {
	policy, err := badRowsPolicy(f.badRows)
	if err != nil {
		return err
	}
	defer tuneCollector()()
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	if err != nil {
		return err
	}
	a := scorer.Artifact()
	at, err := newMoments(a, f.asOf, s.Now())
	if err != nil {
		return err
	}
	p := newProgress(s)
	defer p.finish()
	p.step("scoring " + f.in)
	r, events, notes, err := openLeads(ctx, scorer, f, at, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // read only: nothing is lost when closing fails
	w, err := datasets.Create(f.out, scoredSchema(a))
	if err != nil {
		return err
	}
	stages, err := scoreStream(ctx, scorer, r, events, w)
	if err != nil {
		w.Abort()
		return err
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	p.finish()
	report := r.Report()
	unknown := slices.DeleteFunc(append([]string{}, report.Unknown...), func(name string) bool { return slices.Contains(a.Unread(), name) })
	sum := scoreSummary{Rows: report.Rows, BadRows: report.BadTotal, Stages: stages, Absent: report.Absent, Unknown: unknown, Out: f.out}
	for _, note := range notes {
		warn(s.Err, "%s", note)
	}
	warnScore(s.Err, sum, a, at, len(f.events) > 0)
	if f.json {
		return printJSON(s.Out, sum)
	}
	out := &printer{w: s.Out}
	out.printf("scored %d leads into %s:", sum.Rows, f.out)
	for _, stage := range stageLevels {
		out.printf(" %s %d", stage, sum.Stages[stage])
	}
	out.printf("\n")
	return out.err
}

// warnScore says what the file had less or more than the training file.
func warnScore(w io.Writer, sum scoreSummary, a *model.Artifact, at moments, events bool) {
	made := a.EventColumns()
	none := a.LacksEvents(sum.Absent)
	if none && !events {
		warn(w, "%s (want --events)", model.NoEventsText)
	}
	for _, name := range sum.Absent {
		switch {
		case !a.Pipeline.Uses(name), made[name] && (events || none):
		case name == a.AsOf && at.makes() && !slices.Contains(sum.Absent, at.reads(a)):
		case made[name]:
			warn(w, "the file has no column %q: scored as of a lead without events", name)
		default:
			warn(w, "the file has no column %q: scored as missing", name)
		}
	}
	for _, name := range sum.Unknown {
		warn(w, "column %q was not in the training file: passed over", name)
	}
	if sum.BadRows > 0 {
		warn(w, "%d bad rows were skipped", sum.BadRows)
	}
}

// scoredSchema is the columns of a scored file.
func scoredSchema(a *model.Artifact) *datasets.Schema {
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
	return &datasets.Schema{Fields: fields}
}

// scoreStream scores batches on all cores and writes them in the order of the file.
func scoreStream(ctx context.Context, scorer *model.Scorer, r datasets.Reader, events [][]datasets.Event, w datasets.Writer) (map[string]int, error) {
	schema := scoredSchema(scorer.Artifact())
	stages := map[string]int{}
	err := inOrder(ctx, r, func(b *datasets.Batch, first int) (*datasets.Batch, error) {
		return scoreBatch(scorer, schema, b, first, events)
	}, func(out *datasets.Batch) error {
		if err := w.Write(out); err != nil {
			return err
		}
		c := out.Column(5)
		for _, code := range c.Codes {
			stages[c.Levels[code]]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return stages, nil
}

// scoreBatch scores one batch; a lead without an id is named by its row number, from 1.
func scoreBatch(scorer *model.Scorer, schema *datasets.Schema, b *datasets.Batch, first int, events [][]datasets.Event) (*datasets.Batch, error) {
	var c model.Columns
	if err := scorer.ScoreBatchEvents(b, eventsFrom(events, first), &c); err != nil {
		return nil, err
	}
	ids := make([]string, b.Rows())
	if id := scorer.Artifact().ID; id != "" {
		copy(ids, b.Column(b.Schema().Index(id)).Texts)
	} else {
		for i := range ids {
			ids[i] = strconv.Itoa(first + i + 1)
		}
	}
	columns := []datasets.Column{
		{Kind: datasets.Text, Texts: ids},
		{Kind: datasets.Numeric, Numbers: c.Probability},
		{Kind: datasets.Numeric, Numbers: c.RuleScore},
		{Kind: datasets.Numeric, Numbers: c.Score},
		gradeColumn(c.Grade),
		stageColumn(c.Stage),
	}
	for _, p := range c.Probabilities[1:] {
		columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: p})
	}
	return datasets.NewBatch(schema, b.Rows(), columns)
}
