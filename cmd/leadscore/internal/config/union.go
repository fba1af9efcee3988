package config

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"leadscore/datasets"
)

// targets are the targets in the order of the file: the first is the primary one.
type targets []target

func (t *targets) decode(d *decoder, n ast.Node, path string) {
	d.keys(n, path, "a mapping of names to targets, such as won: {column: status, positive: [closed_won]}", func(name, p string, kv *ast.MappingValueNode) {
		x := target{name: name}
		d.value(kv.Value, p, reflect.ValueOf(&x).Elem())
		*t = append(*t, x)
	})
}

// paths is a file, a folder or a pattern, or a list of them.
type paths []string

func (p *paths) decode(d *decoder, n ast.Node, path string) {
	if _, ok := n.(*ast.SequenceNode); ok {
		d.list(n, path, reflect.ValueOf((*[]string)(p)).Elem())
		return
	}
	if text, ok := written(n); ok && !empty(n) {
		*p = paths{text}
		return
	}
	d.wrong(n, path, "a file, a folder, a pattern such as leads/*.parquet, or a list of them")
}

// kind is a column's kind.
type kind datasets.Kind

func (k *kind) decode(d *decoder, n ast.Node, path string) {
	text, ok := d.text(n, path)
	if !ok {
		return
	}
	parsed, err := datasets.ParseKind(text)
	if err != nil {
		d.problem(path, "%v", err)
	}
	*k = kind(parsed)
}

// autoNumber is auto, or a number.
type autoNumber struct {
	number *float64 // nil: auto
}

func (a *autoNumber) decode(d *decoder, n ast.Node, path string) {
	if isAuto(n) {
		return
	}
	if _, ok := number(n); !ok {
		d.wrong(n, path, "auto or a number")
		return
	}
	if x, ok := d.number(n, path); ok {
		a.number = &x
	}
}

// minScore is auto, a number, or a way to choose one.
type minScore struct {
	number *float64
	choice *choice // both nil: auto
}

func (m *minScore) decode(d *decoder, n ast.Node, path string) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		m.choice = &choice{}
		d.value(n, path, reflect.ValueOf(m.choice).Elem())
		return
	}
	var a autoNumber
	if _, ok := number(n); !ok && !isAuto(n) {
		d.wrong(n, path, "auto, a number, or a mapping with precision, capacity, cost or net_benefit")
		return
	}
	a.decode(d, n, path)
	m.number = a.number
}

// interactions is auto, none, or pairs of columns.
type interactions struct {
	word  string
	pairs [][]string
}

func (i *interactions) decode(d *decoder, n ast.Node, path string) {
	if _, ok := n.(*ast.SequenceNode); ok {
		d.list(n, path, reflect.ValueOf(&i.pairs).Elem())
		return
	}
	i.word, _ = written(n)
	if i.word != "auto" && i.word != "none" {
		d.wrong(n, path, "auto, none, or a list of pairs of columns such as [[country, industry]]")
	}
}

func isAuto(n ast.Node) bool {
	text, ok := written(n)
	return ok && text == "auto"
}
