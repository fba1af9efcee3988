package cli

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model/rules"
)

type rulesScoreFlags struct {
	rules, data, id, out string
	asOf                 string
	events               []string
	log                  eventColumns
	json                 bool
}

func newRulesScore(s Streams) *cobra.Command {
	var f rulesScoreFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Score a file of leads by rules alone",
		Long: `score writes a row a lead: its score, the stage of a hard rule or a veto, the sums of the axes fit and engagement, and, of
qualification frameworks, where the score lies if what is unknown turns out worst or best, how many dimensions are unknown, and
the question to ask next. Further scorecards have the same columns, with their name at the end: rule_score.NAME.`,
		Example: `  leadscore rules score --rules rules.yaml --data leads.csv --id lead_id --out points.csv
  leadscore rules score --rules rules.yaml --data leads.csv --id lead_id --events events.parquet --as-of created_at --out points.parquet`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesScore(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.rules, "rules", "rules.yaml", rulesHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads")
	cmd.Flags().StringVar(&f.id, "id", "", "`column` that names a lead")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` to write")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "`moment` at which leads are looked at: now, RFC 3339, or a column of times; default: after all events")
	f.log.bind(cmd, &f.events)
	cmd.Flags().BoolVar(&f.json, "json", false, "print a summary as JSON")
	for _, name := range []string{"data", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runRulesScore(ctx context.Context, s Streams, f rulesScoreFlags) error {
	if err := spare("out", f.out, append(f.events, f.data)...); err != nil {
		return err
	}
	file, at, err := readRules(f.rules)
	if err != nil {
		return err
	}
	t, err := readRuleLeads(ctx, f.data, f.id)
	if err != nil {
		return err
	}
	set, problems := rules.Compile(file, t.Schema)
	if len(problems) > 0 {
		return usageError{at.Problems(problems)}
	}
	asOf, err := ruleMoments(t, f.asOf, s.Now())
	if err != nil {
		return err
	}
	events, notes, err := f.ruleEvents(ctx, t, set, asOf)
	if err != nil {
		return err
	}
	if len(f.events) == 0 && len(set.EventTypes()) > 0 {
		notes = append(notes, "some rules ask for events, and no log is given (--events): they count none")
	}
	batches, sum := scoreByRules(t, set, t.Schema.Index(f.id), asOf, events)
	w, err := datasets.Create(f.out, ruleColumns(set))
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			w.Abort()
			return err
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	for _, note := range notes {
		warn(s.Err, "%s", note)
	}
	sum.Out = f.out
	if f.json {
		return printJSON(s.Out, sum)
	}
	return sum.print(s.Out)
}

// ruleColumns is the schema of the rows that score writes.
func ruleColumns(set *rules.Set) *datasets.Schema {
	out := &datasets.Schema{Fields: []datasets.Field{{Name: "lead_id", Kind: datasets.Text}}}
	for i, name := range set.Scorecards() {
		end := ""
		if i > 0 {
			end = "." + name
		}
		add := func(column string, kind datasets.Kind) {
			out.Fields = append(out.Fields, datasets.Field{Name: column + end, Kind: kind})
		}
		add("rule_score", datasets.Numeric)
		add("hard", datasets.Text)
		hasFit, hasEngagement := set.Axes(i)
		if hasFit {
			add("fit", datasets.Numeric)
		}
		if hasEngagement {
			add("engagement", datasets.Numeric)
		}
		if set.Questions(i) {
			add("score_low", datasets.Numeric)
			add("score_high", datasets.Numeric)
			add("unknown", datasets.Numeric)
			add("next_question", datasets.Text)
		}
	}
	return out
}

// scoreByRules scores all leads, on all cores; the rows stand in the order of the file. id −1: leads are numbered from 1.
func scoreByRules(t *datasets.Table, set *rules.Set, id int, asOf []int64, events [][]datasets.Event) ([]*datasets.Batch, *rulesSummary) {
	schema := ruleColumns(set)
	out, sums := make([]*datasets.Batch, len(t.Batches)), make([]*rulesSummary, len(t.Batches))
	first := make([]int, len(t.Batches)+1)
	for i, b := range t.Batches {
		first[i+1] = first[i] + b.Rows()
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(len(t.Batches), runtime.GOMAXPROCS(0)) {
		done.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(t.Batches); k = int(next.Add(1)) - 1 {
				out[k], sums[k] = scoreRuleBatch(t.Batches[k], schema, set, id, first[k], asOf, events)
			}
		})
	}
	done.Wait()
	sum := newRulesSummary(set)
	for _, s := range sums {
		sum.add(s)
	}
	return out, sum
}

func scoreRuleBatch(b *datasets.Batch, schema *datasets.Schema, set *rules.Set, id, first int, asOf []int64, events [][]datasets.Event) (*datasets.Batch, *rulesSummary) {
	columns := make([]datasets.Column, len(schema.Fields))
	for i, f := range schema.Fields {
		columns[i].Kind = f.Kind
		if f.Kind == datasets.Numeric {
			columns[i].Numbers = make([]float64, b.Rows())
		} else {
			columns[i].Texts = make([]string, b.Rows())
		}
	}
	sum := newRulesSummary(set)
	row := make([]datasets.Value, len(b.Schema().Fields))
	for r := range b.Rows() {
		b.Row(r, row)
		at := int64(datasets.MissingTime)
		if asOf != nil {
			at = asOf[first+r]
		}
		var of []datasets.Event
		if events != nil {
			of = events[first+r]
		}
		columns[0].Texts[r] = strconv.Itoa(first + r + 1)
		if id >= 0 {
			columns[0].Texts[r] = row[id].String()
		}
		c := 1
		number := func(x float64) { columns[c].Numbers[r] = x; c++ }
		text := func(s string) { columns[c].Texts[r] = s; c++ }
		for i := range set.Scorecards() {
			result := set.Result(i, row, of, at)
			sum.Scorecards[i].see(&result)
			number(result.Score)
			text(result.Hard)
			hasFit, hasEngagement := set.Axes(i)
			if hasFit {
				number(result.Fit)
			}
			if hasEngagement {
				number(result.Engagement)
			}
			if set.Questions(i) {
				number(result.Low)
				number(result.High)
				number(float64(result.Unknown))
				next := ""
				if result.Next != nil && result.Hard != "disqualify" {
					next = result.Next.Dimension + ": " + result.Next.Text
				}
				text(next)
			}
		}
	}
	sum.Rows = b.Rows()
	batch, err := datasets.NewBatch(schema, b.Rows(), columns)
	if err != nil {
		panic(err) // the columns were made from the schema
	}
	return batch, sum
}
