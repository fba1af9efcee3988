package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model/rules"
)

type rulesNewFlags struct {
	template, data, out string
	force               bool
}

func newRulesNew(s Streams) *cobra.Command {
	var f rulesNewFlags
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Write a commented rules file to begin with",
		Long: `new writes a rules file from a template: basic has points for fit, engagement and what counts against a lead; bant, champ, anum
and meddic are qualification frameworks. With --data it proposes the columns whose names fit, and a dimension that no
column fits is unknown for every lead until one is named. Points and shares are proposals to be changed.`,
		Example: `  leadscore rules new --template bant -o rules.yaml
  leadscore rules new --template basic --data leads.csv -o rules.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRulesNew(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.template, "template", "", strings.Join(templateNames(), " | "))
	cmd.Flags().StringVar(&f.data, "data", "", "`file` of leads to propose columns of")
	cmd.Flags().StringVarP(&f.out, "out", "o", "rules.yaml", "rules `file` to write")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace an existing file")
	_ = cmd.MarkFlagRequired("template")
	return cmd
}

const basicTemplate = "basic"

func templateNames() []string {
	names := []string{basicTemplate}
	for _, t := range rules.Templates() {
		names = append(names, t.Name)
	}
	return names
}

func runRulesNew(ctx context.Context, s Streams, f rulesNewFlags) error {
	if !slices.Contains(templateNames(), f.template) {
		hint := ""
		if near := datasets.Nearest(f.template, templateNames()); near != "" {
			hint = fmt.Sprintf(" (did you mean %s?)", near)
		}
		return usage("reading --template: unknown template %q%s; want %s", f.template, hint, strings.Join(templateNames(), ", "))
	}
	if _, err := os.Stat(f.out); err == nil && !f.force {
		return usage("writing %s: it exists; --force replaces it", f.out)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	var found *ruleColumnsFound
	if f.data != "" {
		t, err := readRuleLeads(ctx, f.data, "")
		if err != nil {
			return err
		}
		found = &ruleColumnsFound{profiles: datasets.Profile(t), rows: t.Rows(), used: map[string]bool{}}
	}
	var unanswered []string
	write := func(w io.Writer) (err error) {
		out := &printer{w: w}
		if f.template == basicTemplate {
			writeBasicRules(out, found)
		}
		for _, t := range rules.Templates() {
			if t.Name == f.template {
				unanswered = writeFramework(out, &t, found)
			}
		}
		return out.err
	}
	if err := datasets.AtomicWrite(f.out, write); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	out := &printer{w: s.Out}
	if len(unanswered) > 0 {
		out.printf("no column fits %s: unknown for every lead until the file names one\n", strings.Join(unanswered, ", "))
	}
	check := "leadscore rules check --rules " + f.out
	if f.data != "" {
		check += " --data " + f.data
	}
	out.printf("wrote %s; read it, then: %s\n", f.out, check)
	return out.err
}

// ruleColumnsFound are the columns of the data, of which each is proposed once.
type ruleColumnsFound struct {
	profiles []datasets.ColumnProfile
	rows     int
	used     map[string]bool
}

// mostLevels is how many values a column may have for its values to be listed.
const mostLevels = 30

// take returns the first column whose name has one of the words and that holds a few values or numbers (any text, if texts); nil: none.
func (f *ruleColumnsFound) take(words []string, texts bool) *datasets.ColumnProfile {
	if f == nil {
		return nil
	}
	for _, w := range words {
		for i := range f.profiles {
			c := &f.profiles[i]
			name := " " + strings.ToLower(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(c.Name)) + " "
			if f.used[c.Name] || c.Missing == c.Rows || !strings.Contains(name, " "+w) {
				continue
			}
			few := c.Distinct >= 2 && c.Distinct <= mostLevels && !c.Capped
			isText := c.Kind == datasets.Categorical || c.Kind == datasets.Text
			if texts && isText || !texts && (isText && few || c.Kind == datasets.Numeric && c.Distinct < f.rows || c.Kind == datasets.Boolean) {
				f.used[c.Name] = true
				return c
			}
		}
	}
	return nil
}
