package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train"
	"leadscore/train/report"
)

type rulesReplayFlags struct {
	rulesScoreFlags // rules, data, id, out, as-of, events, json
	current         string
	model, registry string
	target          string
	negative        []string
	mql, sql        float64
	currentMQL      float64
	currentSQL      float64
	by              string
	force           bool
	badRows         string
	maxBadRows      int
	lang            string
}

func newRulesReplay(s Streams) *cobra.Command {
	var f rulesReplayFlags
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Show what a change of rules would have done on past leads",
		Long: `replay scores past leads by new rules and by the current way, and says how many would have been MQL and SQL by each, how many of
those converted, how the two rank, and which leads would have moved in and out, and why. Nothing is changed.

The current way is rules (--current) or a model as it is (--model). With --mql the new rules decide by their points: MQL from so many, SQL from
--sql or by hard rules only. Rules in --current decide by --current-mql and --current-sql, or the same points. Without --mql the rules are put
into the model, in the place of its own, and its policy decides by the score.

Outcomes, moments and kinds of columns are read as the model reads them, or by --target COLUMN=VALUE, --as-of and --id. Without outcomes
volume and movers are told.`,
		Example: `  leadscore rules replay --rules new.yaml --current rules.yaml --data leads.csv --id lead_id --target converted=1 --mql 40
  leadscore rules replay --rules suggested.yaml --current rules.yaml --model run --data test.csv --mql 22 --current-mql 50 --out movers.csv
  leadscore rules replay --rules new.yaml --model run --data test.csv --by month
  leadscore rules replay --rules new.yaml --current rules.yaml --data leads.csv --id lead_id --as-of created_at --events events.parquet --mql 40 --by month`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesReplay(cmd, s, f) },
	}
	cmd.Flags().StringVar(&f.rules, "rules", "rules.yaml", "new rules `file`")
	cmd.Flags().StringVar(&f.current, "current", "", "current rules `file`; without it the model is the current way")
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of past leads")
	cmd.Flags().StringVar(&f.target, "target", "", "`COLUMN=VALUE` of leads that converted, where no model says it")
	cmd.Flags().StringArrayVar(&f.negative, "negative", nil, "`value` of that column of leads that did not convert, where there are several others; may be repeated")
	cmd.Flags().StringVar(&f.id, "id", "", "`column` that names a lead, where no model says it")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "`moment` at which leads are looked at, where no model says it: now, RFC 3339, or a column of times")
	cmd.Flags().Float64Var(&f.mql, "mql", 0, "`points` from which the new rules make a lead MQL; without it the model's policy decides by the score")
	cmd.Flags().Float64Var(&f.sql, "sql", 0, "`points` from which they make it SQL; without it only hard rules do")
	cmd.Flags().Float64Var(&f.currentMQL, "current-mql", 0, "`points` of the rules in --current; default: as --mql")
	cmd.Flags().Float64Var(&f.currentSQL, "current-sql", 0, "`points` of the rules in --current; default: as --sql")
	cmd.Flags().StringVar(&f.by, "by", "", "`period` to tell apart as well: month")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` to write the leads that move to, with what differs between the rules")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace an existing --out")
	f.log.bind(cmd, &f.events)
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().BoolVar(&f.json, "json", false, "print the replay as JSON")
	cmd.Flags().StringVar(&f.lang, "lang", "en", "`language` of the text: "+strings.Join(report.Languages(), ", "))
	_ = cmd.MarkFlagRequired("data")
	return cmd
}

// options reads the flags that name no files, all of what is wrong with them at once.
func (f *rulesReplayFlags) options(cmd *cobra.Command) (o train.ReplayOptions, err error) {
	var problems []error
	say := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	points := func(name string, value float64) *float64 {
		if !cmd.Flags().Changed(name) {
			return nil
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			say("reading --%s: %v; want a number of points", name, value)
		}
		return &value
	}
	o.New.MQL, o.New.SQL = points("mql", f.mql), points("sql", f.sql)
	o.Current.MQL, o.Current.SQL = points("current-mql", f.currentMQL), points("current-sql", f.currentSQL)
	if !report.HasLanguage(f.lang) {
		say("reading --lang: unknown language %q; want %s", f.lang, strings.Join(report.Languages(), " or "))
	}
	if f.by != "" && f.by != "month" {
		say("reading --by: unknown period %q; want month", f.by)
	}
	o.ByMonth = f.by == "month"
	switch {
	case f.current == "" && f.model == "":
		say("nothing to replay against: say with --current which rules are in use, or with --model which model")
	case f.current != "" && f.model == "" && o.New.MQL == nil:
		say("reading --mql: without a model, whose policy could decide, say from how many points a lead is MQL")
	}
	if o.New.SQL != nil && o.New.MQL == nil {
		say("reading --sql: say with --mql from how many points a lead is MQL")
	}
	if (o.Current.MQL != nil || o.Current.SQL != nil) && (f.current == "" || o.New.MQL == nil) {
		say("reading --current-mql, --current-sql: they are points of the rules in --current, beside the --mql of the new ones")
	}
	if f.current != "" && o.New.MQL != nil {
		if o.Current.SQL == nil && o.Current.MQL == nil {
			o.Current.SQL = o.New.SQL
		}
		if o.Current.MQL == nil {
			o.Current.MQL = o.New.MQL
		}
	}
	for _, side := range []train.ReplayRules{o.New, o.Current} {
		if side.MQL != nil && side.SQL != nil && *side.SQL < *side.MQL {
			say("reading --sql: SQL from %v points lies below MQL from %v", *side.SQL, *side.MQL)
			break
		}
	}
	if f.model != "" {
		for _, name := range []string{"target", "negative", "id", "as-of", "event-lead", "event-at", "event-type", "event-id", "event-channel"} {
			if cmd.Flags().Changed(name) {
				say("reading --%s: the model says how its files are read", name)
			}
		}
	}
	if len(f.negative) > 0 && f.target == "" {
		say("reading --negative: say with --target COLUMN=VALUE which leads converted")
	}
	if f.out != "" && !f.force {
		if _, err := os.Stat(f.out); err == nil {
			say("writing %s: it exists; --force replaces it", f.out)
		} else if !errors.Is(err, fs.ErrNotExist) {
			say("writing %s: %w", f.out, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

func runRulesReplay(cmd *cobra.Command, s Streams, f rulesReplayFlags) error {
	policy, err := badRowsPolicy(f.badRows)
	if err != nil {
		return err
	}
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	var at [2]*config.Positions // current, new
	o.New.Name, o.Current.Name = f.rules, f.current
	if f.current != "" {
		if o.Current.File, at[0], err = readRules(f.current); err != nil {
			return err
		}
	}
	if o.New.File, at[1], err = readRules(f.rules); err != nil {
		return err
	}
	found, err := s.replay(cmd.Context(), f, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows}, o)
	var bad *train.ReplayRulesError
	switch {
	case errors.As(err, &bad) && bad.Current && at[0] != nil:
		return usageError{at[0].Problems(bad.Problems)}
	case errors.As(err, &bad) && !bad.Current:
		return usageError{at[1].Problems(bad.Problems)}
	case err != nil:
		return err
	}
	moved := 0
	if f.out != "" {
		if moved, err = found.WriteMovers(f.out); err != nil {
			return err
		}
	}
	for _, n := range found.Findings {
		warn(s.Err, "%s", n.Text)
	}
	if f.json {
		return printJSON(s.Out, found.Replay)
	}
	if err := report.ReplayTerminal(s.Out, found.Replay, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}); err != nil {
		return err
	}
	if f.out == "" {
		return nil
	}
	out := &printer{w: s.Out}
	out.printf("\nwrote %s to %s\n", countOf(moved, "lead"), f.out)
	return out.err
}

func (s Streams) replay(ctx context.Context, f rulesReplayFlags, read datasets.ReadOptions, o train.ReplayOptions) (found *train.Replayed, err error) {
	start := s.Now()
	p := newProgress(s)
	defer p.finish()
	p.step("replaying " + f.data)
	if f.model != "" {
		scorer, err := loadScorer(f.model, f.registry)
		if err != nil {
			return nil, err
		}
		if len(f.events) > 0 && scorer.Artifact().Events == nil {
			return nil, usage("reading --events: the model has no event features, so it does not say how a log is read; replay without --model")
		}
		if found, err = train.ReplayModel(ctx, scorer, f.data, read, start, f.events, o); err != nil {
			return nil, err
		}
	} else if found, err = f.withoutModel(ctx, read, start, o); err != nil {
		return nil, err
	}
	found.Run = &model.Run{
		At: start.UTC().Format(time.RFC3339), Seconds: s.Now().Sub(start).Seconds(),
		Version: Version(), Go: runtime.Version(), Cores: runtime.GOMAXPROCS(0),
	}
	return found, nil
}

// withoutModel reads the leads by the flags.
func (f *rulesReplayFlags) withoutModel(ctx context.Context, read datasets.ReadOptions, now time.Time, o train.ReplayOptions) (*train.Replayed, error) {
	leads := train.ReplayLeads{ID: f.id}
	read.Force = map[string]datasets.Field{}
	if f.id != "" {
		read.Force[f.id] = datasets.Field{Name: f.id, Kind: datasets.Text}
	}
	if f.target != "" {
		column, value, ok := strings.Cut(f.target, "=")
		if !ok || column == "" || value == "" {
			return nil, usage("reading --target: %q; want COLUMN=VALUE, the value of leads that converted", f.target)
		}
		leads.Outcome = &train.Target{Name: column, Column: column, Positive: []string{value}, Negative: f.negative}
		read.Force[column] = datasets.Field{Name: column, Kind: datasets.Categorical}
	}
	var err error
	if leads.Table, err = datasets.Read(ctx, f.data, read); err != nil {
		return nil, err
	}
	if leads.AsOf, err = ruleMoments(leads.Table, f.asOf, now); err != nil {
		return nil, err
	}
	if o.ByMonth && leads.AsOf == nil {
		return nil, usage("reading --by: months are those of the moments of the leads; say with --as-of in which column they stand")
	}
	if len(f.events) > 0 {
		if f.id == "" {
			return nil, usage("reading --events: events belong to leads by their id; say --id COLUMN")
		}
		leads.Events = func(set *rules.Set) ([][]datasets.Event, []string, error) {
			return f.ruleEvents(ctx, leads.Table, set, leads.AsOf)
		}
	}
	return train.Replay(ctx, leads, o)
}
