package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train"
	"leadscore/train/report"
)

type trainFlags struct {
	config     string
	out        string
	registry   string
	name       string
	noPromote  bool
	force      bool
	allowSmall bool
	lang       string
	json       bool
}

func newTrain(s Streams) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a conversion model on historical leads and evaluate it on a hold-out",
		Example: `  leadscore train                                    # reads leadscore.yaml, writes run/
  leadscore train -c lead.yaml --out run
  leadscore train -c lead.yaml --registry models --name converted`,
		Long: `train fits the model that the configuration asks for, measures it on a hold-out and writes a run directory. With
--registry the run becomes a new version there. It is promoted where it meets the gate of the configuration: not shown to be worse than
the promoted version on the new hold-out, and no less than the minima that are demanded. Where it does not, the version is
added, nothing is promoted, and the exit code is 3; gate.json beside metrics.json has the figures.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTrain(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVarP(&f.config, "config", "c", "leadscore.yaml", "configuration `file`")
	cmd.Flags().StringVar(&f.out, "out", "run", "run `directory` to write")
	cmd.Flags().StringVar(&f.registry, "registry", "", "also add the run to the registry in this `directory`")
	cmd.Flags().StringVar(&f.name, "name", "", "`name` of the model; default: the primary target")
	cmd.Flags().BoolVar(&f.noPromote, "no-promote", false, "with --registry: do not make it the champion, whatever the gate says")
	cmd.Flags().BoolVar(&f.force, "force-promote", false, "with --registry: make it the champion, whatever the gate says")
	cmd.Flags().BoolVar(&f.allowSmall, "allow-small", false, fmt.Sprintf("train with fewer than %d positives or negatives", train.MinPerClass))
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language of the report: en or es")
	cmd.Flags().BoolVar(&f.json, "json", false, "print metrics.json instead of the table")
	return cmd
}

func runTrain(ctx context.Context, s Streams, f trainFlags) error {
	var opposite error
	if f.noPromote && f.force {
		opposite = errors.New("reading --force-promote: --no-promote says the opposite; want one of them")
	}
	if err := wrongFlags(checkLanguage(f.lang), opposite); err != nil {
		return err
	}
	c, err := config.Load(f.config)
	if err != nil {
		return usageError{err}
	}
	tc := c.Train()
	tc.AllowSmall = f.allowSmall
	if f.name != "" {
		tc.Name = f.name
	}
	start := s.Now()
	tc.Now = start
	p := newProgress(s)
	defer p.finish()
	defer tuneCollector()()
	r, err := train.Run(ctx, tc, leanSteps(p.step))
	var badRules *train.RulesError
	if errors.As(err, &badRules) {
		return usageError{locateRules(c, badRules.Problems)}
	}
	var badSetting *train.SettingError
	if errors.As(err, &badSetting) {
		return usageError{c.SettingProblems(badSetting.Problems)}
	}
	var badPolicy *train.PolicyError
	if errors.As(err, &badPolicy) {
		return usageError{c.PolicyProblems(badPolicy.Problems)}
	}
	if err != nil {
		return fmt.Errorf("%w\nnothing was written", err)
	}
	p.step("writing " + f.out)
	card := withRun(r.Card, start, s.Now())
	card.Run.Config, card.Run.Seed, card.Run.SplitSeed = c.Text(), max(tc.Model.Seed, 1), max(tc.Split.Seed, 1)
	if err := writeRun(f.out, r, card, f.lang); err != nil {
		return err
	}
	p.finish()
	sayFindings(s.Err, card.Findings)
	warnOfLeaks(s.Err, card.Audit)
	if f.json {
		if err := report.JSON(s.Out, card); err != nil {
			return err
		}
	} else {
		if err := report.Terminal(s.Out, card, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}); err != nil {
			return err
		}
		out := &printer{w: s.Out}
		out.printf("\nwrote %s: model.json (version %s), metrics.json, report.html, report.md, predictions.parquet\n", f.out, r.Artifact.Version)
		if out.err != nil {
			return out.err
		}
	}
	if f.registry == "" {
		return nil
	}
	return register(s, f, &tc, r)
}

// checkLanguage refuses a --lang that no report can be written in.
func checkLanguage(lang string) error {
	if !report.HasLanguage(lang) {
		return usage("reading --lang: unknown language %q; want %s", lang, strings.Join(report.Languages(), " or "))
	}
	return nil
}

// locateRules tells the problems of a rules file with the lines they stand in.
func locateRules(c *config.Config, problems []rules.Problem) error {
	return c.RulesProblems(problems)
}

// withRun returns the card with the facts of this run, which are not in the artifact.
func withRun(c *model.Card, start, end time.Time) *model.Card {
	with := *c
	with.Run = &model.Run{
		At: start.UTC().Format(time.RFC3339), Seconds: end.Sub(start).Seconds(),
		Version: Version(), Go: runtime.Version(), Cores: runtime.GOMAXPROCS(0),
	}
	return &with
}

// writeRun writes a run directory. The files are made in a directory beside it and moved in one by one,
// model.json last: who finds a new model finds its report too.
func writeRun(dir string, r *train.Result, card *model.Card, lang string) (err error) {
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the run directory: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return fmt.Errorf("writing the run: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(tmp); err == nil {
			err = e
		}
	}()
	options := report.Options{Lang: lang, Title: r.Artifact.Name}
	text := func(name string, write func(io.Writer) error) func() error {
		return func() error {
			if err := datasets.AtomicWrite(filepath.Join(tmp, name), write); err != nil {
				return fmt.Errorf("writing %s: %w", name, err)
			}
			return nil
		}
	}
	// None waits for another: the page is the slowest, and the artifact.
	if err := together(
		text("report.html", func(w io.Writer) error { return report.HTML(w, card, options) }),
		func() error { return r.Artifact.Save(filepath.Join(tmp, "model.json")) },
		func() error { return writePredictions(filepath.Join(tmp, "predictions.parquet"), r) },
		text("metrics.json", func(w io.Writer) error { return report.JSON(w, card) }),
		text("report.md", func(w io.Writer) error { return report.Markdown(w, card, options) }),
	); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, gateFile)); err != nil && !errors.Is(err, fs.ErrNotExist) { // of the run before
		return fmt.Errorf("writing the run: %w", err)
	}
	for _, name := range []string{"predictions.parquet", "report.md", "report.html", "metrics.json", "model.json"} {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("writing the run: %w", err)
		}
	}
	return nil
}

// together runs independent jobs at the same time and returns all that went wrong, in their order.
func together(jobs ...func() error) error {
	failed := make([]error, len(jobs))
	var group sync.WaitGroup
	for i, job := range jobs {
		group.Go(func() { failed[i] = job() })
	}
	group.Wait()
	return errors.Join(failed...)
}
