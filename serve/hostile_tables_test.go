package serve

import (
	"encoding/binary"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"leadscore/datasets"
)

// TestHostileTables: what can be wrong with CSV, with a stream of Arrow and with binary tensors. A table whose rows are refused one by one is answered.
func TestHostileTables(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	const long = 100_000
	many := "visits\n" + strings.Repeat("1\n", 2000)
	for _, v := range []hostile{
		{"a header of 100,000 columns", "a" + strings.Repeat(",a", long) + "\n1\n", true},
		{"different columns", "k" + distinct(20_000) + "\n1\n", true},
		{"a row of 100,000 cells", "visits\n" + strings.Repeat(",", long) + "\n", false},
		{"a row of 100,000 cells on several lines", "visits\n" + strings.Repeat(strings.Repeat(",", long/20)+"\"\n\"", 20) + "\n", false},
		{"a text of 100,000 commas", "source\n\"" + strings.Repeat(",", long) + "\"\n", false},
		{"a header that never ends", strings.Repeat("x", 2<<20), true},
		{"a row that never ends", "visits\n" + strings.Repeat("1", 2<<20), false},
		{"a quote that never ends", many + "\"" + strings.Repeat(strings.Repeat("x", 200)+"\n", 10_000), false},
		{"a quote on each line", "visits\n" + strings.Repeat("\"x\n", 10_000), false},
		{"a quote on each line that may end", "visits\n" + strings.Repeat("\"x\n,\"\n", 10_000) + "\"", false},
		{"quotes", "visits\n" + strings.Repeat(`"`, long) + "\n", false},
		{"line feeds", strings.Repeat("\n", long), true},
		{"carriage returns", strings.Repeat("\r", long), true},
		{"NULs", strings.Repeat("\x00", long), true},
		{"NUL in a cell", "source,visits\na\x00b,1\n\x00,\x00\n", false},
		{"UTF-16", "\xff\xfev\x00i\x00s\x00", true},
		{"not UTF-8", "vi\xffsits\n1\n", true},
		{"a surrogate", "source\n\xed\xa0\x80\n", false},
		{"many digits", "visits\n" + strings.Repeat("9", long) + "\n-0." + strings.Repeat("0", long) + "1\n1e" + strings.Repeat("9", long) + "\n1.8e308\n", false},
		{"a moment of many digits", "created_at\n" + strings.Repeat("2", long) + "-01-01\n", false},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", true},
	} {
		for _, path := range []string{batchPath, "/invocations"} {
			a := h.attack(t, path+" "+v.name, path, "", csvMedia, v.text)
			if v.refused && a.status < 400 {
				t.Errorf("%s %s: %d %.300s", path, v.name, a.status, a.body)
			}
		}
	}
	h.unharmed(t, want)
	number := strings.Repeat("\xff", 8)
	for _, size := range []string{"8", "-1", "9223372036854775807", "9223372036854775808", "1e18", strings.Repeat("9", long), "0", "null"} {
		head := `{"inputs":[{"name":"visits","shape":[` + size + `],"datatype":"FP64","parameters":{"binary_data_size":` + size + `}}]}`
		for _, length := range []string{strconv.Itoa(len(head)), "0", "-1", "9223372036854775808", "x", "", strings.Repeat("1", long)} {
			if a := h.attack(t, "a tensor of "+clip(size, 20), "/v2/models/won/infer", "", "application/octet-stream", head+number, inferLength, length); a.status < 400 {
				t.Errorf("a tensor of %s with a head of %s: %d", clip(size, 20), clip(length, 20), a.status)
			}
		}
	}
	h.unharmed(t, want)
}

// distinct are names of so many columns.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",k%d", i)
	}
	return b.String()
}

// TestHostileArrow cuts a stream at each of its bytes and spoils each of its words: huge, negative and zero lengths, offsets, counts and
// types all come by.
func TestHostileArrow(t *testing.T) {
	h := newHarness(t, Limits{BatchBody: 1 << 20}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	narrow := &datasets.Schema{Fields: []datasets.Field{schema.Fields[1], schema.Fields[2], schema.Fields[4], schema.Fields[5], schema.Fields[8]}}
	b := leads(t, 3, 1).Batches[0]
	columns := make([]datasets.Column, 0, len(narrow.Fields))
	for _, i := range []int{1, 2, 4, 5, 8} {
		columns = append(columns, *b.Column(i))
	}
	small, err := datasets.NewBatch(narrow, b.Rows(), columns)
	if err != nil {
		t.Fatal(err)
	}
	whole := encode(t, datasets.NewArrowEncoder(narrow), small)
	if a := h.attack(t, "whole", batchPath, "", arrowMedia, whole); a.status != 200 {
		t.Fatal(a.body)
	}
	for cut := 0; cut < len(whole)-8; cut += 3 { // the last 8 bytes say that the stream ends, which its end says too
		if a := h.attack(t, fmt.Sprintf("cut at %d", cut), batchPath, "", arrowMedia, whole[:cut]); a.status == 200 && strings.Contains(a.body, "probability_sql") && cut < len(whole)/2 {
			t.Errorf("cut at %d of %d bytes: %d", cut, len(whole), a.status)
		}
	}
	spoilt := 0
	for at := 0; at+4 <= len(whole); at += 4 {
		for _, word := range []uint32{0, 1, 0x7fffffff, 0x80000000, 0xffffffff} {
			text := []byte(whole)
			binary.LittleEndian.PutUint32(text[at:], word)
			if a := h.attack(t, fmt.Sprintf("%#x at %d", word, at), batchPath, "", arrowMedia, string(text)); a.status >= 400 {
				spoilt++
			}
		}
	}
	if spoilt < 100 {
		t.Errorf("only %d of the streams were refused", spoilt)
	}
	wide := &datasets.Schema{}
	for i := range 20_000 {
		wide.Fields = append(wide.Fields, datasets.Field{Name: "k" + strconv.Itoa(i), Kind: datasets.Numeric})
	}
	for name, text := range map[string]string{
		"20,000 columns":                encode(t, datasets.NewArrowEncoder(wide)),
		"a stream twice":                whole + whole,
		"ends of streams":               strings.Repeat("\xff\xff\xff\xff\x00\x00\x00\x00", 10_000),
		"a schema of 2 GB":              "\xff\xff\xff\xff\xff\xff\xff\x7f",
		"the length of the old format":  "\x00\x10\x00\x00" + strings.Repeat("\x00", 5000),
		"zeros":                         strings.Repeat("\x00", 100_000),
		"ones":                          strings.Repeat("\xff", 100_000),
		"a record batch without schema": whole[len(whole)/2:],
	} {
		if a := h.attack(t, name, batchPath, "", arrowMedia, text); a.status < 400 {
			t.Errorf("%s: %d %.200q", name, a.status, a.body)
		}
	}
	h.unharmed(t, want)
}

// TestHostileHeads: queries, trace contexts and names of models are read within bounds, also where nothing before the handler limits them.
func TestHostileHeads(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	const long = 100_000
	var parameters strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&parameters, "&k%d=1", i)
	}
	for _, query := range []string{
		strings.Repeat("&", long), strings.Repeat("a=1&", long), parameters.String(), strings.Repeat("explain=1&", 10_000), "explain=" + strings.Repeat("9", long),
		"targets=" + strings.Repeat("won,", long), "targets=" + strings.Repeat(",", long), "as_of=" + strings.Repeat("2", long), "model=" + strings.Repeat("@", long),
		strings.Repeat("%", long), "lang=%00", "lang=%ff%fe", "=\x00", strings.Repeat("[", long), "explain[]=1", "model=won%40" + strings.Repeat("0", long),
	} {
		for _, path := range []string{"/v1/score", "/v1/explain", batchPath, "/invocations"} {
			a := h.attack(t, path+"?"+clip(query, 30), path, query, jsonBody, good)
			if a.status < 400 && strings.Trim(query, "&") != "" {
				t.Errorf("%s?%s: %d %.300s", path, clip(query, 30), a.status, a.body)
			}
		}
	}
	for _, value := range []string{
		"", "-", strings.Repeat("-", long), "00-" + strings.Repeat("a", long) + "-b7ad6b7169203331-01", "00-\x00-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-" + strings.Repeat("x", long), "\xff\xfe", strings.Repeat("[", long),
	} {
		for _, header := range []string{"Traceparent", "Tracestate", "X-Request-Id", "Accept-Language", "Origin", "X-Api-Key", "Authorization", "If-None-Match"} {
			a := h.attack(t, header+": "+clip(value, 30), "/v1/score", "", jsonBody, good, header, value, header, value)
			if a.status != 200 && header != "Origin" || a.status == 200 && a.body != want {
				t.Errorf("%s: %.30q: %d %.300s", header, value, a.status, a.body)
			}
		}
	}
	for _, name := range []string{strings.Repeat("x", long), "\x00", "\xff", "..", "../../etc/passwd", "won@" + strings.Repeat("0", long), strings.Repeat("@", long), "won\n"} {
		for _, path := range []string{"/v2/models/" + url.PathEscape(name) + "/infer", "/v1/models/" + url.PathEscape(name) + "/promote"} {
			if a := h.attack(t, clip(path, 40), path, "", jsonBody, "{}"); a.status < 400 {
				t.Errorf("%.40s: %d %.300s", path, a.status, a.body)
			}
		}
	}
	if log := h.log.String(); len(log) > 4<<20 {
		t.Errorf("%d bytes of log", len(log))
	}
	h.unharmed(t, want)
}
