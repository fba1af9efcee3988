package datasets

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// naturalKind returns the kind of a column of that Arrow type when nobody asks for another.
// Durations and times of day are Numeric, in seconds. There is none for nested types.
func naturalKind(dt arrow.DataType) (Kind, bool) {
	switch dt := dt.(type) {
	case *arrow.NullType:
		return Unknown, true
	case *arrow.BooleanType:
		return Boolean, true
	case *arrow.TimestampType, *arrow.Date32Type, *arrow.Date64Type:
		return Time, true
	case *arrow.StringType, *arrow.LargeStringType, *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.StringViewType:
		return Categorical, true
	case *arrow.FixedSizeBinaryType:
		return Categorical, dt.ByteWidth == uuidBytes
	case *arrow.DictionaryType:
		if _, nested := dt.ValueType.(*arrow.DictionaryType); nested {
			return Unknown, false
		}
		return naturalKind(dt.ValueType)
	case *arrow.DurationType, *arrow.Time32Type, *arrow.Time64Type, *arrow.Float16Type, arrow.DecimalType:
		return Numeric, true
	}
	return Numeric, arrow.IsInteger(dt.ID()) || arrow.IsFloating(dt.ID())
}

// columnDecoder turns the Arrow arrays of one column into cells of the field's kind. It is for one
// goroutine and for arrays in file order.
type columnDecoder struct {
	schema *Schema
	column int
	field  *Field

	texts *texts
	// dictionary is the values that the entries from base on were made of; nil when the
	// entries belong to plain texts.
	dictionary arrow.Array
	base       int32
	plain      bool
	nulls      []float64
	// everyReason: bad cells all have a reason.
	everyReason bool
}

func newColumnDecoder(s *Schema, column int) *columnDecoder {
	return &columnDecoder{schema: s, column: column, field: &s.Fields[column], texts: newTexts(s, column), nulls: nullNumbers(s)}
}

// decode makes one batch column of rows cells.
func (d *columnDecoder) decode(arrays []arrow.Array, rows int) (Column, []badCell, error) {
	if d.plain { // levels of plain texts are those of one batch, or a file of ids would be kept whole
		d.texts, d.dictionary, d.base, d.plain = newTexts(d.schema, d.column), nil, 0, false
	}
	c := newCells(d.field, rows)
	c.nulls, c.every = d.nulls, d.everyReason
	for i, a := range arrays {
		if c.len()+a.Len() > rows {
			return Column{}, nil, fmt.Errorf("column %q has more cells than rows", d.field.Name)
		}
		d.append(c, a, i == 0)
	}
	if c.err != nil {
		return Column{}, nil, fmt.Errorf("column %q: %w", d.field.Name, c.err)
	}
	if c.kind != Unknown && c.len() != rows {
		return Column{}, nil, fmt.Errorf("column %q has %d cells for %d rows", d.field.Name, c.len(), rows)
	}
	return c.column(d.texts), c.bad, nil
}

func (d *columnDecoder) append(c *cells, a arrow.Array, first bool) {
	if d.field.Kind == Unknown {
		return
	}
	if dict, ok := a.(*array.Dictionary); ok {
		d.coded(c, dict, first)
		return
	}
	kind, _ := naturalKind(a.DataType())
	switch {
	case kind == Unknown:
		c.missing(a.Len())
	case kind == Categorical && d.field.Kind == Text:
		d.words(c, a, textAt(a))
	case kind == Categorical:
		d.byText(c, a, textAt(a))
	case d.field.Kind == Numeric:
		numbers(c, a)
	case d.field.Kind == Boolean && kind == Boolean:
		numbers(c, a)
	case d.field.Kind == Time && kind == Time:
		moments(c, a, d.field.Zone)
	default: // a number, yes/no or time where something else is wanted: its text is read
		if d.field.Kind == Text {
			d.words(c, a, formatAt(a))
			return
		}
		d.byText(c, a, formatAt(a))
	}
}

// words appends the cells of a Text column.
func (d *columnDecoder) words(c *cells, a arrow.Array, value func(int) string) {
	if s, ok := a.(*array.String); ok {
		c.text = room(c.text, len(s.ValueBytes()))
	}
	null := nullsOf(a)
	for i := range a.Len() {
		if null.at(i) {
			c.missing(1)
		} else {
			c.words(d.texts, value(i))
		}
	}
}

// byText appends cells by their plain texts.
func (d *columnDecoder) byText(c *cells, a arrow.Array, value func(int) string) {
	d.plain = true
	null := nullsOf(a)
	for i := range a.Len() {
		if null.at(i) {
			c.missing(1)
		} else {
			c.entry(d.texts, d.texts.find(value(i)))
		}
	}
}

// coded appends the cells of a dictionary array. As long as one dictionary continues the last
// one, as the row groups of a Parquet file do, each level is read once and all batches share
// their levels.
func (d *columnDecoder) coded(c *cells, a *array.Dictionary, first bool) {
	values := a.Dictionary()
	if kind, _ := naturalKind(values.DataType()); kind != Categorical || d.field.Kind == Text {
		d.decoded(c, a, kind)
		return
	}
	known := 0
	if d.dictionary != nil && continues(values, d.dictionary) {
		known = d.dictionary.Len()
	} else {
		if first {
			d.texts = newTexts(d.schema, d.column)
		}
		d.base = d.texts.entries()
	}
	text := textAt(values)
	for i := known; i < values.Len(); i++ {
		if values.IsNull(i) {
			d.texts.add("")
		} else {
			d.texts.add(text(i))
		}
	}
	d.dictionary = values
	for i := range a.Len() {
		if a.IsNull(i) {
			c.missing(1)
			continue
		}
		k := a.GetValueIndex(i)
		if k < 0 || k >= values.Len() {
			c.err = fmt.Errorf("code %d in a dictionary of %d", k, values.Len())
			return
		}
		c.entry(d.texts, d.base+int32(k))
	}
}

// decoded appends a dictionary array cell by cell: dictionaries of numbers and times, and Text.
func (d *columnDecoder) decoded(c *cells, a *array.Dictionary, kind Kind) {
	values := a.Dictionary()
	var text func(int) string
	if kind == Categorical {
		text = textAt(values)
	}
	for i := range a.Len() {
		if a.IsNull(i) {
			c.missing(1)
			continue
		}
		k := a.GetValueIndex(i)
		if k < 0 || k >= values.Len() {
			c.err = fmt.Errorf("code %d in a dictionary of %d", k, values.Len())
			return
		}
		switch {
		case values.IsNull(k):
			c.missing(1)
		case text != nil:
			c.words(d.texts, text(k))
		default:
			one := array.NewSlice(values, int64(k), int64(k)+1)
			d.append(c, one, false)
			one.Release()
		}
	}
}

// continues reports whether dictionary a begins with all values of b; false is always safe.
func continues(a, b arrow.Array) bool {
	if a.Len() < b.Len() || a.NullN() != 0 || b.NullN() != 0 {
		return false
	}
	switch a := a.(type) {
	case *array.String:
		b, ok := b.(*array.String)
		return ok && (b.Len() == 0 || bytes.HasPrefix(a.ValueBytes(), b.ValueBytes()) && sameSteps(a.ValueOffsets(), b.ValueOffsets()))
	case *array.Binary:
		b, ok := b.(*array.Binary)
		return ok && (b.Len() == 0 || bytes.HasPrefix(a.ValueBytes(), b.ValueBytes()) && sameSteps(a.ValueOffsets(), b.ValueOffsets()))
	}
	return false
}

func sameSteps(a, b []int32) bool {
	for i := range b {
		if a[i]-a[0] != b[i]-b[0] {
			return false
		}
	}
	return true
}
