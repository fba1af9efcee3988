package serve

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/registry"
	"leadscore/serve/api"
)

// otherColumns is a model.json of leads with other columns than those of schema: "extra" is new, "empty" is a number, "notes" and the outcome
// "closed_at" are gone.
func otherColumns(t testing.TB, change ...func(*model.Artifact)) []byte {
	t.Helper()
	table := leads(t, 200, 5)
	s := &datasets.Schema{Nulls: schema.Nulls}
	var columns []datasets.Column
	add := func(f datasets.Field, c datasets.Column) { s.Fields, columns = append(s.Fields, f), append(columns, c) }
	numbers := datasets.Column{Kind: datasets.Numeric}
	for row := range table.Rows() {
		numbers.Numbers = append(numbers.Numbers, float64(row%7))
	}
	add(datasets.Field{Name: "extra", Kind: datasets.Numeric}, numbers)
	for i, f := range schema.Fields {
		switch f.Name {
		case "notes":
		case "empty":
			f.Kind = datasets.Numeric
			add(f, numbers)
		default:
			add(f, *table.Batches[0].Column(i))
		}
	}
	b, err := datasets.NewBatch(s, table.Rows(), columns)
	if err != nil {
		t.Fatal(err)
	}
	a := artifactOf(t, "won", &datasets.Table{Schema: s, Batches: []*datasets.Batch{b}})
	a.Outcomes = a.Outcomes[:1]
	for _, f := range change {
		f(a)
	}
	path := t.TempDir() + "/model.json"
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func otherTarget(a *model.Artifact) { a.Targets[1].Name = "upsell" }

// withChallenger serves the model as v1 beside another as v2.
func withChallenger(t testing.TB, other []byte, c Challenger, change ...func(*Config)) *harness {
	t.Helper()
	r := shelf(t, 1, "won")
	addRun(t, r, other)
	c.Name, c.Version = "won", "v2"
	return catalogHarness(t, Catalog{Registry: r}, append(change, func(s *Config) { s.Challengers = []Challenger{c} })...)
}

func addRun(t testing.TB, r *registry.Registry, file []byte) {
	t.Helper()
	run := t.TempDir()
	write(t, run+"/model.json", file)
	if _, err := r.Add("won", run); err != nil {
		t.Fatal(err)
	}
}

// textTable is a table of texts, as it stands in a file.
type textTable struct {
	names []string
	rows  [][]string
}

func (x textTable) csv() string {
	var b strings.Builder
	for _, row := range append([][]string{x.names}, x.rows...) {
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	return b.String()
}

func (x textTable) arrow(t testing.TB) string {
	t.Helper()
	s := &datasets.Schema{}
	columns := make([]datasets.Column, len(x.names))
	for i, name := range x.names {
		s.Fields = append(s.Fields, datasets.Field{Name: name, Kind: datasets.Text})
		columns[i].Kind = datasets.Text
		for _, row := range x.rows {
			columns[i].Texts = append(columns[i].Texts, row[i])
		}
	}
	b, err := datasets.NewBatch(s, len(x.rows), columns)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, datasets.NewArrowEncoder(s), b)
}

// body is a row as a lead of its own.
func (x textTable) body(row int) string {
	var lead []string
	for i, name := range x.names {
		lead = append(lead, fmt.Sprintf("%q:%q", name, x.rows[row][i]))
	}
	return `{"lead":{` + strings.Join(lead, ",") + `}}`
}

// someLeads are rows that both models can read, but for what is asked for.
func someLeads(names ...string) textTable {
	x := textTable{names: append([]string{"lead_id", "visits", "source"}, names...)}
	for i := range 24 {
		row := []string{fmt.Sprintf("L-%d", i), fmt.Sprint(i % 9), []string{"web", "tv", ""}[i%3]}
		for range names {
			row = append(row, fmt.Sprint(i%5))
		}
		x.rows = append(x.rows, row)
	}
	x.rows[7][0] = ""
	return x
}

// TestTablesOfOtherColumnsAreSharedOut: each row of a table gets what its lead gets alone from the model that its id leads to, its refusal too, where the two
// models read and answer other columns.
func TestTablesOfOtherColumnsAreSharedOut(t *testing.T) {
	h := withChallenger(t, otherColumns(t, otherTarget), Challenger{Share: .5})
	plain, known, wrong, both := someLeads(), someLeads("extra", "notes"), someLeads("empty", "status"), someLeads("foreign", "closed_at")
	for i, cell := range map[int]string{2: "many", 3: "few", 4: "n/a", 9: "many", 10: "x"} {
		wrong.rows[i][3] = cell // the champion does not look at it
		wrong.rows[i+5][1] = cell
	}
	for name, test := range map[string]struct {
		table textTable
		query string
		codes []string // of refused rows
	}{
		"both know the columns":      {plain, "", nil},
		"explained":                  {plain, "?explain=2&lang=es&as_of=2026-01-01T00:00:00Z", nil},
		"the challenger knows":       {someLeads("extra"), "", []string{"unknown_attribute"}},
		"the champion knows":         {someLeads("notes"), "", []string{"unknown_attribute"}},
		"one knows each, passed":     {known, "?unknown=warn", nil},
		"wrong for one or for both":  {wrong, "", []string{"invalid_value"}},
		"a target of one":            {plain, "?targets=won,sql", []string{"invalid_value"}},
		"a target of both":           {plain, "?targets=won", nil},
		"strangers to one or to all": {both, "?unknown=warn", nil},
	} {
		var want []*api.Answer
		var codes []string
		by := map[string]int{}
		for i := range test.table.rows {
			got := h.post(t, "/v1/score", strings.TrimPrefix(test.query, "?"), jsonBody, []byte(test.table.body(i)))
			var a api.Answer
			var p api.Problem
			if got.status == 200 {
				if err := json.Unmarshal([]byte(got.body), &a); err != nil {
					t.Fatal(err)
				}
				by[a.Model.RegistryVersion]++
			} else if err := json.Unmarshal([]byte(got.body), &p); err != nil || !slices.Contains(test.codes, p.Code) {
				t.Fatalf("%s: row %d alone: %d %s", name, i, got.status, got.body)
			}
			want, codes = append(want, &a), append(codes, p.Code)
		}
		if test.codes == nil && (by["v1"] < 5 || by["v2"] < 5) {
			t.Fatalf("%s: the leads are answered by %v", name, by)
		}
		for form, ask := range map[string][2]string{"csv": {csvMedia, test.table.csv()}, "arrow": {arrowMedia, test.table.arrow(t)}} {
			rows, _ := rowsOf(t, h.do(t, "POST", batchPath+test.query, ask[0], ask[1]))
			if len(rows) != len(want) {
				t.Fatalf("%s, %s: %d rows of %d", name, form, len(rows), len(want))
			}
			for i, cells := range rows {
				if codes[i] != "" {
					if !strings.HasPrefix(cells["error"], codes[i]+": ") || cells["probability"] != "" || cells["model_version"] != "" {
						t.Errorf("%s, %s, row %d: %v, alone %s", name, form, i, cells, codes[i])
					}
					continue
				}
				a := want[i]
				told := map[string]string{
					"error": "", "lead_id": a.LeadID, "probability": numeral(a.Probability), "score": numeral(a.Score), "recommendation": a.Recommendation.Stage,
					"model_version": a.Model.Version, "warnings": strings.Join(a.Warnings, "; "), "probability_sql": "", "probability_upsell": "",
				}
				for _, target := range []string{"sql", "upsell"} {
					if p, ok := a.Probabilities[target]; ok {
						told["probability_"+target] = numeral(p)
					}
				}
				for column, text := range told {
					if cells[column] != text {
						t.Fatalf("%s, %s, row %d: %s is %q, alone %q", name, form, i, column, cells[column], text)
					}
				}
			}
		}
	}
}

func numeral(x float64) string { return datasets.Value{Kind: datasets.Numeric, Num: x}.String() }

// TestTablesThatNobodyReads are refused whole, as by the champion alone.
func TestTablesThatNobodyReads(t *testing.T) {
	h := withChallenger(t, otherColumns(t), Challenger{Share: .5})
	for _, ask := range [][2]string{
		{csvMedia, someLeads("foreign").csv()}, {arrowMedia, someLeads("foreign").arrow(t)}, {csvMedia, someLeads("lead_id").csv()}, {csvMedia, "\n"}, {arrowMedia, "no"},
	} {
		got, want := h.do(t, "POST", batchPath, ask[0], ask[1]), h.do(t, "POST", batchPath+"?model=won@v1", ask[0], ask[1])
		if strip := func(a answer) string { return a.body[:strings.LastIndex(a.body, `"request_id"`)] }; got.status != 400 || want.status != 400 || strip(got) != strip(want) {
			t.Errorf("%d %s\n%d %s", got.status, got.body, want.status, want.body)
		}
	}
}

// TestRequiredColumnsOfOneModel: a column without which one of the models can score no lead refuses the rows of that model.
func TestRequiredColumnsOfOneModel(t *testing.T) {
	h := withChallenger(t, otherColumns(t, func(a *model.Artifact) { a.Schema.Fields[0].Required = true }), Challenger{Share: .5})
	for _, table := range []textTable{someLeads(), someLeads("extra")} {
		for _, ask := range [][2]string{{csvMedia, table.csv()}, {arrowMedia, table.arrow(t)}} {
			rows, _ := rowsOf(t, h.do(t, "POST", batchPath+"?unknown=warn", ask[0], ask[1]))
			for i, cells := range rows {
				alone := h.post(t, "/v1/score", "unknown=warn", jsonBody, []byte(table.body(i)))
				if (alone.status == 200) != (cells["error"] == "") || alone.status != 200 && !strings.HasPrefix(cells["error"], "invalid_value: ") {
					t.Errorf("row %d: %v, alone %s", i, cells, alone.body)
				}
			}
		}
	}
}

// TestTablesThatCannotBeSharedOut: "probability" cannot mean two targets, and the protocols have no place for an output that one of the models lacks.
func TestTablesThatCannotBeSharedOut(t *testing.T) {
	first := withChallenger(t, versionOf(t, "won", 5, func(a *model.Artifact) { a.Targets = []model.Target{a.Targets[1], a.Targets[0]} }), Challenger{Share: .5})
	lacks := withChallenger(t, otherColumns(t, otherTarget), Challenger{Share: .5})
	for i, ask := range asks {
		for h, why := range map[*harness]string{first: "whose first target is", lacks: "which answers no"} {
			got := h.do(t, "POST", ask.path, ask.media, ask.body)
			if want := h == first || i > 0; (got.status == 409) != want || want && (!strings.Contains(got.body, why) || !strings.Contains(got.body, "won@v1")) {
				t.Errorf("%s: %d %s", ask.name, got.status, got.body)
			}
		}
	}
	for _, path := range []string{batchPath + "?model=won@v1", batchPath + "?model=won@v2", "/v2/models/won/versions/v1/infer", "/invocations?model=won@v2"} {
		ask := asks[0]
		if strings.HasPrefix(path, "/v2") {
			ask = asks[1]
		}
		if got := first.do(t, "POST", path, ask.media, ask.body); got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	asked := strings.Replace(asks[1].body, `{"inputs"`, `{"outputs":[{"name":"probability.won"},{"name":"stage"}],"inputs"`, 1)
	if got := lacks.do(t, "POST", asks[1].path, jsonBody, asked); got.status != 200 {
		t.Errorf("outputs that both have: %d %s", got.status, got.body)
	}
}
