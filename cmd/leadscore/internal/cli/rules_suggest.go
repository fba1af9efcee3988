package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
	"leadscore/train/report"
)

type rulesSuggestFlags struct {
	model, registry string
	data, rules     string
	events          []string
	out             string
	force           bool
	maxRules        int
	double          float64
	badRows         string
	maxBadRows      int
	allow           bool
	json            bool
	lang            string
}

func newRulesSuggest(s Streams) *cobra.Command {
	var f rulesSuggestFlags
	cmd := &cobra.Command{
		Use:   "suggest",
		Short: "Turn a model into a rules file that marketing can adopt",
		Long: `suggest writes a rules file whose points follow the model as closely as few rules can: whole points, a table for a number, a list
for values of a category with like effects, event rules for counts of events, and all: where a pair of columns pays. It begins
with the rule that tells most and stops where the next one tells too little, or after --max-rules. What no rule can say is named.

The rules are made from the model alone. With --data, labelled leads that the model has not seen, it says how well they rank beside the
model and beside the rules in use (--rules, or the model's own), and from how many points a lead is MQL if as many are to be
selected as by the model. Leads that were in training are refused: they would flatter both.`,
		Example: `  leadscore rules suggest --model run --data test.csv -o suggested.yaml
  leadscore rules suggest --model won@champion --registry models --data test.csv --rules rules.yaml --max-rules 12 -o suggested.yaml
  leadscore rules suggest --model run --points-to-double 20 -o suggested.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesSuggest(cmd, s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads with their outcomes, to measure the rules on")
	cmd.Flags().StringVar(&f.rules, "rules", "", "rules `file` in use, to compare with; default: the model's own")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "rules `file` to write; without it only what it would say is printed")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace an existing file")
	cmd.Flags().IntVar(&f.maxRules, "max-rules", 20, "the most `rules`; a table of a number is one, and so is each list of values")
	cmd.Flags().Float64Var(&f.double, "points-to-double", 10, "`points` that double the odds")
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().BoolVar(&f.allow, "allow-training-rows", false, "measure on leads that were in training too")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the suggestion as JSON")
	cmd.Flags().StringVar(&f.lang, "lang", "en", "`language` of the text: "+strings.Join(report.Languages(), ", "))
	_ = cmd.MarkFlagRequired("model")
	return cmd
}

// check finds what is wrong with the flags before anything is read.
func (f *rulesSuggestFlags) check() error {
	var problems []error
	say := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !report.HasLanguage(f.lang) {
		say("reading --lang: unknown language %q; want %s", f.lang, strings.Join(report.Languages(), " or "))
	}
	if f.maxRules < 1 || f.maxRules > 1000 {
		say("reading --max-rules: %d; want 1 to 1000", f.maxRules)
	}
	if !(f.double >= 1) || f.double > 1000 {
		say("reading --points-to-double: %v; want 1 to 1000", f.double)
	}
	if f.data == "" {
		if f.rules != "" {
			say("reading --rules: rules are compared on labelled leads; say which with --data")
		}
		if len(f.events) > 0 {
			say("reading --events: events belong to leads; say which with --data")
		}
	}
	if f.out != "" && !f.force {
		if _, err := os.Stat(f.out); err == nil {
			say("writing %s: it exists; --force replaces it", f.out)
		} else if !errors.Is(err, fs.ErrNotExist) {
			say("writing %s: %w", f.out, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return usageError{err}
	}
	return nil
}

func runRulesSuggest(cmd *cobra.Command, s Streams, f rulesSuggestFlags) error {
	policy, badPolicy := badRowsPolicy(f.badRows)
	if err := wrongFlags(badPolicy, f.check()); err != nil {
		return err
	}
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	if err != nil {
		return err
	}
	judges := train.Judges{AllowTrainingRows: f.allow}
	var at *config.Positions
	if f.rules != "" {
		if judges.Current, at, err = readRules(f.rules); err != nil {
			return err
		}
	}
	found, err := s.suggest(cmd.Context(), scorer, f, policy, judges)
	if err != nil {
		return refusedRows(err, at, "measures")
	}
	if f.out != "" {
		write := func(w io.Writer) error {
			out := &printer{w: w}
			writeSuggestion(out, found)
			return out.err
		}
		if err := datasets.AtomicWrite(f.out, write); err != nil {
			return fmt.Errorf("writing %s: %w", f.out, err)
		}
	}
	sayFindings(s.Err, found.Findings)
	if f.json {
		return printJSON(s.Out, found)
	}
	if err := report.SuggestionTerminal(s.Out, found, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}); err != nil {
		return err
	}
	if f.out == "" {
		return nil
	}
	out := &printer{w: s.Out}
	out.printf("\nwrote %s\n", f.out)
	return out.err
}

func (s Streams) suggest(ctx context.Context, scorer *model.Scorer, f rulesSuggestFlags, policy datasets.BadRows, judges train.Judges) (*model.Suggestion, error) {
	start := s.Now()
	p := newProgress(s)
	defer p.finish()
	p.step("choosing rules")
	found, err := train.Suggest(scorer.Artifact(), train.SuggestOptions{MaxRules: f.maxRules, PointsToDouble: f.double})
	if err != nil {
		return nil, err
	}
	if f.data != "" {
		p.step("measuring them on " + f.data)
		if err := found.Measure(ctx, scorer, f.data, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows}, start, f.events, judges); err != nil {
			return nil, err
		}
	}
	found.Run = &model.Run{
		At: start.UTC().Format(time.RFC3339), Seconds: s.Now().Sub(start).Seconds(),
		Version: Version(), Go: runtime.Version(), Cores: runtime.GOMAXPROCS(0),
	}
	return found.Suggestion, nil
}
