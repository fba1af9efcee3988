package serve

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"leadscore/serve/api"
)

func TestMlflowRoutes(t *testing.T) {
	won := loadedModel(t, "won")
	version := won.Artifact().Version
	h := newHarness(t, Limits{Body: 300, InferBody: 4096, InferRows: 3}, won, loadedModel(t, "second"))
	const path = "/invocations"
	for _, test := range []facadeTest{
		{name: "ping", method: "GET", path: "/ping", status: 200, want: []string{`"ready"`}},
		{name: "health", method: "GET", path: "/health", status: 200},
		{name: "version", method: "GET", path: "/version", status: 200, want: []string{"devel"}, not: []string{`"`, "\n"}},
		{name: "a method", method: "GET", path: path, status: 405, want: []string{`{"error_code":"BAD_REQUEST","message":"this path does not answer GET`}},

		{name: "split", path: path, body: `{"dataframe_split":{"columns":["lead_id","visits"],"data":[["a",4],["b",null]]}}`, status: 200,
			want: []string{`{"predictions":[{"lead_id":"a","probability":0.`, `"probability.sql":`, `"rule_score":15,"score":`, `"grade":"`, `"stage":"MQL"},{"lead_id":"b"`}, not: []string{"warnings", "error", "rule_score."}},
		{name: "an index", path: path, body: `{"dataframe_split":{"index":["x"],"columns":["visits"],"data":[[4]]}}`, status: 200, want: []string{`"lead_id":""`}},
		{name: "records with gaps", path: path, body: `{"dataframe_records":[{"visits":4},{},{"source":"web"}]}`, status: 200},
		{name: "inputs as NumPy writes them", path: path, body: `{"inputs":{"visits":[[4],[5]],"source":["web",null]}}`, status: 200},
		{name: "instances", path: path, body: `{"instances":[{"visits":4}]}`, status: 200},
		{name: "csv", path: path, contentType: "text/csv; charset=utf-8", body: "\ufefflead_id,visits\r\n\"a,b\",4\r\nc,\r\n", status: 200, want: []string{`"lead_id":"a,b"`, `"lead_id":"c"`}},
		{name: "no rows", path: path, body: `{"dataframe_split":{"columns":["visits"],"data":[]}}`, status: 200, want: []string{`{"predictions":[]}`}},
		{name: "no rows of csv", path: path, contentType: "text/csv", body: "visits\n", status: 200, want: []string{`{"predictions":[]}`}},
		{name: "a model", path: path, body: `{"instances":[{"visits":4}],"params":{"model":"second","as_of":null}}`, status: 200},
		{name: "a model in the query", path: path + "?model=won@" + version, body: `{"instances":[{"visits":4}]}`, status: 200},
		{name: "a query that cannot be read", path: path + "?model=won;x", body: `{"instances":[{"visits":4}]}`, status: 400, want: []string{"the query cannot be read"}},
		{name: "half a query", path: path + "?model=won&model=%zz", body: `{"instances":[{"visits":4}]}`, status: 400, want: []string{"the query cannot be read"}},
		{name: "no content type", path: path, contentType: "none", body: `{"inputs":{"visits":[4]},"params":null}`, status: 200},
		{name: "an unknown column on request", path: path, body: `{"dataframe_records":[{"shoe":44}],"params":{"unknown":"warn"}}`, status: 200},

		{name: "a wrong value in split", path: path, body: `{"dataframe_split":{"columns":["lead_id","visits"],"data":[["a",4],["b","many"]]}}`, status: 400,
			want: []string{`{"error_code":"BAD_REQUEST","message":"dataframe_split.data[1][1] \"visits\": not a number: \"many\"`}, not: []string{"predictions", "probability"}},
		{name: "in records", path: path, body: `{"dataframe_records":[{"visits":4},{"visits":"many"}]}`, status: 400, want: []string{`dataframe_records[1].visits: not a number`}},
		{name: "in columns", path: path, body: `{"inputs":{"visits":[4,"many"]}}`, status: 400, want: []string{`inputs.visits[1]: not a number`}},
		{name: "in csv", path: path, contentType: "text/csv", body: "lead_id,visits\na,4\nb,many\n", status: 400, want: []string{`line 3, column \"visits\": not a number`}},
		{name: "all that is wrong", path: path, body: `{"dataframe_records":[{"visits":"x"},{"visits":"y","visist":1}],"params":{"as_of":"now"},"z":0}`, status: 400,
			want: []string{`params.as_of: not an RFC 3339 time`, `z: no such key`, `dataframe_records[0].visits`, `dataframe_records[1].visits`, `dataframe_records[1].visist: training had no such attribute (did you mean \"visits\"?)`}},
		{name: "an unknown column", path: path, contentType: "text/csv", body: "shoe\n1\n", status: 400, want: []string{`column 1 \"shoe\": training had no such attribute`}},
		{name: "an index in csv", path: path, contentType: "text/csv", body: ",visits\n0,4\n", status: 400, want: []string{`column 1: has no name`, "index=False"}},
		{name: "a column twice in csv", path: path, contentType: "text/csv", body: "visits,visits\n1,4\n", status: 400, want: []string{`column 2: \"visits\" stands twice`}},
		{name: "a short line", path: path, contentType: "text/csv", body: "visits,source\n1\n", status: 400, want: []string{`line 2 of the table`}},
		{name: "a quote", path: path, contentType: "text/csv", body: "visits\n\"1\n", status: 400, want: []string{`of the table`}},
		{name: "not UTF-8", path: path, contentType: "text/csv", body: "source\nK\xf6ln\n", status: 400, want: []string{`line 2, column \"source\": is not UTF-8`}},
		{name: "an empty csv", path: path, contentType: "text/csv", body: "", status: 400, want: []string{`the table is empty`}},
		{name: "nested", path: path, body: `{"dataframe_records":[{"visits":{"a":1}}]}`, status: 400, want: []string{"is nested"}},
		{name: "two in an array", path: path, body: `{"inputs":{"visits":[[4,5]]}}`, status: 400, want: []string{"is nested"}},
		{name: "no wider row", path: path, body: `{"dataframe_split":{"columns":["visits"],"data":[[4,5]]}}`, status: 400, want: []string{`dataframe_split.data[0]: has 2 values for 1 columns`}},
		{name: "no shorter row", path: path, body: `{"dataframe_split":{"columns":["visits","source"],"data":[[4]]}}`, status: 400, want: []string{`has 1 values for 2 columns`}},
		{name: "a column twice", path: path, body: `{"dataframe_split":{"columns":["visits","visits"],"data":[[4,4]]}}`, status: 400, want: []string{`columns[1]: \"visits\" stands twice`}},
		{name: "a key twice", path: path, body: `{"dataframe_records":[{"visits":4,"visit\u0073":4}]}`, status: 400, want: []string{`key \"visits\" stands twice`}},
		{name: "a stranger twice", path: path, body: `{"dataframe_records":[{"a":4,"a":4}],"params":{"unknown":"warn"}}`, status: 400, want: []string{`key \"a\" stands twice`}},
		{name: "names that are numbers", path: path, body: `{"dataframe_split":{"columns":[0],"data":[[4]]}}`, status: 400, want: []string{`columns[0]: has the wrong type; want the name`}},
		{name: "no columns", path: path, body: `{"dataframe_split":{"data":[[4]]}}`, status: 400, want: []string{`dataframe_split.columns: is missing`}},
		{name: "columns of different lengths", path: path, body: `{"inputs":{"visits":[4,5],"source":["web"]}}`, status: 400, want: []string{`inputs.source: has 1 values, fewer than \"visits\"`}},
		{name: "the other way round", path: path, body: `{"inputs":{"visits":[4],"source":["web","tv"]}}`, status: 400, want: []string{`inputs.visits: has 1 values, fewer than \"source\"`}},
		{name: "no columns in inputs", path: path, body: `{"inputs":{}}`, status: 400, want: []string{`inputs: is empty`}},
		{name: "rows without names", path: path, body: `{"instances":[[1,2]]}`, status: 400, want: []string{`instances[0]: has the wrong type; want`}},
		{name: "instances of columns", path: path, body: `{"instances":{"visits":[4]}}`, status: 400, want: []string{`instances: has the wrong type; want an array of records`}},
		{name: "no table", path: path, body: `{"params":{}}`, status: 400, want: []string{`want one of`, `dataframe_split`}},
		{name: "two tables", path: path, body: `{"inputs":{"visits":[4]},"instances":[]}`, status: 400, want: []string{`instances: stands beside \"inputs\"`}},
		{name: "MLflow 1", path: path, body: `{"columns":["visits"],"data":[[4]]}`, status: 400, want: []string{`columns: no such key; want \"dataframe_split\"`}},
		{name: "an unknown option", path: path, body: `{"instances":[],"params":{"temperature":1}}`, status: 400, want: []string{`params.temperature: no such key; want \"as_of\"`}},
		{name: "a model in two places", path: path + "?model=won", body: `{"instances":[],"params":{"model":"won"}}`, status: 400, want: []string{`named in the query too`}},
		{name: "no such model", path: path, body: `{"instances":[],"params":{"model":"lost"}}`, status: 404, want: []string{`{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"model: no model \"lost\"`}},
		{name: "an unknown query", path: path + "?x=1", body: `{"instances":[]}`, status: 400, want: []string{"x: want at most one query parameter"}},
		{name: "no JSON", path: path, body: `{"instances":[`, status: 400, want: []string{"ends at byte 14"}},
		{name: "Infinity", path: path, body: `{"instances":[{"visits":-Infinity}]}`, status: 400, want: []string{"-Infinity is not JSON"}},
		{name: "too many rows", path: path, body: `{"instances":[{},{},{},{}]}`, status: 413, want: []string{"more than 3 rows"}},
		{name: "too many rows of csv", path: path, contentType: "text/csv", body: "visits\n1\n2\n3\n4\n", status: 413, want: []string{"more than 3 rows"}},
		{name: "a large record", path: path, body: `{"instances":[{"notes":"` + strings.Repeat("x", 300) + `"}]}`, status: 413, want: []string{"record instances[0] is larger than 300 bytes"}},
		{name: "a large body", path: path, body: strings.Repeat(" ", 4097), status: 413, want: []string{"larger than 4096 bytes"}},
		{name: "parquet", path: path, contentType: "application/vnd.apache.parquet", body: "PAR1", status: 415, want: []string{"want application/json or text/csv"}},
	} {
		test.run(t, h)
	}
}

// TestTablesWithMuchWrong: the message stays small, and reading ends.
func TestTablesWithMuchWrong(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	var many strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&many, `"a%d":1,`, i)
	}
	for name, body := range map[string]string{
		"cells": `{"inputs":{"visits":["x"` + strings.Repeat(`,"x"`, 50_000) + `]}}`,
		"names": `{"dataframe_split":{"columns":["` + strings.Repeat(`a","`, 50_000) + `"],"data":[]}}`,
		"keys":  `{"dataframe_records":[{` + many.String() + `"z":1}]}`,
		"rows":  `{"dataframe_records":[1` + strings.Repeat(`,1`, 50_000) + `]}`,
	} {
		a := h.do(t, "POST", "/invocations", jsonBody, body)
		if a.status != 400 || len(a.body) > 10_000 || !strings.Contains(a.body, "and more") {
			t.Errorf("%s: %d, %d bytes: %.300s", name, a.status, len(a.body), a.body)
		}
	}
}

// FuzzInvocations: a table is answered as its rows would be alone, or refused.
func FuzzInvocations(f *testing.F) {
	for _, body := range []string{
		`{"dataframe_split":{"columns":["lead_id","visits"],"data":[["a",4],["b",NaN]]}}`, `{"dataframe_records":[{"visits":4,"source":"web"},{}]}`,
		`{"inputs":{"visits":[[4],5],"source":["web",null]},"params":{"unknown":"warn"}}`, `{"instances":[{"do_not_email":true,"a":1}],"params":{"unknown":"warn"}}`,
	} {
		f.Add(body, false)
	}
	f.Add("lead_id,visits\na,4\n\"b\",\n", true)
	h := newHarness(f, Limits{Body: 1 << 16, InferBody: 1 << 16, InferRows: 64}, loadedModel(f, "won"))
	f.Fuzz(func(t *testing.T, body string, csv bool) {
		contentType := jsonBody
		if csv {
			contentType = "text/csv"
		}
		a := h.do(t, "POST", "/invocations", contentType, body)
		if a.status == 400 || a.status == 413 {
			return
		}
		var got struct {
			Predictions []struct{ Probability float64 }
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var sent struct {
			Records []map[string]json.RawMessage `json:"dataframe_records"`
			Params  json.RawMessage              `json:"params"`
		}
		if csv || json.Unmarshal([]byte(body), &sent) != nil || sent.Records == nil || sent.Params != nil {
			return
		}
		if len(sent.Records) != len(got.Predictions) {
			t.Fatalf("%d records, %d predictions", len(sent.Records), len(got.Predictions))
		}
		for i, lead := range sent.Records {
			one := h.do(t, "POST", "/v1/score", jsonBody, `{"lead":`+mustJSON(t, lead)+`}`)
			var want api.Answer
			if err := json.Unmarshal([]byte(one.body), &want); err != nil || one.status != 200 || want.Probability != got.Predictions[i].Probability {
				t.Fatalf("record %d: %v, alone %d %s", i, got.Predictions[i], one.status, one.body)
			}
		}
	})
}
