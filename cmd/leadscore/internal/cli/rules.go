package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/model/rules"
)

func newRules(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Begin, check, try, suggest or replay a rules file: points that marketing can read and change",
		Example: `  leadscore rules new --template bant --data leads.csv -o rules.yaml
  leadscore rules check --rules rules.yaml --data leads.csv
  leadscore rules score --rules rules.yaml --data leads.csv --id lead_id --out points.csv
  leadscore rules suggest --model run --data test.csv -o suggested.yaml
  leadscore rules replay --rules suggested.yaml --current rules.yaml --model run --data test.csv --mql 22 --current-mql 50`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRulesNew(s), newRulesCheck(s), newRulesScore(s), newRulesSuggest(s), newRulesReplay(s))
	return cmd
}

const rulesHelp = "rules `file`"

// readRules reads a rules file; what is wrong with its shape is an error of usage.
func readRules(path string) (*rules.File, *config.Positions, error) {
	file, at, err := config.LoadRules(path)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return file, at, nil
}

// readRuleLeads reads the leads that rules are about; id, where it is given, as text.
func readRuleLeads(ctx context.Context, path, id string) (*datasets.Table, error) {
	o := datasets.ReadOptions{}
	if id != "" {
		o.Force = map[string]datasets.Field{id: {Name: id, Kind: datasets.Text}}
	}
	return datasets.Read(ctx, path, o)
}

// placed writes problems of a rules file with their places in it, one an entry.
func placed(at *config.Positions, problems []rules.Problem) []string {
	list, ok := at.Problems(problems).(config.Problems) //nolint:errorlint // it is made here
	if !ok {
		return nil
	}
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = strings.TrimRight(p.String(), "\n")
	}
	return out
}
