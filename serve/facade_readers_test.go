package serve

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"leadscore/serve/api"
)

// facadeForms are a table in each form that the facades read.
func (x textTable) facadeForms(t testing.TB, params string) map[string][3]string {
	t.Helper()
	marshal := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	columns := map[string][]string{}
	var tensors []any
	records := make([]map[string]string, len(x.rows))
	for i, name := range x.names {
		for k, row := range x.rows {
			if columns[name] = append(columns[name], row[i]); i == 0 {
				records[k] = map[string]string{}
			}
			records[k][name] = row[i]
		}
		tensors = append(tensors, map[string]any{"name": name, "shape": []int{len(x.rows)}, "datatype": "BYTES", "data": columns[name]})
	}
	const infer, invocations = "/v2/models/won/infer", "/invocations"
	params = `"params":{` + params + `},`
	return map[string][3]string{
		"oip":     {infer, jsonBody, `{` + strings.Replace(params, "params", "parameters", 1) + `"inputs":` + marshal(tensors) + `}`},
		"split":   {invocations, jsonBody, `{` + params + `"dataframe_split":` + marshal(map[string]any{"columns": x.names, "data": x.rows}) + `}`},
		"records": {invocations, jsonBody, `{` + params + `"dataframe_records":` + marshal(records) + `}`},
		"columns": {invocations, jsonBody, `{` + params + `"inputs":` + marshal(columns) + `}`},
		"csv":     {invocations, csvMedia, x.csv()},
	}
}

// probabilities are those of an answer of either facade.
func facadeProbabilities(t testing.TB, body string) (out []float64) {
	t.Helper()
	var a struct {
		Outputs []struct {
			Name string
			Data []any
		}
		Predictions []struct{ Probability float64 }
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatal(err, body)
	}
	for _, p := range a.Predictions {
		out = append(out, p.Probability)
	}
	for _, o := range a.Outputs {
		for _, x := range o.Data {
			if o.Name == "probability" {
				out = append(out, x.(float64))
			}
		}
	}
	return out
}

// TestFacadesOfOtherColumnsAreSharedOut: each lead gets the bits that it gets alone, and what is wrong with it for the model that answers it refuses the
// table.
func TestFacadesOfOtherColumnsAreSharedOut(t *testing.T) {
	h := withChallenger(t, otherColumns(t), Challenger{Share: .5})
	wrong := someLeads("empty")
	for i := range wrong.rows {
		if Share("won", wrong.rows[i][0]) >= .5 || wrong.rows[i][0] == "" {
			wrong.rows[i][3] = "many" // of a lead of the champion's, which does not look
		}
	}
	refused := wrong
	refused.rows = slices.Clone(wrong.rows)
	theirs := slices.IndexFunc(refused.rows, func(row []string) bool { return Share("won", row[0]) < .5 })
	refused.rows[theirs] = slices.Clone(refused.rows[theirs])
	refused.rows[theirs][3] = "few"
	for name, test := range map[string]struct {
		table  textTable
		params string
		want   []string // of a refusal; nil: there is none
	}{
		"both know the columns":     {someLeads(), "", nil},
		"wrong for nobody":          {wrong, "", nil},
		"wrong for one":             {refused, "", []string{"not a number", "few"}},
		"one knows each, passed":    {someLeads("extra", "notes"), `"unknown":"warn"`, nil},
		"the challenger knows":      {someLeads("extra"), "", []string{"won@v1", "extra"}},
		"the champion knows":        {someLeads("closed_at"), "", []string{"won@v2", "closed_at"}},
		"nobody knows":              {someLeads("foreign"), "", []string{"foreign", "training had no such attribute"}},
		"nobody knows, and a wrong": {someLeads("foreign", "foreign too"), "", []string{"foreign", "foreign too"}},
	} {
		for form, ask := range test.table.facadeForms(t, test.params) {
			if form == "csv" && test.params != "" {
				continue
			}
			got := h.do(t, "POST", ask[0], ask[1], ask[2])
			if test.want != nil {
				for _, text := range test.want {
					if got.status != 400 || !strings.Contains(got.body, text) {
						t.Errorf("%s, %s: no %q in %d %s", name, form, text, got.status, got.body)
					}
				}
				if n := strings.Count(got.body, "which answers some of these leads"); n > 1 {
					t.Errorf("%s, %s: an unknown column is told of %d times: %s", name, form, n, got.body)
				}
				continue
			}
			if got.status != 200 {
				t.Fatalf("%s, %s: %d %s", name, form, got.status, got.body)
			}
			p := facadeProbabilities(t, got.body)
			by := map[string]int{}
			for i := range test.table.rows {
				var a api.Answer
				alone := h.post(t, "/v1/score", "unknown=warn", jsonBody, []byte(test.table.body(i)))
				if err := json.Unmarshal([]byte(alone.body), &a); err != nil || len(p) != len(test.table.rows) || p[i] != a.Probability {
					t.Fatalf("%s, %s, row %d: %v, alone %s", name, form, i, p, alone.body)
				}
				by[a.Model.RegistryVersion]++
			}
			if by["v1"] < 5 || by["v2"] < 5 {
				t.Fatal(by)
			}
		}
	}
	if got := h.do(t, "POST", "/invocations", jsonBody, fmt.Sprintf(`{"dataframe_records":[{"lead_id":"L-1","extra":1},{"lead_id":%q,"extra":1}]}`, wrong.rows[theirs][0])); strings.Contains(got.body, "[1]") {
		t.Errorf("a key of the challenger's record is wrong: %s", got.body)
	}
}
