package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/pflag"

	"leadscore/serve"
	"leadscore/serve/telemetry"
)

// serveTelemetry is how the server tells what it does. It stands before the sections that log.
type serveTelemetry struct {
	endpoint       string
	sample         float64
	format, access string
	level          slog.Level
	drift          serve.DriftWindow
}

// exportEnd is how long the last export may take when the server has stopped.
const exportEnd = 5 * time.Second

func (f *serveTelemetry) flags(fs *pflag.FlagSet) {
	d := serve.DriftWindow{}.WithDefaults()
	fs.StringVar(&f.format, "log-format", "json", "`format` of the log on stderr: json or text")
	fs.TextVar(&f.level, "log-level", slog.LevelInfo, "lowest `level` that is logged: DEBUG, INFO, WARN or ERROR; requests are INFO")
	fs.StringVar(&f.access, "access-log", "all", "`which` requests get a line: all, errors (status 400 and above) or none")
	fs.StringVar(&f.endpoint, "otlp-endpoint", "", "`URL` of an OpenTelemetry collector (OTLP over HTTP, such as http://collector:4318) for traces and metrics; none: nothing is exported")
	fs.Float64Var(&f.sample, "trace-sample", .01, "`share` of requests that are traced, 0 to 1, where the caller's traceparent does not decide")
	fs.DurationVar(&f.drift.Length, "drift-window", d.Length, "`time` that the live PSI looks back; 0: none is measured")
	fs.IntVar(&f.drift.Rows, "drift-rows", d.Rows, "most `leads` that it looks back")
}

func (f *serveTelemetry) configure(ctx context.Context, setup *serveSetup) error {
	var problems []error
	if f.format != "json" && f.format != "text" {
		problems = append(problems, fmt.Errorf("reading --log-format: %q is no format; want json or text", f.format))
	}
	access, ok := map[string]serve.AccessLog{"all": serve.LogAll, "errors": serve.LogErrors, "none": serve.LogNone}[f.access]
	if !ok {
		problems = append(problems, fmt.Errorf("reading --access-log: %q says not which; want all, errors or none", f.access))
	}
	if !(f.sample >= 0 && f.sample <= 1) {
		problems = append(problems, fmt.Errorf("reading --trace-sample: %v is no share; want 0 to 1", f.sample))
	}
	if f.drift.Length < 0 || f.drift.Length > 0 && f.drift.Length < time.Minute {
		problems = append(problems, fmt.Errorf("reading --drift-window: %s is too short; want at least 1m, or 0 for none", f.drift.Length))
	}
	if f.drift.Rows < 400 {
		problems = append(problems, fmt.Errorf("reading --drift-rows: %d are too few to tell a shift from chance; want at least 400", f.drift.Rows))
	}
	if err := wrongFlags(problems...); err != nil {
		return err
	}
	if f.drift.Length == 0 {
		f.drift.Length = -1
	}
	lines := telemetry.NewLines(setup.streams.Err)
	setup.close = append(setup.close, lines.Close)
	c := &setup.config
	c.Logger, c.AccessLog, c.Drift = lines.Logger(f.format == "text", f.level), access, f.drift
	c.Collectors = append(c.Collectors, lines.Dropped())
	if f.endpoint == "" {
		return nil
	}
	exporter, err := telemetry.New(ctx, telemetry.Config{
		Endpoint: f.endpoint, Sample: f.sample, Service: "leadscore", Version: Version(), Random: rand.Reader, Log: c.Logger,
	})
	if err != nil {
		return usageError{fmt.Errorf("reading --otlp-endpoint: %w", err)}
	}
	c.Telemetry = exporter
	setup.close = append(setup.close, func() error {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportEnd)
		defer cancel()
		if err := exporter.Shutdown(end); err != nil { // a collector that is away is no failure of the server's
			c.Logger.LogAttrs(end, slog.LevelWarn, "the last export by OTLP failed", slog.String("error", err.Error()))
		}
		return nil
	})
	return nil
}
