package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model/rules"
)

type rulesCheckFlags struct {
	rules, data  string
	events       []string
	eventType    string
	strict, json bool
}

func newRulesCheck(s Streams) *cobra.Command {
	var f rulesCheckFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check a rules file against the columns of a data file and run its tests",
		Long: `check reads a rules file, finds what is wrong with it, warns of what most likely is, and runs its tests.
With --data its columns and values are compared with those of a file of leads, and with --events the types of events
with those of a log. Without data the columns are taken for what the rules take them for: mistakes in their names are
found only with data.`,
		Example: `  leadscore rules check --rules rules.yaml --data leads.csv
  leadscore rules check --rules rules.yaml --data leads.csv --events events.parquet
  leadscore rules check --rules rules.yaml --strict`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesCheck(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.rules, "rules", "rules.yaml", rulesHelp)
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads: its columns are what rules may speak of")
	cmd.Flags().StringArrayVar(&f.events, "events", nil, eventsHelp)
	cmd.Flags().StringVar(&f.eventType, "event-type", "event_type", eventTypeHelp)
	cmd.Flags().BoolVar(&f.strict, "strict", false, "fail where there is a warning")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	return cmd
}

// checkedRules is what check found.
type checkedRules struct {
	Scorecards int             `json:"scorecards"`
	Tests      int             `json:"tests"`
	Failed     []rules.Problem `json:"failed"`
	Warnings   []rules.Problem `json:"warnings"`
	Data       string          `json:"data"` // "": checked without
}

func runRulesCheck(ctx context.Context, s Streams, f rulesCheckFlags) error {
	file, at, err := readRules(f.rules)
	if err != nil {
		return err
	}
	var leads *datasets.Table
	schema := rules.Guess(file)
	if f.data != "" {
		if leads, err = readRuleLeads(ctx, f.data, ""); err != nil {
			return err
		}
		schema = leads.Schema
	}
	set, problems := rules.Compile(file, schema)
	if len(problems) > 0 {
		return usageError{at.Problems(problems)}
	}
	found := checkedRules{Scorecards: len(file.Scorecards), Tests: len(file.Tests), Failed: set.RunTests(), Warnings: rules.Warnings(file, leads), Data: f.data}
	if len(f.events) > 0 {
		types, err := typesOfEvents(ctx, f.events, f.eventType)
		if err != nil {
			return err
		}
		found.Warnings = append(found.Warnings, rules.UnseenEvents(file, types)...)
	}
	for _, w := range placed(at, found.Warnings) {
		warn(s.Err, "%s", w)
	}
	if f.json {
		if err := printJSON(s.Out, found); err != nil {
			return err
		}
	}
	switch {
	case len(found.Failed) > 0:
		return fmt.Errorf("testing %s: %d of %s failed\n%s", f.rules, failedTests(found.Failed), countOf(len(file.Tests), "test"), strings.Join(placed(at, found.Failed), "\n"))
	case f.strict && len(found.Warnings) > 0:
		return fmt.Errorf("checking %s: %s", f.rules, countOf(len(found.Warnings), "warning"))
	case f.json:
		return nil
	}
	out := &printer{w: s.Out}
	out.printf("%s: %s, %s passed", f.rules, countOf(found.Scorecards, "scorecard"), countOf(found.Tests, "test"))
	if n := len(found.Warnings); n > 0 {
		out.printf(", %s", countOf(n, "warning"))
	}
	if leads == nil {
		out.printf(" (without --data: the names of the columns were not checked)")
	}
	out.printf("\n")
	return out.err
}

// failedTests counts the tests that problems are of: one may have failed in several ways.
func failedTests(problems []rules.Problem) int {
	tests := map[string]bool{}
	for _, p := range problems {
		test, _, _ := strings.Cut(p.Path, "]")
		tests[test] = true
	}
	return len(tests)
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
