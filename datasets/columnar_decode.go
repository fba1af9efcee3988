package datasets

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

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
	c.nulls = d.nulls
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
		value := textAt(a)
		for i := range a.Len() {
			if a.IsNull(i) {
				c.missing(1)
			} else {
				c.words(d.texts, value(i))
			}
		}
	case kind == Categorical:
		d.byText(c, a.Len(), a.IsNull, textAt(a))
	case d.field.Kind == Numeric:
		numbers(c, a)
	case d.field.Kind == Boolean && kind == Boolean:
		numbers(c, a)
	case d.field.Kind == Time && kind == Time:
		moments(c, a)
	default: // a number, yes/no or time where something else is wanted: its text is read
		value := formatAt(a)
		if d.field.Kind == Text {
			for i := range a.Len() {
				if a.IsNull(i) {
					c.missing(1)
				} else {
					c.words(d.texts, value(i))
				}
			}
			return
		}
		d.byText(c, a.Len(), a.IsNull, value)
	}
}

// byText appends cells by their plain texts.
func (d *columnDecoder) byText(c *cells, n int, null func(int) bool, value func(int) string) {
	d.plain = true
	for i := range n {
		if null(i) {
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

const uuidBytes = 16

// textAt returns a function that views the text of a cell of a string, binary or UUID array.
func textAt(a arrow.Array) func(int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value
	case *array.LargeString:
		return a.Value
	case *array.StringView:
		return a.Value
	case *array.Binary:
		return func(i int) string { return view(a.Value(i)) }
	case *array.LargeBinary:
		return func(i int) string { return view(a.Value(i)) }
	case *array.FixedSizeBinary:
		return func(i int) string {
			b := a.Value(i)
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:uuidBytes])
		}
	}
	panic("no texts in a column of " + a.DataType().String())
}

// formatAt returns a function that writes a cell of an array of numbers, yes/no or times as
// its shortest text: 1, true, 2026-01-02. Whole numbers keep all their digits: ids of 18 digits
// do not fit a float64.
func formatAt(a arrow.Array) func(int) string {
	switch t := a.DataType().(type) {
	case *arrow.BooleanType:
		return func(i int) string { return strconv.FormatBool(a.(*array.Boolean).Value(i)) }
	case *arrow.TimestampType, *arrow.Date32Type, *arrow.Date64Type:
		return func(i int) string {
			one := array.NewSlice(a, int64(i), int64(i)+1)
			defer one.Release()
			c := newCells(&Field{Kind: Time}, 1)
			moments(c, one)
			if len(c.bad) > 0 {
				return one.ValueStr(0)
			}
			return string(appendTime(nil, c.out.Times[0], "", true))
		}
	case arrow.DecimalType:
		digits := decimalAt(a)
		return func(i int) string {
			s := digits(i)
			if strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			return s
		}
	default:
		if arrow.IsInteger(t.ID()) {
			return a.ValueStr
		}
		return func(i int) string {
			one := array.NewSlice(a, int64(i), int64(i)+1)
			defer one.Release()
			c := newCells(&Field{Kind: Numeric}, 1)
			numbers(c, one)
			if len(c.bad) > 0 {
				return one.ValueStr(0)
			}
			if math.IsNaN(c.out.Numbers[0]) {
				return ""
			}
			return string(appendNumber(nil, c.out.Numbers[0]))
		}
	}
}

// numbers appends an array of numbers or yes/no to a Numeric or Boolean column. Whole numbers
// beyond 2^53 are rounded, as every reader into floating point does.
func numbers(c *cells, a arrow.Array) {
	switch a := a.(type) {
	case *array.Float64:
		for i, x := range a.Float64Values() {
			c.numberOr(a, i, x)
		}
	case *array.Float32:
		for i, x := range a.Float32Values() {
			c.numberOr(a, i, float64(x))
		}
	case *array.Int64:
		for i, x := range a.Int64Values() {
			c.numberOr(a, i, float64(x))
		}
	case *array.Int32:
		for i, x := range a.Int32Values() {
			c.numberOr(a, i, float64(x))
		}
	case *array.Boolean:
		for i := range a.Len() {
			x := 0.0
			if a.Value(i) {
				x = 1
			}
			c.numberOr(a, i, x)
		}
	default:
		value := numberAt(a)
		for i := range a.Len() {
			if a.IsNull(i) {
				c.missing(1)
			} else {
				c.number(value(i))
			}
		}
	}
}

func (c *cells) numberOr(a arrow.Array, i int, x float64) {
	if a.IsNull(i) {
		c.out.Numbers = append(c.out.Numbers, math.NaN())
	} else {
		c.number(x)
	}
}

// numberAt covers the rarer types of numbers.
func numberAt(a arrow.Array) func(int) float64 {
	perSecond := func(u arrow.TimeUnit) float64 { return float64(unitsPerSecond(u)) }
	switch a := a.(type) {
	case *array.Int8:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Int16:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Uint8:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Uint16:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Uint32:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Uint64:
		return func(i int) float64 { return float64(a.Value(i)) }
	case *array.Float16:
		return func(i int) float64 { return float64(a.Value(i).Float32()) }
	case *array.Decimal128, *array.Decimal256:
		digits := decimalAt(a)
		return func(i int) float64 { return exactDecimal(digits(i)) }
	case *array.Duration:
		u := perSecond(a.DataType().(*arrow.DurationType).Unit)
		return func(i int) float64 { return float64(a.Value(i)) / u }
	case *array.Time32:
		u := perSecond(a.DataType().(*arrow.Time32Type).Unit)
		return func(i int) float64 { return float64(a.Value(i)) / u }
	case *array.Time64:
		u := perSecond(a.DataType().(*arrow.Time64Type).Unit)
		return func(i int) float64 { return float64(a.Value(i)) / u }
	}
	panic("no numbers in a column of " + a.DataType().String())
}

// decimalAt returns a function that writes a decimal with all its digits.
func decimalAt(a arrow.Array) func(int) string {
	scale := a.DataType().(arrow.DecimalType).GetScale()
	switch a := a.(type) {
	case *array.Decimal128:
		return func(i int) string { return a.Value(i).ToString(scale) }
	case *array.Decimal256:
		return func(i int) string { return a.Value(i).ToString(scale) }
	}
	panic("no decimals in a column of " + a.DataType().String())
}

// exactDecimal rounds a decimal once, from its digits; scaling it as a float rounds twice, so
// that 0.07 from a decimal column would differ from 0.07 in a CSV file.
func exactDecimal(digits string) float64 {
	x, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return math.Inf(1)
	}
	return x
}

func unitsPerSecond(u arrow.TimeUnit) int64 {
	switch u {
	case arrow.Second:
		return 1
	case arrow.Millisecond:
		return 1000
	case arrow.Microsecond:
		return 1_000_000
	}
	return 1_000_000_000
}

// moments appends an array of timestamps or dates to a Time column. A timestamp without a zone
// is UTC.
func moments(c *cells, a arrow.Array) {
	put := func(i int, count, perSecond int64) {
		if a.IsNull(i) {
			c.missing(1)
		} else {
			c.moment(count, perSecond)
		}
	}
	switch a := a.(type) {
	case *array.Timestamp:
		unit := unitsPerSecond(a.DataType().(*arrow.TimestampType).Unit)
		for i, v := range a.TimestampValues() {
			put(i, int64(v), unit)
		}
	case *array.Date32:
		for i, v := range a.Date32Values() {
			put(i, int64(v), -24*60*60)
		}
	case *array.Date64:
		for i, v := range a.Date64Values() {
			put(i, int64(v), 1000)
		}
	}
}
