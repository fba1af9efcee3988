package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// arrowFile reads an Arrow IPC file; its groups are the record batches. A record batch is read
// whole and let go after the last column that is wanted of it.
type arrowFile struct {
	os      *os.File
	schema  *arrow.Schema
	rows    []int
	load    func(group int) (arrow.Record, error)
	records []loadedRecord
	wanted  int // columns
}

type loadedRecord struct {
	once   sync.Once
	err    error
	mu     sync.Mutex
	record arrow.Record
	left   int // columns still to be opened
}

var arrowMagic = []byte("ARROW1")

// openArrow opens an Arrow file, in the file format or in the streaming format.
func openArrow(path string) (columnarFile, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	a := &arrowFile{os: f}
	if err := recovered(a.open); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("not a readable Arrow file: %w", err)
	}
	a.records = make([]loadedRecord, len(a.rows))
	return a, nil
}

func (a *arrowFile) open() error {
	info, err := a.os.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, len(arrowMagic))
	if _, err := a.os.ReadAt(head, 0); err != nil {
		return fmt.Errorf("the file is cut off: %w", err)
	}
	if !bytes.Equal(head, arrowMagic) {
		return a.openStream(info.Size())
	}
	if a.rows, err = checkArrowFile(a.os, info.Size()); err != nil {
		return err
	}
	r, err := ipc.NewFileReader(a.os, ipc.WithAllocator(&boundedMemory{}), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return err
	}
	a.schema, a.load = r.Schema(), r.RecordAt
	return nil
}

// openStream reads the streaming format, whose batches can only be had in order: all are kept.
func (a *arrowFile) openStream(size int64) (err error) {
	if a.rows, err = checkArrowStream(a.os, size); err != nil {
		return err
	}
	r, err := ipc.NewReader(io.NewSectionReader(a.os, 0, size), ipc.WithAllocator(&boundedMemory{}), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return err
	}
	a.schema = r.Schema()
	var records []arrow.Record
	for r.Next() {
		r.Record().Retain()
		records = append(records, r.Record())
	}
	if err := r.Err(); err != nil {
		return err
	}
	if len(records) != len(a.rows) {
		return fmt.Errorf("%d record batches where %d were counted", len(records), len(a.rows))
	}
	a.load = func(g int) (arrow.Record, error) { return records[g], nil }
	return nil
}

func (a *arrowFile) fields() []arrow.Field { return a.schema.Fields() }

func (a *arrowFile) groups() []int { return a.rows }

func (a *arrowFile) want(columns []int, _ []bool) error {
	a.wanted = len(columns)
	for i := range a.records {
		a.records[i].left = a.wanted
	}
	return nil
}

func (a *arrowFile) column(group, column int) (arrayReader, error) {
	r := &a.records[group]
	r.once.Do(func() {
		r.err = recovered(func() (err error) {
			r.record, err = a.load(group)
			return err
		})
	})
	if r.err != nil {
		return nil, r.err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record == nil {
		return nil, errors.New("opened twice")
	}
	c := &recordColumn{array: r.record.Column(column)}
	if r.left--; r.left == 0 {
		r.record = nil
	}
	return c, nil
}

func (a *arrowFile) Close() error { return a.os.Close() }

type recordColumn struct {
	array arrow.Array
	done  int
}

func (c *recordColumn) next(rows int) ([]arrow.Array, error) {
	if c.done+rows > c.array.Len() {
		return nil, fmt.Errorf("%d cells where %d are wanted", c.array.Len()-c.done, rows)
	}
	slice := array.NewSlice(c.array, int64(c.done), int64(c.done+rows))
	c.done += rows
	return []arrow.Array{slice}, nil
}

var _ columnarFile = (*arrowFile)(nil)
