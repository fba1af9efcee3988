package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 16 << 20

// Files are those that credentials are read from. They are polled by their content: a notification of the file system was
// rejected, since network file systems and the links that Kubernetes swaps for a mounted secret do not tell reliably, and so was the
// time of the last change, which two edits within a tick of the clock share.
type Files struct {
	log     *slog.Logger
	mu      sync.Mutex // of sources and what they hold, but for what load stores
	sources []*source
	errors  *prometheus.CounterVec
	expiry  prometheus.Gauge
}

// source is some files that are read together.
type source struct {
	name   string // keys, token_keys or certificate
	paths  []string
	load   func(contents [][]byte) error // keeps what it read before when it returns an error
	digest [sha256.Size]byte             // of what was last loaded
	failed string                        // the error of the last reading; "" when it was fine
}

// NewFiles makes an empty set; nil drops what would be logged.
func NewFiles(log *slog.Logger) *Files {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Files{
		log: log,
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_access_reload_errors_total", Help: "Times that a file of credentials could not be read again; what was read before stays.",
		}, []string{"file"}),
		expiry: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leadscore_certificate_expiry_timestamp_seconds", Help: "When the server's certificate expires, in Unix time.",
		}),
	}
}

// Describe and Collect make Files a prometheus.Collector: how often each file could not be read again, and when the
// certificate expires.
func (f *Files) Describe(to chan<- *prometheus.Desc) {
	f.errors.Describe(to)
	f.expiry.Describe(to)
}

// Collect passes over the certificate where there is none.
func (f *Files) Collect(to chan<- prometheus.Metric) {
	f.errors.Collect(to)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sources {
		if s.name == certificateFile {
			f.expiry.Collect(to)
			return
		}
	}
}

// add reads files for the first time; now an error is final.
func (f *Files) add(name string, paths []string, load func([][]byte) error) error {
	s := &source{name: name, paths: paths, load: load}
	if _, err := s.read(); err != nil {
		return err
	}
	f.errors.WithLabelValues(name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sources = append(f.sources, s)
	return nil
}

// read loads the files where they have changed.
func (s *source) read() (changed bool, err error) {
	contents := make([][]byte, len(s.paths))
	all := sha256.New()
	for i, path := range s.paths {
		if contents[i], err = readFile(path); err != nil {
			return false, err
		}
		_, _ = fmt.Fprintf(all, "%d ", len(contents[i])) // a hash takes everything
		_, _ = all.Write(contents[i])
	}
	digest := [sha256.Size]byte(all.Sum(nil))
	if digest == s.digest {
		return false, nil
	}
	if err := s.load(contents); err != nil {
		return false, err
	}
	s.digest = digest
	return true, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", path, maxFile)
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), nil
}

// Reload reads the files that have changed. One that is wrong or gone is counted each time and told when its error is a new one; what
// was read before stays. The error has them all.
func (f *Files) Reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var problems []error
	for _, s := range f.sources {
		changed, err := s.read()
		if err != nil {
			problems = append(problems, err)
			f.errors.WithLabelValues(s.name).Inc()
			if text := err.Error(); text != s.failed {
				s.failed = text
				f.log.Error("credentials could not be read again; those read before stay", slog.String("file", s.name), slog.String("error", text))
			}
			continue
		}
		if changed || s.failed != "" {
			f.log.Info("credentials were read again", slog.String("file", s.name))
		}
		s.failed = ""
	}
	return errors.Join(problems...)
}

// Watch calls Reload every so often until ctx is done.
func (f *Files) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = f.Reload() // told by itself
		}
	}
}
