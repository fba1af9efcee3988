package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"leadscore/serve/predictions"
)

// servePredictions says where answers are logged, and for how long they are kept for callers who ask again.
type servePredictions struct {
	to, salt string
	buffer   int

	idempotency           time.Duration
	idempotencyRequestIDs bool
}

func (f *servePredictions) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.to, "prediction-log", "", "`folder` that every answer is logged to, in Parquet files by the hour; - is JSON Lines on stdout; none: no log")
	fs.StringVar(&f.salt, "prediction-log-hash-ids", "", "`file` with a secret salt: the log has sha256(salt + id) for each lead's id")
	fs.IntVar(&f.buffer, "prediction-log-buffer", predictions.DefaultBuffer, "`answers` that wait to be logged at most; more are dropped and counted, as of a table that is scored faster than it is written")
	fs.DurationVar(&f.idempotency, "idempotency", 10*time.Minute, "`time` that the answer to a request with an Idempotency-Key is kept, to be given again; 0: the header is not looked at")
	fs.BoolVar(&f.idempotencyRequestIDs, "idempotency-request-ids", false, "take the X-Request-Id of a caller for an Idempotency-Key")
}

func (f *servePredictions) configure(_ context.Context, setup *serveSetup) error {
	var problems []error
	if f.buffer < 1 {
		problems = append(problems, fmt.Errorf("reading --prediction-log-buffer: %d is below 1; want a number of answers", f.buffer))
	}
	if f.idempotency < 0 {
		problems = append(problems, fmt.Errorf("reading --idempotency: %s is below 0; want a time such as 10m, or 0 for none", f.idempotency))
	}
	if f.idempotencyRequestIDs && f.idempotency == 0 {
		problems = append(problems, fmt.Errorf("reading --idempotency-request-ids: nothing is kept with --idempotency 0"))
	}
	salt, err := readSalt("prediction-log-hash-ids", f.salt)
	problems = append(problems, err)
	if f.to == "" && f.salt != "" {
		problems = append(problems, fmt.Errorf("reading --prediction-log-hash-ids: there is no --prediction-log"))
	}
	if err := wrongFlags(problems...); err != nil {
		return err
	}
	setup.config.Idempotency.Window, setup.config.Idempotency.RequestIDs = f.idempotency, f.idempotencyRequestIDs
	if f.to == "" {
		return nil
	}
	log, err := f.open(setup, predictions.Options{Buffer: f.buffer, Salt: salt, Logger: setup.config.Logger, Clock: setup.config.Clock})
	if err != nil {
		return usageError{err}
	}
	setup.config.Predictions = log
	setup.close = append(setup.close, func() error {
		limit, cancel := context.WithTimeout(context.Background(), closeLog)
		defer cancel()
		return log.Close(limit)
	})
	return nil
}

// closeLog is how long the log has to be written to its end when the server has stopped.
const closeLog = 10 * time.Second

func (f *servePredictions) open(setup *serveSetup, o predictions.Options) (*predictions.Writer, error) {
	if f.to == "-" {
		signal.Ignore(syscall.SIGPIPE) // who reads the log may go; the server stays
		return predictions.ToStream(setup.streams.Out, o)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return predictions.ToFolder(f.to, host, os.Getpid(), o)
}

// minSalt is the fewest bytes of a salt: with 128 random bits nobody tries all salts.
const minSalt = 16

// readSalt reads the secret that ids are hashed with, without the white space around it; "" is none.
func readSalt(flag, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading --%s: %w", flag, err)
	}
	if b = bytes.TrimSpace(b); len(b) < minSalt {
		return nil, fmt.Errorf("reading --%s: %s holds %d bytes; want at least %d, such as those of openssl rand -hex 32", flag, path, len(b), minSalt)
	}
	return b, nil
}
