package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
)

//go:embed page.html
var layout string

//go:embed page.css
var style string

//go:embed try.js
var script string

// Page is a page with the policy that it needs.
type Page struct {
	HTML   []byte
	Policy string // Content-Security-Policy
}

// Document is what page.html shows.
type Document struct {
	Title, Version, Summary string
	Text                    []string // paragraphs
	Keys                    bool     // the server can ask for credentials
	Groups                  []Group
	Errors                  []Error
	Schemas                 []Schema
	Style                   template.CSS
	Script                  template.JS
}

// Group is a tag with its operations.
type Group struct {
	Name, Text string
	Operations []Operation
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path, Summary string
	Text                      []string
	Parameters                []Parameter // of path and query
	Headers                   []Parameter
	BodyText                  string
	Bodies                    []Media // of the request
	Answers                   []Answer
	Errors                    []Answer // statuses from 400 on, and the default
	Leads                     bool     // its body is one lead or many
}

// Parameter is one of a path, a query or a head.
type Parameter struct {
	Name, In, Text, Example string
	Type                    Type
	Required                bool
}

// Media is what a body of one content type looks like.
type Media struct {
	Kind, Text string
	Type       Type
	Fields     []Field // of a schema without a name
	Examples   []Example
}

// Example is a value as text.
type Example struct{ Name, Text string }

// Answer is what comes back with a status.
type Answer struct {
	Status, Text string
	Headers      []Parameter
	Bodies       []Media
}

// Error is a code that a problem can have.
type Error struct{ Status, Code, Title, Detail string }

// builder keeps the first thing that is wrong with the document.
type builder struct {
	root  *node
	depth int // of schemas
	err   error
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) follow(n *node) (*node, string) {
	target, name, err := b.root.follow(n)
	if err != nil {
		b.fail(err)
	}
	return target, name
}

// New makes the page of an OpenAPI 3.1 document. The error tells what of the document is not as it should be.
func New(openAPI []byte) (*Page, error) {
	root, err := parse(openAPI)
	if err != nil {
		return nil, fmt.Errorf("making the page of the API: %w", err)
	}
	b := &builder{root: root}
	d := b.document()
	if b.err == nil && len(d.Groups) == 0 {
		b.err = errors.New("it has no operation")
	}
	if b.err != nil {
		return nil, fmt.Errorf("making the page of the API: %w", b.err)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"lower": strings.ToLower, "input": input, "segments": segments}).Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("making the page of the API: %w", err)
	}
	var page bytes.Buffer
	if err := t.Execute(&page, d); err != nil {
		return nil, fmt.Errorf("making the page of the API: %w", err)
	}
	return &Page{HTML: page.Bytes(), Policy: policy(page.Bytes())}, nil
}

var inline = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)

// policy allows what stands in the page (style and script by their hashes, the empty icon) and requests to the server that it came from.
func policy(page []byte) string {
	p := "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	for _, m := range inline.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(m[2])
		p += fmt.Sprintf("; %s-src 'sha256-%s'", m[1], base64.StdEncoding.EncodeToString(sum[:]))
	}
	return p
}

func (b *builder) document() *Document {
	info := b.root.at("info")
	d := &Document{
		Title: info.text("title"), Version: info.text("version"), Summary: info.text("summary"), Text: paragraphs(info),
		Keys: b.root.at("components", "securitySchemes") != nil, Style: template.CSS(style), Script: template.JS(script),
	}
	if tags := b.root.at("tags"); tags != nil {
		for _, tag := range tags.items {
			d.Groups = append(d.Groups, Group{Name: tag.text("name"), Text: tag.text("description")})
		}
	}
	b.root.at("paths").each(func(path string, item *node) {
		item.each(func(method string, op *node) {
			if !slices.Contains([]string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}, method) {
				return
			}
			name := "other"
			if tags := op.texts("tags"); len(tags) > 0 {
				name = tags[0]
			}
			i := slices.IndexFunc(d.Groups, func(g Group) bool { return g.Name == name })
			if i < 0 {
				d.Groups = append(d.Groups, Group{Name: name})
				i = len(d.Groups) - 1
			}
			d.Groups[i].Operations = append(d.Groups[i].Operations, b.operation(strings.ToUpper(method), path, item, op))
		})
	})
	d.Groups = slices.DeleteFunc(d.Groups, func(g Group) bool { return len(g.Operations) == 0 })
	b.root.at("components", "schemas").each(func(name string, s *node) {
		d.Schemas = append(d.Schemas, Schema{Name: name, Text: s.text("description"), Type: b.typeOf(s), Fields: b.fields("", s)})
	})
	d.Errors = b.errors()
	return d
}

func (b *builder) operation(method, path string, item, op *node) Operation {
	o := Operation{ID: op.text("operationId"), Method: method, Path: path, Summary: op.text("summary"), Text: paragraphs(op)}
	for _, list := range []*node{op.at("parameters"), item.at("parameters")} {
		if list == nil {
			continue
		}
		for _, p := range list.items {
			p, _ := b.follow(p)
			if one := b.parameter(p.text("name"), p); one.In == "header" {
				o.Headers = append(o.Headers, one)
			} else {
				o.Parameters = append(o.Parameters, one)
			}
		}
	}
	body, _ := b.follow(op.at("requestBody"))
	o.BodyText, o.Bodies = body.text("description"), b.media(body)
	o.Leads = slices.ContainsFunc(o.Bodies, func(m Media) bool { return m.Type.Of == "Request" })
	op.at("responses").each(func(status string, r *node) {
		r, _ = b.follow(r)
		a := Answer{Status: status, Text: r.text("description"), Bodies: b.media(r)}
		r.at("headers").each(func(name string, h *node) {
			h, _ = b.follow(h)
			a.Headers = append(a.Headers, b.parameter(name, h))
		})
		if status < "4" {
			o.Answers = append(o.Answers, a)
		} else {
			o.Errors = append(o.Errors, a)
		}
	})
	slices.SortStableFunc(o.Errors, func(x, y Answer) int { return strings.Compare(x.Status, y.Status) })
	slices.SortStableFunc(o.Answers, func(x, y Answer) int { return strings.Compare(x.Status, y.Status) })
	return o
}

func (b *builder) parameter(name string, p *node) Parameter {
	required, example := p.at("required"), p.at("example").show()
	if many := p.texts("example"); many != nil {
		example = strings.Join(many, ",") // as it is sent: style form, not exploded
	}
	return Parameter{
		Name: name, In: p.text("in"), Text: p.text("description"), Example: example, Type: b.typeOf(p.at("schema")),
		Required: required != nil && required.leaf == true,
	}
}

// media lists the content types of a body, an answer or a request.
func (b *builder) media(of *node) []Media {
	var all []Media
	of.at("content").each(func(kind string, c *node) {
		m := Media{Kind: kind, Text: c.text("schema", "description"), Type: b.typeOf(c.at("schema"))}
		if m.Type.Of == "" {
			m.Fields = b.fields("", c.at("schema"))
		}
		if e := c.at("example"); e != nil {
			m.Examples = append(m.Examples, Example{Text: e.show()})
		}
		c.at("examples").each(func(name string, e *node) {
			e, _ = b.follow(e)
			if e.text("summary") != "" {
				name = e.text("summary")
			}
			m.Examples = append(m.Examples, Example{Name: name, Text: e.at("value").show()})
		})
		all = append(all, m)
	})
	return all
}

// errors lists the codes that the examples of problems have, by status.
func (b *builder) errors() []Error {
	var all []Error
	b.root.at("components", "responses").each(func(_ string, r *node) {
		r.at("content", "application/problem+json", "examples").each(func(_ string, e *node) {
			e, _ = b.follow(e)
			v := e.at("value")
			all = append(all, Error{Status: v.at("status").show(), Code: v.text("code"), Title: v.text("title"), Detail: v.text("detail")})
		})
	})
	slices.SortStableFunc(all, func(x, y Error) int { return strings.Compare(x.Status, y.Status) })
	return all
}

// Input is a place to write a parameter of an operation in.
type Input struct {
	ID string // of the operation
	Parameter
}

func input(id string, p Parameter) Input { return Input{id, p} }

// segments are the parts of a path, between which a line may break.
func segments(path string) []string { return strings.SplitAfter(path, "/") }

// paragraphs are those of a description.
func paragraphs(n *node) []string {
	if s := n.text("description"); s != "" {
		return strings.Split(s, "\n\n")
	}
	return nil
}
