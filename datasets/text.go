package datasets

import (
	"math"
	"strconv"
	"time"
)

// The texts of values, as the text writers write them and as a typed cell is read where a text
// is wanted: a text that goes through Field.Parse gives the value back bit for bit.

// appendNumber appends the shortest text that reads back as x. Whole numbers are written
// without an exponent up to 1e21, as JSON does; 'g' would write a revenue of 1000000 as 1e+06.
func appendNumber(dst []byte, x float64) []byte {
	if i := int64(x); float64(i) == x && i > -1e15 && i < 1e15 && (i != 0 || !math.Signbit(x)) {
		return strconv.AppendInt(dst, i, 10)
	}
	if a := math.Abs(x); a >= 1e-6 && a < 1e21 || a == 0 {
		return strconv.AppendFloat(dst, x, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, x, 'e', -1, 64)
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// The years that texts can say: 0001-01-01 up to and including 9999-12-31, in microseconds.
var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
)

// appendTime appends the moment t in the field's layout, in UTC: 2026-01-31T23:59:59Z, or
// 31/01/2026 23:59:59. Microseconds follow where there are any. With dateOnly, midnight is
// written as the date alone.
func appendTime(dst []byte, t int64, layout string, dateOnly bool) []byte {
	day := t / microsPerDay
	if t%microsPerDay < 0 {
		day--
	}
	within := t - day*microsPerDay
	year, month, date := civil(day)
	if year < 0 || year > 9999 {
		return time.UnixMicro(t).UTC().AppendFormat(dst, time.RFC3339Nano)
	}
	iso := layout == "" || layout == "iso"
	switch layout {
	case "dd/mm/yyyy":
		dst = append(appendTwo(dst, date), '/')
		dst = append(appendTwo(dst, month), '/')
		dst = appendTwo(appendTwo(dst, year/100), year%100)
	case "mm/dd/yyyy":
		dst = append(appendTwo(dst, month), '/')
		dst = append(appendTwo(dst, date), '/')
		dst = appendTwo(appendTwo(dst, year/100), year%100)
	default:
		dst = append(appendTwo(appendTwo(dst, year/100), year%100), '-')
		dst = append(appendTwo(dst, month), '-')
		dst = appendTwo(dst, date)
	}
	if dateOnly && within == 0 {
		return dst
	}
	if iso {
		dst = append(dst, 'T')
	} else {
		dst = append(dst, ' ')
	}
	seconds, micros := int(within/1_000_000), int(within%1_000_000)
	dst = append(appendTwo(dst, seconds/3600), ':')
	dst = append(appendTwo(dst, seconds/60%60), ':')
	dst = appendTwo(dst, seconds%60)
	if micros != 0 {
		dst = append(dst, '.')
		dst = appendTwo(appendTwo(appendTwo(dst, micros/10_000), micros/100%100), micros%100)
	}
	if iso {
		dst = append(dst, 'Z')
	}
	return dst
}

// appendTime appends a moment as the field reads it back: of a field with a zone, whose layout would leave it
// out, with a Z.
func (f *Field) appendTime(dst []byte, t int64, dateOnly bool) []byte {
	start := len(dst)
	dst = appendTime(dst, t, f.Layout, dateOnly)
	if written := dst[start:]; f.Zone != "" && len(written) > len("31/12/2026") && written[len(written)-1] != 'Z' {
		dst = append(dst, 'Z')
	}
	return dst
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// civil turns days since 1970-01-01 into a date of the Gregorian calendar. The algorithm is
// Howard Hinnant's civil_from_days; time.Time.Date gives the same at five times the cost,
// which a file of ten million rows notices.
func civil(days int64) (year, month, day int) {
	z := days + 719_468
	era := z / 146_097
	if z < 0 {
		era = (z - 146_096) / 146_097
	}
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	if month > 12 {
		month -= 12
	}
	year = int(yoe + era*400)
	if month <= 2 {
		year++
	}
	return year, month, day
}

// String returns the text of the value: the shortest number, "true" or "false", the moment in ISO
// form, the level; "" where the cell is missing. Field.Parse of an iso field gives the value back.
func (v Value) String() string {
	var text [40]byte // enough for nearly all, so that the text is the one allocation
	switch v.Kind {
	case Numeric:
		return string(appendNumber(text[:0], v.Num))
	case Boolean:
		return strconv.FormatBool(v.Num == 1)
	case Time:
		return string(appendTime(text[:0], v.Time, "", true))
	}
	return v.Str
}
