package datasets

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestParseNumber(t *testing.T) {
	bad := math.NaN() // stands for: not a number
	for _, c := range []struct {
		text         string
		point, comma float64
	}{
		{"0", 0, 0}, {"7", 7, 7}, {"-7", -7, -7}, {"+7", 7, 7}, {"007", 7, 7},
		{"1.5", 1.5, bad}, {"1,5", bad, 1.5}, {".5", 0.5, bad}, {"5.", 5, bad}, {",5", bad, 0.5},
		{"1,234", 1234, 1.234}, {"1.234", 1.234, 1234}, {"0,123", bad, 0.123}, {"0.123", 0.123, bad},
		{"1,234,567", 1234567, bad}, {"1.234.567", bad, 1234567},
		{"1,234.5", 1234.5, bad}, {"1.234,5", bad, 1234.5}, {"12,345.678", 12345.678, bad},
		{"1234,567", bad, 1234.567}, {"1,23,456", bad, bad}, {"12,34", bad, 12.34}, {"1,2345", bad, 1.2345},
		{"-1,234.5", -1234.5, bad}, {"1,234.", 1234, bad}, {"1,,234", bad, bad}, {"1,234,", bad, bad},
		{"1e3", 1000, 1000}, {"1E3", 1000, 1000}, {"2.5e-3", 0.0025, bad}, {"2,5e-3", bad, 0.0025}, {"1,234e2", bad, 123.4},
		{"1e", bad, bad}, {"e5", bad, bad}, {"1e+", bad, bad}, {"1e5.5", bad, bad},
		{"", bad, bad}, {"-", bad, bad}, {".", bad, bad}, {"-.", bad, bad}, {"--1", bad, bad}, {"1-", bad, bad},
		{"inf", bad, bad}, {"-Inf", bad, bad}, {"nan", bad, bad}, {"NaN", bad, bad}, {"Infinity", bad, bad}, {"1e400", bad, bad},
		{"0x10", bad, bad}, {"0x1p4", bad, bad}, {"1_000", bad, bad}, {"1 000", bad, bad}, {"1'000", bad, bad},
		{"12%", bad, bad}, {"$5", bad, bad}, {"5€", bad, bad}, {"٣", bad, bad}, {"１", bad, bad},
		{"1e-400", 0, 0}, {"18446744073709551617", 18446744073709551617, 18446744073709551617}, {"9007199254740993", 9007199254740992, 9007199254740992},
		{"0.1", 0.1, bad}, {"0.30000000000000004", 0.30000000000000004, bad},
		{"123456789012345678901234567890", 123456789012345678901234567890, 123456789012345678901234567890},
	} {
		for _, way := range []struct {
			comma bool
			want  float64
		}{{false, c.point}, {true, c.comma}} {
			x, shape := parseNumber(c.text, way.comma)
			if ok := shape != notNumber; ok == math.IsNaN(way.want) || ok && x != way.want {
				t.Errorf("parseNumber(%q, comma %v) = %v, %v; want %v", c.text, way.comma, x, ok, way.want)
			}
		}
	}
}

// FuzzParseNumber holds parseNumber to strconv.ParseFloat on what both take, bit for bit, and
// the two decimal separators to each other.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1", "-0", "1.5", "1,234.5", "1e-7", "0x1p-2", "inf", "1_0", "9007199254740993", "2.2250738585072011e-308", "179769313486231580793e289", "1.7976931348623159e308", "8.41e21", "0.000001"} {
		f.Add(s)
	}
	swap := strings.NewReplacer(".", ",", ",", ".")
	f.Fuzz(func(t *testing.T, s string) {
		x, shape := parseNumber(s, false)
		y, mirrored := parseNumber(swap.Replace(s), true)
		if shape != mirrored || math.Float64bits(x) != math.Float64bits(y) {
			t.Fatalf("%q: %v with a point, %v with a comma", s, x, y)
		}
		want, err := strconv.ParseFloat(s, 64)
		plain := strings.Trim(s, "0123456789+-.eE") == ""
		if plain && (err == nil) != (shape != notNumber) {
			t.Fatalf("%q: strconv says %v, we %v", s, err, shape)
		}
		if shape == notNumber {
			return
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%q is %v", s, x)
		}
		if !plain {
			want, err = strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
		}
		if err != nil || math.Float64bits(want) != math.Float64bits(x) {
			t.Fatalf("%q: %v, want %v (%v)", s, x, want, err)
		}
	})
}

func TestParseNumberIsCorrectlyRounded(t *testing.T) {
	for _, digits := range []string{"1", "12345", "123456789012345", "9007199254740991", "9007199254740993", "1234567890123456789", "12345678901234567890123"} {
		for point := range len(digits) {
			s := digits[:point] + "." + digits[point:]
			want, _ := strconv.ParseFloat(s, 64)
			if got, shape := parseNumber(s, false); shape == notNumber || got != want {
				t.Errorf("%s is %v, want %v", s, got, want)
			}
		}
		for zeros := range 40 {
			s := "0." + strings.Repeat("0", zeros) + digits
			want, _ := strconv.ParseFloat(s, 64)
			if got, shape := parseNumber(s, false); shape == notNumber || got != want {
				t.Errorf("%s is %v, want %v", s, got, want)
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	const none = ""
	for _, c := range []struct{ text, iso, dmy, mdy string }{
		{"2024-02-29", "2024-02-29T00:00:00Z", none, none},
		{"2023-02-29", none, none, none},
		{"1900-02-29", none, none, none},
		{"2000-02-29", "2000-02-29T00:00:00Z", none, none},
		{"2024/1/5", "2024-01-05T00:00:00Z", none, none},
		{"2024-01-31T23:59:59Z", "2024-01-31T23:59:59Z", none, none},
		{"2024-01-31 23:59", "2024-01-31T23:59:00Z", none, none},
		{"2024-01-31T23:59:59.123456789+02:00", "2024-01-31T21:59:59.123456Z", none, none},
		{"2024-01-31 23:59:59 UTC", "2024-01-31T23:59:59Z", none, none},
		{"2024-01-31T00:30:00-0130", "2024-01-31T02:00:00Z", none, none},
		{"2024-01-31 00:30:00+05", "2024-01-30T19:30:00Z", none, none},
		{"0001-01-01", "0001-01-01T00:00:00Z", none, none},
		{"0001-01-01T00:00+01", none, none, none},
		{"9999-12-31T23:59:59", "9999-12-31T23:59:59Z", none, none},
		{"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", none, none},
		{"0000-01-01", none, none, none},
		{"31/01/2024", none, "2024-01-31T00:00:00Z", none},
		{"01/31/2024", none, none, "2024-01-31T00:00:00Z"},
		{"03/04/2024", none, "2024-04-03T00:00:00Z", "2024-03-04T00:00:00Z"},
		{"3.4.2024 7:05", none, "2024-04-03T07:05:00Z", "2024-03-04T07:05:00Z"},
		{"3-4-2024 12:00 AM", none, "2024-04-03T00:00:00Z", "2024-03-04T00:00:00Z"},
		{"12/1/2024 12:30:15 pm", none, "2024-01-12T12:30:15Z", "2024-12-01T12:30:15Z"},
		{"3-4-2024 11:59PM", none, "2024-04-03T23:59:00Z", "2024-03-04T23:59:00Z"},
		{"3/4-2024", none, none, none}, {"3/4/24", none, none, none}, {"13/13/2024", none, none, none},
		{"31/04/2024", none, none, none}, {"0/1/2024", none, none, none}, {"1/2/20245", none, none, none},
		{"2024-01-31 24:00", none, none, none}, {"2024-01-31 23:60", none, none, none}, {"2024-01-31 23:59:60", none, none, none},
		{"2024-01-31 13:00 pm", none, none, none}, {"2024-01-31 ", none, none, none}, {"2024-01-31T", none, none, none},
		{"2024-01-31 12", none, none, none}, {"2024-01-31 12:00 CET", none, none, none}, {"2024-01-31T12:00:00.", none, none, none},
		{"2024-1", none, none, none}, {"20240131", none, none, none}, {"2024-001-01", none, none, none}, {"x024-01-01", none, none, none},
		{"2024-01-31T12:00:00+2", none, none, none}, {"2024-01-31T12:00:00+02:0", none, none, none}, {"2024-01-31T12:00:00+99:00", none, none, none},
	} {
		for _, way := range []struct{ layout, want string }{{"iso", c.iso}, {"", c.iso}, {"dd/mm/yyyy", c.dmy}, {"mm/dd/yyyy", c.mdy}} {
			micros, _, ok := parseTime(c.text, way.layout, "")
			got := none
			if ok {
				got = time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
			}
			if got != way.want {
				t.Errorf("parseTime(%q, %q) = %q, want %q", c.text, way.layout, got, way.want)
			}
		}
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for day.Year() < 10_000 {
		y, m, d := day.Date()
		if got, want := daysSince1970(y, int(m), d), day.Unix()/86_400; got != want {
			t.Fatalf("%v is day %d, want %d", day, got, want)
		}
		if d > daysIn(y, int(m)) {
			t.Fatalf("%v: the month has %d days", day, daysIn(y, int(m)))
		}
		day = day.AddDate(0, 0, 1)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-01-31T23:59:59.5+02:00", "3.4.2024 7:05 PM", "2024/1/5", "0001-01-01 00:00 UTC"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, layout := range []string{layoutISO, layoutDMY, layoutMDY} {
			at, _, ok := parseTime(s, layout, "")
			if !ok {
				continue
			}
			if at < firstMoment || at > lastMoment {
				t.Fatalf("%q is outside the years 1 to 9999", s)
			}
			if again, _, ok := parseTime(string(appendTime(nil, at, layout, false)), layout, ""); !ok || again != at {
				t.Fatalf("%q is %d, written and read again %d", s, at, again)
			}
		}
	})
}

func TestParseBool(t *testing.T) {
	for s, want := range map[string]float64{"true": 1, "TRUE": 1, "Yes": 1, "y": 1, "Y": 1, "false": 0, "False": 0, "no": 0, "NO": 0, "n": 0} {
		if x, ok := parseBool(s); !ok || x != want {
			t.Errorf("parseBool(%q) = %v, %v", s, x, ok)
		}
	}
	for _, s := range []string{"", "1", "0", "on", "off", "yep", "truth", "fals", "nay", "t", "f", "ye", "ja"} {
		if x, ok := parseBool(s); ok {
			t.Errorf("parseBool(%q) = %v", s, x)
		}
	}
}

var everyKind = &Schema{
	Fields: []Field{
		{Name: "employees", Kind: Numeric}, {Name: "revenue", Kind: Numeric, DecimalComma: true}, {Name: "mail", Kind: Boolean},
		{Name: "created", Kind: Time, Layout: layoutDMY}, {Name: "source", Kind: Categorical}, {Name: "id", Kind: Text}, {Name: "empty"},
	},
	Nulls: []string{"", "NA", "Select", "-1"},
}

func TestSchemaParse(t *testing.T) {
	day := at("2024-04-03T00:00:00Z")
	for _, c := range []struct {
		column string
		text   string
		want   Value
		err    string // part of the message
	}{
		{"employees", " 12 ", Number(12), ""},
		{"employees", "NA", Value{}, ""}, {"employees", " Select", Value{}, ""}, {"employees", "", Value{}, ""}, {"employees", "-1", Value{}, ""},
		{"employees", "n/a", Value{}, `column "employees": not a number: "n/a"; want digits with a decimal point`},
		{"employees", "NaN", Value{}, "not a number"},
		{"revenue", "1.234,5", Number(1234.5), ""}, {"revenue", "1234.5", Value{}, "decimal comma"},
		{"mail", "Yes", Bool(true), ""}, {"mail", "0", Value{}, `column "mail": not yes or no: "0"; want true, false, yes, no, y or n`},
		{"created", "03/04/2024", day, ""}, {"created", "3.4.2024", day, ""}, {"created", "2024-04-03", Value{}, "want dd/mm/yyyy"},
		{"source", " web ", Level("web"), ""}, {"source", "na", Level("na"), ""}, {"source", "\u00a0x\u00a0", Level("x"), ""},
		{"id", "007", Words("007"), ""}, {"empty", "anything", Value{}, ""},
	} {
		got, err := everyKind.Parse(everyKind.Index(c.column), c.text)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s %q: %+v, %v; want %+v, %q", c.column, c.text, got, err, c.want, c.err)
		}
	}
}

func TestSchemaParseJSON(t *testing.T) {
	for _, c := range []struct {
		column string
		raw    string
		want   Value
		err    string
	}{
		{"employees", "12", Number(12), ""}, {"employees", " 1.5e2 ", Number(150), ""}, {"employees", `"1,234"`, Number(1234), ""},
		{"employees", "null", Value{}, ""}, {"employees", `""`, Value{}, ""}, {"employees", `"NA"`, Value{}, ""},
		{"employees", "-1", Value{}, ""}, {"employees", `"-1"`, Value{}, ""},
		{"employees", "true", Value{}, "not a number: \"true\"; want a JSON number"}, {"employees", "1e999", Value{}, "not a number"},
		{"employees", "01", Value{}, "not JSON"}, {"employees", "NaN", Value{}, "not JSON"}, {"employees", "", Value{}, "not JSON"},
		{"employees", "1 2", Value{}, "not JSON"}, {"employees", "nul", Value{}, "not JSON"},
		{"revenue", "1234.5", Number(1234.5), ""}, {"revenue", "1.234", Number(1.234), ""}, {"revenue", `"1.234"`, Number(1234), ""},
		{"mail", "true", Bool(true), ""}, {"mail", "false", Bool(false), ""}, {"mail", `"no"`, Bool(false), ""},
		{"mail", "1", Value{}, "want true or false"}, {"mail", "null", Value{}, ""},
		{"created", `"03/04/2024"`, at("2024-04-03T00:00:00Z"), ""}, {"created", "20240403", Value{}, "want a JSON string: dd/mm/yyyy"},
		{"source", `"web"`, Level("web"), ""}, {"source", `" we\u0062\n"`, Level("web"), ""}, {"source", `"Select"`, Value{}, ""},
		{"source", "7", Value{}, `column "source": not a category: "7"; want a JSON string`}, {"source", "true", Value{}, "want a JSON string"},
		{"source", `{"a":1}`, Value{}, "want a JSON string"}, {"source", `["a"]`, Value{}, "want a JSON string"},
		{"source", `"a`, Value{}, "not JSON"}, {"source", `"`, Value{}, "not JSON"}, {"source", "\"\xff\"", Value{}, "not JSON"},
		{"source", "\"a\nb\"", Value{}, "not JSON"}, {"source", `"a"b"`, Value{}, "not JSON"}, {"source", `"\q"`, Value{}, "not JSON"},
		{"id", `"x-1"`, Words("x-1"), ""}, {"id", "660737", Words("660737"), ""}, {"id", "1.0", Words("1.0"), ""},
		{"id", "true", Value{}, "want a JSON string or number"}, {"id", "[]", Value{}, "want a JSON string or number"},
		{"empty", "3", Value{}, ""}, {"empty", `"x"`, Value{}, ""}, {"empty", "{", Value{}, "not JSON"},
	} {
		got, err := everyKind.ParseJSON(everyKind.Index(c.column), []byte(c.raw))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s %s: %+v, %v; want %+v, %q", c.column, c.raw, got, err, c.want, c.err)
		}
	}
}

// A null text is missing in every form that a request may give it.
func TestNullsOverHTTP(t *testing.T) {
	s := &Schema{Nulls: []string{"true", "999"}, Fields: []Field{{Kind: Boolean}, {Kind: Numeric}}}
	for column, raws := range [][]string{{"true", `"true"`}, {"999", `"999"`, `" 999 "`}} {
		for _, raw := range raws {
			if v, err := s.ParseJSON(column, []byte(raw)); err != nil || !v.Missing() {
				t.Errorf("%s is %+v, %v", raw, v, err)
			}
		}
	}
}

// The text that a JSON string holds is the text that Parse reads; the bytes given may be used again.
func TestParseJSONKeepsNothing(t *testing.T) {
	raw := []byte(`"web"`)
	v, _ := everyKind.ParseJSON(everyKind.Index("source"), raw)
	copy(raw, `"xxx"`)
	if v != Level("web") {
		t.Errorf("the value changed to %+v with the bytes it was read from", v)
	}
	for _, c := range []struct{ column, raw string }{{"employees", "12.25"}, {"employees", `"12.25"`}, {"mail", "true"}, {"created", `"03/04/2024"`}, {"source", "null"}} {
		column, raw := everyKind.Index(c.column), []byte(c.raw)
		if n := testing.AllocsPerRun(100, func() { _, _ = everyKind.ParseJSON(column, raw) }); n != 0 {
			t.Errorf("%s %s: %v allocations, want none", c.column, c.raw, n)
		}
	}
}

func TestLongValuesAreCutInMessages(t *testing.T) {
	_, err := everyKind.Parse(0, strings.Repeat("é", 1000))
	if len(err.Error()) > 250 || !strings.Contains(err.Error(), `é"…`) {
		t.Errorf("message: %v", err)
	}
}
