package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model/rules"
)

type rulesFlags struct {
	rules, data, id string
	out             string
	json            bool
}

func newRules(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Check a rules file, or score a file of leads by rules alone",
		Example: `  leadscore rules check --rules rules.yaml --data leads.csv
  leadscore rules score --rules rules.yaml --data leads.csv --id lead_id --out points.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var check, score rulesFlags
	c := &cobra.Command{
		Use:     "check",
		Short:   "Check a rules file against the columns of a data file and run its tests",
		Example: "  leadscore rules check --rules rules.yaml --data leads.csv",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRulesCheck(cmd.Context(), s, check) },
	}
	bindRules(c, &check)
	sc := &cobra.Command{
		Use:     "score",
		Short:   "Score a file of leads by rules alone",
		Example: "  leadscore rules score --rules rules.yaml --data leads.csv --id lead_id --out points.csv",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRulesScore(cmd.Context(), s, score) },
	}
	bindRules(sc, &score)
	sc.Flags().StringVar(&score.id, "id", "", "`column` that names a lead")
	sc.Flags().StringVar(&score.out, "out", "", "`file` to write")
	_ = sc.MarkFlagRequired("out")
	cmd.AddCommand(c, sc)
	return cmd
}

func bindRules(cmd *cobra.Command, f *rulesFlags) {
	cmd.Flags().StringVar(&f.rules, "rules", "rules.yaml", "rules `file`")
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads: its columns are what rules may speak of")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	_ = cmd.MarkFlagRequired("data")
}

// loadRules reads leads and rules and compiles these against those.
func loadRules(ctx context.Context, f rulesFlags) (*datasets.Table, *rules.File, *rules.Set, error) {
	file, locate, err := config.LoadRules(f.rules)
	if err != nil {
		return nil, nil, nil, usageError{err}
	}
	o := datasets.ReadOptions{}
	if f.id != "" {
		o.Force = map[string]datasets.Field{f.id: {Name: f.id, Kind: datasets.Text}}
	}
	t, err := datasets.Read(ctx, f.data, o)
	if err != nil {
		return nil, nil, nil, err
	}
	set, problems := rules.Compile(file, t.Schema)
	if len(problems) > 0 {
		return nil, nil, nil, usageError{locate.Problems(problems)}
	}
	return t, file, set, nil
}

func runRulesCheck(ctx context.Context, s Streams, f rulesFlags) error {
	_, file, set, err := loadRules(ctx, f)
	if err != nil {
		return err
	}
	failed := set.RunTests()
	if f.json {
		if err := printJSON(s.Out, map[string]any{"scorecards": len(file.Scorecards), "tests": len(file.Tests), "failed": failed}); err != nil {
			return err
		}
	} else if len(failed) == 0 {
		out := &printer{w: s.Out}
		out.printf("%s: %d scorecards, %d tests passed\n", f.rules, len(file.Scorecards), len(file.Tests))
		if out.err != nil {
			return out.err
		}
	}
	if len(failed) > 0 {
		lines := make([]string, len(failed))
		for i, p := range failed {
			lines[i] = p.Path + ": " + p.Text
		}
		return fmt.Errorf("testing %s: %d of %d tests failed\n%s", f.rules, len(failed), len(file.Tests), strings.Join(lines, "\n"))
	}
	return nil
}

func runRulesScore(ctx context.Context, s Streams, f rulesFlags) error {
	t, _, set, err := loadRules(ctx, f)
	if err != nil {
		return err
	}
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "lead_id", Kind: datasets.Text}, {Name: "rule_score", Kind: datasets.Numeric}, {Name: "hard", Kind: datasets.Text},
	}}
	id := -1
	if f.id != "" {
		id = t.Schema.Index(f.id)
	}
	w, err := datasets.Create(f.out, schema)
	if err != nil {
		return err
	}
	row, first := make([]datasets.Value, len(t.Schema.Fields)), 0
	for _, b := range t.Batches {
		ids, hard, points := make([]string, b.Rows()), make([]string, b.Rows()), make([]float64, b.Rows())
		for i := range b.Rows() {
			b.Row(i, row)
			points[i], hard[i] = set.Score(row, nil, datasets.MissingTime)
			ids[i] = fmt.Sprint(first + i + 1)
			if id >= 0 {
				ids[i] = row[id].String()
			}
		}
		first += b.Rows()
		out, err := datasets.NewBatch(schema, b.Rows(), []datasets.Column{
			{Kind: datasets.Text, Texts: ids}, {Kind: datasets.Numeric, Numbers: points}, {Kind: datasets.Text, Texts: hard},
		})
		if err == nil {
			err = w.Write(out)
		}
		if err != nil {
			w.Abort()
			return err
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	if f.json {
		return printJSON(s.Out, map[string]any{"rows": first, "out": f.out})
	}
	out := &printer{w: s.Out}
	out.printf("scored %d leads by rules into %s\n", first, f.out)
	return out.err
}
