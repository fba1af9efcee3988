package serve

import (
	"slices"
	"strings"
	"testing"

	"leadscore/serve/api"
)

// TestEveryRouteIsDocumented holds the routes against openapi.json, both ways.
func TestEveryRouteIsDocumented(t *testing.T) {
	h := newHarness(t, Limits{})
	engine, err := h.newEngine()
	if err != nil {
		t.Fatal(err)
	}
	var routes, documented []string
	for _, r := range engine.Routes() {
		path := r.Path
		for _, part := range strings.Split(r.Path, "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				path = strings.Replace(path, part, "{"+name+"}", 1)
			}
		}
		routes = append(routes, r.Method+" "+path)
	}
	for path, item := range h.doc.Paths.Map() {
		for method, op := range item.Operations() {
			documented = append(documented, method+" "+path)
			if op.Summary == "" || op.OperationID == "" || op.Responses.Default() == nil {
				t.Errorf("%s %s: no summary, no operationId or no problem", method, path)
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if !slices.Equal(routes, documented) {
		t.Errorf("routes     %v\ndocumented %v", routes, documented)
	}
}

// TestDocumentHasEveryCode: the codes of the document, of the package api and of the titles are the same.
func TestDocumentHasEveryCode(t *testing.T) {
	doc, _ := document(t)
	var listed []string
	for _, v := range doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		listed = append(listed, v.(string))
	}
	var titled []string
	for code, title := range titles {
		titled = append(titled, code)
		if title == "" {
			t.Errorf("%s has no title", code)
		}
	}
	slices.Sort(listed)
	slices.Sort(titled)
	if !slices.Equal(listed, titled) {
		t.Errorf("document %v\ntitles   %v", listed, titled)
	}
	if !slices.Contains(listed, api.CodeInternal) {
		t.Error("a code of package api is not listed")
	}
}
