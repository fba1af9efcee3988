package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"leadscore/model"
	"leadscore/serve"
)

// serveSection is one subject of the server's settings: its flags, and what they mean. Each stands in a file of its own.
type serveSection interface {
	flags(*pflag.FlagSet)
	// configure checks the section's settings, all of them, and puts what they ask for into the set-up.
	configure(context.Context, *serveSetup) error
}

// serveSetup is a server that is being put together.
type serveSetup struct {
	streams Streams
	addr    string // to listen on
	config  serve.Config
	close   []func() error // when the server has stopped, the last first
}

func serveSections() []serveSection {
	return []serveSection{new(serveModels), new(servePredictions), new(serveLimits)}
}

func newServe(s Streams) *cobra.Command {
	var addr, file string
	sections := serveSections()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer HTTP requests for probabilities and recommendations",
		Long: `serve answers requests from a saved model. Every flag can also be set as LEADSCORE_FLAG in the environment or as flag in
the file that --config names, with _ for -; a flag goes before the environment, and the environment before the file.`,
		Example: `  leadscore serve --model run/model.json
  leadscore serve --model converted --registry models --addr 127.0.0.1:9090
  leadscore serve --config serve.yaml
  curl -d '{"lead": {"Lead Origin": "API"}}' -H 'Content-Type: application/json' localhost:8080/v1/score`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVarP(&file, settingsFlag, "c", "", "YAML `file` with these settings")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	for _, section := range sections {
		section.flags(cmd.Flags())
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := newSettings(cmd, s).load(); err != nil {
			return err
		}
		return runServe(cmd.Context(), s, addr, sections)
	}
	return cmd
}

// runServe serves until the context ends.
func runServe(ctx context.Context, s Streams, addr string, sections []serveSection) (err error) {
	setup := &serveSetup{streams: s, addr: addr, config: serve.Config{
		Logger: slog.New(slog.NewJSONHandler(s.Err, nil)), Clock: s.Now, RequestID: serve.RequestIDs(rand.Reader),
	}}
	defer func() {
		for i := len(setup.close) - 1; i >= 0; i-- {
			err = errors.Join(err, setup.close[i]())
		}
	}()
	var problems []error
	for _, section := range sections {
		problems = append(problems, section.configure(ctx, setup))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	server, err := serve.New(setup.config)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	for _, m := range setup.config.Models {
		a := m.Artifact()
		_, _ = fmt.Fprintf(s.Err, "serving %s (version %s) on http://%s\n", a.Name, a.Version, listener.Addr())
	}
	return server.Run(ctx, listener)
}

// serveModel serves one model with the standard settings until the context ends.
func serveModel(ctx context.Context, s Streams, scorer *model.Scorer, addr string) error {
	return runServe(ctx, s, addr, []serveSection{givenModel{scorer}})
}

// givenModel is a model that is in memory.
type givenModel struct{ scorer *model.Scorer }

func (givenModel) flags(*pflag.FlagSet) {}

func (g givenModel) configure(_ context.Context, setup *serveSetup) error {
	setup.config.Models = []*model.Scorer{g.scorer}
	return nil
}
