package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"leadscore/datasets"
)

// Streams is what a command sees of the world.
type Streams struct {
	Out, Err    io.Writer
	OutTerminal bool // Out is a terminal: colour
	ErrTerminal bool // Err is a terminal: progress
	Width       int  // of the terminal; 0: unknown
	Now         func() time.Time
	// LookupEnv is os.LookupEnv, or a test's; nil: the environment is empty.
	LookupEnv func(string) (string, bool)
}

// System returns the streams of the process.
func System() Streams {
	s := Streams{Out: os.Stdout, Err: os.Stderr, Now: time.Now, LookupEnv: os.LookupEnv}
	s.OutTerminal = term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""
	s.ErrTerminal = term.IsTerminal(int(os.Stderr.Fd()))
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		s.Width = w
	}
	return s
}

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitGate   = 3
)

// usageError is a mistake in flags, arguments or configuration.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// wrongFlags is all that is wrong with flags as one usage error; nil: nothing is.
func wrongFlags(problems ...error) error {
	if err := errors.Join(problems...); err != nil {
		return usageError{err}
	}
	return nil
}

// gateError is a gate that was not met: nothing was promoted.
type gateError struct{ err error }

func (e gateError) Error() string { return e.err.Error() }
func (e gateError) Unwrap() error { return e.err }

// Run runs one command line and returns the exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	err = hintBadRows(command, tooFew(command, err))
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("stopped; nothing was written")
	}
	// Nothing is left to say it with when stderr fails.
	_, _ = fmt.Fprintf(s.Err, "leadscore: %s\n", strings.TrimRight(err.Error(), "\n"))
	var usage usageError
	var gate gateError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &gate):
		return exitGate
	}
	return exitFailed
}

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "leadscore",
		Short: "Train, evaluate and serve predictive lead-scoring models",
		Long: `leadscore learns from closed-won and closed-lost leads which leads will convert, compares
that with the points that marketing gives by rules, and recommends MQL and SQL.`,
		Example: `  leadscore demo                                     # see it all on generated leads
  leadscore init leads.csv --target converted -o lead.yaml
  leadscore train -c lead.yaml --out run
  leadscore score --model run/model.json --in new.csv --out scored.csv
  leadscore serve --model run/model.json`,
		Version:       Version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), usageExamples, "", 1))
	root.AddCommand(
		newDemo(s), newInit(s), newTrain(s), newFeatures(s), newEvaluate(s), newCompare(s), newThresholds(s), newDrift(s),
		newScore(s), newExplain(s), newCard(s), newServe(s), newPing(s), newKeys(s),
		newRules(s), newModels(s), newDatasets(s),
	)
	speakPlainly(root)
	return root
}

// helpTemplate opens with examples: they are what a user came for.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{if .HasExample}}Examples:
{{.Example}}

{{end}}{{.UsageString}}`

// usageExamples is the part of cobra's own template that helpTemplate has said already.
const usageExamples = `{{if .HasExample}}

Examples:
{{.Example}}{{end}}`

// usage makes an error of usage.
func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// printJSON writes one indented JSON document.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// writeJSONFile writes one indented JSON document to a file, whole or not at all.
func writeJSONFile(path string, v any) error {
	if err := datasets.AtomicWrite(path, func(w io.Writer) error { return printJSON(w, v) }); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// printer keeps the first error of many writes, so that output that fails is not mistaken for done.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
