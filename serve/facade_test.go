package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"leadscore/model"
	"leadscore/serve/api"
)

// facadeTest is a request to a facade and what its answer must and must not hold.
type facadeTest struct {
	name        string
	method      string // "" is POST
	path        string
	contentType string // "" is application/json; "none" sends none
	body        string
	header      []string
	status      int
	want, not   []string
}

func (test *facadeTest) run(t *testing.T, h *harness) {
	t.Run(test.name, func(t *testing.T) {
		method, contentType := test.method, test.contentType
		if method == "" {
			method = "POST"
		}
		switch {
		case contentType == "none" || method == "GET":
			contentType = ""
		case contentType == "":
			contentType = jsonBody
		}
		a := h.do(t, method, test.path, contentType, test.body, test.header...)
		if a.status != test.status {
			t.Errorf("status %d, want %d", a.status, test.status)
		}
		for _, want := range test.want {
			if !strings.Contains(a.body, want) {
				t.Errorf("the answer lacks %s", want)
			}
		}
		for _, not := range append(test.not, "urn:leadscore") {
			if strings.Contains(a.body, not) {
				t.Errorf("the answer holds %s", not)
			}
		}
		if test.status >= 400 && a.header.Get("Content-Type") != "application/json" {
			t.Errorf("an error of type %s", a.header.Get("Content-Type"))
		}
		if t.Failed() {
			t.Logf("%s", a.body)
		}
	})
}

// facadeRow is what a lead gets, whatever the way.
type facadeRow struct {
	probability, second, ruleScore, score float64
	grade, stage                          string
}

// scoredAlone scores each lead of a table by POST /v1/score and returns its attributes too.
func scoredAlone(t testing.TB, h *harness, bodies [][]byte) (want []facadeRow, attributes []map[string]any) {
	t.Helper()
	for _, b := range bodies {
		a := h.do(t, "POST", "/v1/score", jsonBody, string(b))
		var got api.Answer
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		want = append(want, facadeRow{got.Probability, got.Probabilities["sql"], got.RuleScore, got.Score, got.Grade, got.Recommendation.Stage})
		var request struct{ Lead map[string]any }
		if err := json.Unmarshal(b, &request); err != nil {
			t.Fatal(err)
		}
		attributes = append(attributes, request.Lead)
	}
	return want, attributes
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFacadesGiveTheSameBits: a lead of every kind of column gets, by each form of each facade, what it gets alone.
func TestFacadesGiveTheSameBits(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	table := leads(t, 60, 17)
	var bodies [][]byte
	for row := range 60 {
		bodies = append(bodies, body(t, table, row))
	}
	want, attributes := scoredAlone(t, h, bodies)
	names := []string{}
	for _, f := range schema.Fields {
		names = append(names, f.Name)
	}
	columns, split, csv := map[string][]any{}, [][]any{}, []string{`"` + strings.Join(names, `","`) + `"`}
	for _, lead := range attributes {
		var row []any
		var line []string
		for _, name := range names {
			row = append(row, lead[name])
			columns[name] = append(columns[name], lead[name])
			cell := ""
			if v, ok := lead[name]; ok {
				cell = fmt.Sprint(v)
			}
			if x, ok := lead[name].(float64); ok && name == "revenue" {
				cell = strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
			}
			line = append(line, `"`+strings.ReplaceAll(cell, `"`, `""`)+`"`)
		}
		split, csv = append(split, row), append(csv, strings.Join(line, ","))
	}
	for form, request := range map[string]string{
		"dataframe_split":   mustJSON(t, map[string]any{"dataframe_split": map[string]any{"index": []int{0}, "columns": names, "data": split}}),
		"data first":        `{"dataframe_split":{"data":` + mustJSON(t, split) + `,"columns":` + mustJSON(t, names) + `}}`,
		"NaN":               strings.ReplaceAll(mustJSON(t, map[string]any{"dataframe_split": map[string]any{"columns": names, "data": split}}), "null", "NaN"),
		"dataframe_records": mustJSON(t, map[string]any{"dataframe_records": attributes}),
		"inputs":            mustJSON(t, map[string]any{"inputs": columns}),
		"input records":     mustJSON(t, map[string]any{"inputs": attributes}),
		"instances":         mustJSON(t, map[string]any{"instances": attributes}),
		"csv":               strings.Join(csv, "\r\n"),
	} {
		contentType := jsonBody
		if form == "csv" {
			contentType = "text/csv"
		}
		a := h.do(t, "POST", "/invocations", contentType, request)
		var got struct{ Predictions []map[string]any }
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || len(got.Predictions) != len(want) {
			t.Fatalf("%s: %d %.300s", form, a.status, a.body)
		}
		for i, p := range got.Predictions {
			w := want[i]
			if p["probability"] != w.probability || p["probability.won"] != w.probability || p["probability.sql"] != w.second || p["rule_score"] != w.ruleScore ||
				p["score"] != w.score || p["grade"] != w.grade || p["stage"] != w.stage || p["lead_id"] != attributes[i]["lead_id"] {
				t.Errorf("%s, row %d: %v, want %v", form, i, p, w)
			}
		}
	}
	for _, binaryIn := range []bool{false, true} {
		for _, binaryOut := range []bool{false, true} {
			request, header := inferBody(t, names, columns, binaryIn, binaryOut)
			a := h.do(t, "POST", "/v2/models/won/infer", "application/octet-stream", request, header...)
			if a.status != 200 {
				t.Fatalf("binary %v, %v: %d %s", binaryIn, binaryOut, a.status, a.body)
			}
			got := inferRows(t, a)
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("binary %v, %v, row %d: %v, want %v", binaryIn, binaryOut, i, got[i], want[i])
				}
			}
		}
	}
}

// inferBody is a table as tensors of the suitable datatypes; texts cannot be missing in binary and are empty there.
func inferBody(t testing.TB, names []string, columns map[string][]any, binaryIn, binaryOut bool) (string, []string) {
	t.Helper()
	var inputs []any
	var tail bytes.Buffer
	for _, name := range names {
		datatype := datatypeOf(schema.Fields[schema.Index(name)].Kind)
		values := columns[name]
		tensor := map[string]any{"name": name, "shape": []int{len(values), 1}, "datatype": datatype, "data": values}
		missing := false
		for _, v := range values {
			missing = missing || v == nil
		}
		if binaryIn && (datatype != "BOOL" || !missing) { // a boolean of one byte has no missing value
			start := tail.Len()
			for _, v := range values {
				switch v := v.(type) {
				case bool:
					tail.WriteByte(map[bool]byte{true: 1}[v])
				case string:
					_ = binary.Write(&tail, binary.LittleEndian, uint32(len(v)))
					tail.WriteString(v)
				case float64:
					_ = binary.Write(&tail, binary.LittleEndian, v)
				case nil:
					if datatype == "FP64" {
						_ = binary.Write(&tail, binary.LittleEndian, math.NaN())
					} else {
						_ = binary.Write(&tail, binary.LittleEndian, uint32(0))
					}
				}
			}
			delete(tensor, "data")
			tensor["parameters"] = map[string]any{"binary_data_size": tail.Len() - start}
		}
		inputs = append(inputs, tensor)
	}
	head := mustJSON(t, map[string]any{"id": "a \"b\"", "inputs": inputs, "parameters": map[string]any{"binary_data_output": binaryOut}})
	if !binaryIn {
		return head, nil
	}
	return head + tail.String(), []string{inferLength, strconv.Itoa(len(head))}
}

// inferRows reads an answer, binary or not.
func inferRows(t testing.TB, a answer) []facadeRow {
	t.Helper()
	head, tail := a.body, ""
	if n, err := strconv.Atoi(a.header.Get(inferLength)); err == nil {
		head, tail = a.body[:n], a.body[n:]
	}
	var got struct {
		ID      string
		Outputs []struct {
			Name       string
			Shape      []int
			Parameters struct {
				Size int `json:"binary_data_size"`
			}
			Data []any
		}
	}
	if err := json.Unmarshal([]byte(head), &got); err != nil || got.ID != `a "b"` {
		t.Fatalf("%v: %s", err, head)
	}
	rows := make([]facadeRow, got.Outputs[0].Shape[0])
	for _, o := range got.Outputs {
		values := tail[:o.Parameters.Size]
		tail = tail[o.Parameters.Size:]
		for i := range rows {
			r := &rows[i]
			number := map[string]*float64{"probability": &r.probability, "probability.sql": &r.second, "rule_score": &r.ruleScore, "score": &r.score}[o.Name]
			text := map[string]*string{"grade": &r.grade, "stage": &r.stage}[o.Name]
			switch {
			case number != nil && o.Data == nil:
				*number = math.Float64frombits(binary.LittleEndian.Uint64([]byte(values[8*i:])))
			case number != nil:
				*number = o.Data[i].(float64)
			case text != nil && o.Data == nil:
				n := binary.LittleEndian.Uint32([]byte(values))
				*text, values = values[4:4+n], values[4+n:]
			case text != nil:
				*text = o.Data[i].(string)
			}
		}
	}
	if tail != "" {
		t.Errorf("%d bytes are left", len(tail))
	}
	return rows
}

// TestFacadesPanic: a panic is an error of the protocol's form, and nothing of a lead reaches the log.
func TestFacadesPanic(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	h.use(t, func(l *model.Lead) error { panic("lead " + l.Values[0].Str) })
	for _, test := range []facadeTest{
		{name: "infer", path: "/v2/models/won/infer", body: `{"inputs":[{"name":"lead_id","shape":[1],"datatype":"BYTES","data":["zq7person"]}]}`, status: 500,
			want: []string{`{"error":"the request could not be answered`}, not: []string{"zq7person"}},
		{name: "invocations", path: "/invocations", body: `{"inputs":{"lead_id":["zq7person"]}}`, status: 500,
			want: []string{`{"error_code":"INTERNAL_ERROR","message":"the request could not be answered`}, not: []string{"zq7person"}},
	} {
		test.run(t, h)
	}
	h.do(t, "POST", "/v2/models/zq7person/infer", jsonBody, "{}")
	h.do(t, "POST", "/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"zq7person","shape":[1],"datatype":"BYTES","data":["zq7person"]}]}`)
	h.do(t, "POST", "/invocations", "text/csv", "zq7person\nzq7person\n")
	if strings.Contains(h.log.String(), "zq7person") {
		t.Errorf("the log holds a lead:\n%s", h.log)
	}
}

func TestFacadesNotReady(t *testing.T) {
	h := newHarness(t, Limits{})
	const none = "no model is loaded yet"
	for _, test := range []facadeTest{
		{name: "live", method: "GET", path: "/v2/health/live", status: 200, want: []string{`{"live":true}`}},
		{name: "ready", method: "GET", path: "/v2/health/ready", status: 503, want: []string{`{"error":"` + none}},
		{name: "model", method: "GET", path: "/v2/models/won/ready", status: 503, want: []string{none}},
		{name: "infer", path: "/v2/models/won/infer", body: "{}", status: 503, want: []string{none}},
		{name: "ping", method: "GET", path: "/ping", status: 503, want: []string{`{"error_code":"TEMPORARILY_UNAVAILABLE"`, none}},
		{name: "invocations", path: "/invocations", body: "{}", status: 503, want: []string{none}},
	} {
		test.run(t, h)
	}
	if a := h.do(t, "GET", "/ping", "", ""); a.header.Get("Retry-After") != "1" {
		t.Errorf("no Retry-After: %v", a.header)
	}
	if err := h.SetModels(loadedModel(t, "won")); err != nil {
		t.Fatal(err)
	}
	h.draining.Store(true)
	for _, path := range []string{"/v2/health/ready", "/v2/models/won/ready", "/ping", "/health"} {
		test := facadeTest{name: path, method: "GET", path: path, status: 503, want: []string{"stopping"}}
		test.run(t, h)
	}
}
