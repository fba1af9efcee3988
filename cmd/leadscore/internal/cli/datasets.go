package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
)

func newDatasets(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "datasets",
		Short: "Generate, inspect, convert, split and join files of leads",
		Example: `  leadscore datasets generate --leads 20000 --dir crm
  leadscore datasets inspect leads.csv
  leadscore datasets convert leads.csv leads.parquet
  leadscore datasets split leads.csv --holdout 0.2 --target status --train train.csv --test test.csv
  leadscore datasets join leads.csv deals.csv --on lead_id --matched won --out joined.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newGenerate(s), newInspect(s), newConvert(s), newSplit(s), newJoin(s))
	return cmd
}

type generateFlags struct {
	dir   string
	leads int
	seed  uint64
}

func newGenerate(s Streams) *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use: "generate", Short: "Generate a CRM history: leads with outcomes, and the log of their events", Args: cobra.NoArgs,
		Example: "  leadscore datasets generate --leads 100000 --seed 7 --dir crm",
		RunE: func(*cobra.Command, []string) error {
			h, err := datasets.Generate(datasets.GenerateOptions{Leads: f.leads, Seed: f.seed})
			if err != nil {
				return usageError{err}
			}
			if err := h.Save(f.dir); err != nil {
				return err
			}
			out := &printer{w: s.Out}
			out.printf("wrote %d leads to %s/leads.csv and %d events to %s/events.parquet\n", h.Leads.Rows(), f.dir, h.Events.Rows(), f.dir)
			return out.err
		},
	}
	cmd.Flags().StringVar(&f.dir, "dir", "crm", "`directory` to write")
	cmd.Flags().IntVar(&f.leads, "leads", 20000, "`number` of leads")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed: the same seed gives the same files")
	return cmd
}

func newInspect(s Streams) *cobra.Command {
	var asJSON bool
	var r reading
	cmd := &cobra.Command{
		Use: "inspect FILE", Short: "Tell how a file is read: format, kinds, missing cells, values", Args: cobra.ExactArgs(1),
		Example: "  leadscore datasets inspect leads.csv\n  leadscore datasets inspect leads.parquet --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInspect(cmd.Context(), s, args[0], r, asJSON)
		},
	}
	r.bind(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func runInspect(ctx context.Context, s Streams, path string, how reading, asJSON bool) error {
	t, err := how.read(ctx, s, path, nil)
	if err != nil {
		return err
	}
	profiles := datasets.Profile(t)
	if asJSON {
		return printJSON(s.Out, map[string]any{"report": t.Report, "columns": profiles})
	}
	out := &printer{w: s.Out}
	r := t.Report
	out.printf("%s: %s", path, r.Format)
	if r.Delimiter != "" {
		out.printf(", delimiter %q, %s", r.Delimiter, r.Encoding)
	}
	out.printf(", %d rows, %d columns\n", r.Rows, len(profiles))
	for _, c := range profiles {
		out.printf("  %-40s %-12s %5.1f %% missing, %d distinct", c.Name, c.Kind, 100*c.MissingShare, c.Distinct)
		switch {
		case c.Kind == datasets.Numeric && c.Distinct > 0:
			out.printf(": %g … %g, mean %.4g", c.Low, c.High, c.Mean)
		case len(c.Top) > 0 && c.Top[0].Rows > 1:
			var top []string
			for _, l := range c.Top[:min(3, len(c.Top))] {
				top = append(top, fmt.Sprintf("%s (%d)", oneLine(l.Level), l.Rows))
			}
			out.printf(": %s", strings.Join(top, ", "))
		}
		out.printf("\n")
	}
	return out.err
}

func newConvert(s Streams) *cobra.Command {
	var r reading
	cmd := &cobra.Command{
		Use: "convert IN OUT", Short: "Write a file in another format", Args: cobra.ExactArgs(2),
		Example: "  leadscore datasets convert leads.csv leads.parquet\n  leadscore datasets convert leads.arrow leads.jsonl.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := r.read(cmd.Context(), s, args[0], nil)
			if err != nil {
				return err
			}
			return writeAndSay(s, args[1], t)
		},
	}
	r.bind(cmd)
	return cmd
}

func writeAndSay(s Streams, path string, t *datasets.Table) error {
	if err := datasets.WriteTable(path, t); err != nil {
		return err
	}
	out := &printer{w: s.Out}
	out.printf("wrote %d rows to %s\n", t.Rows(), path)
	return out.err
}

type splitFlags struct {
	target, asOf, group string
	holdout             float64
	seed                uint64
	train, test         string
	reading
}

func newSplit(s Streams) *cobra.Command {
	var f splitFlags
	cmd := &cobra.Command{
		Use: "split FILE", Short: "Split a file into training and test rows", Args: cobra.ExactArgs(1),
		Example: `  leadscore datasets split leads.csv --target converted --train train.csv --test test.csv
  leadscore datasets split leads.csv --as-of created_at --train train.csv --test test.csv
  leadscore datasets split leads.csv --group account_id --train train.csv --test test.csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return runSplit(cmd.Context(), s, args[0], f) },
	}
	cmd.Flags().StringVar(&f.target, "target", "", "stratify by this `column` of two values")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "the latest rows by this `column` are the test")
	cmd.Flags().StringVar(&f.group, "group", "", "keep rows with the same value of this `column` together")
	cmd.Flags().Float64Var(&f.holdout, "holdout", .2, "`share` of the rows that are the test")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the random choice")
	cmd.Flags().StringVar(&f.train, "train", "train.csv", "`file` of training rows to write")
	cmd.Flags().StringVar(&f.test, "test", "test.csv", "`file` of test rows to write")
	f.bind(cmd)
	cmd.MarkFlagsMutuallyExclusive("target", "as-of", "group")
	return cmd
}

func runSplit(ctx context.Context, s Streams, path string, f splitFlags) error {
	if samePath(f.train, f.test) {
		return usage("reading --train and --test: both name %s; want two files", f.test)
	}
	if err := wrongFlags(spare("train", f.train, path), spare("test", f.test, path)); err != nil {
		return err
	}
	t, err := f.read(ctx, s, path, nil)
	if err != nil {
		return err
	}
	var test []bool
	switch {
	case f.asOf != "":
		var at []int64
		if at, err = timesOf(t, f.asOf); err == nil {
			test, err = datasets.TimeSplit(at, nil, nil, f.holdout)
		}
	case f.group != "":
		var groups []string
		if groups, err = textsOf(t, f.group); err == nil {
			test, err = datasets.GroupSplit(groups, nil, nil, f.holdout, f.seed)
		}
	default:
		labels := make([]bool, t.Rows())
		if f.target != "" {
			var values []string
			if values, err = textsOf(t, f.target); err == nil {
				for i, v := range values {
					labels[i] = v == values[0]
				}
			}
		}
		if err == nil {
			test, err = datasets.StratifiedSplit(labels, nil, f.holdout, f.seed)
		}
	}
	if err != nil {
		return err
	}
	train := make([]bool, len(test))
	for i, in := range test {
		train[i] = !in
	}
	for _, part := range []struct {
		path string
		rows []bool
	}{{f.train, train}, {f.test, test}} {
		rows, err := datasets.SelectRows(t, part.rows)
		if err != nil {
			return err
		}
		if err := writeAndSay(s, part.path, rows); err != nil {
			return err
		}
	}
	return nil
}

func columnOf(t *datasets.Table, name string) (int, error) {
	if i := t.Schema.Index(name); i >= 0 {
		return i, nil
	}
	return 0, usage("no column %q; the columns are %s", name, quotedNames(t.Schema))
}

func timesOf(t *datasets.Table, name string) ([]int64, error) {
	column, err := columnOf(t, name)
	if err != nil {
		return nil, err
	}
	if k := t.Schema.Fields[column].Kind; k != datasets.Time {
		return nil, usage("reading --as-of: column %q is %v; want a time column: %s", name, k, timeNames(t.Schema))
	}
	var at []int64
	for _, b := range t.Batches {
		at = append(at, b.Column(column).Times...)
	}
	return at, nil
}

func textsOf(t *datasets.Table, name string) ([]string, error) {
	column, err := columnOf(t, name)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, b := range t.Batches {
		for i := range b.Rows() {
			texts = append(texts, b.Value(column, i).String())
		}
	}
	return texts, nil
}
