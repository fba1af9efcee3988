package config

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// bare returns what a node is about.
func bare(n ast.Node) ast.Node {
	if d, ok := n.(*ast.DocumentNode); ok {
		return d.Body
	}
	return n
}

// at returns where a node begins: line and column from 1, in characters.
func at(n ast.Node) (line, column int) {
	var t *token.Token
	switch n := bare(n).(type) {
	case nil:
		return 1, 1
	case *ast.MappingNode:
		if t = n.Start; len(n.Values) > 0 && !n.IsFlowStyle {
			return at(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return at(n.Key)
	default:
		t = n.GetToken()
	}
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}

func keyOf(kv *ast.MappingValueNode) position {
	line, column := at(kv.Key)
	return position{line: line, column: column}
}

// placeOf returns where the problem of a key's value is best seen: at the value when it stands in
// the key's line, else at the key.
func placeOf(kv *ast.MappingValueNode) position {
	key := keyOf(kv)
	if !empty(kv.Value) {
		if line, column := at(kv.Value); line == key.line && column > key.column {
			return position{line: line, column: column}
		}
	}
	return key
}

// written returns a scalar as it is written; an empty value is "".
func written(n ast.Node) (string, bool) {
	switch n := bare(n).(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		if empty(n) {
			return "", true
		}
		return n.Token.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

// empty reports whether there is a key but no value.
func empty(n ast.Node) bool {
	null, ok := n.(*ast.NullNode)
	return n == nil || ok && (null.Token == nil || null.Token.Type == token.ImplicitNullType || null.Token.Value == "")
}

// number returns the text of a number in plain decimal digits, as JSON has it but with any
// zeros in front. 0x1F, 1_000 and .inf are not.
func number(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	case *ast.StringNode:
		if n.Token.Type != token.StringType { // in quotes
			return "", false
		}
	default:
		return "", false
	}
	text, _ := written(n)
	if len(text) > 64 || strings.Trim(text, "+-.eE0123456789") != "" {
		return "", false
	}
	_, err := strconv.ParseFloat(text, 64) // 1e5 is a text to the parser, and a number in YAML
	return text, err == nil
}

// scalar returns a value whose type the column decides: true and false as bool, a number as
// json.Number, which keeps how it is written, null as nil, everything else as text.
func (d *decoder) scalar(n ast.Node, path string) (any, bool) {
	text, ok := written(n)
	if !ok || empty(n) {
		d.wrong(n, path, "a text, a number, true or false")
		return nil, false
	}
	if _, ok := n.(*ast.NullNode); ok {
		return nil, true
	}
	if b, ok := n.(*ast.BoolNode); ok && text == strconv.FormatBool(b.Value) {
		return b.Value, true
	}
	if _, ok := number(n); ok && json.Valid([]byte(text)) {
		return json.Number(text), true
	}
	return text, true
}

// describe says what a node is.
func describe(n ast.Node) string {
	switch n := bare(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		text, _ := written(n)
		return fmt.Sprintf("the text %q", shorten(text))
	}
	if empty(n) {
		return "nothing"
	}
	if text, ok := written(n); ok {
		return shorten(text)
	}
	return "something else"
}

func shorten(s string) string {
	const limit = 40
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

// either joins words: "a, b or c".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
