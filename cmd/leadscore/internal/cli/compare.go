package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
	"leadscore/train/baseline"
	"leadscore/train/report"
)

type compareFlags struct {
	model, registry, data string
	rules                 string
	with                  []string
	columns, baselines    []string
	train                 string
	capacity              int
	win, contact          float64
	events                []string
	badRows               string
	maxBadRows            int
	allow                 bool
	json                  bool
	lang                  string
}

func newCompare(s Streams) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare a model with rules, other versions, a column or baselines on the same labelled leads",
		Long: `compare measures any number of scorers on the same labelled leads and says which ranks better, by how much
and how surely, or that the data cannot tell: the model, its rules and its blend, or other rules (--rules), other
models (--with), numbers of the file such as a CRM's own score (--column: higher is likelier, a lead without one
stands last), and golearn's classifiers (--baseline) fitted to other labelled leads (--train).

Differences are paired: DeLong's test for the AUC, the mean of the leads' differences for log loss, a bootstrap for the
lift and for the conversions among as many leads as can be worked (--capacity; with --win and --contact in money). p values are
corrected for the number of pairs (Holm). The verdict rests on the AUC.

Leads that were in training are refused: they would flatter the model.`,
		Example: `  leadscore compare --model run/model.json --data newer.csv
  leadscore compare --model run --data newer.csv --rules rules.yaml --column crm_score --capacity 200 --win 400 --contact 5
  leadscore compare --model won@champion --with won@v1 --registry models --data newer.csv
  leadscore compare --model run --data test.csv --baseline naive_bayes,tree --train train.csv --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCompare(cmd, s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", "registry `directory` that --model NAME and --with NAME are looked up in")
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads with their outcomes")
	cmd.Flags().StringVar(&f.rules, "rules", "", "rules `file` to compare with, in the place of the model's own rules and its blend")
	cmd.Flags().StringArrayVar(&f.with, "with", nil, "another `model`, as --model, or NAME=MODEL; may be repeated")
	cmd.Flags().StringArrayVar(&f.columns, "column", nil, "numeric `column` of the file that is a score; may be repeated")
	cmd.Flags().StringSliceVar(&f.baselines, "baseline", nil, "golearn's classifiers: "+strings.Join(baseline.Names(), ", "))
	cmd.Flags().StringVar(&f.train, "train", "", "`file` of labelled leads that baselines are fitted to")
	cmd.Flags().IntVar(&f.capacity, "capacity", 0, "`number` of the file's leads that can be worked; 0 is a tenth")
	cmd.Flags().Float64Var(&f.win, "win", 0, "what a conversion is worth, in `money`")
	cmd.Flags().Float64Var(&f.contact, "contact", 0, "what it costs to work a lead, in `money`")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().BoolVar(&f.allow, "allow-training-rows", false, "compare on leads that were in training too")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the comparison as JSON")
	cmd.Flags().StringVar(&f.lang, "lang", "en", "`language` of the text: "+strings.Join(report.Languages(), ", "))
	for _, name := range []string{"model", "data"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runCompare(cmd *cobra.Command, s Streams, f compareFlags) error {
	policy, badPolicy := badRowsPolicy(f.badRows)
	c, err := f.contenders(cmd)
	if err := wrongFlags(badPolicy, err); err != nil {
		return err
	}
	scorer, rulesAt, err := f.load(&c)
	if err != nil {
		return err
	}
	contest, err := s.compare(cmd.Context(), scorer, f, policy, c)
	if err != nil {
		return refusedRows(err, rulesAt, "compares")
	}
	o := report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}
	if contest.Sentence, err = report.ContestSentence(contest, o); err != nil {
		return err
	}
	sayFindings(s.Err, contest.Findings)
	if f.json {
		return report.ContestJSON(s.Out, contest)
	}
	return report.ContestTerminal(s.Out, contest, o)
}

func (s Streams) compare(ctx context.Context, scorer *model.Scorer, f compareFlags, policy datasets.BadRows, c train.Contenders) (*model.Contest, error) {
	start := s.Now()
	p := newProgress(s)
	defer p.finish()
	p.step("comparing on " + f.data)
	contest, err := train.Compare(ctx, scorer, f.data, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows}, start, f.events, c)
	if err != nil {
		return nil, err
	}
	contest.Run = &model.Run{
		At: start.UTC().Format(time.RFC3339), Seconds: s.Now().Sub(start).Seconds(),
		Version: Version(), Go: runtime.Version(), Cores: runtime.GOMAXPROCS(0),
	}
	return contest, nil
}

// contenders reads the flags that name no files, all of what is wrong with them at once.
func (f compareFlags) contenders(cmd *cobra.Command) (train.Contenders, error) {
	c := train.Contenders{Columns: f.columns, Baselines: f.baselines, TrainOn: f.train, Capacity: float64(f.capacity), AllowTrainingRows: f.allow}
	var problems []error
	say := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	problems = append(problems, checkLanguage(f.lang))
	if f.capacity < 0 {
		say("reading --capacity: %d leads; want at least 1, or 0 for a tenth", f.capacity)
	}
	for _, money := range []struct {
		flag  string
		value float64
		to    **float64
	}{{"win", f.win, &c.Win}, {"contact", f.contact, &c.Contact}} {
		if !cmd.Flags().Changed(money.flag) {
			continue
		}
		if !(money.value >= 0) || math.IsInf(money.value, 0) {
			say("reading --%s: %v; want a number of at least 0", money.flag, money.value)
		}
		*money.to = &money.value
	}
	if c.Contact != nil && c.Win == nil {
		say("reading --contact: without --win nothing is told in money; say what a conversion is worth")
	}
	if len(f.baselines) > 0 && f.train == "" {
		say("reading --baseline: say with --train which labelled leads they are fitted to")
	}
	if len(f.baselines) == 0 && f.train != "" {
		say("reading --train: only baselines are fitted; say which with --baseline %s", strings.Join(baseline.Names(), ","))
	}
	return c, errors.Join(problems...)
}

// load loads the models and the rules, and says all at once of those that it cannot.
func (f compareFlags) load(c *train.Contenders) (*model.Scorer, *config.Positions, error) {
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	problems := []error{err}
	for _, with := range f.with {
		v, err := f.version(with)
		if problems = append(problems, err); err == nil {
			c.With = append(c.With, v)
		}
	}
	var rulesAt *config.Positions
	if f.rules != "" {
		if c.Rules, rulesAt, err = config.LoadRules(f.rules); err != nil {
			problems = append(problems, usageError{err})
		}
	}
	if err := c.Check(); err != nil {
		problems = append(problems, usageError{err})
	}
	return scorer, rulesAt, errors.Join(problems...)
}

// version loads another model. NAME=MODEL gives it a name; else it has the one of the registry, or that of its run directory.
func (f compareFlags) version(with string) (train.Version, error) {
	name, path, named := strings.Cut(with, "=")
	if _, err := os.Stat(with); !named || !errors.Is(err, fs.ErrNotExist) || strings.ContainsAny(name, `/\`) {
		path = with
		name = strings.TrimSuffix(filepath.ToSlash(filepath.Clean(with)), "/model.json")
	}
	if name == "" || path == "" {
		return train.Version{}, usage("reading --with: %q; want a model, or NAME=MODEL", with)
	}
	scorer, err := loadScorer(path, f.registry)
	if err != nil {
		return train.Version{}, fmt.Errorf("reading --with %s: %w", with, err)
	}
	return train.Version{Name: name, Scorer: scorer}, nil
}
