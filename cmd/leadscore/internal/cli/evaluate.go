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

	log logFlags
}

func newEvaluate(s Streams) *cobra.Command {
	var f evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Evaluate a model on labelled leads that it was not trained on, or its logged predictions",
		Long: `evaluate measures a model on labelled leads. With --log it scores nothing, but measures what a server answered (its --prediction-log) by the
outcomes that came later: a file with a row a lead, its id and what became of it. Of each lead one prediction counts, the first that was made for a
moment not after its outcome, or the last (--log-pick). What the outcomes look like is told by the model or, with -c, by the configuration.`,
		Example: `  leadscore evaluate --model run/model.json --data newer.csv
  leadscore evaluate --model run/model.json --data newer.csv --events events.parquet
  leadscore evaluate --model run/model.json --data newer.csv --lang es
  leadscore evaluate --model run/model.json --data newer.csv --json
  leadscore evaluate --log predictions --data outcomes.csv --model run/model.json
  leadscore evaluate --log predictions --data outcomes.csv -c leadscore.yaml --id crm_id --log-pick last`,
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
	f.log.bind(cmd)
	_ = cmd.MarkFlagRequired("data")
	cmd.MarkFlagsOneRequired("model", "log")
	return cmd
}

func runEvaluate(ctx context.Context, s Streams, f evaluateFlags) error {
	policy, err := badRowsPolicy(f.badRows)
	if err := wrongFlags(checkLanguage(f.lang), err, f.log.check(f)); err != nil {
		return err
	}
	if f.log.path != "" {
		return runEvaluateLog(ctx, s, f, policy)
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
