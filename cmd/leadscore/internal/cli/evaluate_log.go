package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/datasets"
	"leadscore/train"
	"leadscore/train/report"
)

// logFlags are what evaluate is told of a log of predictions.
type logFlags struct{ path, config, id, pick, salt string }

func (l *logFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.path, "log", "", "prediction log of a server, a `folder` or a file: its answers are measured, nothing is scored")
	cmd.Flags().StringVarP(&l.config, "config", "c", "", "configuration `file` that tells what outcomes of the log's leads look like, in the place of --model")
	cmd.Flags().StringVar(&l.id, "id", "", "`column` of --data with the ids that the log has; the model's or the configuration's where not told")
	cmd.Flags().StringVar(&l.pick, "log-pick", "first", "which of several predictions of a lead counts: `first` or last")
	cmd.Flags().StringVar(&l.salt, "log-salt", "", "`file` with the salt that the log's ids are hashed with (--prediction-log-hash-ids)")
}

// check finds flags that do not go together.
func (l *logFlags) check(f evaluateFlags) error {
	var problems []error
	say := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if l.path == "" {
		for _, x := range []struct{ flag, value, none string }{{"config", l.config, ""}, {"id", l.id, ""}, {"log-pick", l.pick, "first"}, {"log-salt", l.salt, ""}} {
			if x.value != x.none {
				say("reading --%s: it goes with --log", x.flag)
			}
		}
		return errors.Join(problems...)
	}
	if (f.model == "") == (l.config == "") {
		say("reading --log: say with --model or with -c, and not with both, what the outcomes look like")
	}
	if l.pick != "first" && l.pick != "last" {
		say("reading --log-pick: %q; want first or last", l.pick)
	}
	if len(f.events) > 0 {
		say("reading --events: with --log nothing is scored, so no events are needed")
	}
	return errors.Join(problems...)
}

// options are those of the model or of the configuration.
func (l *logFlags) options(f evaluateFlags) (o train.LogOptions, err error) {
	if l.config != "" {
		c, err := config.Load(l.config)
		if err != nil {
			return o, usageError{err}
		}
		o = c.Train().LogOptions()
	} else {
		scorer, err := loadScorer(f.model, f.registry)
		if err != nil {
			return o, err
		}
		o = train.LogOptionsOf(scorer.Artifact())
	}
	if l.id != "" {
		o.ID = l.id
	}
	o.Pick = l.pick
	if o.Salt, err = readSalt("log-salt", l.salt); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

func runEvaluateLog(ctx context.Context, s Streams, f evaluateFlags, policy datasets.BadRows) error {
	o, err := f.log.options(f)
	if err != nil {
		return err
	}
	o.BadRows, o.MaxBadRows, o.Now = policy, f.maxBadRows, s.Now()
	p := newProgress(s)
	defer p.finish()
	p.step("evaluating " + f.log.path + " on " + f.data)
	e, err := train.EvaluateLog(ctx, f.log.path, f.data, o)
	if err != nil {
		return err
	}
	p.finish()
	e.Card = withRun(e.Card, o.Now, s.Now())
	sayFindings(s.Err, e.Findings)
	if f.json {
		return printJSON(s.Out, e)
	}
	words := report.Options{Lang: f.lang, Colour: s.OutTerminal, Width: s.Width}
	if err := report.Terminal(s.Out, e.Card, words); err != nil {
		return err
	}
	return sayVersions(s, e, words)
}

// sayVersions tells the figures of each version, where there are several.
func sayVersions(s Streams, e *train.LogEvaluation, o report.Options) error {
	if len(e.Versions) < 2 {
		return nil
	}
	out := &printer{w: s.Out}
	for _, v := range e.Versions {
		out.printf("\n== version %s\n", v.Version)
		for _, note := range v.Notes {
			out.printf("%s\n", note)
		}
		if out.err != nil {
			return out.err
		}
		card := *e.Card
		if card.Targets = v.Targets; len(v.Targets) == 0 {
			continue
		}
		if err := report.Terminal(s.Out, &card, o); err != nil {
			return err
		}
	}
	return out.err
}
