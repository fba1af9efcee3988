package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// parquetFile reads Parquet column by column. pqarrow's own ReadTable and record readers start
// goroutines in which a panic on damaged data could not be recovered; GetFieldReader does not.
type parquetFile struct {
	os     *os.File
	file   *file.Reader
	reader *pqarrow.FileReader
	rows   []int
}

// maxGroupRows bounds what a row group may claim to hold. No program writes such a group; a
// damaged number would keep this one counting.
const maxGroupRows = 1 << 36

func openParquet(path string) (columnarFile, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	p := &parquetFile{os: f}
	if err := recovered(p.open); err != nil {
		_ = f.Close()
		return nil, err
	}
	return p, nil
}

func (p *parquetFile) open() error {
	info, err := p.os.Stat()
	if err != nil {
		return err
	}
	props := parquet.NewReaderProperties(&boundedMemory{})
	props.BufferedStreamEnabled = true // pages as they are needed, not whole columns
	props.BufferSize = min(256<<10, info.Size())
	if p.file, err = file.NewParquetReader(p.os, file.WithReadProps(props)); err != nil {
		return fmt.Errorf("not a readable Parquet file: %w", err)
	}
	// What the writing program thought of its types (dictionaries, large and view strings) does
	// not matter here, and this version cannot build all of them.
	p.file.MetaData().FileMetaData.KeyValueMetadata = nil
	for g := range p.file.NumRowGroups() {
		rows := p.file.MetaData().RowGroups[g].GetNumRows()
		if rows < 0 || rows > maxGroupRows {
			return fmt.Errorf("damaged data: a row group of %d rows", rows)
		}
		p.rows = append(p.rows, int(rows))
	}
	p.reader, err = pqarrow.NewFileReader(p.file, pqarrow.ArrowReadProperties{}, &boundedMemory{})
	return err
}

func (p *parquetFile) fields() []arrow.Field {
	fields := make([]arrow.Field, len(p.reader.Manifest.Fields))
	for i := range fields {
		fields[i] = *p.reader.Manifest.Fields[i].Field
	}
	return fields
}

func (p *parquetFile) groups() []int { return p.rows }

func (p *parquetFile) want(columns []int, coded []bool) (err error) {
	props := pqarrow.ArrowReadProperties{}
	for i, c := range columns {
		if coded[i] {
			props.SetReadDict(p.reader.Manifest.Fields[c].ColIndex, true)
		}
	}
	p.reader, err = pqarrow.NewFileReader(p.file, props, &boundedMemory{})
	return err
}

func (p *parquetFile) column(group, column int) (arrayReader, error) {
	leaf := p.reader.Manifest.Fields[column].ColIndex
	if err := p.checkDictionary(group, leaf); err != nil {
		return nil, err
	}
	r, err := p.reader.GetFieldReader(context.Background(), column, map[int]bool{leaf: true}, []int{group})
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, errors.New("the row group does not have it")
	}
	return &parquetColumn{r: r}, nil
}

// checkDictionary refuses a dictionary page that claims more values than its bytes can hold:
// the library makes room for all of them before it looks. The page is unpacked twice for it.
func (p *parquetFile) checkDictionary(group, leaf int) error {
	pages, err := p.file.RowGroup(group).GetColumnPageReader(leaf)
	if err != nil {
		return err
	}
	if !pages.Next() {
		return pages.Err()
	}
	page, ok := pages.Page().(*file.DictionaryPage)
	if !ok {
		return nil
	}
	width := 4 // the length before each text
	column := p.file.MetaData().Schema.Column(leaf)
	switch column.PhysicalType() {
	case parquet.Types.ByteArray, parquet.Types.Boolean:
	case parquet.Types.FixedLenByteArray:
		width = column.TypeLength()
	default:
		width = column.PhysicalType().ByteSize()
	}
	if n := int64(page.NumValues()); n*int64(width) > int64(len(page.Data())) {
		return fmt.Errorf("a dictionary of %d values in %d bytes", n, len(page.Data()))
	}
	return nil
}

func (p *parquetFile) Close() error { return p.os.Close() }

type parquetColumn struct{ r *pqarrow.ColumnReader }

func (c *parquetColumn) next(rows int) ([]arrow.Array, error) {
	chunked, err := c.r.NextBatch(int64(rows))
	if err != nil {
		return nil, err
	}
	return chunked.Chunks(), nil
}

// openPlain opens a file and refuses directories and devices.
func openPlain(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err // the caller names the file
		}
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("not a plain file")
	case info.Size() == 0:
		err = errors.New("the file is empty")
	default:
		return f, nil
	}
	_ = f.Close()
	return nil, err
}

// maxBuffer is the largest single buffer that a file may ask for.
const maxBuffer = 1 << 30

// boundedMemory is Arrow's allocator with a limit, so that a length in a damaged file becomes
// an error (by way of recovered) and does not bring the process down.
type boundedMemory struct{ memory.GoAllocator }

func (m *boundedMemory) Allocate(size int) []byte {
	if size > maxBuffer {
		panic(fmt.Errorf("a buffer of %d bytes is over the limit of %d", size, maxBuffer))
	}
	return m.GoAllocator.Allocate(size)
}

func (m *boundedMemory) Reallocate(size int, b []byte) []byte {
	if size > maxBuffer {
		panic(fmt.Errorf("a buffer of %d bytes is over the limit of %d", size, maxBuffer))
	}
	return m.GoAllocator.Reallocate(size, b)
}

var (
	_ columnarFile = (*parquetFile)(nil)
)
