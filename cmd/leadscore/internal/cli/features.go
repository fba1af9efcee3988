package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/train"
)

type featuresFlags struct {
	config, out string
	allowSmall  bool
	json        bool
}

func newFeatures(s Streams) *cobra.Command {
	var f featuresFlags
	cmd := &cobra.Command{
		Use:   "features",
		Short: "Write the table that training sees, with a data dictionary, for use elsewhere",
		Long: `features writes the snapshot table of a configuration: a row for each lead and as-of moment, with its attributes as of that
moment, the event features, and of each target NAME its label (1, 0 or missing), NAME.status (used, or why not) and the
split. It is what train would see with the same configuration; nothing is fitted. The format is told by the extension:
.csv, .tsv, .jsonl (each also .gz or .zst), .parquet, .arrow. Beside FILE.parquet stand FILE.dictionary.json and
FILE.dictionary.md, which say what each column means and how as-of, horizon and labels are defined.`,
		Example: `  leadscore features --out snapshot.parquet                # reads leadscore.yaml
  leadscore features -c lead.yaml --out snapshot.csv.gz
  leadscore features -c lead.yaml --out snapshot.parquet --json
  leadscore score --model run/model.json --in snapshot.parquet --out scored.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runFeatures(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVarP(&f.config, "config", "c", "leadscore.yaml", "configuration `file`")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` to write")
	cmd.Flags().BoolVar(&f.allowSmall, "allow-small", false, fmt.Sprintf("go on with fewer than %d positives or negatives", train.MinPerClass))
	cmd.Flags().BoolVar(&f.json, "json", false, "print a summary as JSON")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

type featuresSummary struct {
	Out        string                   `json:"out"`
	Dictionary []string                 `json:"dictionary"`
	Rows       int                      `json:"rows"`
	Leads      int                      `json:"leads"`
	Columns    map[string]int           `json:"columns"` // by role
	Split      train.DictionarySplit    `json:"split"`
	Targets    []train.DictionaryTarget `json:"targets"`
	Notes      []string                 `json:"notes"`
}

func runFeatures(ctx context.Context, s Streams, f featuresFlags) error {
	c, err := config.Load(f.config)
	if err != nil {
		return usageError{err}
	}
	tc := c.Train()
	tc.AllowSmall, tc.Now = f.allowSmall, s.Now()
	if err := writable(f.out); err != nil {
		return err
	}
	defer tuneCollector()()
	p := newProgress(s)
	defer p.finish()
	t, err := train.Snapshot(ctx, tc, p.step)
	if err != nil {
		return fmt.Errorf("%w\nnothing was written", err)
	}
	p.step("writing " + f.out)
	sum := featuresSummary{
		Out: f.out, Dictionary: dictionaryPaths(f.out), Rows: t.Dictionary.Rows, Leads: t.Dictionary.Leads, Columns: map[string]int{},
		Split: t.Dictionary.Split, Targets: t.Dictionary.Targets, Notes: append([]string{}, t.Dictionary.Notes...),
	}
	for _, col := range t.Dictionary.Columns {
		sum.Columns[col.Role]++
	}
	if err := writeSnapshot(f.out, t); err != nil {
		return err
	}
	p.finish()
	if f.json {
		return printJSON(s.Out, sum)
	}
	for _, note := range sum.Notes {
		_, _ = fmt.Fprintln(s.Err, note)
	}
	out := &printer{w: s.Out}
	out.printf("wrote %d rows of %d leads to %s: %d attributes, %d event features\n", sum.Rows, sum.Leads, f.out, sum.Columns["attribute"], sum.Columns["event feature"])
	for _, target := range sum.Targets {
		out.printf("%s:", target.Name)
		for i, line := range target.Account {
			if i > 0 {
				out.printf(",")
			}
			out.printf(" %d %s", line.Rows, line.What)
		}
		out.printf("\n")
	}
	out.printf("the columns are described in %s\n", strings.Join(sum.Dictionary, " and "))
	return out.err
}

// writable tries whether a file of that name could be written, before the work is done that would be lost. It leaves nothing.
func writable(path string) error {
	w, err := datasets.Create(path, &datasets.Schema{Fields: []datasets.Field{{Name: "x", Kind: datasets.Numeric}}})
	if err != nil {
		return usageError{err}
	}
	w.Abort()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usage("reading --out: %s is a directory", path)
	}
	return nil
}

// dictionaryPaths are the names of the dictionaries beside a table: its own without the extension.
func dictionaryPaths(path string) []string {
	for _, ext := range []string{".gz", ".zst"} {
		if strings.EqualFold(filepath.Ext(path), ext) {
			path = path[:len(path)-len(ext)]
		}
	}
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	return []string{stem + ".dictionary.json", stem + ".dictionary.md"}
}

// writeSnapshot writes the table and its dictionaries. All are made in a directory beside the table and moved to their places, the
// table last: who finds a new table finds what its columns mean.
func writeSnapshot(path string, t *train.SnapshotTable) (err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	in := func(to string) string { return filepath.Join(tmp, filepath.Base(to)) }
	names := dictionaryPaths(path)
	if err := datasets.WriteTable(in(path), t.Table); err != nil {
		return err
	}
	if err := writeJSONFile(in(names[0]), t.Dictionary); err != nil {
		return err
	}
	if err := datasets.AtomicWrite(in(names[1]), func(w io.Writer) error { return writeDictionary(w, filepath.Base(path), t.Dictionary) }); err != nil {
		return fmt.Errorf("writing %s: %w", names[1], err)
	}
	for _, to := range append(names, path) {
		if err := os.Rename(in(to), to); err != nil {
			return fmt.Errorf("writing %s: %w", to, err)
		}
	}
	return nil
}
