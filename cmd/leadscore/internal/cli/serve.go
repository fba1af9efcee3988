package cli

import (
	"context"
	"crypto/rand"
	"crypto/tls"
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
	addr    string      // to listen on
	tls     *tls.Config // nil: plain HTTP
	config  serve.Config
	close   []func() error // when the server has stopped, the last first
}

func serveSections() []serveSection {
	return []serveSection{
		new(serveTelemetry), // first: it makes the log of the others
		new(serveModels), new(serveAccess), new(serveLimits), new(serveQueue),
		new(servePredictions), new(serveAdmin),
	}
}

func newServe(s Streams) *cobra.Command {
	var addr, file string
	sections := serveSections()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer HTTP requests for probabilities and recommendations",
		Long: `serve answers requests from saved models: those that --model names, or the champion of each model in --registry. It looks for
changed files and newly promoted versions, and swaps them without a request noticing; a file that does not load is told of, and what
was served before stays. Every flag can also be set as LEADSCORE_FLAG in the environment or as flag in
the file that --config names, with _ for -; a flag goes before the environment, and the environment before the file.`,
		Example: `  leadscore serve --model run/model.json
  leadscore serve --model converted --registry models --addr 127.0.0.1:9090
  leadscore serve --registry models --split converted@v3=10%
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
		Logger: slog.New(slog.NewJSONHandler(s.Err, nil)), Clock: s.Now, RequestID: serve.RequestIDs(rand.Reader), Version: Version(),
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
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", setup.addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	scheme := "http"
	if setup.tls != nil {
		listener, scheme = tls.NewListener(listener, setup.tls), "https"
	}
	for _, m := range server.Models() {
		version := m.Version
		if m.RegistryVersion != "" {
			version = m.RegistryVersion + ", " + version
		}
		_, _ = fmt.Fprintf(s.Err, "serving %s (version %s) on %s://%s\n", m.Name, version, scheme, listener.Addr())
	}
	return server.Run(ctx, listener)
}

// serveModel serves one model with the standard settings until the context ends.
func serveModel(ctx context.Context, s Streams, scorer *model.Scorer, addr string) error {
	return runServe(ctx, s, addr, []serveSection{givenModel{scorer}, new(serveAccess)})
}

// givenModel is a model that is in memory.
type givenModel struct{ scorer *model.Scorer }

func (givenModel) flags(*pflag.FlagSet) {}

func (g givenModel) configure(_ context.Context, setup *serveSetup) error {
	setup.config.Models = []*model.Scorer{g.scorer}
	return nil
}
