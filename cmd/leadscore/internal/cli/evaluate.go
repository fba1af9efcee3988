package cli

import (
	"context"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/train"
	"leadscore/train/report"
)

type evaluateFlags struct {
	model, registry, data string
	events                []string
	badRows               string
	maxBadRows            int
	lang                  string
	json                  bool
}

func newEvaluate(s Streams) *cobra.Command {
	var f evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Evaluate a model on labelled leads that it was not trained on",
		Example: `  leadscore evaluate --model run/model.json --data newer.csv
  leadscore evaluate --model run/model.json --data newer.csv --events events.parquet
  leadscore evaluate --model run/model.json --data newer.csv --lang es
  leadscore evaluate --model run/model.json --data newer.csv --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEvaluate(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads with their outcomes")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language of the table: en or es")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the card as JSON (metrics.json)")
	for _, name := range []string{"model", "data"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runEvaluate(ctx context.Context, s Streams, f evaluateFlags) error {
	policy, err := badRowsPolicy(f.badRows)
	if err := wrongFlags(checkLanguage(f.lang), err); err != nil {
		return err
	}
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	if err != nil {
		return err
	}
	start := s.Now()
	p := newProgress(s)
	defer p.finish()
	p.step("evaluating on " + f.data)
	card, err := train.Evaluate(ctx, scorer, f.data, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows}, start, f.events...)
	if err != nil {
		return err
	}
	p.finish()
	card = withRun(card, start, s.Now())
	for _, found := range card.Findings {
		if found.Reason == "events left out" {
			warn(s.Err, "%s", found.Text)
		}
	}
	sayFindings(s.Err, card.Findings)
	if f.json {
		return report.JSON(s.Out, card)
	}
	return report.Terminal(s.Out, card, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width})
}
