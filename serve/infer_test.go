package serve

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
)

// one is a request of one tensor.
func one(rest string) string { return `{"inputs":[{` + rest + `}]}` }

const visits = `"name":"visits","shape":[1],"datatype":`

func TestInferRoutes(t *testing.T) {
	won := loadedModel(t, "won")
	version := won.Artifact().Version
	h := newHarness(t, Limits{InferBody: 4096, InferRows: 50}, won, loadedModel(t, "second"))
	const infer = "/v2/models/won/infer"
	for _, test := range []facadeTest{
		{name: "live", method: "GET", path: "/v2/health/live", status: 200, want: []string{`{"live":true}`}},
		{name: "ready", method: "GET", path: "/v2/health/ready", status: 200, want: []string{`{"ready":true}`}},
		{name: "server", method: "GET", path: "/v2", status: 200, want: []string{`{"name":"leadscore","version":"devel","extensions":["binary_tensor_data"]}`}},
		{name: "server with a slash", method: "GET", path: "/v2/", status: 200, want: []string{`"leadscore"`}},
		{name: "model", method: "GET", path: "/v2/models/won", status: 200,
			want: []string{`"versions":["` + version + `"]`, `{"name":"visits","datatype":"FP64","shape":[-1]}`, `{"name":"do_not_email","datatype":"BOOL"`, `{"name":"created_at","datatype":"BYTES"`,
				`{"name":"probability.sql","datatype":"FP64"`, `{"name":"stage","datatype":"BYTES"`}, not: []string{`"empty"`, `"status"`, "lead_id\",\"datatype\":\"FP64"}},
		{name: "a version", method: "GET", path: "/v2/models/won/versions/" + version, status: 200, want: []string{version}},
		{name: "ready version", method: "GET", path: "/v2/models/won/versions/" + version + "/ready", status: 200, want: []string{`{"name":"won","ready":true}`}},
		{name: "ready model", method: "GET", path: "/v2/models/second/ready", status: 200, want: []string{`{"name":"second","ready":true}`}},
		{name: "no such model", method: "GET", path: "/v2/models/lost", status: 404, want: []string{`{"error":"model: no model \"lost\"`, "won, second"}},
		{name: "no such version", path: "/v2/models/won/versions/7/infer", status: 404, body: one(visits + `"FP64","data":[4]`), want: []string{`no model \"won@7\"`}},
		{name: "no name", method: "GET", path: "/v2/models//ready", status: 400, want: []string{"name: is empty"}},
		{name: "a query", method: "GET", path: "/v2/models/won?x=1", status: 400, want: []string{"no query parameters"}},
		{name: "nothing there", method: "GET", path: "/v2/models/won/config", status: 404, want: []string{`{"error":"there is nothing at this path`}},
		{name: "a method", method: "PUT", path: infer, status: 405, want: []string{`{"error":`}},

		{name: "a number", path: infer, body: one(visits + `"FP64","data":[4]`), status: 200,
			want: []string{`{"model_name":"won","model_version":"` + version + `","outputs":[{"name":"probability","shape":[1],"datatype":"FP64","data":[0.`, `{"name":"stage","shape":[1],"datatype":"BYTES","data":["MQL"]}`}, not: []string{`"id"`, "error", "binary"}},
		{name: "by version", path: "/v2/models/won/versions/" + version + "/infer", body: one(visits + `"INT64","data":[4]`), status: 200, want: []string{`"model_name":"won"`}},
		{name: "another model", path: "/v2/models/second/infer", body: one(visits + `"FP32","data":[4.5]`), status: 200, want: []string{`"model_name":"second"`}},
		{name: "no content type", contentType: "none", path: infer, body: one(visits + `"UINT8","data":[255]`), status: 200},
		{name: "a text of a number", path: infer, body: one(visits + `"BYTES","data":["4"]`), status: 200},
		{name: "a number in place of its text", path: infer, body: one(visits + `"BYTES","data":[4.0]`), status: 200},
		{name: "a number where a category is wanted", path: infer, body: one(`"name":"source","shape":[1],"datatype":"BYTES","data":[4]`), status: 400, want: []string{`inputs[\"source\"].data[0]: `}},
		{name: "what clients send", path: infer, body: `{"id":null,"parameters":{"content_type":"pd","headers":{"a":"b"},"priority":1,"timeout":5,"as_of":"2026-02-02T00:00:00Z","unknown":null},"outputs":null,"inputs":[{"parameters":null,` + visits + `"FP64","data":[null]}]}`, status: 200},
		{name: "outputs", path: infer, body: `{"outputs":[{"name":"stage","parameters":{"content_type":"str","binary_data":false}},{"name":"score"}],"inputs":[{` + visits + `"FP64","data":[4]}]}`, status: 200,
			want: []string{`"outputs":[{"name":"stage"`, `},{"name":"score"`}, not: []string{"probability", "grade"}},
		{name: "no leads", path: infer, body: one(`"name":"visits","shape":[0],"datatype":"FP64","data":[]`), status: 200, want: []string{`"shape":[0],"datatype":"FP64","data":[]`}},
		{name: "an array a value", path: infer, body: one(`"name":"visits","shape":[2,1],"datatype":"FP64","data":[[4],[null]]`), status: 200, want: []string{`"shape":[2]`}},
		{name: "pd_json", path: infer, body: one(`"name":"source","shape":[2,1],"datatype":"BYTES","data":["\"web\"","null"],"parameters":{"content_type":"pd_json"}`), status: 200},
		{name: "base64", path: infer, body: one(`"name":"source","shape":[1],"datatype":"BYTES","data":["d2Vi"],"parameters":{"content_type":"base64"}`), status: 200},
		{name: "an unknown column on request", path: infer, body: `{"parameters":{"unknown":"warn"},"inputs":[{"name":"shoe","shape":[1],"datatype":"INT8","data":[44]}]}`, status: 200},
		{name: "outcomes and columns without use", path: infer, body: `{"inputs":[{"name":"status","shape":[1],"datatype":"BYTES","data":["won"]},{"name":"empty","shape":[1],"datatype":"INT8","data":[1]}]}`, status: 200},

		{name: "a wrong value", path: infer, body: one(`"name":"visits","shape":[3],"datatype":"BYTES","data":["1","many",null]`), status: 400,
			want: []string{`{"error":"inputs[\"visits\"].data[1]: not a number: \"many\"`}, not: []string{"outputs", "probability"}},
		{name: "all that is wrong", path: infer, body: `{"x":1,"inputs":[{"name":"visits","shape":[2],"datatype":"BYTES","data":["many","4"]},{"name":"visist","shape":[2],"datatype":"FP64","data":[1,2]}]}`, status: 400,
			want: []string{`x: no such key`, `inputs[\"visits\"].data[0]: not a number`, `inputs[\"visist\"]: training had no such attribute (did you mean \"visits\"?)`, `\"unknown\": \"warn\"`}},
		{name: "a datatype that its values do not have", path: infer, body: one(visits + `"INT8","data":[128]`), status: 400, want: []string{`data[0]: is 128, which is not INT8`}},
		{name: "a fraction", path: infer, body: one(visits + `"INT64","data":[1.5]`), status: 400, want: []string{`which is not INT64`}},
		{name: "a negative", path: infer, body: one(visits + `"UINT64","data":[-1]`), status: 400, want: []string{`which is not UINT64`}},
		{name: "true is no number", path: infer, body: one(visits + `"BOOL","data":[true]`), status: 400, want: []string{`inputs[\"visits\"].data[0]: `}},
		{name: "out of range", path: infer, body: one(visits + `"FP64","data":[1e999]`), status: 400, want: []string{`data[0]`}},
		{name: "Infinity", path: infer, body: one(visits + `"FP64","data":[Infinity]`), status: 400, want: []string{`Infinity is not JSON`}},
		{name: "nested", path: infer, body: one(visits + `"FP64","data":[[4]]`), status: 400, want: []string{`data[0]`}},
		{name: "two in an array", path: infer, body: one(`"name":"visits","shape":[1,1],"datatype":"FP64","data":[[4,5]]`), status: 400, want: []string{`not an array of one value`}},
		{name: "too few", path: infer, body: one(`"name":"visits","shape":[3],"datatype":"FP64","data":[4]`), status: 400, want: []string{`has 1 values where the shape says 3`}},
		{name: "too many", path: infer, body: one(visits + `"FP64","data":[4,5]`), status: 400, want: []string{`more values than the 1`}},
		{name: "shapes that differ", path: infer, body: `{"inputs":[{` + visits + `"FP64","data":[4]},{"name":"source","shape":[2],"datatype":"BYTES","data":["web","web"]}]}`, status: 400, want: []string{`inputs[\"source\"].shape: has 2 rows where the first tensor has 1`}},
		{name: "a matrix", path: infer, body: one(`"name":"visits","shape":[1,2],"datatype":"FP64","data":[4,5]`), status: 400, want: []string{`inputs[0].shape: is [1,2]; want [n] or [n, 1]`}},
		{name: "a negative shape", path: infer, body: one(`"name":"visits","shape":[-1],"datatype":"FP64","data":[]`), status: 400, want: []string{`is [-1]`}},
		{name: "a huge shape", path: infer, body: one(`"name":"visits","shape":[9223372036854775807],"datatype":"FP64","data":[]`), status: 413, want: []string{`more than 50 rows`}},
		{name: "too many rows", path: infer, body: one(`"name":"visits","shape":[51],"datatype":"FP64","data":[]`), status: 413, want: []string{`more than 50 rows`}},
		{name: "FP16", path: infer, body: one(visits + `"FP16","data":[4]`), status: 400, want: []string{`inputs[\"visits\"].data: FP16 has no values in JSON; want binary data (binary_data_size), or FP32`}},
		{name: "BF16", path: infer, body: one(visits + `"BF16","data":[4]`), status: 400, want: []string{`BF16 has no values in JSON`}},
		{name: "no datatype", path: infer, body: one(visits + `"FP8","data":[4]`), status: 400, want: []string{`inputs[0].datatype: is \"FP8\"; want \"BOOL\"`, `\"FP16\", \"BF16\"`}},
		{name: "a tensor twice", path: infer, body: `{"inputs":[{` + visits + `"FP64","data":[4]},{` + visits + `"FP64","data":[4]}]}`, status: 400, want: []string{`inputs[\"visits\"]: stands twice`}},
		{name: "nothing in a tensor", path: infer, body: `{"inputs":[{}]}`, status: 400, want: []string{`inputs[0].name: is missing`, `inputs[0].shape: is missing`, `inputs[0].datatype: is missing`}},
		{name: "no data", path: infer, body: one(visits + `"FP64"`), status: 400, want: []string{`inputs[\"visits\"].data: is missing`}},
		{name: "no inputs", path: infer, body: `{}`, status: 400, want: []string{`inputs: is missing`}},
		{name: "empty inputs", path: infer, body: `{"inputs":[]}`, status: 400, want: []string{`inputs: is empty`}},
		{name: "no object", path: infer, body: `[]`, status: 400, want: []string{`want an object`}},
		{name: "no JSON", path: infer, body: `{"inputs":`, status: 400, want: []string{`ends at byte 10`}},
		{name: "bytes after", path: infer, body: one(visits+`"FP64","data":[4]`) + "x", status: 400, want: []string{`want the end`}},
		{name: "no such output", path: infer, body: `{"outputs":[{"name":"lift"}],"inputs":[{` + visits + `"FP64","data":[4]}]}`, status: 400, want: []string{`no output \"lift\"; there is \"probability\"`}},
		{name: "an output twice", path: infer, body: `{"outputs":[{"name":"score"},{"name":"score"}],"inputs":[{` + visits + `"FP64","data":[4]}]}`, status: 400, want: []string{`\"score\" is asked for twice`}},
		{name: "an unknown parameter", path: infer, body: `{"parameters":{"sequence_id":1},"inputs":[{` + visits + `"FP64","data":[4]}]}`, status: 400, want: []string{`parameters.sequence_id: no such key`}},
		{name: "shared memory", path: infer, body: one(visits + `"FP64","parameters":{"shared_memory_region":"r"}`), status: 400, want: []string{`shared_memory_region: no such key`}},
		{name: "as_of", path: infer, body: `{"parameters":{"as_of":"today"},"inputs":[{` + visits + `"FP64","data":[4]}]}`, status: 400, want: []string{`parameters.as_of: not an RFC 3339 time`}},
		{name: "a content type that nobody reads", path: infer, body: one(visits + `"BYTES","data":["1"],"parameters":{"content_type":"image"}`), status: 400, want: []string{`is \"image\"; want \"str\"`}},
		{name: "bad pd_json", path: infer, body: one(`"name":"source","shape":[1],"datatype":"BYTES","data":["web"],"parameters":{"content_type":"pd_json"}`), status: 400, want: []string{`is not JSON, as its content type pd_json says`}},
		{name: "a large body", path: infer, body: one(visits+`"FP64","data":[4]`) + strings.Repeat(" ", 4096), status: 413, want: []string{"larger than 4096 bytes"}},
		{name: "a media type", contentType: "text/xml", path: infer, body: "{}", status: 415, want: []string{`text/xml`}},
		{name: "compressed", path: infer, body: "{}", header: []string{"Content-Encoding", "deflate"}, status: 415, want: []string{`{"error":"content encoding \"deflate\"`}},
		{name: "not compressed as it says", path: infer, body: "{}", header: []string{"Content-Encoding", "gzip"}, status: 400, want: []string{`{"error":"the gzip stream is damaged behind byte 0`}},
		{name: "binary without its header", path: infer, body: one(visits + `"FP64","parameters":{"binary_data_size":8}`), status: 400, want: []string{`binary_data_size: is 8 where 0 bytes are left`}},
		{name: "a bad header", path: infer, body: "{}", header: []string{inferLength, "3"}, status: 400, want: []string{inferLength + `: is \"3\"; want`}},
	} {
		test.run(t, h)
	}
}

// TestInferBinary: what the binary extension can be sent wrong, and right.
func TestInferBinary(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	number := func(x float64) string { return string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))) }
	text := func(s string) string {
		return string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
	}
	for _, test := range []struct {
		name, column, datatype, data string
		size                         int // of the tensor; -1: as long as data
		status                       int
		want                         string
	}{
		{"a number", "visits", "FP64", number(4), -1, 200, `"data":[`},
		{"NaN is missing", "visits", "FP64", number(math.NaN()), -1, 200, `"data":[`},
		{"FP32", "visits", "FP32", "\x00\x00\x80\x40", -1, 200, ""},
		{"FP16", "visits", "FP16", "\x00\x44", -1, 200, ""},
		{"NaN of FP16 is missing", "visits", "FP16", "\x01\x7c", -1, 200, ""},
		{"NaN of BF16 is missing", "visits", "BF16", "\xc0\xff", -1, 200, ""},
		{"infinite FP16", "visits", "FP16", "\x00\xfc", -1, 400, `inputs[\"visits\"].data[0]: is -Inf`},
		{"infinite BF16", "visits", "BF16", "\x80\x7f", -1, 400, `inputs[\"visits\"].data[0]: is +Inf`},
		{"half an FP16", "visits", "FP16", "\x00", -1, 400, "is cut off"},
		{"INT8", "visits", "INT8", "\xff", -1, 200, ""},
		{"UINT16", "visits", "UINT16", "\xff\xff", -1, 200, ""},
		{"a text", "source", "BYTES", text("web"), -1, 200, ""},
		{"a boolean", "do_not_email", "BOOL", "\x01", -1, 200, `["disqualify"]`},
		{"infinite", "visits", "FP64", number(math.Inf(-1)), -1, 400, `inputs[\"visits\"].data[0]: is -Inf`},
		{"half a number", "visits", "FP64", "1234", -1, 400, "is cut off"},
		{"two numbers", "visits", "FP64", number(1) + number(2), -1, 400, "more values than the 1"},
		{"no number", "visits", "FP64", "", -1, 400, "has 0 values where the shape says 1"},
		{"a boolean of 2", "do_not_email", "BOOL", "\x02", -1, 400, "is 2; want a byte of 0 or 1"},
		{"not UTF-8", "source", "BYTES", text("\xff"), -1, 400, `inputs[\"source\"].data[0]: is not UTF-8`},
		{"a text cut off", "source", "BYTES", "\x09\x00\x00\x00web", -1, 400, "is cut off: 3 bytes of 9"},
		{"a length cut off", "source", "BYTES", "\x09", -1, 400, "cut off within its length"},
		{"a huge length", "source", "BYTES", "\xff\xff\xff\xffweb", -1, 400, "is cut off: 3 bytes of 4294967295"},
		{"bytes of nobody", "visits", "FP64", number(4) + "x", 8, 400, "leaves 1 bytes that are no tensor's"},
		{"more than there is", "visits", "FP64", number(4), 9, 400, "is 9 where 8 bytes are left"},
	} {
		if test.size < 0 {
			test.size = len(test.data)
		}
		head := one(`"name":"` + test.column + `","shape":[1],"datatype":"` + test.datatype + `","parameters":{"binary_data_size":` + strconv.Itoa(test.size) + `}`)
		a := h.do(t, "POST", "/v2/models/won/infer", "application/octet-stream", head+test.data, inferLength, strconv.Itoa(len(head)))
		if a.status != test.status || !strings.Contains(a.body, test.want) {
			t.Errorf("%s: %d %s\nwant %d, %s", test.name, a.status, a.body, test.status, test.want)
		}
	}
}

// TestBinaryNumbersAreThoseOfJSON: a number of each datatype gives the answer that it gives as JSON.
func TestBinaryNumbersAreThoseOfJSON(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	want := func(number string) string {
		return h.do(t, "POST", "/v2/models/won/infer", jsonBody, one(visits+`"FP64","data":[`+number+`]`)).body
	}
	for _, test := range []struct{ datatype, data, number string }{
		{"FP32", "\x00\x00\x10\x40", "2.25"}, {"FP16", "\x80\x40", "2.25"}, {"BF16", "\x10\x40", "2.25"}, {"FP16", "\x01\x00", "5.960464477539063e-08"}, {"BF16", "\x01\x80", "-9.183549615799121e-41"}, {"FP64", "\x00\x00\x00\x00\x00\x00\x02\x40", "2.25"},
		{"INT8", "\xfe", "-2"}, {"INT16", "\xfe\xff", "-2"}, {"INT32", "\x07\x00\x00\x00", "7"}, {"INT64", "\xfe\xff\xff\xff\xff\xff\xff\xff", "-2"},
		{"UINT8", "\xfe", "254"}, {"UINT16", "\xff\xff", "65535"}, {"UINT32", "\x00\x00\x00\x80", "2147483648"}, {"UINT64", "\x01\x00\x00\x00\x00\x00\x00\x00", "1"},
	} {
		head := one(visits + `"` + test.datatype + `","parameters":{"binary_data_size":` + strconv.Itoa(len(test.data)) + `}`)
		a := h.do(t, "POST", "/v2/models/won/infer", "application/octet-stream", head+test.data, inferLength, strconv.Itoa(len(head)))
		if a.body != want(test.number) || a.status != 200 {
			t.Errorf("%s: %s\nwant %s", test.datatype, a.body, want(test.number))
		}
	}
	if want("2.25") == want("-2") || want("7") == want("254") {
		t.Error("the numbers make no difference")
	}
}

// TestAsOfReachesEachRow: the option is the as_of of POST /v1/score.
func TestAsOfReachesEachRow(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	probability := func(path, body string) float64 {
		t.Helper()
		a := h.do(t, "POST", path, jsonBody, body)
		var got struct {
			Probability float64
			Predictions []struct{ Probability float64 }
			Outputs     []struct{ Data []any }
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		switch {
		case got.Predictions != nil:
			return got.Predictions[1].Probability
		case got.Outputs != nil:
			return got.Outputs[0].Data[1].(float64)
		}
		return got.Probability
	}
	const lead, at = `{"first_seen":"24/12/2023","source":"web"}`, `"as_of":"2025-06-01T00:00:00Z"`
	want := probability("/v1/score", `{"lead":`+lead+`,`+at+`}`)
	if other := probability("/v1/score", `{"lead":`+lead+`}`); other == want {
		t.Fatal("as_of changes nothing here")
	}
	if got := probability("/invocations", `{"dataframe_records":[`+lead+`,`+lead+`],"params":{`+at+`}}`); got != want {
		t.Errorf("invocations %v, want %v", got, want)
	}
	if got := probability("/v2/models/won/infer", `{"inputs":[{"name":"first_seen","shape":[2],"datatype":"BYTES","data":["24/12/2023","24/12/2023"]},
		{"name":"source","shape":[2],"datatype":"BYTES","data":["web","web"]}],"parameters":{`+at+`}}`); got != want {
		t.Errorf("infer %v, want %v", got, want)
	}
}

func FuzzInfer(f *testing.F) {
	good := one(visits + `"FP64","parameters":{"binary_data_size":8}`)
	f.Add(good+"12345678", len(good))
	text := one(`"name":"source","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":7,"content_type":"pd_json"}`)
	f.Add(text+"\x03\x00\x00\x00\"w\"", len(text))
	for _, body := range []string{one(visits + `"FP64","data":[NaN]`), one(`"name":"source","shape":[2,1],"datatype":"BYTES","data":[["web"],null]`), `{"id":"a","outputs":[{"name":"stage"}],"inputs":[{` + visits + `"INT8","data":[1]}],"parameters":{"as_of":"2026-02-02T00:00:00Z"}}`} {
		f.Add(body, -1)
	}
	h := newHarness(f, Limits{InferBody: 1 << 16, InferRows: 64}, loadedModel(f, "won"))
	f.Fuzz(func(t *testing.T, body string, length int) {
		var header []string
		if length >= 0 {
			header = []string{inferLength, strconv.Itoa(length)}
		}
		a := h.do(t, "POST", "/v2/models/won/infer", "application/octet-stream", body, header...)
		switch a.status {
		case 400, 413:
		case 200:
			head := a.body
			if n, err := strconv.Atoi(a.header.Get(inferLength)); err == nil {
				head = a.body[:n]
			}
			h.matches(t, "InferResponse", head)
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}
