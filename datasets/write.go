package datasets

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const writableFormats = "want .csv, .tsv, .jsonl or .ndjson (each also with .gz or .zst), .parquet, .arrow, .feather or .ipc"

// Create starts a file in the format told by the extension of path: .csv, .tsv, .jsonl and
// .ndjson (each also with .gz or .zst), .parquet, and .arrow, .feather or .ipc (Arrow IPC
// file). Text formats are written the way the schema says its texts are read (layout of
// times, decimal comma), so a file that was read and written again is read by the same schema.
//
// The Writer is for one goroutine. A Writer that is neither closed nor aborted leaks its
// goroutines and its temporary file.
func Create(path string, s *Schema) (Writer, error) {
	w, err := create(path, s)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return &checkedWriter{w: w, path: path, schema: s}, nil
}

func create(path string, s *Schema) (Writer, error) {
	if len(s.Fields) == 0 {
		return nil, fmt.Errorf("no columns")
	}
	seen := make(map[string]bool, len(s.Fields))
	for _, f := range s.Fields {
		if seen[f.Name] {
			return nil, fmt.Errorf("two columns are named %q", f.Name)
		}
		seen[f.Name] = true
	}
	name := strings.ToLower(filepath.Base(path))
	var compress string
	for _, ext := range []string{".gz", ".zst"} {
		if stem, ok := strings.CutSuffix(name, ext); ok {
			name, compress = stem, ext
		}
	}
	ext := filepath.Ext(name)
	var rows func(*Schema) rowFormat
	switch ext {
	case ".csv":
		rows = newCSVFormat
	case ".tsv":
		rows = newTSVFormat
	case ".jsonl", ".ndjson":
		rows = newJSONFormat
	case ".parquet", ".arrow", ".feather", ".ipc":
		if compress != "" {
			return nil, fmt.Errorf("%s files are compressed inside; leave out %s", ext, compress)
		}
	default:
		return nil, fmt.Errorf("unknown format %q; %s", ext, writableFormats)
	}
	file, err := newPendingFile(path)
	if err != nil {
		return nil, err
	}
	var w Writer
	switch {
	case rows != nil:
		w, err = newTextWriter(file, compress, s, rows(s))
	case ext == ".parquet":
		w, err = newParquetWriter(file, s)
	default:
		w, err = newArrowWriter(file, s)
	}
	if err != nil {
		file.abort()
		return nil, err
	}
	return w, nil
}

// checkedWriter names the file in every error, refuses batches of another schema, and holds
// the rule that a failed write can only be aborted.
type checkedWriter struct {
	w      Writer
	path   string
	schema *Schema
	failed error
	done   bool
}

func (c *checkedWriter) Write(b *Batch) error {
	if c.done {
		return fmt.Errorf("writing %s: the file is already closed", c.path)
	}
	if c.failed != nil {
		return c.failed
	}
	err := c.check(b)
	if err == nil {
		err = c.w.Write(b)
	}
	if err != nil {
		c.failed = fmt.Errorf("writing %s: %w", c.path, err)
	}
	return c.failed
}

func (c *checkedWriter) check(b *Batch) error {
	if len(b.schema.Fields) != len(c.schema.Fields) {
		return fmt.Errorf("a batch of %d columns in a file of %d", len(b.schema.Fields), len(c.schema.Fields))
	}
	for i := range b.schema.Fields {
		got, want := &b.schema.Fields[i], &c.schema.Fields[i]
		if got.Name != want.Name || got.Kind != want.Kind {
			return fmt.Errorf("a batch with %v column %q where the file has %v column %q", got.Kind, got.Name, want.Kind, want.Name)
		}
	}
	return nil
}

func (c *checkedWriter) Close() error {
	if c.done {
		return fmt.Errorf("writing %s: the file is already closed", c.path)
	}
	if c.failed != nil {
		c.Abort()
		return c.failed
	}
	c.done = true
	if err := c.w.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", c.path, err)
	}
	return nil
}

func (c *checkedWriter) Abort() {
	if !c.done {
		c.done = true
		c.w.Abort()
	}
}

// WriteTable writes a whole table to a file, or nothing.
func WriteTable(path string, t *Table) error {
	w, err := Create(path, t.Schema)
	if err != nil {
		return err
	}
	for _, b := range t.Batches {
		if err := w.Write(b); err != nil {
			w.Abort()
			return err
		}
	}
	return w.Close()
}

// compressed wraps w as the extension says; closing the result does not close w. One goroutine
// each: the bytes must not depend on the number of cores.
func compressed(w io.Writer, ext string) (io.WriteCloser, error) {
	switch ext {
	case ".gz":
		return gzip.NewWriter(w), nil
	case ".zst":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	}
	return nopCloser{w}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
