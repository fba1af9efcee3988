package cli

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"leadscore/serve"
)

// serveQueue bounds what is under way at once.
type serveQueue struct{ serve.Queue }

func (f *serveQueue) flags(fs *pflag.FlagSet) {
	fs.IntVar(&f.Concurrent, "max-concurrent", 0, "scoring `requests` at work at once; 0: 8 for each processor")
	fs.IntVar(&f.Waiting, "queue", 0, "`requests` that wait beside them, others get a 503; 0: 64 for each processor, -1: none")
	fs.DurationVar(&f.Timeout, "queue-timeout", serve.Queue{}.WithDefaults().Timeout, "`time` that one waits before it gets a 503")
	fs.IntVar(&f.Batches, "max-batches", 0, "`batches` at work at once, and as many wait; 0: 2 for each processor")
}

func (f *serveQueue) configure(_ context.Context, setup *serveSetup) error {
	var problems []error
	for _, b := range []struct {
		flag     string
		n, least int
		want     string
	}{
		{"max-concurrent", f.Concurrent, 0, "a number of requests, or 0 for 8 a processor"},
		{"queue", f.Waiting, -1, "a number of requests, 0 for 64 a processor, or -1 for none"},
		{"max-batches", f.Batches, 0, "a number of batches, or 0 for 2 a processor"},
	} {
		if b.n < b.least || b.n > 1<<20 {
			problems = append(problems, fmt.Errorf("reading --%s: %d is out of range; want %s", b.flag, b.n, b.want))
		}
	}
	if f.Timeout <= 0 {
		problems = append(problems, fmt.Errorf("reading --queue-timeout: %s is not above 0; want a time such as 1s", f.Timeout))
	}
	setup.config.Queue = f.Queue
	return wrongFlags(problems...)
}
