package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"leadscore/model"
	"leadscore/serve"
)

type serveFlags struct {
	model, registry, addr string
}

func newServe(s Streams) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer HTTP requests for probabilities and recommendations",
		Example: `  leadscore serve --model run/model.json
  leadscore serve --model converted --registry models --addr 127.0.0.1:9090
  curl -d '{"lead": {"Lead Origin": "API"}}' -H 'Content-Type: application/json' localhost:8080/v1/score`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	_ = cmd.MarkFlagRequired("model")
	return cmd
}

func runServe(ctx context.Context, s Streams, f serveFlags) error {
	scorer, err := loadScorer(f.model, f.registry)
	if err != nil {
		return err
	}
	return serveModel(ctx, s, scorer, f.addr)
}

// serveModel serves one model until the context ends.
func serveModel(ctx context.Context, s Streams, scorer *model.Scorer, addr string) error {
	server, err := serve.New(serve.Config{
		Models: []*model.Scorer{scorer}, Logger: slog.New(slog.NewJSONHandler(s.Err, nil)), Clock: s.Now, RequestID: serve.RequestIDs(rand.Reader),
	})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	a := scorer.Artifact()
	_, _ = fmt.Fprintf(s.Err, "serving %s (version %s) on http://%s\n", a.Name, a.Version, listener.Addr())
	return server.Run(ctx, listener)
}
