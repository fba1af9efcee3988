package cli

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"leadscore/model"
)

type cardFlags struct {
	model, registry, target string
	json                    bool
}

func newCard(s Streams) *cobra.Command {
	var f cardFlags
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Print the model as a points card",
		Long: `card prints the tables of an additive model rounded to whole points, for counting by hand: 100 points are
the average lead, 20 more double the odds of conversion. It says what the rounding cost on the hold-out.`,
		Example: `  leadscore card --model run/model.json
  leadscore card --model run --target won --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runCard(s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.target, "target", "", "`name` of the target; the primary one by default")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the card as points_card of metrics.json")
	_ = cmd.MarkFlagRequired("model")
	return cmd
}

func runCard(s Streams, f cardFlags) error {
	scorer, err := loadScorer(f.model, f.registry)
	if err != nil {
		return err
	}
	a := scorer.Artifact()
	k := 0
	if f.target != "" {
		var names []string
		k = -1
		for i := range a.Targets {
			names = append(names, a.Targets[i].Name)
			if a.Targets[i].Name == f.target {
				k = i
			}
		}
		if k < 0 {
			return usage("unknown --target %q; want %s", f.target, strings.Join(names, " or "))
		}
	}
	// The tables are rounded here, whatever the model's card says of an earlier state of them; the cost is
	// known from training alone.
	card, err := a.PointsCard(k, model.DefaultPDO)
	if err != nil {
		return err
	}
	if a.Card != nil {
		if t := a.Card.Targets[a.Targets[k].Name]; t != nil && t.PointsCard != nil {
			card.Cost = t.PointsCard.Cost
		}
	}
	if f.json {
		return printJSON(s.Out, card)
	}
	return printCard(s.Out, a.Targets[k].Name, card)
}

func printCard(w io.Writer, target string, c *model.PointsCard) error {
	p := &printer{w: w}
	p.printf("points card of %s: begin with %d points (the average lead); %g more double the odds\n", target, c.Base, c.PDO)
	p.printf("score = %g / ln 2 × ln(odds) + %.1f, before calibration\n", c.PDO, c.Offset)
	if x := c.Cost; x != nil {
		p.printf("hold-out AUC rounded %.4f, model %.4f: %+.4f (%+.4f to %+.4f); log loss %+.5f (%+.5f to %+.5f)\n",
			x.AUCRounded.Value, x.AUCModel.Value, x.Difference.Value, x.Difference.Lower, x.Difference.Upper,
			x.LogLossDifference.Value, x.LogLossDifference.Lower, x.LogLossDifference.Upper)
	}
	width := 0
	for _, r := range c.Rows {
		width = max(width, utf8.RuneCountInString(r.Level))
	}
	width = min(width, 60)
	before := ""
	for _, r := range c.Rows {
		if r.Feature != before {
			p.printf("\n%s\n", r.Feature)
			before = r.Feature
		}
		level := r.Level + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(r.Level)))
		p.printf("  %+5d  %s  %7d leads, %5.1f %% converted\n", r.Points, level, r.Rows, 100*r.Rate)
	}
	if len(c.Rows) == 0 {
		p.printf("\nno level moves the odds by half a point: every lead has %d points\n", c.Base)
	}
	return p.err
}
