package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// decoder fills Go values from a syntax tree and collects every problem. Structs are filled by
// their json tags; a field whose tag lacks omitempty must be there.
type decoder struct {
	*Positions
	problems Problems
	failed   map[string]bool // paths with a problem in or below them
}

func newDecoder(p *Positions) *decoder { return &decoder{Positions: p, failed: map[string]bool{}} }

// own is a type that decodes itself, such as one that is a word or a number.
type own interface {
	decode(d *decoder, n ast.Node, path string)
}

func (d *decoder) problem(path, format string, a ...any) {
	d.report(d.find(path), path, format, a...)
}

// report is problem for one that is best seen at another place than that of its path.
func (d *decoder) report(at position, path, format string, a ...any) {
	d.problems = append(d.problems, d.src.problem(at.line, at.column, path, format, a...))
	for ; !d.failed[path]; path = path[:parent(path)] {
		d.failed[path] = true
	}
}

// has reports whether a key stands in the file and there is no problem in or below it so far.
func (d *decoder) has(path string) bool {
	_, ok := d.at[path]
	return ok && !d.failed[path]
}

// wrong reports a value of the wrong kind.
func (d *decoder) wrong(n ast.Node, path, want string) {
	if empty(n) {
		d.problem(path, "there is no value; want %s, or leave the key out", want)
		return
	}
	d.problem(path, "want %s; found %s", want, describe(n))
}

// value decodes n into v, which is settable, and remembers where path stands.
func (d *decoder) value(n ast.Node, path string, v reflect.Value) {
	n = bare(n)
	if _, ok := d.at[path]; !ok {
		line, column := at(n)
		d.at[path] = position{line: line, column: column}
	}
	switch p := v.Addr().Interface().(type) {
	case own:
		p.decode(d, n, path)
		return
	case *rules.Points:
		d.points(n, path, p)
		return
	case *rules.Scalar:
		p.V, _ = d.scalar(n, path)
		return
	case *rules.Values:
		d.list(n, path, reflect.ValueOf((*[]any)(p)).Elem())
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(n, path); ok {
			if err := p.UnmarshalText([]byte(text)); err != nil {
				d.problem(path, "%v", err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, path, v.Elem())
	case reflect.Struct:
		d.object(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.Map:
		d.table(n, path, v)
	case reflect.String:
		if text, ok := d.text(n, path); ok {
			v.SetString(text)
		}
	case reflect.Int:
		if x, ok := d.whole(n, path); ok {
			v.SetInt(x)
		}
	case reflect.Uint64:
		if x, ok := d.whole(n, path); ok {
			if x < 0 {
				d.problem(path, "%d is below 0", x)
				return
			}
			v.SetUint(uint64(x))
		}
	case reflect.Float64:
		if x, ok := d.number(n, path); ok {
			v.SetFloat(x)
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.wrong(n, path, "true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Interface:
		if x, ok := d.scalar(n, path); ok && x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		panic("config: no way to decode a " + v.Type().String())
	}
}

// object decodes a mapping into a struct.
func (d *decoder) object(n ast.Node, path string, v reflect.Value) {
	type field struct {
		name     string
		required bool
		index    int
	}
	var fields []field
	var names []string
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields = append(fields, field{name, options != "omitempty", i})
			names = append(names, name)
		}
	}
	seen, ok := d.keys(n, path, "a mapping with "+either(names), func(name, p string, kv *ast.MappingValueNode) {
		for _, f := range fields {
			if f.name == name {
				d.value(kv.Value, p, v.Field(f.index))
				return
			}
		}
		hint := ""
		if near := datasets.Nearest(name, names); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		d.report(keyOf(kv), p, "unknown key%s; want %s", hint, either(names))
	})
	if !ok {
		return
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.report(d.find(path), rules.Key(path, f.name), "this key is missing")
		}
	}
}

// keys calls f for each key of a mapping in the order of the file; a key that stands there again is a
// problem. It reports whether n is a mapping at all.
func (d *decoder) keys(n ast.Node, path, want string, f func(name, path string, kv *ast.MappingValueNode)) (map[string]bool, bool) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.wrong(n, path, want)
		return nil, false
	}
	seen := make(map[string]bool, len(values))
	for _, kv := range values {
		name, ok := written(kv.Key)
		if !ok {
			d.report(keyOf(kv), path, "want a text as key; found %s", describe(kv.Key))
			continue
		}
		p := rules.Key(path, name)
		if seen[name] {
			d.report(keyOf(kv), p, "this key is here a second time; the first is in line %d", d.find(p).line)
			continue
		}
		seen[name] = true
		d.at[p] = placeOf(kv)
		f(name, p, kv)
	}
	return seen, true
}

// table decodes a mapping with keys of the user's own.
func (d *decoder) table(n ast.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.keys(n, path, "a mapping", func(name, p string, kv *ast.MappingValueNode) {
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(kv.Value, p, x)
		v.SetMapIndex(reflect.ValueOf(name), x)
	})
}

func (d *decoder) list(n ast.Node, path string, v reflect.Value) {
	l, ok := n.(*ast.SequenceNode)
	if !ok {
		want := "a list"
		if text, ok := written(n); ok && !empty(n) {
			want = fmt.Sprintf("a list, such as [%s]", shorten(text))
		}
		d.wrong(n, path, want)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(l.Values), len(l.Values))
	for i, e := range l.Values {
		d.value(e, rules.Index(path, i), out.Index(i))
	}
	v.Set(out)
}

// points decodes the points of a rule: a number, or a table.
func (d *decoder) points(n ast.Node, path string, p *rules.Points) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		var t struct {
			Table []rules.TableRow `json:"table"`
		}
		d.object(n, path, reflect.ValueOf(&t).Elem())
		p.Table = t.Table
		return
	}
	if _, ok := number(n); !ok {
		d.wrong(n, path, "a number, or a mapping with table")
		return
	}
	p.Fixed, _ = d.number(n, path)
}

// text returns a scalar exactly as it is written.
func (d *decoder) text(n ast.Node, path string) (string, bool) {
	text, ok := written(n)
	if !ok || empty(n) {
		d.wrong(n, path, "a text")
		return "", false
	}
	return text, true
}

// whole returns a whole number in digits.
func (d *decoder) whole(n ast.Node, path string) (int64, bool) {
	if text, ok := number(n); ok {
		if x, err := strconv.ParseInt(text, 10, 64); err == nil {
			return x, true
		}
	}
	d.wrong(n, path, "a whole number")
	return 0, false
}

// number returns a finite decimal number.
func (d *decoder) number(n ast.Node, path string) (float64, bool) {
	if text, ok := number(n); ok {
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return x, true
		}
	}
	d.wrong(n, path, "a number")
	return 0, false
}
