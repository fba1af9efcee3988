package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"leadscore/serve"
)

// serveLimits are the limits of what one client can take.
type serveLimits struct{ serve.Limits }

func (f *serveLimits) flags(fs *pflag.FlagSet) {
	l := serve.Limits{}.WithDefaults()
	fs.Int64Var(&f.Body, "max-body", l.Body, "`bytes` of a request of one lead, and of one row of a batch")
	fs.Int64Var(&f.BatchBody, "max-batch-body", l.BatchBody, "`bytes` of a whole batch")
	fs.Int64Var(&f.InferBody, "max-infer-body", l.InferBody, "`bytes` of a table in the form of the Open Inference Protocol or MLflow, which is held in memory")
	fs.IntVar(&f.InferRows, "max-infer-rows", l.InferRows, "`rows` of such a table")
	fs.Int64Var(&f.Held, "max-held", 0, "`bytes` of bodies and answers above 64 KiB in memory at once, more get a 503; 0: twice the larger of --max-body and --max-infer-body")
	fs.IntVar(&f.BatchRows, "max-batch-rows", l.BatchRows, "`rows` of a batch; 0: no limit")
	fs.IntVar(&f.Header, "max-header", l.Header, "`bytes` of the head of a request")
	fs.DurationVar(&f.ReadHead, "read-header-timeout", l.ReadHead, "`time` for the head of a request to arrive")
	fs.DurationVar(&f.Read, "read-timeout", l.Read, "`time` for a request to arrive; not of batches")
	fs.DurationVar(&f.Write, "write-timeout", l.Write, "`time` for an answer to be taken; not of batches")
	fs.DurationVar(&f.Idle, "idle-timeout", l.Idle, "`time` that a connection may wait between requests")
	fs.DurationVar(&f.BatchIdle, "batch-idle-timeout", l.BatchIdle, "`time` without a byte of a batch coming or going")
	fs.DurationVar(&f.BatchTime, "batch-timeout", l.BatchTime, "`time` for a whole batch")
	fs.DurationVar(&f.Drain, "drain", l.Drain, "`time` that requests are still taken when asked to stop, while /readyz says no")
	fs.DurationVar(&f.Stop, "stop-timeout", l.Stop, "`time` for requests under way to finish after that")
}

func (f *serveLimits) configure(_ context.Context, setup *serveSetup) error {
	var problems []error
	for _, b := range []struct {
		flag  string
		bytes int64
	}{{"max-body", f.Body}, {"max-batch-body", f.BatchBody}, {"max-infer-body", f.InferBody}, {"max-header", int64(f.Header)}} {
		if b.bytes < 1 {
			problems = append(problems, fmt.Errorf("reading --%s: %d is below 1; want a number of bytes", b.flag, b.bytes))
		}
	}
	if least := max(f.Body, f.InferBody); f.Held != 0 && f.Held <= least {
		problems = append(problems, fmt.Errorf("reading --max-held: %d leaves no room for a body of %d; want more bytes than that, or 0 for twice as many", f.Held, least))
	}
	if f.InferRows < 1 {
		problems = append(problems, fmt.Errorf("reading --max-infer-rows: %d is below 1; want a number of rows", f.InferRows))
	}
	if f.BatchRows < 0 {
		problems = append(problems, fmt.Errorf("reading --max-batch-rows: %d is below 0; want a number of rows, or 0 for no limit", f.BatchRows))
	}
	for _, d := range []struct {
		flag string
		time time.Duration
	}{
		{"read-header-timeout", f.ReadHead}, {"read-timeout", f.Read}, {"write-timeout", f.Write}, {"idle-timeout", f.Idle},
		{"batch-idle-timeout", f.BatchIdle}, {"batch-timeout", f.BatchTime}, {"drain", f.Drain}, {"stop-timeout", f.Stop},
	} {
		if d.time <= 0 {
			problems = append(problems, fmt.Errorf("reading --%s: %s is not above 0; want a time such as 30s", d.flag, d.time))
		}
	}
	setup.config.Limits = f.Limits
	return wrongFlags(problems...)
}
