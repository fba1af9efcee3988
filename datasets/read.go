package datasets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
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
	// Force fixes the kind (and layout, decimal comma) of single columns by name; the rest is
	// inferred. A Force of Unknown kind leaves the kind to be inferred and settles only what
	// would be ambiguous. It is not looked at when Schema is set.
	Force map[string]Field
	// Skip names columns that nobody will look at. They stay in the table's schema, of Unknown kind
	// and with every cell missing: what stands in them is not parsed, rules out no kind, makes no row bad
	// and asks no question. Skip goes before Schema and Force; names that the file does not have do no harm.
	Skip []string
	// BadRows is the policy; MaxBadRows bounds SkipBadRows (0: no bound).
	BadRows    BadRows
	MaxBadRows int
	// Zone is the Field.Zone of all times whose kind is inferred, or forced without one.
	Zone string
	// Workers is the number of goroutines; 0 means GOMAXPROCS. The result does not depend on it.
	Workers int

	// For tests: the size of the pieces that are parsed in parallel, and of the head that the
	// delimiter and the first guess of the kinds come from; 0 is the default of each.
	chunkSize, headSize int

	describe bool // of InferSchema: a column that cannot be read is of Unknown kind, and no error
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
	// Layout and DecimalComma say how the texts of the column are read, as in Field.
	Layout       string `json:"layout,omitempty"`
	DecimalComma bool   `json:"decimal_comma,omitempty"`
	// Line and Text are the first cell that ruled out the kind that would otherwise have been
	// taken (numeric, boolean, time in that order); for a layout or a decimal comma, the other
	// way of reading. For a Categorical column it is the cell that ended the last of the others:
	// line 17, "n/a" says that all was numeric up to line 16. Line is 0 where nothing was ruled out.
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
	Zones     []ZoneCount `json:"zones,omitempty"`   // of the columns with times of day; in Parquet and Arrow files rows are counted
	Digest    string      `json:"digest,omitempty"`  // sha256 of the file's bytes, hex
}

// Read reads a whole file; the format is told by its extension (.csv, .tsv, .txt, .jsonl,
// .ndjson, .parquet, .arrow, .feather, .ipc, each of the text formats also with .gz or .zst).
//
// An error of many rows is a *BadRowsError, one of columns that can be read in two ways an
// *AmbiguousError. Every error names the file.
func Read(ctx context.Context, path string, o ReadOptions) (*Table, error) {
	format, err := formatOf(path)
	o.Schema = o.Schema.blind(o.Skip)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	case format == formatColumnar:
		return readColumnar(ctx, path, o)
	}
	return readText(ctx, path, format, &o)
}

// Reader yields a file batch by batch; it needs a fixed schema, so that memory stays bounded.
type Reader interface {
	// Next returns the next batch, or io.EOF after the last. Batches stay valid after the next call.
	Next() (*Batch, error)
	// Report is complete once Next has returned io.EOF.
	Report() *ReadReport
	Close() error
}

// Open starts reading a file under o.Schema, which must not be nil. Memory is bounded whatever the
// size of the file. With FailOnBadRows the batches before the first bad row are given out; then Next
// reads on to the end of the file, for the number of bad rows, and returns a *BadRowsError.
// The report has no digest.
func Open(ctx context.Context, path string, o ReadOptions) (Reader, error) {
	format, err := formatOf(path)
	o.Schema = o.Schema.blind(o.Skip)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	case o.Schema == nil:
		return nil, fmt.Errorf("reading %s: reading batch by batch needs a schema", path)
	case format == formatColumnar:
		return openColumnar(ctx, path, o)
	}
	return openTextReader(ctx, path, format, &o)
}

// formatColumnar stands for the formats that are not text.
const formatColumnar = "columnar"

// formatOf tells the format by the extension.
func formatOf(path string) (string, error) {
	name := strings.ToLower(filepath.Base(path))
	plain, zipped := strings.CutSuffix(name, ".gz")
	if !zipped {
		plain, zipped = strings.CutSuffix(name, ".zst")
	}
	switch ext := filepath.Ext(plain); ext {
	case ".csv", ".tsv", ".txt":
		return formatCSV, nil
	case ".jsonl", ".ndjson":
		return formatJSONL, nil
	case ".parquet", ".arrow", ".feather", ".ipc":
		if zipped {
			return "", fmt.Errorf("%s files are compressed inside; unpack it first", ext)
		}
		return formatColumnar, nil
	case "":
		return "", errors.New("the name has no extension to tell the format by; want " + readableFormats)
	default:
		return "", fmt.Errorf("unknown format %q; want %s", ext, readableFormats)
	}
}

const readableFormats = ".csv, .tsv, .txt, .jsonl or .ndjson (each also with .gz or .zst), .parquet, .arrow, .feather or .ipc"

// Writer writes batches of one schema to a file. Nothing stands at the path before Close has
// returned nil: it writes a temporary file beside it and renames.
type Writer interface {
	Write(*Batch) error
	// Close completes and renames the file; Abort removes it. Either may be called once.
	Close() error
	Abort()
}
