package datasets

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// maxKeptCells is the largest memory of a column that is kept from one encoder to the next, in bytes of text or of numbers.
const maxKeptCells = 2 << 20

var keptCells [Text + 1]sync.Pool // of *arrayCells, by kind

// takeCells makes an empty column, of kept memory if there is some.
func takeCells(f *Field) *arrayCells {
	a, ok := keptCells[f.Kind].Get().(*arrayCells)
	if !ok {
		a = &arrayCells{}
	}
	a.field = f
	return a
}

// keep gives the memory to the next takeCells; the cells are not to be used any more.
func (a *arrayCells) keep() {
	kind := a.field.Kind
	if a.reset(); cap(a.text) <= maxKeptCells && max(cap(a.numbers), cap(a.times), cap(a.offsets)) <= maxKeptCells/8 {
		a.field = nil
		keptCells[kind].Put(a)
	}
}

// arrayCells gathers the cells of one column, copied, for an Arrow array. The zero value but for field is empty.
type arrayCells struct {
	field       *Field
	rows, nulls int
	valid, bits []byte // a bit a row; bits of a Boolean column
	numbers     []float64
	times       []int64
	offsets     []int32 // rows + 1
	text        []byte
}

// reserve makes room for rows more; text grows as it comes.
func (a *arrayCells) reserve(rows int) {
	n := int(bitutil.BytesForBits(int64(a.rows+rows))) - len(a.valid)
	switch a.valid = room(a.valid, n); a.field.Kind {
	case Numeric:
		a.numbers = room(a.numbers, rows)
	case Boolean:
		a.bits = room(a.bits, n)
	case Time:
		a.times = room(a.times, rows)
	case Categorical, Text:
		a.offsets = room(a.offsets, rows+1)
	}
}

// room is slices.Grow that doubles: what is gathered in many steps is copied once on average, not four times.
func room[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return slices.Grow(s, max(n, cap(s)))
}

// add appends cells of a column. The error is that of a text that is too long for an array.
func (a *arrayCells) add(c *Column, from, to int) error {
	if a.field.Kind == Unknown {
		a.rows += to - from
		return nil
	}
	a.reserve(to - from)
	first := a.rows
	a.rows += to - from
	a.valid = extended(a.valid, a.rows)
	bitutil.SetBitsTo(a.valid, int64(first), int64(to-from), true)
	gone := func(i int) {
		bitutil.ClearBit(a.valid, first+i)
		a.nulls++
	}
	switch a.field.Kind {
	case Numeric:
		a.numbers = append(a.numbers, c.Numbers[from:to]...)
		for i, x := range c.Numbers[from:to] {
			if math.IsNaN(x) {
				gone(i)
			}
		}
	case Boolean:
		a.bits = extended(a.bits, a.rows)
		for i, x := range c.Numbers[from:to] {
			if x == 1 {
				bitutil.SetBit(a.bits, first+i)
			} else if math.IsNaN(x) {
				gone(i)
			}
		}
	case Time:
		a.times = append(a.times, c.Times[from:to]...)
		for i, t := range c.Times[from:to] {
			if t == MissingTime {
				gone(i)
			}
		}
	case Categorical, Text:
		return a.addTexts(c, from, to, gone)
	}
	return nil
}

func (a *arrayCells) addTexts(c *Column, from, to int, gone func(i int)) error {
	size := 0
	if c.Kind == Text {
		for _, cell := range c.Texts[from:to] {
			size += len(cell)
		}
	} else {
		for _, k := range c.Codes[from:to] {
			if k >= 0 {
				size += len(c.Levels[k])
			}
		}
	}
	if len(a.text)+size > math.MaxInt32 {
		return fmt.Errorf("column %q holds more than 2 GiB of text in %d rows", a.field.Name, a.rows)
	}
	a.text = room(a.text, size)
	if len(a.offsets) == 0 {
		a.offsets = append(a.offsets, 0)
	}
	offsets, text, end := a.offsets[len(a.offsets):a.rows+1], a.text[len(a.text):len(a.text)+size], len(a.text)
	for i := range offsets {
		cell := textOf(c, from+i)
		if cell == "" {
			gone(i)
		} else {
			text = text[copy(text, cell):]
		}
		end += len(cell)
		offsets[i] = int32(end)
	}
	a.offsets, a.text = a.offsets[:a.rows+1], a.text[:end]
	return nil
}

// extended is a bitmap with room for so many rows, the new bits 0.
func extended(bits []byte, rows int) []byte {
	before := len(bits)
	bits = room(bits, int(bitutil.BytesForBits(int64(rows)))-before)[:bitutil.BytesForBits(int64(rows))]
	clear(bits[before:])
	return bits
}

// array is the cells as an array, which shares their memory.
func (a *arrayCells) array() arrow.Array {
	var buffers []*memory.Buffer
	switch a.field.Kind {
	case Unknown:
		return array.NewNull(a.rows)
	case Numeric:
		buffers = []*memory.Buffer{memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(a.numbers))}
	case Boolean:
		buffers = []*memory.Buffer{memory.NewBufferBytes(a.bits)}
	case Time:
		buffers = []*memory.Buffer{memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(a.times))}
	case Categorical, Text:
		if len(a.offsets) == 0 {
			a.offsets = append(a.offsets, 0)
		}
		buffers = []*memory.Buffer{memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(a.offsets)), memory.NewBufferBytes(a.text)}
	}
	data := array.NewData(arrowType(a.field.Kind), a.rows, append([]*memory.Buffer{memory.NewBufferBytes(a.valid)}, buffers...), nil, a.nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

// reset makes it empty again. Arrays that were made of it must be out of use.
func (a *arrayCells) reset() {
	*a = arrayCells{field: a.field, valid: a.valid[:0], bits: a.bits[:0], numbers: a.numbers[:0], times: a.times[:0], offsets: a.offsets[:0], text: a.text[:0]}
}
