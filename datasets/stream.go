package datasets

import (
	"io"
	"strings"
)

// StreamOptions say how a stream of rows is read.
type StreamOptions struct {
	// Schema fixes names and kinds, as in ReadOptions; it must not be nil. Columns of it that the stream lacks are missing in every
	// row; those that are Required must be there.
	Schema *Schema
	// Skip names columns that nobody will look at, as in ReadOptions.
	Skip []string
	// MaxRow bounds one row, and the header, of a CSV stream, in bytes; 0 is 1 MiB.
	MaxRow int
	// MaxMessage bounds one message of an Arrow stream, in bytes, as it is sent and as it is unpacked, and all dictionaries that are
	// in force together; 0 is 64 MiB.
	MaxMessage int64
	// Eager: rows are given out as soon as they are there, because the sender may wait for an answer before it goes on. Else a
	// CSV stream is read in pieces of 128 KiB.
	Eager bool
}

// maxRecordRows bounds the rows of an Arrow record batch, which may have no bytes to tell their number by.
const maxRecordRows = 1 << 18

// StreamReader yields rows as they arrive. It belongs to one goroutine and starts none. Memory is bounded by the options, whatever
// the length of the stream.
type StreamReader interface {
	// Next returns the next rows, or io.EOF behind the last. Other errors of the stream itself are a *StreamError; those of the
	// io.Reader come as they are, wrapped.
	Next() (*Block, error)
	// Unknown are the columns of the stream that the schema does not have, in their order.
	Unknown() []string
}

// Block is some consecutive rows of a stream.
type Block struct {
	Rows    int       // the refused ones too
	Batch   *Batch    // the rows that were read, in order
	Refused []Refused // the others, by Row
	// Ends says that a record batch ends with these rows; always in CSV.
	Ends bool
}

// Refused is a row that could not be read.
type Refused struct {
	Row    int // in the block, from 0
	Why    Refusal
	Reason string
}

// Refusal is what kind of mistake a row has.
type Refusal uint8

const (
	// BadCell: a value that its column does not take, or that a Required column lacks.
	BadCell Refusal = iota
	// BadRecord: no row of the right number of cells can be made out, or it is no text.
	BadRecord
	// TooLarge: the row is larger than MaxRow.
	TooLarge
)

// StreamError is what makes the rest of a stream unreadable.
type StreamError struct {
	Reason string
	// TooLarge: a bound of the options is exceeded; the stream may be sound.
	TooLarge bool
}

func (e *StreamError) Error() string { return e.Reason }

// Encoder writes batches of one schema as a stream, into memory that the caller sends. It belongs to one goroutine. What is
// written begins with the header or the schema, and is whole after Close.
type Encoder interface {
	// Append adds rows, copied; they may come out with the next Cut only.
	Append(dst []byte, b *Batch) ([]byte, error)
	// Cut ends a record batch. It does nothing to CSV.
	Cut(dst []byte) ([]byte, error)
	// Close ends the stream.
	Close(dst []byte) ([]byte, error)
}

func (o StreamOptions) withDefaults() StreamOptions {
	if o.MaxRow <= 0 {
		o.MaxRow = 1 << 20
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = 64 << 20
	}
	o.Schema = o.Schema.blind(o.Skip)
	return o
}

// readSome reads at least one byte into the room behind buf, or returns why there is none.
func readSome(r io.Reader, buf []byte) ([]byte, error) {
	for range 100 {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if n > 0 || err != nil {
			return buf, err
		}
	}
	return buf, io.ErrNoProgress
}

// joined puts errors into one line.
func joined(errs []error) string {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}
