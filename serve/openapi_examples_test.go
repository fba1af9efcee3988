package serve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"leadscore/serve/api"
)

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
			} else if len(media.Examples) == 0 {
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
	if checked < 100 {
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
	example := func(name string) string {
		text, err := toJSON(h.doc.Components.Examples[name].Value.Value)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	parts := func(text string) []string {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return slices.Sorted(maps.Keys(object))
	}
	sent := 0
	for path, item := range h.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for kind, media := range op.RequestBody.Value.Content {
				for name, e := range media.Examples {
					text, err := toJSON(e.Value.Value)
					if err != nil {
						t.Fatal(err)
					}
					a := h.do(t, method, path, kind, string(text))
					if a.status != 200 || strings.HasSuffix(kind, "x-ndjson") && strings.Contains(a.body, `"error"`) {
						t.Errorf("%s %s %s %s: %d %s", method, path, kind, name, a.status, a.body)
					}
					sent++
				}
			}
		}
	}
	if sent < 7 {
		t.Errorf("%d examples of requests", sent)
	}
	for path, name := range map[string]string{"/v1/score": "answer", "/v1/explain": "explanation"} {
		a := h.do(t, "POST", path, jsonBody, example("lead"))
		if got, want := parts(a.body), parts(example(name)); !slices.Equal(got, want) {
			t.Errorf("%s answers %v, its example has %v", path, got, want)
		}
	}
	for path, name := range map[string]string{"/v1/models": "models", "/v1/models/won": "model"} {
		if got, want := parts(h.do(t, "GET", path, "", "").body), parts(example(name)); !slices.Equal(got, want) {
			t.Errorf("%s answers %v, its example has %v", path, got, want)
		}
	}
}
