package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/serve/api"
)

// sharedOut serves two versions of a model, of which the second answers half of the leads.
func sharedOut(t testing.TB, change ...func(*Config)) *harness {
	t.Helper()
	return catalogHarness(t, Catalog{Registry: shelf(t, 2, "won")}, append(change, func(c *Config) {
		c.Challengers = []Challenger{{Name: "won", Version: "v2", Share: .5}}
	})...)
}

// asks are the leads of a table in the forms of tables and facades; "visits" is a number of each, "" an empty cell.
var asks = []struct{ name, path, media, body string }{
	{"csv", batchPath, csvMedia, "lead_id,visits\nL-0,1\nL-1,2\nL-2,3\n,4\nL-4,5\n"},
	{"oip", "/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"lead_id","shape":[5],"datatype":"BYTES","data":["L-0","L-1","L-2","","L-4"]},{"name":"visits","shape":[5],"datatype":"INT64","data":[1,2,3,4,5]}]}`},
	{"mlflow", "/invocations", jsonBody, `{"dataframe_split":{"columns":["lead_id","visits"],"data":[["L-0",1],["L-1",2],["L-2",3],[null,4],["L-4",5]]}}`},
	{"mlflow named", "/invocations", jsonBody, `{"dataframe_split":{"columns":["lead_id","visits"],"data":[["L-0",1],["L-1",2],["L-2",3],[null,4],["L-4",5]]},"params":{"model":"won"}}`},
	{"mlflow csv", "/invocations", csvMedia, "lead_id,visits\nL-0,1\nL-1,2\nL-2,3\n,4\nL-4,5\n"},
}

// TestTablesAreSharedOut: each row of a table gets the bits and texts that its lead gets alone, from the version that its id leads to, with
// refused rows between them.
func TestTablesAreSharedOut(t *testing.T) {
	h := sharedOut(t)
	table := withoutMoments(t, leads(t, 60, 9))
	for _, query := range []string{"", "?lang=es&explain=1"} {
		want := h.alone(t, table, query)
		by := map[string]int{}
		for i := range want {
			by[want[i].Model.RegistryVersion]++
		}
		if len(by) != 2 || by["v1"] < 10 || by["v2"] < 10 {
			t.Fatalf("the leads are answered by %v", by)
		}
		text := csvOf(t, table)
		lines := strings.SplitAfter(text, "\n")
		broken := strings.Join(append(append(append([]string{lines[0], "1\n"}, lines[1:20]...), "2\n", "3\n"), lines[20:]...), "")
		for name, ask := range map[string][2]string{
			"csv": {csvMedia, text}, "refused rows": {csvMedia, broken},
			"arrow": {arrowMedia, encode(t, datasets.NewArrowEncoder(schema), table.Batches[0])},
		} {
			rows, _ := rowsOf(t, h.do(t, "POST", batchPath+query, ask[0], ask[1]))
			next := 0
			for _, cells := range rows {
				if cells["error"] != "" {
					if cells["model_version"] != "" || cells["probability"] != "" {
						t.Errorf("%s: a refused row has %v", name, cells)
					}
					continue
				}
				isAnswer(t, cells, &want[next])
				if query != "" && cells["because"] != strings.Join(want[next].Recommendation.Because, "; ") {
					t.Errorf("%s: because %q, alone %v", name, cells["because"], want[next].Recommendation.Because)
				}
				next++
			}
			if next != len(want) || name == "refused rows" && len(rows) != len(want)+3 {
				t.Errorf("%s: %d answers of %d rows for %d leads", name, next, len(rows), len(want))
			}
		}
	}
}

// TestFacadesAreSharedOut, too.
func TestFacadesAreSharedOut(t *testing.T) {
	h := sharedOut(t)
	var want []string
	challenged := 0
	for i, id := range []string{`"L-0"`, `"L-1"`, `"L-2"`, `null`, `"L-4"`} {
		var a api.Answer
		got := h.do(t, "POST", "/v1/score", jsonBody, fmt.Sprintf(`{"lead":{"lead_id":%s,"visits":%d}}`, id, i+1))
		if err := json.Unmarshal([]byte(got.body), &a); err != nil || got.status != 200 {
			t.Fatal(got.body, err)
		}
		if a.Model.RegistryVersion == "v2" {
			challenged++
		}
		p, _ := json.Marshal(a.Probability)
		want = append(want, string(p))
	}
	if challenged == 0 || challenged == 5 {
		t.Fatalf("%d of 5 leads are the challenger's", challenged)
	}
	for _, ask := range asks[1:] {
		got := h.do(t, "POST", ask.path, ask.media, ask.body)
		for _, p := range want {
			if !strings.Contains(got.body, p) {
				t.Errorf("%s: no %s in %s", ask.name, p, got.body)
			}
		}
	}
	champion := h.models.Load().models[0].ref.Version
	if got := h.do(t, "POST", asks[1].path, jsonBody, asks[1].body); !strings.Contains(got.body, `"model_version":"`+champion+`"`) {
		t.Error(got.body)
	}
}

// TestTablesAreLogged: a row of a table or a facade leaves the record that its lead leaves alone, but for the reasons, which are there where they
// were asked for; a facade's table that is refused leaves none.
func TestTablesAreLogged(t *testing.T) {
	h, logged := logging(t, loadedModel(t, "won"))
	for _, query := range []string{"?as_of=2024-02-01T00:00:00Z&explain=2", "?explain=2"} {
		for i, id := range []string{`"L-0"`, `"L-1"`, `"L-2"`, `null`, `"L-4"`} {
			h.do(t, "POST", "/v1/score"+query, jsonBody, fmt.Sprintf(`{"lead":{"lead_id":%s,"visits":%d}}`, id, i+1))
		}
	}
	h.do(t, "POST", batchPath+"?as_of=2024-02-01T00:00:00Z&explain=2", csvMedia, asks[0].body)
	h.do(t, "POST", batchPath+"?as_of=2024-02-01T00:00:00Z&unknown=warn", csvMedia, "lead_id,visits,x,y\nL-0,1,,\nL-1,2,,\nL-2,many,,\nL-2,3,,\n,4,,\nL-4,5,,\n")
	for _, ask := range asks[1:] {
		h.do(t, "POST", ask.path, ask.media, ask.body)
	}
	h.do(t, "POST", "/invocations", jsonBody, strings.Replace(asks[3].body, `"model":"won"`, `"as_of":"2024-02-01T00:00:00Z"`, 1))
	h.do(t, "POST", "/invocations", csvMedia, "visits\n1\n2\nmany\n")
	rows := logged()
	if len(rows) != 5*9 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows[10:] {
		alone, table := rows[i%5], i/5
		if table > 1 && table < 6 {
			alone = rows[5+i%5] // without a moment
		}
		place := float64(i%5 + 1)
		if table == 1 && place > 2 {
			place++ // a row was refused
		}
		for column, want := range alone {
			got := row[column]
			switch {
			case column == "time" || column == "request_id":
				continue
			case column == "route":
				want = []any{batchPath, batchPath, "/v2/models/:name/infer", "/invocations", "/invocations", "/invocations", "/invocations"}[table]
			case column == "row":
				want = place
			case column == "reasons" && table > 0:
				want = "[]"
			case column == "warnings" && table == 1:
				want = want.(float64) + 2
			case column == "warnings" && table > 1:
				want = 0. // the protocols have no place for them
			}
			if got != want {
				t.Errorf("table %d, row %d: %s is %v, want %v", table, i%5, column, got, want)
			}
		}
		if row["row"] != place {
			t.Errorf("table %d: row %v, want %v", table, row["row"], place)
		}
	}
}

// TestTablesInTheAccessLog: how many rows there were, and which model answered.
func TestTablesInTheAccessLog(t *testing.T) {
	h := sharedOut(t, func(c *Config) { c.AccessLog = LogAll })
	name := h.models.Load().models[0].logName
	for _, ask := range asks {
		before := len(h.log.String())
		h.do(t, "POST", ask.path, ask.media, ask.body)
		if line := h.log.String()[before:]; !strings.Contains(line, `"rows":5`) || !strings.Contains(line, `"model":"`+name+`"`) {
			t.Errorf("%s: %s", ask.name, line)
		}
	}
	before := len(h.log.String())
	h.do(t, "POST", "/invocations", jsonBody, `{"dataframe_records":[{"visits":1}],"params":{"model":"won@v2"}}`)
	if line := h.log.String()[before:]; !strings.Contains(line, `"model":"won@v2"`) {
		t.Error(line)
	}
}

// TestTablesWarnOfAge, by the header.
func TestTablesWarnOfAge(t *testing.T) {
	b := versionOf(t, "won", 1, trainedOn("2025-01-01T00:00:00Z", "2026-01-31T12:00:00Z"))
	h, now := aged(t, b, "", time.Hour)
	for _, stale := range []bool{false, true} {
		*now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		if stale {
			*now = now.Add(48 * time.Hour)
		}
		for _, ask := range asks {
			if got := h.do(t, "POST", ask.path, ask.media, ask.body); (got.header.Get(ageHeader) != "") != stale || got.status != 200 {
				t.Errorf("%s: %d, header %q, stale %t", ask.name, got.status, got.header.Get(ageHeader), stale)
			}
		}
	}
}

// TestTablesStreamInFlatMemory, as batches of JSON do: 12 times the rows take no more memory.
func TestTablesStreamInFlatMemory(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	url := "http://" + h.listen(t) + batchPath
	hc := client(t)
	const each = 2_000 // rows of a piece that is sent again and again
	table := leads(t, each, 9)
	names, lines, _ := strings.Cut(csvOf(t, table), "\n")
	e := datasets.NewArrowEncoder(schema)
	whole := func(out []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	begin := whole(e.Cut(whole(e.Append(nil, table.Batches[0]))))
	record := whole(e.Cut(whole(e.Append(nil, table.Batches[0]))))
	for _, form := range []struct{ media, head, piece, tail string }{
		{csvMedia, names + "\n", lines, ""},
		{arrowMedia, string(begin), string(record), string(whole(e.Close(nil)))},
	} {
		peak := func(pieces int) (top uint64, size int) {
			src := io.MultiReader(strings.NewReader(form.head), &endless{line: []byte(form.piece), left: pieces}, strings.NewReader(form.tail))
			resp, err := hc.Post(url, form.media, src)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			buf := make([]byte, 256<<10)
			for {
				n, err := io.ReadFull(resp.Body, buf)
				size += n
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				top = max(top, m.HeapAlloc)
				if err != nil {
					if resp.StatusCode != http.StatusOK || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Fatalf("%s: %d after %d bytes: %v", form.media, resp.StatusCode, size, err)
					}
					return top, size
				}
			}
		}
		small, _ := peak(2)
		large, size := peak(24)
		if size < 24*each*100 {
			t.Errorf("%s: %d rows are answered by %d bytes", form.media, 24*each, size)
		}
		if large > small+8<<20 {
			t.Errorf("%s: %d bytes of heap with %d rows, %d with %d; the answer has %d", form.media, large, 24*each, small, 2*each, size)
		}
	}
}
