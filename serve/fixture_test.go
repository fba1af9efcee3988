package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"go.uber.org/goleak"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/serve/api"
)

func init() {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
}

func TestMain(m *testing.M) {
	if status, is := beClient(); is {
		os.Exit(status)
	}
	goleak.VerifyTestMain(m)
}

// schema has every kind of column.
var schema = &datasets.Schema{
	Fields: []datasets.Field{
		{Name: "lead_id", Kind: datasets.Text},
		{Name: "source", Kind: datasets.Categorical},
		{Name: "visits", Kind: datasets.Numeric},
		{Name: "revenue", Kind: datasets.Numeric, DecimalComma: true},
		{Name: "do_not_email", Kind: datasets.Boolean},
		{Name: "created_at", Kind: datasets.Time},
		{Name: "first_seen", Kind: datasets.Time, Layout: "dd/mm/yyyy"},
		{Name: "Job Title", Kind: datasets.Categorical},
		{Name: "notes", Kind: datasets.Text},
		{Name: "empty", Kind: datasets.Unknown},
	},
	Nulls: datasets.DefaultNulls,
}

// leads are rows of the schema with missing cells in most.
func leads(t testing.TB, rows int, seed uint64) *datasets.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	levels := map[string][]string{
		"source":    {"web", "webinar", "referral", "cold call <list>", "messe \"Köln\""},
		"Job Title": {"CEO", "Marketing Manager", "Software Engineer", "VP Sales", "Student"},
	}
	columns := make([]datasets.Column, len(schema.Fields))
	for i, f := range schema.Fields {
		c := datasets.Column{Kind: f.Kind, Levels: levels[f.Name]}
		for row := range rows {
			gone := r.IntN(8) == 0
			switch f.Kind {
			case datasets.Text:
				c.Texts = append(c.Texts, fmt.Sprintf("%s-%04d", f.Name, row))
			case datasets.Categorical:
				code := int32(r.IntN(len(c.Levels)))
				if gone {
					code = -1
				}
				c.Codes = append(c.Codes, code)
			case datasets.Numeric, datasets.Boolean:
				x := math.Round(r.ExpFloat64()*500) / 100
				if f.Kind == datasets.Boolean {
					x = float64(r.IntN(2))
				}
				if gone {
					x = math.NaN()
				}
				c.Numbers = append(c.Numbers, x)
			case datasets.Time:
				at := int64(1.7e15) + r.Int64N(1e13)/1e6*1e6
				if f.Name == "first_seen" {
					at = (at - 1e13) / 86_400e6 * 86_400e6
				}
				if gone && f.Name != "created_at" {
					at = datasets.MissingTime
				}
				c.Times = append(c.Times, at)
			}
		}
		columns[i] = c
	}
	b, err := datasets.NewBatch(schema, rows, columns)
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}
}

// artifact is a model of these leads. Its effects are drawn at random: serving does not ask where they come from.
func artifact(t testing.TB, name string) *model.Artifact {
	t.Helper()
	return artifactOf(t, name, leads(t, 600, 5))
}

// artifactOf is a model of the leads of a table, which has at least the columns of the schema.
func artifactOf(t testing.TB, name string, table *datasets.Table) *model.Artifact {
	t.Helper()
	pipeline, _, err := features.Fit(table, nil, features.Spec{AsOf: "created_at", Drop: []string{"lead_id"}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, uint64(len(name))))
	target := func(name string) model.Target {
		tg := model.Target{Name: name, BaseRate: .3, Intercept: -.5}
		for _, f := range pipeline.Features() {
			e := model.TermEffect{Effect: features.Effect{Table: make([]float64, len(f.Levels))}}
			for i := range e.Table {
				e.Table[i] = r.NormFloat64()
				e.Mean += e.Table[i] / float64(len(f.Levels))
				e.Rows, e.Positives = append(e.Rows, 100), append(e.Positives, 10+i)
			}
			if f.Linear {
				e.Slope = r.NormFloat64() / 2
			}
			tg.Effects = append(tg.Effects, e)
		}
		return tg
	}
	limit := 25.0
	return &model.Artifact{
		Format: model.Format, Name: name, ID: "lead_id", AsOf: "created_at",
		Schema: table.Schema, Outcomes: []string{"status", "closed_at"}, Pipeline: pipeline,
		Targets: []model.Target{target("won"), target("sql")},
		Rules: &rules.File{Version: 1, Scorecards: []rules.Scorecard{{
			Name: "default", Bounds: &rules.Bounds{Min: 0, Max: 100},
			Groups: []rules.Group{
				{Name: "fit", Cap: &limit, Rules: []rules.Rule{
					{Name: "partner", When: rules.Condition{Field: "source", In: []any{"referral", "webinar"}}, Points: rules.Points{Fixed: 20}},
					{Name: "visits", When: rules.Condition{CEL: `lead["visits"] > 3.0`}, Points: rules.Points{Fixed: 15}},
				}},
				{Name: "intent", Rules: []rules.Rule{
					{Name: "price page", When: rules.Condition{Event: "price_page", Within: "14d"}, Points: rules.Points{Fixed: 30}},
				}},
			},
			Hard: []rules.HardRule{{Name: "no mail", When: rules.Condition{Field: "do_not_email", In: []any{true}}, Stage: "disqualify"}},
		}}},
		Blend:  model.Blend{Method: "logit", Intercept: -.3, Logit: .8, Rule: 1.2},
		Policy: model.Policy{MQL: model.StageRule{MinScore: 45}, SQL: model.StageRule{MinScore: 65, Required: []string{"Job Title"}}},
		Card:   &model.Card{Targets: map[string]*model.TargetCard{"won": {BaseRate: .3, Scores: map[string]model.Metrics{}}}, Rows: 600},
	}
}

// loadedModel is the artifact after it has been a file, as the server gets it. It is made once for a name; a Scorer never changes.
func loadedModel(t testing.TB, name string) *model.Scorer {
	t.Helper()
	scorers.Lock()
	defer scorers.Unlock()
	if scorers.made[name] == nil {
		scorers.made[name] = reloaded(t, artifact(t, name))
	}
	return scorers.made[name]
}

var scorers = struct {
	sync.Mutex
	made map[string]*model.Scorer
}{made: map[string]*model.Scorer{}}

func reloaded(t testing.TB, made *model.Artifact) *model.Scorer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.json")
	if err := made.Save(path); err != nil {
		t.Fatal(err)
	}
	a, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// body is a request for one row of a table, each value as JSON of its kind.
func body(t testing.TB, table *datasets.Table, row int) []byte {
	t.Helper()
	lead := map[string]any{}
	for i, f := range table.Schema.Fields {
		v := table.Batches[0].Value(i, row)
		switch {
		case v.Missing():
		case f.Kind == datasets.Numeric:
			lead[f.Name] = v.Num
		case f.Kind == datasets.Boolean:
			lead[f.Name] = v.Num == 1
		case f.Kind == datasets.Time && f.Layout == "dd/mm/yyyy":
			lead[f.Name] = time.UnixMicro(v.Time).UTC().Format("02/01/2006")
		case f.Kind == datasets.Time:
			lead[f.Name] = time.UnixMicro(v.Time).UTC().Format("2006-01-02T15:04:05Z")
		default:
			lead[f.Name] = v.Str
		}
	}
	b, err := json.Marshal(map[string]any{"lead": lead})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// journal is a log that tests can read.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// harness is a server with its log and with answers held against openapi.json.
type harness struct {
	*Server
	log    *journal
	doc    *openapi3.T
	router routers.Router
}

// config is one for tests: request ids are r-1, r-2 and so on.
func config(log io.Writer, limits Limits, models ...*model.Scorer) Config {
	var n atomic.Int64
	return Config{
		Models: models, Limits: limits, Clock: time.Now,
		Logger:    slog.New(slog.NewJSONHandler(log, nil)),
		RequestID: func() string { return fmt.Sprintf("r-%d", n.Add(1)) },
	}
}

func newHarness(t testing.TB, limits Limits, models ...*model.Scorer) *harness {
	t.Helper()
	h := &harness{log: &journal{}}
	var err error
	if h.Server, err = New(config(h.log, limits, models...)); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	return h
}

// document is openapi.json and its routes, read once: checking it takes longer than most tests.
func document(t testing.TB) (*openapi3.T, routers.Router) {
	t.Helper()
	d, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	return d.doc, d.router
}

type documentOf struct {
	doc    *openapi3.T
	router routers.Router
}

var documented = sync.OnceValues(func() (d documentOf, err error) {
	if d.doc, err = openapi3.NewLoader().LoadFromData(openAPI); err == nil {
		d.router, err = legacy.NewRouter(d.doc)
	}
	return d, err
})

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do asks the handler and holds the answer against openapi.json.
func (h *harness) do(t testing.TB, method, path, contentType, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	a := answer{w.Code, w.Header(), w.Body.String()}
	h.conforms(t, r, a)
	return a
}

// conforms holds an answer against the document; what the document has no path for must be a problem, in the form of the
// protocol that the path belongs to.
func (h *harness) conforms(t testing.TB, r *http.Request, a answer) {
	t.Helper()
	if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != map[bool]string{true: "no-cache", false: "no-store"}[a.header.Get("ETag") != ""] {
		t.Errorf("%s %s: security headers are missing: %v", r.Method, r.URL, a.header)
	}
	route, params, err := h.router.FindRoute(r)
	if err != nil {
		schema := "Problem"
		switch foreign(r.URL.Path, &api.Problem{}).(type) {
		case inferError:
			schema = "InferError"
		case mlflowError:
			schema = "MlflowError"
		}
		h.matches(t, schema, a.body)
		return
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/x-ndjson") {
		for _, line := range strings.Split(strings.TrimSuffix(a.body, "\n"), "\n") {
			if line != "" {
				h.matches(t, "Row", line)
			}
		}
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params},
		Status:                 a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes([]byte(a.body))
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%s %s: the answer is not as openapi.json says: %v\n%s", r.Method, r.URL, err, a.body)
	}
}

func (h *harness) matches(t testing.TB, schema, text string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Errorf("not JSON: %v\n%s", err, text)
		return
	}
	if err := h.doc.Components.Schemas[schema].Value.VisitJSON(v, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("not a %s: %v\n%s", schema, err, text)
	}
}

// fake is a model whose answers a test decides on.
type fake struct {
	scorer
	advise func(l *model.Lead) error
}

func (f *fake) Advise(l *model.Lead, reasons int, e *model.Explanation) error {
	if err := f.advise(l); err != nil {
		return err
	}
	return f.scorer.Advise(l, reasons, e)
}

func (f *fake) Score(l *model.Lead, p *model.Prediction) error {
	if err := f.advise(l); err != nil {
		return err
	}
	return f.scorer.Score(l, p)
}

// use puts a fake in front of the real model.
func (h *harness) use(t testing.TB, advise func(*model.Lead) error) {
	t.Helper()
	set := h.models.Load()
	if err := h.setScorers([]scorer{&fake{set.models[0].scorer, advise}}); err != nil {
		t.Fatal(err)
	}
}

// post asks with a query as it stands, of any bytes, and without openapi.json.
func (h *harness) post(t testing.TB, path, query, contentType string, body []byte) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}
