package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// Setting is one key of a flat file of settings, as of the server.
type Setting struct {
	Key    string
	Values []string // as they are written: one of a scalar, any number of a list
	List   bool
}

// Settings are those of one file that could be read, in its order, with the place of each for what is found wrong with it later.
type Settings struct {
	All   []Setting
	at    *Positions
	wrong Problems // with the other keys
}

// LoadSettings reads a flat file: a mapping of the given keys to a scalar or a list of scalars each. The error is of a file that cannot be
// read or is no YAML; keys that are unknown or have no such value wait for Problems, so that all mistakes are told at once.
func LoadSettings(path string, keys []string) (*Settings, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	src, root, problems := parse(path, text)
	if problems != nil {
		return nil, problems.err()
	}
	d := newDecoder(&Positions{src: src, at: map[string]position{}})
	s := &Settings{at: d.Positions}
	d.keys(bare(root), "", "a mapping of settings, such as addr: 127.0.0.1:8080", func(key, path string, kv *ast.MappingValueNode) {
		if !slices.Contains(keys, key) {
			hint := ""
			if near := datasets.Nearest(key, keys); near != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", near)
			}
			d.report(keyOf(kv), path, "unknown key%s; leadscore serve --help lists them", hint)
			return
		}
		before := len(d.problems)
		if setting := d.setting(key, path, bare(kv.Value)); len(d.problems) == before {
			s.All = append(s.All, setting)
		}
	})
	s.wrong = d.problems
	return s, nil
}

func (d *decoder) setting(key, path string, n ast.Node) Setting {
	if list, ok := n.(*ast.SequenceNode); ok {
		s := Setting{Key: key, List: true}
		for i, e := range list.Values {
			text, ok := written(e)
			if !ok || empty(e) {
				d.wrong(e, rules.Index(path, i), "a text, a number, true or false")
			}
			s.Values = append(s.Values, text)
		}
		return s
	}
	text, ok := written(n)
	if !ok || empty(n) {
		d.wrong(n, path, "a text, a number, true or false, or a list of them")
	}
	return Setting{Key: key, Values: []string{text}}
}

// Problems gives what was found wrong with settings its places; the path of a problem is a key. The error is Problems with the mistakes of
// the file beside them, nil when there are none.
func (s *Settings) Problems(problems []rules.Problem) error {
	return append(s.wrong[:len(s.wrong):len(s.wrong)], s.at.placed(problems)...).err()
}
