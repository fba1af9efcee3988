package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/model"
)

type modelsFlags struct {
	registry string
	json     bool
}

func newModels(s Streams) *cobra.Command {
	var f modelsFlags
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, show, compare, promote and roll back the models of a registry",
		Example: `  leadscore models list --registry models
  leadscore models show converted@v3 --registry models
  leadscore models diff converted@v2 converted@v3 --registry models
  leadscore models promote converted@v3 --registry models
  leadscore models rollback converted --registry models`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&f.registry, "registry", "models", "registry `directory`")
	cmd.PersistentFlags().BoolVar(&f.json, "json", false, "print the result as JSON")
	cmd.AddCommand(newModelsDiff(s, &f))
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List all models and their versions", Example: "  leadscore models list --registry models", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return runModelsList(s, f) },
		},
		&cobra.Command{
			Use: "show NAME[@VERSION]", Short: "Show one model", Example: "  leadscore models show converted@champion", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return runModelsShow(s, f, args[0]) },
		},
		&cobra.Command{
			Use: "promote NAME@VERSION", Short: "Make a version the champion", Example: "  leadscore models promote converted@v3", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return runModelsPromote(s, f, args[0]) },
		},
		&cobra.Command{
			Use: "rollback NAME", Short: "Make the champion before this one the champion again", Example: "  leadscore models rollback converted", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return runModelsRollback(s, f, args[0]) },
		},
	)
	return cmd
}

func runModelsList(s Streams, f modelsFlags) error {
	reg, err := openRegistry(f.registry)
	if err != nil {
		return err
	}
	list, err := reg.List()
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(s.Out, list)
	}
	out := &printer{w: s.Out}
	for _, m := range list {
		for _, v := range m.Versions {
			mark := ""
			if v == m.Champion {
				mark = "  champion"
			}
			out.printf("%s@%s%s\n", m.Name, v, mark)
		}
	}
	return out.err
}

func runModelsShow(s Streams, f modelsFlags, ref string) error {
	scorer, err := loadScorer(ref, f.registry)
	if err != nil {
		return err
	}
	a := scorer.Artifact()
	if f.json {
		return printJSON(s.Out, map[string]any{"name": a.Name, "version": a.Version, "schema": a.Schema, "policy": a.Policy, "blend": a.Blend, "card": a.Card})
	}
	out := &printer{w: s.Out}
	out.printf("%s, version %s\n  %d columns, %d features, blend %s, MQL at score %.1f, SQL at %.1f\n",
		a.Name, a.Version, len(a.Schema.Fields), len(a.Pipeline.Features()), a.Blend.Method, a.Policy.MQL.MinScore, a.Policy.SQL.MinScore)
	for _, t := range a.Targets {
		out.printf("  target %s: base rate %.1f %%", t.Name, 100*t.BaseRate)
		if card := a.Card.Targets[t.Name]; card != nil {
			m := card.Scores["model"]
			if t := card.Train; t.Rows > 0 {
				out.printf(", trained on %d leads%s", t.Rows, period(t))
			}
			out.printf(", hold-out of %d%s: AUC %.4f [%.4f, %.4f], log loss %.4f", card.Holdout.Rows, period(card.Holdout), m.AUC.Value, m.AUC.Lower, m.AUC.Upper, m.LogLoss.Value)
		}
		out.printf("\n")
	}
	return out.err
}

// period writes the days that leads are of, " (2017-06-14 to 2018-01-24)"; "" where they have no moments.
func period(s model.Sample) string {
	const day = len("2006-01-02")
	if len(s.From) < day || len(s.To) < day {
		return ""
	}
	return fmt.Sprintf(" (%s to %s)", s.From[:day], s.To[:day])
}

func runModelsPromote(s Streams, f modelsFlags, ref string) error {
	name, version, ok := strings.Cut(ref, "@")
	if !ok {
		return usage("reading %q: say which version: %s@VERSION", ref, ref)
	}
	reg, err := openRegistry(f.registry)
	if err != nil {
		return err
	}
	if err := reg.Promote(name, version, s.Now()); err != nil {
		return err
	}
	return printPromoted(s, f, name, version)
}

func runModelsRollback(s Streams, f modelsFlags, name string) error {
	reg, err := openRegistry(f.registry)
	if err != nil {
		return err
	}
	version, err := reg.Rollback(name, s.Now())
	if err != nil {
		return err
	}
	return printPromoted(s, f, name, version)
}

func printPromoted(s Streams, f modelsFlags, name, version string) error {
	if f.json {
		return printJSON(s.Out, map[string]string{"name": name, "champion": version})
	}
	_, err := fmt.Fprintf(s.Out, "%s@%s is the champion\n", name, version)
	return err
}
