package serve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"leadscore/model/registry"
	"leadscore/serve/api"
)

// binaryBodies have no example: JSON has no bytes.
var binaryBodies = []string{"application/vnd.apache.arrow.stream", "application/octet-stream"}

// TestEverythingHasAnExample: each parameter, body, header and answer of the document has an example, and each example is valid
// against its schema.
func TestEverythingHasAnExample(t *testing.T) {
	h := newHarness(t, Limits{})
	checked := 0
	valid := func(where string, schema *openapi3.SchemaRef, example any) {
		t.Helper()
		checked++
		if err := schema.Value.VisitJSON(example, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s: the example is not valid: %v", where, err)
		}
	}
	content := func(where string, c openapi3.Content) {
		t.Helper()
		for kind, media := range c {
			if media.Example != nil {
				valid(where+" "+kind, media.Schema, media.Example)
			} else if len(media.Examples) == 0 && !slices.Contains(binaryBodies, kind) {
				t.Errorf("%s %s: no example", where, kind)
			}
			for name, e := range media.Examples {
				valid(where+" "+kind+" "+name, media.Schema, e.Value.Value)
			}
		}
	}
	for path, item := range h.doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			named := false
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				named = named || p.Value.Name == requestIDHeader
				if p.Value.Description == "" || p.Value.Example == nil {
					t.Errorf("%s: parameter %s has no description or no example", where, p.Value.Name)
					continue
				}
				valid(where+" parameter "+p.Value.Name, p.Value.Schema, p.Value.Example)
			}
			if !named {
				t.Errorf("%s: X-Request-Id is not among its parameters", where)
			}
			if op.RequestBody != nil {
				content(where+" body", op.RequestBody.Value.Content)
			}
			for status, r := range op.Responses.Map() {
				if r.Value.Description == nil || *r.Value.Description == "" {
					t.Errorf("%s %s: no description", where, status)
				}
				content(where+" "+status, r.Value.Content)
				if r.Value.Headers[requestIDHeader] == nil {
					t.Errorf("%s %s: no X-Request-Id", where, status)
				}
				for name, header := range r.Value.Headers {
					if header.Value.Description == "" || header.Value.Example == nil {
						t.Errorf("%s %s: header %s has no description or no example", where, status, name)
						continue
					}
					valid(where+" "+status+" header "+name, header.Value.Schema, header.Value.Example)
				}
			}
		}
	}
	if checked < 300 {
		t.Errorf("only %d examples", checked)
	}
}

// TestEveryCodeHasAnExample: each code that a problem can have stands under an answer, as the server would write it.
func TestEveryCodeHasAnExample(t *testing.T) {
	doc, _ := document(t)
	found := map[string]string{}
	for name, r := range doc.Components.Responses {
		media := r.Value.Content["application/problem+json"]
		if media == nil {
			continue
		}
		for code, e := range media.Examples {
			text, err := json.Marshal(e.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			var p api.Problem
			if err := json.Unmarshal(text, &p); err != nil {
				t.Fatal(err)
			}
			if p.Code != code || p.Title != titles[code] || p.Type != "urn:leadscore:problem:"+code {
				t.Errorf("the example %s of %s is not what the server says: %+v", code, name, p)
			}
			found[code] = p.Title
		}
	}
	if !maps.Equal(found, titles) {
		t.Errorf("examples of %v\ntitles of %v", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(titles)))
	}
}

// TestRequestExamplesScore sends each example of a request; the answers have the parts that their examples have.
func TestRequestExamplesScore(t *testing.T) {
	h := newHarness(t, Limits{}, reloaded(t, movable(t).Artifact()))
	place := strings.NewReplacer("{name}", "won", "{version}", h.models.Load().all[0].info.Version)
	sent := 0
	for path, item := range h.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for kind, media := range op.RequestBody.Value.Content {
				for name, value := range examplesOf(media) {
					at := h
					if op.Tags[0] == "models" { // changes what is served
						at = catalogHarness(t, Catalog{Registry: shelf(t, 3, "won")})
						promoteOnDisk(t, at.catalog.Registry.(*registry.Registry), "won", "v2")
						at.Reload()
					}
					a := at.do(t, method, place.Replace(path), kind, exampleText(t, value))
					if a.status != 200 || strings.HasSuffix(kind, "x-ndjson") && strings.Contains(a.body, `"error"`) {
						t.Errorf("%s %s %s %s: %d %s", method, path, kind, name, a.status, a.body)
					}
					sent++
				}
			}
		}
	}
	if sent < 15 {
		t.Errorf("%d examples of requests", sent)
	}
}

// examplesOf are the examples of a body by their names.
func examplesOf(m *openapi3.MediaType) map[string]any {
	all := map[string]any{}
	if m.Example != nil {
		all[""] = m.Example
	}
	for name, e := range m.Examples {
		all[name] = e.Value.Value
	}
	return all
}

// exampleText is an example as it goes over the wire: JSON, or the text itself.
func exampleText(t *testing.T, value any) string {
	t.Helper()
	if s, ok := value.(string); ok {
		return s
	}
	return mustJSON(t, value)
}

// TestAnswerExamplesAreAnswers asks what the examples of the document are answers to. Those that a model's numbers are in must have the parts
// that the answer has; the others must be the answer.
func TestAnswerExamplesAreAnswers(t *testing.T) {
	h := newHarness(t, Limits{}, reloaded(t, movable(t).Artifact()))
	place := strings.NewReplacer("{name}", "won", "{version}", h.models.Load().all[0].info.Version)
	doc := h.doc.Components
	for _, test := range []struct{ method, path, kind, request string }{
		{"POST", "/v1/score", jsonBody, "lead"},
		{"POST", "/v1/explain", jsonBody, "lead"},
		{"GET", "/v1/models", jsonBody, ""},
		{"GET", "/v1/models/{name}", jsonBody, ""},
		{"POST", "/v2/models/{name}/infer", jsonBody, "infer"},
		{"POST", "/v2/models/{name}/versions/{version}/infer", jsonBody, "infer"},
		{"POST", "/invocations", jsonBody, "split"},
	} {
		a := h.do(t, test.method, place.Replace(test.path), test.kind, requestExample(t, doc, test.request))
		for name, shown := range examplesOf(h.doc.Paths.Value(test.path).GetOperation(test.method).Responses.Value("200").Value.Content[test.kind]) {
			if got, want := partsOf(t, a.body), partsOf(t, exampleText(t, shown)); got != want {
				t.Errorf("%s %s has\n%s\nthe example %s has\n%s", test.method, test.path, got, name, want)
			}
		}
	}
	for _, path := range []string{"/v2", "/v2/", "/v2/health/live", "/v2/health/ready", "/v2/models/{name}/ready", "/v2/models/{name}/versions/{version}/ready", "/ping", "/health", "/version", "/healthz"} {
		for kind, media := range h.doc.Paths.Value(path).Get.Responses.Value("200").Value.Content {
			if got, want := strings.TrimSpace(h.do(t, "GET", place.Replace(path), "", "").body), exampleText(t, media.Example); kind == jsonBody && partsOf(t, got) != partsOf(t, want) || kind != jsonBody && got != want {
				t.Errorf("GET %s answers %s, its example is %s", path, got, want)
			}
		}
	}
	csv := h.doc.Paths.Value(batchPath).Post
	got := h.do(t, "POST", batchPath, "text/csv", exampleText(t, csv.RequestBody.Value.Content["text/csv"].Example)).body
	head, _, _ := strings.Cut(got, "\n")
	want := exampleText(t, csv.Responses.Value("200").Value.Content["text/csv"].Example)
	if !strings.HasPrefix(want, head+"\n") || strings.Count(got, "\n") != strings.Count(want, "\n") {
		t.Errorf("the CSV example is\n%s\nthe server answers\n%s", want, got)
	}
	for path, response := range map[string]string{"/v2/models/lost": "inferError", "/invocations": "mlflowError"} {
		method, body := "GET", ""
		if path == "/invocations" {
			method, body = "POST", `{"dataframe_records":[{"lead_id":"L-1","visits":"many"}]}`
		}
		got, want := h.do(t, method, path, jsonBody, body).body, exampleText(t, doc.Responses[response].Value.Content[jsonBody].Example)
		if mustJSON(t, decoded(t, got)) != mustJSON(t, decoded(t, want)) {
			t.Errorf("%s %s answers %s, its example is %s", method, path, got, want)
		}
	}
}

func requestExample(t *testing.T, doc *openapi3.Components, name string) string {
	t.Helper()
	if name == "" {
		return ""
	}
	return exampleText(t, doc.Examples[name].Value.Value)
}

func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return value
}

// partsOf is the keys of a JSON object, and those of the objects in its arrays.
func partsOf(t *testing.T, text string) string {
	t.Helper()
	keys := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, member := range v {
				keys[at+key] = true
				if key != "card" && key != "base_rates" { // of the card the example shows the beginning
					walk(at+key+".", member)
				}
			}
		case []any:
			for _, item := range v {
				walk(at, item)
			}
		}
	}
	walk("", decoded(t, text))
	return strings.Join(slices.Sorted(maps.Keys(keys)), " ")
}
