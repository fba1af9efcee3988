package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

const pingURL = "http://127.0.0.1:8080/readyz"

// newPing asks a server whether it is ready, where there is neither curl nor a shell: in a container of this binary alone.
func newPing(s Streams) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "ping [URL]",
		Short: "Ask a server whether it is ready; for health checks of containers",
		Long:  "ping asks URL (" + pingURL + " if none is given) once. It ends with 0 when the answer is 200, with 1 on anything else.",
		Example: `  leadscore ping
  leadscore ping http://127.0.0.1:8080/healthz --timeout 500ms`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := pingURL
			if len(args) == 1 {
				target = args[0]
			}
			return runPing(cmd.Context(), s, target, timeout)
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 2*time.Second, "`time` for the answer")
	return cmd
}

func runPing(ctx context.Context, s Streams, target string, timeout time.Duration) error {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usage("reading the URL: %q is none; want one such as %s", target, pingURL)
	}
	if timeout <= 0 {
		return usage("reading --timeout: %s is not above 0; want a time such as 2s", timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // no proxy: it would answer for the server
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the server: %s answered %s: %s", target, answer.Status, body)
	}
	_, err = fmt.Fprintf(s.Out, "%s", body)
	return err
}
