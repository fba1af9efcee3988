package docs

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func document(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func page(t testing.TB, text []byte) (string, string) {
	t.Helper()
	p, err := New(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.HTML), p.Policy
}

// TestPageNamesEverything: each route, parameter, schema, status and code of the document.
func TestPageNamesEverything(t *testing.T) {
	text := document(t)
	html, _ := page(t, text)
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas    map[string]json.RawMessage
			Parameters map[string]struct{ Name string }
			Responses  map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var problem struct {
		Properties struct{ Code struct{ Enum []string } }
	}
	if err := json.Unmarshal(doc.Components.Schemas["Problem"], &problem); err != nil {
		t.Fatal(err)
	}
	named := 0
	has := func(want string) {
		t.Helper()
		named++
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for path, item := range doc.Paths {
		for method := range item {
			if method != "parameters" {
				has(`data-method="` + strings.ToUpper(method) + `" data-path="` + path + `"`)
			}
		}
		has(`<code>` + path + `</code></h3>`)
	}
	for name := range doc.Components.Schemas {
		has(`id="schema-` + name + `"`)
	}
	for _, p := range doc.Components.Parameters {
		has(`<code>` + p.Name + `</code> <span class="in">`)
	}
	for _, code := range problem.Properties.Code.Enum {
		has(`<th scope="row"><code>` + code + `</code></th>`)
	}
	for _, name := range []string{"recommendation.stage", "errors[].field", "policy.mql", "interval.lower", "error"} {
		has(`<th scope="row"><code>` + name + `</code>`)
	}
	if named < 40 {
		t.Errorf("only %d names were looked for", named)
	}
	for _, not := range []string{"ZgotmplZ", "<no value>", "&lt;nil&gt;", `href="#schema-"`, "https://", "http://"} {
		if strings.Contains(html, not) {
			t.Errorf("the page holds %s", not)
		}
	}
}

// TestPageLoadsNothing: no address but anchors, the document beside it, and an icon that is empty.
func TestPageLoadsNothing(t *testing.T) {
	html, _ := page(t, document(t))
	for _, m := range regexp.MustCompile(`(?i)\s(src|href|action|srcset|poster|style|on[a-z]+)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if m[1] != "href" || !strings.HasPrefix(m[2], "#") && m[2] != "openapi.json" && m[2] != "data:," {
			t.Errorf("the page has %s=%q", m[1], m[2])
		}
	}
	if m := regexp.MustCompile(`@import|\burl\(|(?i:<(?:iframe|img|object|embed|video|audio))`).FindString(html); m != "" {
		t.Errorf("the page has %s", m)
	}
}

// TestLinksLeadSomewhere: each anchor has its id, and no id stands twice.
func TestLinksLeadSomewhere(t *testing.T) {
	html, _ := page(t, document(t))
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
	links := regexp.MustCompile(`(?:href="#|for="|aria-labelledby=")([^"]*)"`).FindAllStringSubmatch(html, -1)
	for _, m := range links {
		if !ids[m[1]] {
			t.Errorf("%s leads nowhere", m[0])
		}
	}
	if len(links) < 100 {
		t.Errorf("%d links", len(links))
	}
}

// TestPolicyIsOfWhatStandsInThePage: one style and one script, each by the hash of its text, and nothing else allowed.
func TestPolicyIsOfWhatStandsInThePage(t *testing.T) {
	html, policy := page(t, document(t))
	want := "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	for _, tag := range []string{"style", "script"} {
		if n := strings.Count(html, "<"+tag); n != 1 {
			t.Errorf("%d of %s", n, tag)
		}
		_, text, _ := strings.Cut(html, "<"+tag+">")
		text, _, ok := strings.Cut(text, "</"+tag+">")
		sum := sha256.Sum256([]byte(text))
		want += "; " + tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !ok || len(text) < 1000 {
			t.Errorf("%s is %q", tag, text)
		}
	}
	if policy != want {
		t.Errorf("policy\n%s\nwant\n%s", policy, want)
	}
}

// TestTextsOfTheDocumentAreTexts: what stands in a document cannot become part of the page's code.
func TestTextsOfTheDocumentAreTexts(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`
	text := strings.NewReplacer("Score one lead", evil, `"example": "won"`, `"example": "`+evil+`"`, `"source": "referral"`, `"source": "`+evil+`"`).Replace(string(document(t)))
	html, _ := page(t, []byte(text))
	if strings.Count(html, "<script>") != 1 || strings.Contains(html, "<img") || !strings.Contains(html, "&lt;img src=x") {
		t.Error("a text of the document became a tag")
	}
}

func TestSameDocumentSamePage(t *testing.T) {
	a, _ := page(t, document(t))
	b, _ := page(t, document(t))
	if a != b {
		t.Error("two pages of one document differ")
	}
}

// TestKeysAreAskedForWhereTheServerHasThem: only a document with security schemes has a place for a key.
func TestKeysAreAskedForWhereTheServerHasThem(t *testing.T) {
	const small = `{"info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"operationId":"a","responses":{}}}},"components":{SCHEMES}}`
	with, _ := page(t, []byte(strings.Replace(small, "SCHEMES", `"securitySchemes":{"key":{"type":"http"}}`, 1)))
	without, _ := page(t, []byte(strings.Replace(small, "SCHEMES", "", 1)))
	if !strings.Contains(with, `id="key"`) || strings.Contains(without, `id="key"`) {
		t.Error("the place for a key is not where it should be")
	}
}

func TestWrongDocuments(t *testing.T) {
	for text, want := range map[string]string{
		``:              "EOF",
		`{`:             "EOF",
		`{} {}`:         "more than one value",
		`{}`:            "no operation",
		`{"a":1,"a":2}`: `"a" stands twice`,
		`[1,]`:          "invalid",
		`{"paths":{"/a":{"get":{"parameters":[{"$ref":"#/components/parameters/p"}]}}}}`: `nothing at "#/components/parameters/p"`,
		strings.Repeat("[", 100): "nested deeper",
		`{"paths":{"/":{"get":{}}},"components":{"schemas":{"S":{"allOf":[{"$ref":"#/components/schemas/S"}]}}}}`: "without end",
		`{"paths":{"/a":{"get":{"requestBody":{"$ref":"other.json#/a"}}}}}`:                                       `nothing at "other.json#/a"`,
		`{"paths":{"/a":{"get":{"responses":{"200":{"content":{"a/b":{"schema":{"$ref":"#/x"}}}}}}}}}`:            `nothing at "#/x"`,
	} {
		if _, err := New([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "making the page") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzNew: no document brings a panic, and none two scripts.
func FuzzNew(f *testing.F) {
	f.Add([]byte(`{"tags":[{"name":"a"}],"paths":{"/a/{b}":{"parameters":[{"name":"b","in":"path","example":1}],"post":{"tags":["a"],"responses":{"200":{"description":"d"}}}}}}`))
	f.Add([]byte(`{"tags":[1],"paths":{"/a":{"get":{"tags":[null],"parameters":[{}],"requestBody":{"content":{"x":{"examples":{"e":1}}}},"responses":{"":{"headers":{"h":null}}}}}}}`))
	f.Add([]byte(`{"paths":{"/":{"get":{}}},"components":{"schemas":{"S":{"allOf":[{"$ref":"#/components/schemas/S"}]}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := New(text); err == nil && strings.Count(string(p.HTML), "<script>") != 1 {
			t.Errorf("%s", p.HTML)
		}
	})
}

// TestWhatRepeatsIsFolded: headers and errors of a route are one line each until they are asked for; errors go by status.
func TestWhatRepeatsIsFolded(t *testing.T) {
	html, _ := page(t, document(t))
	_, article, _ := strings.Cut(html, `<article id="score"`)
	article, _, _ = strings.Cut(article, "</article>")
	for _, want := range []string{
		`<details class="headers"><summary>Headers: <code>Idempotency-Key</code>, <code>X-Request-Id</code></summary>`,
		`<details class="errors"><summary>Errors: <b class="status s4">400</b> <b class="status s4">401</b> <b class="status s4">403</b>`,
		`<b class="status s5">503</b> <b class="status sd">other</b></summary>`,
	} {
		if !strings.Contains(article, want) {
			t.Errorf("the route lacks %s", want)
		}
	}
	if n := strings.Count(html, "data-fill>"); n != 3 {
		t.Errorf("%d bodies are filled with the attributes of a lead, want those of score, batch and explain", n)
	}
	if strings.Contains(html, `such as <code>[`) {
		t.Error("an example of a list is not written as it is sent")
	}
}
