package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
)

type scoreFlags struct {
	model, registry string
	in, out         string
	events          []string
	asOf            string
	capacity        []string
	previousStage   string
	previousSince   string
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
are then held in memory, otherwise they stream. Rules that ask for events get those of the log too.
rule_score is of the first scorecard of the rules, the one that is blended; further ones have a column each, rule_score.NAME.

--capacity SQL=50 keeps the leads of the file that enter SQL down to the best 50 by score; of equal scores the higher probability
comes first, then the id. The rest get the next lower stage, and the column because says so. Only scores are held in memory.
--previous-stage and --previous-since name columns with the stage that each lead was in and since when, so that what the policy says of
leaving a stage holds; the column changed is true where a lead enters a stage now. A lead without a previous stage is a new one, as from
nurture; one that was in a stage takes no place of its capacity.`,
		Example: `  leadscore score --model run/model.json --in new.csv --out scored.csv
  leadscore score --model run/model.json --in new.csv --events events.parquet --as-of now --out scored.csv
  leadscore score --model run/model.json --in today.csv --previous-stage stage --previous-since stage_since --capacity SQL=50 --out scored.csv
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
	cmd.Flags().StringArrayVar(&f.capacity, "capacity", nil, "most leads of the file that may enter a stage, as `STAGE=N`: SQL=50; may be given for MQL too")
	cmd.Flags().StringVar(&f.previousStage, "previous-stage", "", "`column` with the stage that a lead was in")
	cmd.Flags().StringVar(&f.previousSince, "previous-since", "", "`column` with the time when it entered that stage")
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
	// Changed counts the leads that enter a stage now, with --previous-stage; TurnedAway those that a capacity has kept out of one, by stage.
	Changed    *int           `json:"changed,omitempty"`
	TurnedAway map[string]int `json:"turned_away,omitempty"`
	Absent     []string       `json:"absent_columns"`
	Unknown    []string       `json:"unknown_columns"`
	Out        string         `json:"out"`
}

func runScore(ctx context.Context, s Streams, f scoreFlags) error {
	policy, badPolicy := badRowsPolicy(f.badRows)
	limits, err := readCapacities(f.capacity)
	if err := wrongFlags(badPolicy, err, spare("out", f.out, append(f.events, f.in)...)); err != nil {
		return err
	}
	defer tuneCollector()()
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	if err != nil {
		return err
	}
	a := scorer.Artifact()
	before, err := newPreviousRows(a, f.previousStage, f.previousSince)
	if err != nil {
		return err
	}
	if before != nil && a.AsOf == "" && f.asOf != "" { // stays depend on it
		at, err := readMoment(f.asOf, s.Now())
		if err != nil {
			return err
		}
		before.asOf, f.asOf = &at, ""
	}
	at, err := newMoments(a, f.asOf, s.Now())
	if err != nil {
		return err
	}
	p := newProgress(s)
	defer p.finish()
	p.step("scoring " + f.in)
	r, events, notes, err := openLeads(ctx, scorer, f, at, before, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // read only: nothing is lost when closing fails
	job := &scoring{scorer: scorer, events: events, before: before, limits: limits, stages: map[string]int{}, turned: map[string]int{}}
	job.schema = job.columns()
	w, err := datasets.Create(f.out, job.schema)
	if err != nil {
		return err
	}
	if err := job.run(ctx, r, w); err != nil {
		w.Abort()
		return err
	}
	if err := before.absent(r.Report().Absent); err != nil {
		w.Abort()
		return err
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	p.finish()
	report := r.Report()
	unknown := slices.DeleteFunc(append([]string{}, report.Unknown...), func(name string) bool { return slices.Contains(a.Unread(), name) })
	sum := scoreSummary{Rows: report.Rows, BadRows: report.BadTotal, Stages: job.stages, Absent: report.Absent, Unknown: unknown, Out: f.out}
	if before != nil {
		sum.Changed = &job.changed
	}
	if len(limits) > 0 {
		sum.TurnedAway = job.turned
	}
	for _, note := range notes {
		warn(s.Err, "%s", note)
	}
	if text := before.doubts(a); text != "" {
		warn(s.Err, "%s", text)
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
	if sum.Changed != nil {
		out.printf(", %d entered now", *sum.Changed)
	}
	out.printf("\n")
	for _, c := range limits {
		out.printf("capacity of %d %s: %d turned away\n", c.leads, c.stage, sum.TurnedAway[string(c.stage)])
	}
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
