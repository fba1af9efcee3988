package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows what a long command is doing: a spinner on a terminal, otherwise nothing.
type progress struct {
	bar  *progressbar.ProgressBar
	stop chan struct{}
	done chan struct{}
}

func newProgress(s Streams) *progress {
	p := &progress{}
	if !s.ErrTerminal {
		return p
	}
	p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(s.Err), progressbar.OptionSpinnerType(14),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true))
	p.stop, p.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(p.done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				// A spinner that cannot be drawn is no reason to stop the work.
				_ = p.bar.Add(1)
			}
		}
	}()
	return p
}

// step names what is being done.
func (p *progress) step(text string) {
	if p.bar != nil {
		p.bar.Describe(text)
	}
}

// finish clears the spinner; it may be called twice.
func (p *progress) finish() {
	if p.bar == nil {
		return
	}
	close(p.stop)
	<-p.done
	_ = p.bar.Finish()
	p.bar = nil
}

// warn writes a line of warning.
func warn(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, "warning: "+format+"\n", args...)
}
