package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
)

type initFlags struct {
	id, target, asOf string
	out              string
	force            bool
	json             bool
	reading
}

func newInit(s Streams) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init DATA",
		Short: "Look at a file of leads and propose a configuration",
		Long: `init reads all rows, finds the kind of each column, the id, the outcome and the moment of each row
where it can, names columns that may have been filled in after the outcome (leaks), and writes a
commented configuration to edit.`,
		Example: `  leadscore init leads.csv -o lead.yaml
  leadscore init leads.csv --id "Prospect ID" --target Converted -o lead.yaml
  leadscore init leads.csv --target status=closed_won --as-of created_at`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runInit(cmd.Context(), s, args[0], f) },
	}
	cmd.Flags().StringVar(&f.id, "id", "", "`column` that names a lead")
	cmd.Flags().StringVar(&f.target, "target", "", "`column[=positive]` of the outcome")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "`column` of the moment each row is a picture of")
	cmd.Flags().StringVarP(&f.out, "out", "o", "leadscore.yaml", "configuration `file` to write")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace an existing file")
	f.bind(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print what was found as JSON")
	return cmd
}

// proposal is what init found.
type proposal struct {
	Data     string          `json:"data"`
	Rows     int             `json:"rows"`
	ID       string          `json:"id"`
	AsOf     string          `json:"as_of"`
	Target   string          `json:"target"`
	Positive []string        `json:"positive"`
	Negative []string        `json:"negative,omitempty"`
	Columns  []foundColumn   `json:"columns"`
	Suspects []model.Suspect `json:"audit"`
	path     string          // of the data, relative to the configuration
	badRows  string          // fail or skip
}

type foundColumn struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Missing float64 `json:"missing"`
	Levels  int     `json:"levels,omitempty"`
	Decided string  `json:"decided,omitempty"`
}

func runInit(ctx context.Context, s Streams, path string, f initFlags) error {
	if _, err := os.Stat(f.out); err == nil && !f.force {
		return usage("writing %s: it exists; --force replaces it", f.out)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	p := newProgress(s)
	defer p.finish()
	p.step("reading " + path)
	found, err := propose(ctx, s, path, f)
	if err != nil {
		return err
	}
	if found.path, err = relativeTo(filepath.Dir(f.out), path); err != nil {
		return err
	}
	if err := datasets.AtomicWrite(f.out, func(w io.Writer) error { return writeProposal(w, found) }); err != nil {
		return fmt.Errorf("writing %s: %w", f.out, err)
	}
	p.finish()
	if f.json {
		return printJSON(s.Out, found)
	}
	out := &printer{w: s.Out}
	out.printf("%s: %d leads, %d columns\n", path, found.Rows, len(found.Columns))
	out.printf("  id %s, outcome %s (positive: %s), as of %s\n", orNone(found.ID), orNone(found.Target), strings.Join(found.Positive, ", "), orNone(found.AsOf))
	sayAudit(out, found.Suspects)
	out.printf("wrote %s; read it, then: leadscore train -c %s\n", f.out, f.out)
	return out.err
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// relativeTo writes a path as the configuration in dir will find it.
func relativeTo(dir, path string) (string, error) {
	absDir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(absDir, abs); err == nil {
		return filepath.ToSlash(rel), nil
	}
	return abs, nil // another volume
}

// propose reads the data once more when the outcome is known, because outcomes are read by level and ids as text.
func propose(ctx context.Context, s Streams, path string, f initFlags) (*proposal, error) {
	table, err := f.read(ctx, s, path, nil)
	if err != nil {
		return nil, err
	}
	found := &proposal{Data: path, Rows: table.Rows(), badRows: f.badRows}
	profiles := datasets.Profile(table)
	decided := map[string]string{}
	if table.Report != nil {
		for _, i := range table.Report.Inferred {
			if i.Line > 0 {
				decided[i.Column] = fmt.Sprintf("line %d: %q", i.Line, i.Text)
			}
		}
	}
	for _, c := range profiles {
		found.Columns = append(found.Columns, foundColumn{Name: c.Name, Kind: c.Kind.String(), Missing: c.MissingShare, Levels: c.Distinct, Decided: decided[c.Name]})
	}
	if found.ID, err = pick(table, f.id, "--id", func() string { return guessID(profiles, table.Rows()) }); err != nil {
		return nil, err
	}
	if found.AsOf, err = pick(table, f.asOf, "--as-of", func() string { return guessAsOf(profiles) }); err != nil {
		return nil, err
	}
	if f.asOf != "" {
		if err := wantTime(table, f.asOf); err != nil {
			return nil, err
		}
	}
	column, positive, _ := strings.Cut(f.target, "=")
	if found.Target, err = pick(table, column, "--target", func() string { return guessTarget(profiles) }); err != nil {
		return nil, err
	}
	if found.Target == "" {
		return nil, usage("finding the outcome: no column looks like one; say --target COLUMN=POSITIVE; the columns are %s", quotedNames(table.Schema))
	}
	force := map[string]datasets.Field{found.Target: {Name: found.Target, Kind: datasets.Categorical}}
	s.Err = io.Discard // has been told of bad rows
	if table, err = f.read(ctx, s, path, force); err != nil {
		return nil, err
	}
	if err := found.chooseOutcome(table, positive); err != nil {
		return nil, err
	}
	target := train.Target{Name: "target", Column: found.Target, Positive: found.Positive, Negative: found.Negative}
	found.Suspects, _, err = train.Audit(table, target, train.AuditOptions{ID: found.ID, AsOf: found.AsOf})
	return found, err
}

func pick(t *datasets.Table, asked, flag string, guess func() string) (string, error) {
	if asked == "" {
		return guess(), nil
	}
	if t.Schema.Index(asked) < 0 {
		return "", usage("reading %s: no column %q; the columns are %s", flag, asked, quotedNames(t.Schema))
	}
	return asked, nil
}

// wantTime refuses a column for --as-of that holds no moments.
func wantTime(t *datasets.Table, asOf string) error {
	if k := t.Schema.Fields[t.Schema.Index(asOf)].Kind; k != datasets.Time {
		return usage("reading --as-of: column %q is %v; want a time column: %s", asOf, k, timeNames(t.Schema))
	}
	return nil
}

// timeNames names the time columns, for messages.
func timeNames(s *datasets.Schema) string {
	var names []string
	for _, f := range s.Fields {
		if f.Kind == datasets.Time {
			names = append(names, strconv.Quote(f.Name))
		}
	}
	if names == nil {
		return "the file has none"
	}
	return strings.Join(names, ", ")
}

func quotedNames(s *datasets.Schema) string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = fmt.Sprintf("%q", f.Name)
	}
	return strings.Join(names, ", ")
}
