package datasets

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// span is some rows of a batch on their way into one Arrow array.
type span struct {
	batch    *Batch
	from, to int
}

// arrowSchema gives every column the type that other programs expect for it: float64, bool,
// microseconds in UTC, and text. Categorical is text here as well; the Parquet writer encodes
// it by dictionary all the same.
func arrowSchema(s *Schema) *arrow.Schema {
	fields := make([]arrow.Field, len(s.Fields))
	for i, f := range s.Fields {
		fields[i] = arrow.Field{Name: f.Name, Type: arrowType(f.Kind), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func arrowType(k Kind) arrow.DataType {
	switch k {
	case Numeric:
		return arrow.PrimitiveTypes.Float64
	case Boolean:
		return arrow.FixedWidthTypes.Boolean
	case Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Categorical, Text:
		return arrow.BinaryTypes.String
	}
	return arrow.Null
}

// arrowColumn copies column i of the spans, rows cells in all, into one array. Missing cells
// are null.
func arrowColumn(f *Field, i int, spans []span, rows int) (arrow.Array, error) {
	a := arrayCells{field: f}
	a.reserve(rows)
	for _, s := range spans {
		if err := a.add(&s.batch.columns[i], s.from, s.to); err != nil {
			return nil, err
		}
	}
	return a.array(), nil
}

// textOf returns the text of a Categorical or Text cell, "" when missing.
func textOf(c *Column, row int) string {
	if c.Kind == Text {
		return c.Texts[row]
	}
	if k := c.Codes[row]; k >= 0 {
		return c.Levels[k]
	}
	return ""
}

// dictionaryColumn is arrowColumn for a Categorical column as codes and the levels that occur,
// in the order of their first row, so that the bytes do not depend on how rows were batched.
func dictionaryColumn(i int, spans []span, rows int) (arrow.Array, error) {
	var (
		valid   = make([]byte, bitutil.BytesForBits(int64(rows)))
		codes   = make([]int32, 0, rows)
		byText  = map[string]int32{}
		offsets = []int32{0}
		text    []byte
		nulls   int
		remap   []int32 // level of the batch to code, -1 where not met yet
		last    *string // first of the levels that remap belongs to
	)
	for _, s := range spans {
		c := &s.batch.columns[i]
		if len(c.Levels) != len(remap) || len(remap) > 0 && unsafe.SliceData(c.Levels) != last {
			remap = remap[:0]
			for range c.Levels {
				remap = append(remap, -1)
			}
			last = unsafe.SliceData(c.Levels)
		}
		for _, k := range c.Codes[s.from:s.to] {
			if k < 0 {
				nulls++
				codes = append(codes, 0)
				continue
			}
			code := remap[k]
			if code < 0 {
				level := c.Levels[k]
				known, ok := byText[level]
				if !ok {
					if len(text)+len(level) > math.MaxInt32 {
						return nil, fmt.Errorf("column %q holds more than 2 GiB of text in %d rows", s.batch.schema.Fields[i].Name, rows)
					}
					known = int32(len(byText))
					byText[level] = known
					text = append(text, level...)
					offsets = append(offsets, int32(len(text)))
				}
				code = known
				remap[k] = code
			}
			bitutil.SetBit(valid, len(codes))
			codes = append(codes, code)
		}
	}
	levels := array.NewData(arrow.BinaryTypes.String, len(byText),
		[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(text)}, nil, 0, 0)
	defer levels.Release()
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	data := array.NewDataWithDictionary(dt, rows,
		[]*memory.Buffer{memory.NewBufferBytes(valid), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(codes))}, nulls, 0, levels)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// A rowCutter gathers batches of any size into groups of exactly size rows (the last one may
// be smaller), so that a file's layout says nothing about how its rows arrived.
type rowCutter struct {
	size  int
	flush func(spans []span, rows int) error
	spans []span
	rows  int
}

func (c *rowCutter) add(b *Batch) error {
	for from := 0; from < b.rows; {
		n := min(c.size-c.rows, b.rows-from)
		c.spans = append(c.spans, span{b, from, from + n})
		c.rows += n
		from += n
		if c.rows == c.size {
			if err := c.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *rowCutter) end() error {
	if c.rows == 0 {
		return nil
	}
	err := c.flush(c.spans, c.rows)
	clear(c.spans)
	c.spans, c.rows = c.spans[:0], 0
	return err
}
