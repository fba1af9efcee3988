package datasets

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

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
			moments(c, one, "")
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
		appendNumbers(c, a, a.Float64Values())
	case *array.Float32:
		appendNumbers(c, a, a.Float32Values())
	case *array.Int64:
		appendNumbers(c, a, a.Int64Values())
	case *array.Int32:
		appendNumbers(c, a, a.Int32Values())
	case *array.Boolean:
		null := nullsOf(a)
		for i := range a.Len() {
			switch {
			case null.at(i):
				c.missing(1)
			case a.Value(i):
				c.number(1)
			default:
				c.number(0)
			}
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

func appendNumbers[T float64 | float32 | int64 | int32](c *cells, a arrow.Array, values []T) {
	null := nullsOf(a)
	for i, x := range values {
		if null.at(i) {
			c.out.Numbers = append(c.out.Numbers, math.NaN())
		} else {
			c.number(float64(x))
		}
	}
}

// nulls are the missing cells of an array, asked without a call by its interface.
type nulls struct {
	valid  []byte // empty: none is missing
	offset int
}

func nullsOf(a arrow.Array) nulls { return nulls{a.NullBitmapBytes(), a.Data().Offset()} }

func (n nulls) at(i int) bool {
	return len(n.valid) > 0 && !bitutil.BitIsSet(n.valid, n.offset+i)
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

// moments appends an array of timestamps or dates to a Time column. A timestamp without a zone is the
// reading of a clock in the given one.
func moments(c *cells, a arrow.Array, zone string) {
	switch a := a.(type) {
	case *array.Timestamp:
		dt := a.DataType().(*arrow.TimestampType)
		if dt.TimeZone != "" {
			zone = ""
		}
		c.zone = zone
		appendMoments(c, a, a.TimestampValues(), unitsPerSecond(dt.Unit))
		c.zone = ""
	case *array.Date32:
		appendMoments(c, a, a.Date32Values(), -24*60*60)
	case *array.Date64:
		appendMoments(c, a, a.Date64Values(), 1000)
	}
}

func appendMoments[T ~int64 | ~int32](c *cells, a arrow.Array, values []T, perSecond int64) {
	null := nullsOf(a)
	for i, count := range values {
		switch {
		case null.at(i):
			c.out.Times = append(c.out.Times, MissingTime)
		case perSecond == 1_000_000 && c.zone == "" && int64(count) >= firstMoment && int64(count) <= lastMoment:
			c.out.Times = append(c.out.Times, int64(count))
		default:
			c.moment(int64(count), perSecond)
		}
	}
}
