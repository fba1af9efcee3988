package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
	"leadscore/train/evaluate"
	"leadscore/train/report"
)

type thresholdsFlags struct {
	model, registry, data string
	events                []string
	precision             []float64
	capacity              []string
	contact, win          float64
	costs                 bool // whether contact or win is given
	stage                 string
	seed                  uint64
	out                   string
	badRows               string
	maxBadRows            int
	lang                  string
	json                  bool
}

func newThresholds(s Streams) *cobra.Command {
	var f thresholdsFlags
	cmd := &cobra.Command{
		Use:   "thresholds",
		Short: "Choose MQL and SQL cut-offs by precision, capacity, or cost, on labelled leads",
		Long: `thresholds looks for cut-offs of the score on labelled leads that the model was not trained on, and tells what each gives:
leads selected, leads a day, precision and recall with their 95% intervals, and with costs the benefit of a lead that comes in.

  --precision P          the lowest cut-off whose leads convert at P or more, on the curve pooled over neighbouring scores
  --capacity N/day       the lowest cut-off that selects at most so many: N/day, N/week, N/month by the as-of moments, or 10%
  --contact C --win W    where a contact pays by the probability (p·W ≥ C), and the largest net benefit on these leads

A cut-off flatters itself on the rows that it was chosen on. The figures are therefore cross-fitted: each half of the leads is
cut where the other half chose. The score of the table is chosen on all of them.`,
		Example: `  leadscore thresholds --model run/model.json --data newer.csv
  leadscore thresholds --model run/model.json --data newer.csv --capacity 50/day --precision 0.3
  leadscore thresholds --model run/model.json --data newer.csv --contact 5 --win 400 --stage SQL --out curve.parquet`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.costs = cmd.Flags().Changed("contact") || cmd.Flags().Changed("win")
			return runThresholds(cmd.Context(), s, f)
		},
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads with their outcomes")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	cmd.Flags().Float64SliceVar(&f.precision, "precision", nil, "`share` of the selected leads that is to convert; may be given again")
	cmd.Flags().StringArrayVar(&f.capacity, "capacity", nil, "`leads` to select at most: 50/day, 250/week, 1000/month, or 10%; may be given again")
	cmd.Flags().Float64Var(&f.contact, "contact", 0, "`cost` of contacting a lead")
	cmd.Flags().Float64Var(&f.win, "win", 0, "`worth` of a conversion, in the same unit")
	cmd.Flags().StringVar(&f.stage, "stage", string(model.MQL), "`stage` that the cut-offs are for: MQL or SQL")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of the halves: `number` of 1 or more")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` for what every cut-off gives (.csv, .parquet, …)")
	bindBadRows(cmd, &f.badRows, &f.maxBadRows)
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language of the table: en or es")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the cut-offs as JSON")
	for _, name := range []string{"model", "data"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// options returns what is asked for, or every mistake in it.
func (f *thresholdsFlags) options() (train.ThresholdOptions, error) {
	o := train.ThresholdOptions{Stage: model.Stage(strings.ToUpper(f.stage)), Seed: f.seed}
	var problems []error
	wrong := func(flag string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("reading --%s: %w", flag, err))
		}
	}
	if o.Stage != model.MQL && o.Stage != model.SQL {
		wrong("stage", fmt.Errorf("unknown stage %q; want MQL or SQL", f.stage))
	}
	if f.seed == 0 {
		wrong("seed", errors.New("0 is no seed; want 1 or more"))
	}
	problems = append(problems, checkLanguage(f.lang))
	for _, x := range f.precision {
		w := evaluate.Way{By: evaluate.ByPrecision, Target: x}
		wrong("precision", w.Check())
		o.Ways = append(o.Ways, w)
	}
	for _, text := range f.capacity {
		w, err := evaluate.ParseCapacity(text)
		wrong("capacity", err)
		o.Ways = append(o.Ways, w)
	}
	if f.costs {
		o.Cost = evaluate.Cost{Contact: f.contact, Win: f.win}
		wrong("contact and --win", o.Cost.Check())
		o.Ways = append(o.Ways, evaluate.Way{By: evaluate.ByCost, Cost: o.Cost}, evaluate.Way{By: evaluate.ByNetBenefit, Cost: o.Cost})
	}
	return o, errors.Join(problems...)
}

func runThresholds(ctx context.Context, s Streams, f thresholdsFlags) error {
	policy, badPolicy := badRowsPolicy(f.badRows)
	asked, err := f.options()
	if err := wrongFlags(badPolicy, err, spare("out", f.out, append(f.events, f.data)...)); err != nil {
		return err
	}
	if f.out != "" {
		if err := writable(f.out); err != nil {
			return err
		}
	}
	scorer, err := loadScorerFor(f.model, f.registry, f.events)
	if err != nil {
		return err
	}
	p := newProgress(s)
	defer p.finish()
	p.step("choosing thresholds on " + f.data)
	card, curve, err := train.Thresholds(ctx, scorer, f.data, datasets.ReadOptions{BadRows: policy, MaxBadRows: f.maxBadRows}, s.Now(), asked, f.events...)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeCurve(f.out, curve); err != nil {
			return err
		}
	}
	p.finish()
	for _, found := range card.Findings {
		if slices.Contains(loud, found.Reason) || found.Reason == "events left out" {
			warn(s.Err, "%s", found.Text)
		}
	}
	if f.json {
		return printJSON(s.Out, card)
	}
	if err := report.Choices(s.Out, card, report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}); err != nil || f.out == "" {
		return err
	}
	out := &printer{w: s.Out}
	out.printf("\nwrote %s: %d cut-offs\n", f.out, len(curve))
	return out.err
}

// writeCurve writes what every cut-off gives, by rising score. A column that would be empty, leads a day without moments or benefit
// without costs, is not there.
func writeCurve(path string, curve []evaluate.CutPoint) error {
	schema := &datasets.Schema{}
	var columns []datasets.Column
	add := func(name string, of func(*evaluate.CutPoint) float64) {
		values, known := make([]float64, len(curve)), false
		for i := range curve {
			values[i] = of(&curve[i])
			known = known || !math.IsNaN(values[i])
		}
		if known {
			schema.Fields = append(schema.Fields, datasets.Field{Name: name, Kind: datasets.Numeric})
			columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: values})
		}
	}
	add("score", func(c *evaluate.CutPoint) float64 { return c.Score })
	add("selected", func(c *evaluate.CutPoint) float64 { return c.Selected })
	add("share", func(c *evaluate.CutPoint) float64 { return c.Share })
	add("leads_per_day", func(c *evaluate.CutPoint) float64 { return c.PerDay })
	add("precision", func(c *evaluate.CutPoint) float64 { return c.Precision.Value })
	add("precision_lower", func(c *evaluate.CutPoint) float64 { return c.Precision.Lower })
	add("precision_upper", func(c *evaluate.CutPoint) float64 { return c.Precision.Upper })
	add("recall", func(c *evaluate.CutPoint) float64 { return c.Recall.Value })
	add("recall_lower", func(c *evaluate.CutPoint) float64 { return c.Recall.Lower })
	add("recall_upper", func(c *evaluate.CutPoint) float64 { return c.Recall.Upper })
	add("benefit_per_lead", func(c *evaluate.CutPoint) float64 { return c.Benefit })
	b, err := datasets.NewBatch(schema, len(curve), columns)
	if err != nil {
		return err
	}
	return writeBatch(path, b)
}
