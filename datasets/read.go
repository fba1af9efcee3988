package datasets

import (
	"context"
	"errors"
)

// BadRows says what happens to rows that cannot be read.
type BadRows uint8

const (
	// FailOnBadRows reports the bad rows (the first 20 and the total) and reads nothing.
	FailOnBadRows BadRows = iota
	// SkipBadRows leaves bad rows out and counts them, up to ReadOptions.MaxBadRows.
	SkipBadRows
)

// ReadOptions tune reading. The zero value infers everything and fails on a bad row.
type ReadOptions struct {
	// Nulls are the texts that mean missing; nil means DefaultNulls.
	Nulls []string
	// Schema fixes names and kinds, as when scoring: its columns are found in the file by name,
	// in any order; other columns are passed over and named in the report; a column that
	// the file lacks is all missing and named in the report. Nil infers.
	Schema *Schema
	// Force fixes the kind (and layout, decimal comma) of single columns by name; the rest is inferred.
	Force map[string]Field
	// BadRows is the policy; MaxBadRows bounds SkipBadRows (0: no bound).
	BadRows    BadRows
	MaxBadRows int
	// Workers is the number of goroutines; 0 means GOMAXPROCS. The result does not depend on it.
	Workers int
}

// BadRow is a row that could not be read.
type BadRow struct {
	Line   int    `json:"line"` // in the file, from 1; for Parquet and Arrow the row number, from 1
	Reason string `json:"reason"`
}

// Inference says why a column has its kind.
type Inference struct {
	Column string `json:"column"`
	Kind   Kind   `json:"kind"`
	// Line and Text are the first cell that ruled out the kind that would otherwise have been
	// taken (numeric, boolean, time in that order); Line is 0 where none did.
	Line int    `json:"line,omitempty"`
	Text string `json:"text,omitempty"`
}

// ReadReport says how a file was read.
type ReadReport struct {
	Path      string      `json:"path"`
	Format    string      `json:"format"` // csv, jsonl, parquet, arrow
	Delimiter string      `json:"delimiter,omitempty"`
	Encoding  string      `json:"encoding,omitempty"` // utf-8, utf-16le, utf-16be, latin-1
	Rows      int         `json:"rows"`               // good rows
	BadTotal  int         `json:"bad_rows"`
	Bad       []BadRow    `json:"bad,omitempty"` // the first 20
	Inferred  []Inference `json:"inferred,omitempty"`
	Unknown   []string    `json:"unknown,omitempty"` // columns of the file that Schema does not have
	Absent    []string    `json:"absent,omitempty"`  // columns of Schema that the file does not have
	Digest    string      `json:"digest,omitempty"`  // sha256 of the file's bytes, hex
}

var errNotBuilt = errors.New("not built yet")

// Read reads a whole file; the format is told by its extension (.csv, .tsv, .txt, .jsonl,
// .ndjson, .parquet, .arrow, .feather, .ipc, each of the text formats also with .gz or .zst).
func Read(ctx context.Context, path string, o ReadOptions) (*Table, error) {
	return nil, errNotBuilt
}

// Reader yields a file batch by batch; it needs a fixed schema, so that memory stays bounded.
type Reader interface {
	// Next returns the next batch, or io.EOF after the last. Batches stay valid after the next call.
	Next() (*Batch, error)
	// Report is complete once Next has returned io.EOF.
	Report() *ReadReport
	Close() error
}

// Open starts reading a file under o.Schema, which must not be nil.
func Open(ctx context.Context, path string, o ReadOptions) (Reader, error) {
	return nil, errNotBuilt
}

// Writer writes batches of one schema to a file. Nothing stands at the path before Close has
// returned nil: it writes a temporary file beside it and renames.
type Writer interface {
	Write(*Batch) error
	// Close completes and renames the file; Abort removes it. Either may be called once.
	Close() error
	Abort()
}

// Create starts a file in the format told by the extension of path.
func Create(path string, s *Schema) (Writer, error) {
	return nil, errNotBuilt
}
