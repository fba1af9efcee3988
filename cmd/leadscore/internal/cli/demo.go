package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
)

type demoFlags struct {
	dir, addr string
	noServe   bool
	leads     int
	seed      uint64
}

func newDemo(s Streams) *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Generate a CRM history, train on it, evaluate, and serve the model",
		Long: `demo shows the whole product on generated leads: it writes a CRM history, a configuration and rules
to a directory, trains, prints the evaluation, and serves the model until it is interrupted.`,
		Example: `  leadscore demo
  leadscore demo --no-serve --leads 5000 --dir /tmp/demo`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.dir, "dir", "demo", "`directory` to write")
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	cmd.Flags().BoolVar(&f.noServe, "no-serve", false, "stop after the evaluation")
	cmd.Flags().IntVar(&f.leads, "leads", 20000, "`number` of leads to generate")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the generator")
	return cmd
}

func runDemo(ctx context.Context, s Streams, f demoFlags) error {
	if f.leads < 1000 {
		return usage("reading --leads: %d are too few to show anything; want at least 1000", f.leads)
	}
	if !f.noServe { // before the minute that training takes
		if _, err := new(serveAccess).address(&serveSetup{addr: f.addr}); err != nil {
			return usageError{err}
		}
	}
	out := &printer{w: s.Out}
	out.printf("1. generating %d leads with their history in %s\n", f.leads, f.dir)
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: f.leads, Seed: f.seed})
	if err != nil {
		return err
	}
	if err := h.Save(f.dir); err != nil {
		return err
	}
	files := map[string]string{"leadscore.yaml": demoConfig, "rules.yaml": demoRules}
	for _, name := range []string{"leadscore.yaml", "rules.yaml"} {
		if err := os.WriteFile(filepath.Join(f.dir, name), []byte(files[name]), 0o644); err != nil {
			return fmt.Errorf("writing the demo: %w", err)
		}
	}
	run := filepath.Join(f.dir, "run")
	configPath := filepath.Join(f.dir, "leadscore.yaml")
	out.printf("2. leadscore train -c %s --out %s\n\n", configPath, run)
	if out.err != nil {
		return out.err
	}
	if err := runTrain(ctx, s, trainFlags{config: configPath, out: run, lang: "en"}); err != nil {
		return err
	}
	scorer, err := loadScorer(filepath.Join(run, "model.json"), "")
	if err != nil {
		return err
	}
	lead := filepath.Join(f.dir, "lead.json")
	if err := writeDemoLead(lead, h, scorer.Artifact()); err != nil {
		return err
	}
	out.printf("\n3. the report is %s\n", filepath.Join(run, "report.html"))
	if f.noServe {
		out.printf("4. serve it:   leadscore serve --model %s\n", filepath.Join(run, "model.json"))
		return out.err
	}
	out.printf("4. serving on http://%s; in another terminal:\n", f.addr)
	out.printf("   curl -H 'Content-Type: application/json' -d @%s http://%s/v1/score\n   stop with Ctrl-C\n", lead, f.addr)
	if out.err != nil {
		return out.err
	}
	if err := serveModel(ctx, s, scorer, f.addr); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// writeDemoLead writes the last generated lead as a request, with what it did before it was created.
func writeDemoLead(path string, h *datasets.History, a *model.Artifact) error {
	b := h.Leads.Batches[len(h.Leads.Batches)-1]
	lead := map[string]any{}
	for i, f := range b.Schema().Fields {
		v := b.Value(i, b.Rows()-1)
		if v.Missing() || slices.Contains(a.Unread(), f.Name) || a.Schema.Index(f.Name) < 0 {
			continue
		}
		switch v.Kind {
		case datasets.Numeric:
			lead[f.Name] = v.Num
		case datasets.Boolean:
			lead[f.Name] = v.Num == 1
		default:
			lead[f.Name] = v.String()
		}
	}
	id := b.Value(b.Schema().Index("lead_id"), b.Rows()-1).String()
	created := b.Value(b.Schema().Index("created_at"), b.Rows()-1)
	events := []map[string]any{}
	for _, e := range h.Events.Batches {
		for i := range e.Rows() {
			at := e.Value(1, i)
			if e.Value(0, i).String() != id || at.Time >= created.Time {
				continue
			}
			event := map[string]any{"type": e.Value(2, i).String(), "at": at.String()}
			if amount := e.Value(3, i); !amount.Missing() {
				event["properties"] = map[string]any{"amount": amount.Num}
			}
			events = append(events, event)
		}
	}
	return writeJSONFile(path, map[string]any{"lead": lead, "events": events})
}
