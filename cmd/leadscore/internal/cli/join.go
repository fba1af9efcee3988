package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"leadscore/datasets"
)

type joinFlags struct {
	on, matched, columns, out string
}

func newJoin(s Streams) *cobra.Command {
	var f joinFlags
	cmd := &cobra.Command{
		Use: "join LEADS OTHER", Short: "Add to each lead the columns of its row in another file, such as its deal", Args: cobra.ExactArgs(2),
		Example: `  leadscore datasets join leads.csv deals.csv --on lead_id --out joined.csv
  leadscore datasets join mql.csv deals.csv --on mql_id --columns none --matched won --out joined.csv
  leadscore datasets join leads.csv accounts.csv --on account=id --columns industry,size --out joined.csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return runJoin(cmd.Context(), s, args[0], args[1], f) },
	}
	cmd.Flags().StringVar(&f.on, "on", "", "`key` column; LEFT=RIGHT where the names differ")
	cmd.Flags().StringVar(&f.matched, "matched", "", "add a yes/no `column`: has the lead a row in the other file?")
	cmd.Flags().StringVar(&f.columns, "columns", "", "comma-separated `columns` to take; none takes only --matched; default all")
	cmd.Flags().StringVar(&f.out, "out", "", "`file` to write")
	_ = cmd.MarkFlagRequired("on")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func runJoin(ctx context.Context, s Streams, leftPath, rightPath string, f joinFlags) error {
	if err := spare("out", f.out, leftPath, rightPath); err != nil {
		return err
	}
	o := datasets.JoinOptions{Matched: f.matched}
	var same bool
	if o.LeftKey, o.RightKey, same = strings.Cut(f.on, "="); !same {
		o.RightKey = o.LeftKey
	}
	switch f.columns {
	case "":
	case "none":
		o.Columns = []string{}
	default:
		o.Columns = strings.Split(f.columns, ",")
	}
	asText := func(key string) datasets.ReadOptions {
		return datasets.ReadOptions{Force: map[string]datasets.Field{key: {Name: key, Kind: datasets.Text}}}
	}
	left, err := datasets.Read(ctx, leftPath, asText(o.LeftKey))
	if err != nil {
		return err
	}
	right, err := datasets.Read(ctx, rightPath, asText(o.RightKey))
	if err != nil {
		return err
	}
	joined, report, err := datasets.Join(left, right, o)
	if err != nil {
		return err
	}
	if err := datasets.WriteTable(f.out, joined); err != nil {
		return err
	}
	out := &printer{w: s.Out}
	out.printf("wrote %d rows to %s: %d have a row in %s, %d rows of it belong to no lead\n", report.Rows, f.out, report.Matched, rightPath, report.Unmatched)
	return out.err
}
