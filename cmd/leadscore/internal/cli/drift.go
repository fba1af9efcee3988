package cli

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/report"
)

type driftFlags struct {
	model, registry, data string
	events                []string
	asOf                  string
	maxPSI                float64
	badRows               string
	maxBadRows            int
	lang                  string
	json                  bool
}

func newDrift(s Streams) *cobra.Command {
	var f driftFlags
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Tell how far new leads are from those that a model was trained on; no outcomes are needed",
		Long: `drift compares new leads with the training leads, feature by feature and by the probability: the population
stability index (PSI: below 0.1 stable, above 0.25 shifted), missing values, values that training did not have, and the
AUC to expect if the probabilities still hold. Past --max-psi, and only where chance alone would not do it, it ends
with exit code 3. The leads are scored as score does it, and stream.`,
		Example: `  leadscore drift --model run/model.json --data new.csv
  leadscore drift --model converted --registry models --data new.parquet --max-psi 0.1 --json
  leadscore drift --model run/model.json --data new.csv --events events.parquet --as-of now --lang es`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDrift(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of new leads; outcomes in it are not read")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	cmd.Flags().StringVar(&f.asOf, "as-of", "", asOfHelp)
	cmd.Flags().Float64Var(&f.maxPSI, "max-psi", .25, "exit with 3 where a feature or the probability has a greater `PSI`")
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language of the table: en or es")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the drift as JSON")
	for _, name := range []string{"model", "data"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// driftAnswer is the JSON of drift.
type driftAnswer struct {
	*model.Drift
	MaxPSI float64        `json:"max_psi"`
	Beyond []model.Excess `json:"beyond"` // feature "": the probability
}

func runDrift(ctx context.Context, s Streams, f driftFlags) error {
	policy, err := badRowsPolicy(f.badRows)
	var limit error
	if !(f.maxPSI > 0) || math.IsInf(f.maxPSI, 0) {
		limit = fmt.Errorf("reading --max-psi: %v is no limit; want a number above 0, such as 0.25", f.maxPSI)
	}
	if err := wrongFlags(err, checkLanguage(f.lang), limit); err != nil {
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
	p.step("scoring " + f.data)
	r, events, notes, err := openLeads(ctx, scorer, scoreFlags{in: f.data, events: f.events}, at, nil, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // read only: nothing is lost when closing fails
	meter := scorer.NewDriftMeter()
	if err := driftStream(ctx, scorer, r, events, meter); err != nil {
		return err
	}
	p.finish()
	read := r.Report()
	for _, note := range notes {
		warn(s.Err, "%s", note)
	}
	unknown := slices.DeleteFunc(append([]string{}, read.Unknown...), func(name string) bool { return slices.Contains(a.Unread(), name) })
	warnScore(s.Err, scoreSummary{Rows: read.Rows, BadRows: read.BadTotal, Absent: read.Absent, Unknown: unknown}, a, at, len(f.events) > 0)
	if meter.Rows() == 0 {
		return fmt.Errorf("measuring drift: %s has no leads", f.data)
	}
	d := meter.Drift()
	if a.Reference == nil {
		warn(s.Err, "the model was trained by an older leadscore and has no distribution of its probability: the drift of the probability is not measured; train it again to have it")
	}
	beyond := d.Beyond(f.maxPSI)
	if f.json {
		err = printJSON(s.Out, driftAnswer{d, f.maxPSI, beyond})
	} else {
		err = report.DriftTerminal(s.Out, d, f.maxPSI, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width})
	}
	if err != nil {
		return err
	}
	return driftGate(beyond, f.maxPSI)
}

// driftGate is the error of drift beyond the limit; nil: there is none.
func driftGate(beyond []model.Excess, limit float64) error {
	if len(beyond) == 0 {
		return nil
	}
	names := make([]string, len(beyond))
	for i, x := range beyond {
		name := x.Feature
		if name == "" {
			name = "the probability"
		}
		names[i] = fmt.Sprintf("%s (PSI %.3f)", name, float64(x.PSI))
	}
	return gateError{fmt.Errorf("drift is beyond --max-psi %v: %s", limit, strings.Join(names, ", "))}
}

// driftStream scores batches on all cores and counts them in the order of the file, so that sums are the same bits
// whoever was first.
func driftStream(ctx context.Context, scorer *model.Scorer, r datasets.Reader, events [][]datasets.Event, meter *model.DriftMeter) error {
	type scored struct {
		batch   *datasets.Batch
		columns *model.Columns
	}
	var spare columnsPool
	return inOrder(ctx, r, func(b *datasets.Batch, first int) (scored, error) {
		c := spare.get()
		if err := scorer.ScoreBatchEvents(b, eventsFrom(events, first), c); err != nil {
			return scored{}, err
		}
		return scored{b, c}, nil
	}, func(x scored) error {
		err := meter.ObserveBatch(x.batch, x.columns, nil)
		spare.put(x.columns)
		return err
	})
}
