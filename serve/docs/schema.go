package docs

import (
	"errors"
	"fmt"
	"strings"
)

// Field is a line of a schema's table.
type Field struct {
	Name     string // with the names of the objects around it: recommendation.stage; [] of an item
	Type     Type
	Required bool
	Text     string
}

// Type is a schema in a few words.
type Type struct {
	Words string // "number, 0 to 1", "array of"
	Of    string // name of the schema that the words go on with, to be linked; "" none
}

// Schema is one of the document's named schemas.
type Schema struct {
	Name, Text string
	Type       Type
	Fields     []Field
}

// typeOf tells a schema in words.
func (b *builder) typeOf(s *node) Type {
	if s == nil {
		return Type{Words: "anything"}
	}
	if ref := s.text("$ref"); ref != "" {
		_, name := b.follow(s)
		return Type{Of: name}
	}
	if c := s.at("const"); c != nil {
		return Type{Words: "always " + string(c.raw)}
	}
	if e := s.at("enum"); e != nil {
		var all []string
		for _, v := range e.items {
			all = append(all, v.show())
		}
		return Type{Words: "one of " + strings.Join(all, ", ")}
	}
	for key, word := range map[string]string{"oneOf": "either ", "anyOf": "any of "} {
		if of := s.at(key); of != nil {
			var all []string
			for _, v := range of.items {
				t := b.typeOf(v)
				all = append(all, strings.TrimSpace(t.Words+" "+t.Of))
			}
			return Type{Words: word + strings.Join(all, " or ")}
		}
	}
	kind := s.text("type")
	if many := s.texts("type"); many != nil {
		kind = strings.Join(many, " or ")
	}
	switch {
	case kind == "array":
		t := b.typeOf(s.at("items"))
		return Type{Words: strings.TrimSpace("array of " + t.Words + b.bounds(s)), Of: t.Of}
	case kind == "object" && s.at("additionalProperties").at("type") != nil || s.at("additionalProperties").text("$ref") != "":
		t := b.typeOf(s.at("additionalProperties"))
		return Type{Words: strings.TrimSpace("object of " + t.Words), Of: t.Of}
	case kind == "":
		return Type{Words: "object"}
	}
	if f := s.text("format"); f != "" {
		kind += ", " + f
	}
	return Type{Words: kind + b.bounds(s)}
}

// bounds tells limits of numbers, lists and texts.
func (b *builder) bounds(s *node) string {
	low, high := s.at("minimum"), s.at("maximum")
	if low == nil && high == nil {
		if low, high = s.at("minItems"), s.at("maxItems"); low == nil && high == nil {
			return ""
		}
	}
	switch {
	case high == nil:
		return ", from " + string(low.raw)
	case low == nil:
		return ", at most " + string(high.raw)
	}
	return fmt.Sprintf(", %s to %s", low.raw, high.raw)
}

// fields lists what an object has, those of its inner objects and of the schemas that it is made of too. Named schemas are linked, not repeated.
func (b *builder) fields(prefix string, s *node) []Field {
	if b.err != nil {
		return nil
	}
	if b.depth++; b.depth > deepest {
		b.fail(errors.New("its schemas stand within each other without end"))
	}
	defer func() { b.depth-- }()
	var all []Field
	if of := s.at("allOf"); of != nil {
		for _, part := range of.items {
			part, _ := b.follow(part)
			all = append(all, b.fields(prefix, part)...)
		}
	}
	if of := s.at("oneOf"); of != nil {
		for _, part := range of.items {
			if part.text("$ref") == "" {
				all = append(all, b.fields(prefix, part)...)
			}
		}
	}
	required := map[string]bool{}
	for _, name := range s.texts("required") {
		required[name] = true
	}
	s.at("properties").each(func(name string, p *node) {
		f := Field{Name: prefix + name, Type: b.typeOf(p), Required: required[name], Text: p.text("description")}
		all = append(all, f)
		if p.at("properties") != nil {
			all = append(all, b.fields(f.Name+".", p)...)
		}
		if item := p.at("items"); item.at("properties") != nil {
			all = append(all, b.fields(f.Name+"[].", item)...)
		}
	})
	return all
}
