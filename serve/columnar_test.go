package serve

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

const batchPath = "/v1/score/batch"

// encode writes batches as a stream, a record batch for each.
func encode(t testing.TB, e datasets.Encoder, batches ...*datasets.Batch) string {
	t.Helper()
	var out []byte
	var err error
	for _, b := range batches {
		if out, err = e.Append(out, b); err == nil {
			out, err = e.Cut(out)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err = e.Close(out); err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// csvOf writes a table as CSV that the schema reads: decimal commas are quoted, moments are in the layout of their column.
func csvOf(t testing.TB, table *datasets.Table) string {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	record := make([]string, len(table.Schema.Fields))
	for i := range record {
		record[i] = table.Schema.Fields[i].Name
	}
	_ = w.Write(record)
	for _, b := range table.Batches {
		for row := range b.Rows() {
			for i, f := range table.Schema.Fields {
				v := b.Value(i, row)
				switch record[i] = v.String(); {
				case v.Missing():
					record[i] = ""
				case f.DecimalComma:
					record[i] = strings.Replace(record[i], ".", ",", 1)
				case f.Layout == "dd/mm/yyyy":
					record[i] = record[i][8:10] + "/" + record[i][5:7] + "/" + record[i][:4]
				}
			}
			_ = w.Write(record)
		}
	}
	w.Flush()
	return out.String()
}

// rowsOf reads an answer that is a table: the cells by column, and how many rows each record batch has.
func rowsOf(t testing.TB, a answer) (rows []map[string]string, groups []int) {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), csvMedia) {
		records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[1:] {
			cells := map[string]string{}
			for i, name := range records[0] {
				cells[name] = r[i]
			}
			rows = append(rows, cells)
		}
		return rows, nil
	}
	if got := a.header.Get("Content-Type"); got != arrowMedia {
		t.Fatalf("content type %q", got)
	}
	s := &datasets.Schema{}
	for name, kind := range map[string]datasets.Kind{
		"lead_id": datasets.Text, "probability": datasets.Numeric, "rule_score": datasets.Numeric, "score": datasets.Numeric, "grade": datasets.Text, "recommendation": datasets.Text,
		"probability_sql": datasets.Numeric, "probability_upsell": datasets.Numeric, "lower": datasets.Numeric, "upper": datasets.Numeric, "because": datasets.Text, "reasons": datasets.Text, "warnings": datasets.Text, "model_version": datasets.Text, "error": datasets.Text,
	} {
		s.Fields = append(s.Fields, datasets.Field{Name: name, Kind: kind})
	}
	in, err := datasets.ReadArrowStream(strings.NewReader(a.body), datasets.StreamOptions{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		b, err := in.Next()
		if errors.Is(err, io.EOF) {
			return rows, groups
		}
		if err != nil || len(b.Refused) > 0 {
			t.Fatalf("%v, %v", err, b)
		}
		for row := range b.Rows {
			cells := map[string]string{}
			for i, f := range s.Fields {
				cells[f.Name] = b.Batch.Value(i, row).String()
			}
			rows = append(rows, cells)
		}
		if n += b.Rows; b.Ends {
			groups, n = append(groups, n), 0
		}
	}
}

// isAnswer holds a row of a table against the answer that the lead alone gets, bit for bit.
func isAnswer(t testing.TB, cells map[string]string, want *api.Answer) {
	t.Helper()
	number := func(column string) float64 {
		x, err := strconv.ParseFloat(cells[column], 64)
		if err != nil {
			t.Fatalf("column %s: %v in %v", column, err, cells)
		}
		return x
	}
	for column, x := range map[string]float64{"probability": want.Probability, "rule_score": want.RuleScore, "score": want.Score, "probability_sql": want.Probabilities["sql"]} {
		if math.Float64bits(number(column)) != math.Float64bits(x) {
			t.Fatalf("%s %v, alone %v: %v", column, number(column), x, cells)
		}
	}
	for column, text := range map[string]string{
		"lead_id": want.LeadID, "grade": want.Grade, "recommendation": want.Recommendation.Stage, "warnings": strings.Join(want.Warnings, "; "), "model_version": want.Model.Version, "error": "",
	} {
		if cells[column] != text {
			t.Fatalf("%s %q, alone %q", column, cells[column], text)
		}
	}
}

// alone scores each row of a table by POST /v1/score. Only the first answer is held against openapi.json, which takes much longer than scoring.
func (h *harness) alone(t testing.TB, table *datasets.Table, query string) []api.Answer {
	t.Helper()
	out := make([]api.Answer, table.Rows())
	for row := range out {
		var a answer
		if b := body(t, table, row); row == 0 {
			a = h.do(t, "POST", "/v1/score"+query, jsonBody, string(b))
		} else {
			a = h.post(t, "/v1/score", strings.TrimPrefix(query, "?"), jsonBody, b)
		}
		if err := json.Unmarshal([]byte(a.body), &out[row]); err != nil || a.status != 200 {
			t.Fatalf("%v: %s", err, a.body)
		}
	}
	return out
}

// withoutMoments takes the as-of moment and the ids of some leads away, and gives some a source that training never saw.
func withoutMoments(t testing.TB, table *datasets.Table) *datasets.Table {
	t.Helper()
	b := table.Batches[0]
	columns := make([]datasets.Column, len(schema.Fields))
	for i := range columns {
		columns[i] = *b.Column(i)
	}
	created, ids, source := &columns[schema.Index("created_at")], &columns[0], &columns[1]
	created.Times, ids.Texts, source.Codes = slices.Clone(created.Times), slices.Clone(ids.Texts), slices.Clone(source.Codes)
	source.Levels = append(slices.Clone(source.Levels), "line\nfeed, \"tv\"")
	for row := range b.Rows() {
		if row%6 == 0 {
			created.Times[row] = datasets.MissingTime
		}
		if row%11 == 0 {
			ids.Texts[row] = ""
		}
		if row%13 == 0 {
			source.Codes[row] = int32(len(source.Levels) - 1)
		}
	}
	out, err := datasets.NewBatch(schema, b.Rows(), columns)
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{out}}
}

// TestTablesAreScore: a row of CSV or Arrow gets the bits and the texts that its lead alone gets.
func TestTablesAreScore(t *testing.T) {
	table := withoutMoments(t, leads(t, 150, 9))
	b := table.Batches[0]
	for name, m := range map[string]*model.Scorer{"rules": loadedModel(t, "won"), "events": eventModel(t)} {
		h := newHarness(t, Limits{}, m)
		for _, query := range []string{"", "?as_of=2024-02-01T00:00:00%2B01:00", "?lang=es&explain=2"} {
			want := h.alone(t, table, query)
			half := []int{}
			for row := range 70 {
				half = append(half, row)
			}
			rest := []int{}
			for row := 70; row < 150; row++ {
				rest = append(rest, row)
			}
			bodies := map[string]string{csvMedia: csvOf(t, table), arrowMedia: encode(t, datasets.NewArrowEncoder(schema), b.Pick(half), b.Pick(nil), b.Pick(rest))}
			for media, text := range bodies {
				rows, groups := rowsOf(t, h.do(t, "POST", batchPath+query, media, text))
				if len(rows) != len(want) || media == arrowMedia && !slices.Equal(groups, []int{70, 0, 80}) {
					t.Fatalf("%s %s %s: %d rows in groups of %d", name, media, query, len(rows), groups)
				}
				for row := range rows {
					isAnswer(t, rows[row], &want[row])
					if strings.Contains(query, "explain") {
						var reasons []api.Effect
						if err := json.Unmarshal([]byte(rows[row]["reasons"]), &reasons); err != nil || !slices.Equal(reasons, want[row].Reasons) ||
							rows[row]["because"] != strings.Join(want[row].Recommendation.Because, "; ") {
							t.Fatalf("row %d: reasons %s (%v), because %s; alone %+v", row, rows[row]["reasons"], err, rows[row]["because"], want[row])
						}
					}
				}
			}
		}
	}
}

// TestTableRows: what is wrong with a row is its own error, in its place, and leaves its other cells empty.
func TestTableRows(t *testing.T) {
	h := newHarness(t, Limits{Body: 300}, loadedModel(t, "won"))
	text := "\ufeffvisits,lead_id,status,revenue,first_seen,source\r\n" +
		"1,a,x,\"1.234,5\",24/12/2025,web\n" + // 0
		"many,b,x,1.5.2,,\n" + // 1
		"1,c\n" + // 2
		"\n" +
		"NA,d,,,,Select\n" + // 3
		"1,e,,,,a\"b\n" + // 4
		"1,f,,,,\"" + strings.Repeat("y", 400) + "\"\n" + // 5
		"Infinity,g,,,,\n" + // 6
		"1,h\xff,,,,\n" + // 7
		"1,\"i\nj\",,,31/02/2025,\n" + // 8
		"2,\"never closed,,,,\n" + // 9
		"1,k,,,,web" // 10
	a := h.do(t, "POST", batchPath, "text/csv; charset=UTF-8; header=present", text)
	rows, _ := rowsOf(t, a)
	if got := a.header.Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" {
		t.Errorf("content type %q", got)
	}
	if want := "lead_id,probability,rule_score,score,grade,recommendation,probability_sql,warnings,model_version,error\n"; !strings.HasPrefix(a.body, want) {
		t.Errorf("header %s", a.body[:100])
	}
	want := []string{
		"a", `invalid_value: column "visits": not a number: "many"; want digits with a decimal point, such as 1234.5 or 1,234.5; column "revenue": not a number: "1.5.2"; want digits with a decimal comma`,
		"invalid_csv: 2 fields, want 6", "d", "invalid_csv: a quote inside a field", "too_large: the row is larger than 300 bytes", `invalid_value: column "visits": not a number: "Infinity"`,
		"invalid_csv: not UTF-8", `invalid_value: column "first_seen": not a time: "31/02/2025"`, "invalid_csv: a quote is opened here and never closed", "k",
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d:\n%s", len(rows), len(want), a.body)
	}
	for i, cells := range rows {
		if cells["error"] == "" {
			if cells["lead_id"] != want[i] || cells["probability"] == "" || cells["recommendation"] == "" {
				t.Errorf("row %d: %v, want %s", i, cells, want[i])
			}
			continue
		}
		if !strings.HasPrefix(cells["error"], want[i]) {
			t.Errorf("row %d: %s, want %s", i, cells["error"], want[i])
		}
		delete(cells, "error")
		for column, text := range cells {
			if text != "" {
				t.Errorf("row %d was refused and has %s in %s", i, text, column)
			}
		}
	}
	metrics := h.do(t, "GET", "/metrics", "", "").body
	for _, line := range []string{`leadscore_refused_leads_total{code="invalid_csv"} 4`, `leadscore_refused_leads_total{code="invalid_value"} 3`, `leadscore_refused_leads_total{code="too_large"} 1`, `leadscore_score_count{model="won"} 3`, `leadscore_missing_fields_total{column="visits",model="won"} 1`} {
		if !strings.Contains(metrics, line) {
			t.Errorf("no metric %s", line)
		}
	}
}

// TestTablesCountAsLeadsDo: metrics of a table are those of its rows alone, the live PSI too.
func TestTablesCountAsLeadsDo(t *testing.T) {
	measured, _ := trained(t)
	for _, test := range []struct {
		scorer *model.Scorer
		rows   int
		want   []string
	}{
		{loadedModel(t, "won"), 60, []string{"leadscore_unknown_levels", `leadscore_drift_rows{model="won"`}},
		{measured, 250, []string{"leadscore_score_psi", "leadscore_feature_psi"}},
	} {
		table := withoutMoments(t, leads(t, test.rows, 3))
		counted := func(ask func(h *harness)) string {
			h := newHarness(t, Limits{}, test.scorer)
			ask(h)
			var lines []string
			for _, line := range strings.Split(h.do(t, "GET", "/metrics", "", "").body, "\n") {
				for _, name := range []string{"leadscore_score_", "leadscore_recommendations", "leadscore_unknown", "leadscore_missing", "leadscore_drift", "leadscore_feature_psi"} {
					if strings.HasPrefix(line, name) && !strings.Contains(line, "_sum") { // whose last bits depend on nothing but are added in order
						lines = append(lines, line)
					}
				}
			}
			return strings.Join(lines, "\n")
		}
		alone := counted(func(h *harness) {
			for row := range table.Rows() {
				h.post(t, "/v1/score", "", jsonBody, body(t, table, row))
			}
		})
		for _, want := range test.want {
			if !strings.Contains(alone, want) {
				t.Errorf("no %s in %s", want, alone)
			}
		}
		for media, text := range map[string]string{csvMedia: csvOf(t, table), arrowMedia: encode(t, datasets.NewArrowEncoder(schema), table.Batches...)} {
			if got := counted(func(h *harness) { h.post(t, batchPath, "", media, []byte(text)) }); got != alone {
				t.Errorf("as %s:\n%s\nalone:\n%s", media, got, alone)
			}
		}
	}
}

func TestTableRefusals(t *testing.T) {
	h := newHarness(t, Limits{BatchBody: 100_000}, loadedModel(t, "won"))
	needs := newHarness(t, Limits{}, needy(t))
	small := leads(t, 3, 1).Batches[0]
	arrowBody := encode(t, datasets.NewArrowEncoder(schema), small)
	for _, test := range []routeTest{
		{name: "no rows", body: "visits\n", status: 200, want: []string{"lead_id,probability"}},
		{name: "a header without a line feed", body: "visits", status: 200, want: []string{"lead_id,probability"}},
		{name: "outcomes are passed over", body: "visits,status,closed_at,empty\n1,x,y,z\n", status: 200, want: []string{"\n,0."}},
		{name: "one target", path: batchPath + "?targets=won", body: "visits\n1\n", status: 200, want: []string{"recommendation,warnings,model_version,error"}, not: []string{"probability_sql"}},
		{name: "unknown columns, a warning", path: batchPath + "?unknown=warn", body: "visist,visits\n7,1\n", status: 200, want: []string{`"visist: training had no such attribute (did you mean ""visits""?); it was passed over; `}},
		{name: "unknown columns", body: "visist,shoe,visits\n1,2,3\n", status: 400, field: "visist", want: []string{"unknown_attribute", "did you mean", `"field":"shoe"`, "?unknown=warn"}, not: []string{"probability"}},
		{name: "nothing", body: "", status: 400, want: []string{"invalid_csv", "no line of column names"}},
		{name: "blank lines", body: "\n\r\n", status: 400, want: []string{"no line of column names"}},
		{name: "two of one name", body: "visits,source,visits\n", status: 400, want: []string{"columns 1 and 3 are all named"}},
		{name: "a column without a name", body: "visits,\n1,2\n", status: 400, want: []string{"column 2 has no name"}},
		{name: "a name with a bare quote", body: "vi\"sits\n1\n", status: 400, want: []string{"invalid_csv"}},
		{name: "a name that is not closed", body: "\"visits\n1\n", status: 400, want: []string{"never closed"}},
		{name: "semicolons", body: "visits;source\n1;web\n", status: 400, field: "visits;source", want: []string{"unknown_attribute", "separated by commas"}},
		{name: "another charset", contentType: "text/csv; charset=latin1", body: "visits\n1\n", status: 415, want: []string{"UTF-8"}},
		{name: "without a header", contentType: "text/csv; header=absent", body: "1\n", status: 415},
		{name: "a broken content type", contentType: "text/csv; charset", body: "visits\n", status: 415},
		{name: "too large", body: "visits\n" + strings.Repeat("1\n", 60_000), status: 413, want: []string{"100000 bytes"}},
		{name: "no such model", path: batchPath + "?model=x", body: "visits\n1\n", status: 404, field: "model"},

		{name: "no Arrow", contentType: arrowMedia, body: "visits\n1\n", status: 400, want: []string{"invalid_arrow"}},
		{name: "no bytes of Arrow", contentType: arrowMedia, body: "", status: 400, want: []string{"invalid_arrow"}},
		{name: "cut Arrow", contentType: arrowMedia, body: arrowBody[:len(arrowBody)/2], status: 400, want: []string{"invalid_arrow", "ends within"}},
		{name: "bytes after Arrow", contentType: arrowMedia, body: arrowBody + "more", status: 400, want: []string{"bytes after the end"}},
		{name: "an Arrow file", contentType: arrowMedia, body: "ARROW1\x00\x00" + arrowBody, status: 400, want: []string{"invalid_arrow"}},
		{name: "a length of gigabytes", contentType: arrowMedia, body: "\xff\xff\xff\xff\x00\x00\x00\x70", status: 400, want: []string{"1879048192 bytes"}},
	} {
		if test.path == "" {
			test.path = batchPath
		}
		if test.contentType == "" {
			test.contentType = csvMedia
		}
		test.run(t, h)
	}
	for _, test := range []routeTest{
		{name: "a column that every lead needs", body: "source\nweb\n", status: 400, want: []string{`no column \"visits\"`}},
		{name: "a value that every lead needs", body: "visits\n1\nNA\n", status: 200, want: []string{`invalid_value: column ""visits"": not a number, which every row needs`, "\n,0."}},
	} {
		test.path, test.contentType = batchPath, csvMedia
		test.run(t, needs)
	}
	lacking := *schema
	lacking.Fields = slices.Delete(slices.Clone(schema.Fields), 2, 3)
	text := encode(t, datasets.NewArrowEncoder(&lacking))
	(&routeTest{name: "an Arrow column that every lead needs", path: batchPath, contentType: arrowMedia, body: text, status: 400, want: []string{`no column \"visits\"`}}).run(t, needs)
}

// TestTableWhoseModelFails: rows that our own mistake keeps from a score are errors, and the log says why.
func TestTableWhoseModelFails(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	set := h.models.Load()
	if err := h.setScorers([]scorer{&failing{set.models[0].scorer}}); err != nil {
		t.Fatal(err)
	}
	a := h.do(t, "POST", batchPath, csvMedia, "lead_id,visits\na,1\nb,x\n")
	rows, _ := rowsOf(t, a)
	if len(rows) != 2 || !strings.HasPrefix(rows[0]["error"], "internal: ") || strings.Contains(a.body, "cannot") || !strings.Contains(h.log.String(), "a model that cannot") {
		t.Errorf("%s\n%s", a.body, h.log)
	}
}

type failing struct{ scorer }

func (f *failing) ScoreBatch(*datasets.Batch, *model.Columns) error {
	return errors.New("a model that cannot")
}

// FuzzTables: whatever bytes stand in a batch that is a table, it is answered by a table or by a problem.
func FuzzTables(f *testing.F) {
	small := leads(f, 5, 1)
	arrowBody := encode(f, datasets.NewArrowEncoder(schema), small.Batches[0])
	f.Add([]byte(csvOf(f, small)), true, "")
	f.Add([]byte("visits,source\n1,\"a\"\"b\"\nx,\n1,\"\n"), true, "explain=1&unknown=warn")
	f.Add([]byte(arrowBody), false, "as_of=2024-01-01T00:00:00Z")
	f.Add([]byte(arrowBody[:300]), false, "targets=won")
	h := newHarness(f, Limits{Body: 200, BatchBody: 1 << 20}, loadedModel(f, "won"))
	f.Fuzz(func(t *testing.T, data []byte, isCSV bool, query string) {
		media := arrowMedia
		if isCSV {
			media = csvMedia
		}
		a := h.post(t, batchPath, query, media, data)
		if a.status == 200 {
			rows, _ := rowsOf(t, a)
			for _, cells := range rows {
				if (cells["error"] == "") != (cells["probability"] != "") {
					t.Fatalf("neither a score nor an error: %v", cells)
				}
			}
			return
		}
		var p api.Problem
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != a.status || p.Detail == "" || titles[p.Code] == "" || a.status >= 500 {
			t.Fatalf("%d %s (%v)", a.status, a.body, err)
		}
	})
}
