package config

import (
	"path/filepath"
	"reflect"

	"leadscore/model/rules"
)

// Config is a checked configuration with its rules.
type Config struct {
	path      string
	text      string
	file      *file
	positions *Positions
	rules     *rules.File // nil: no rules
	rulesAt   *Positions
}

// Load reads a configuration and the rules file that it names. The error is Problems, with every
// mistake in both, or says why the configuration cannot be read.
func Load(path string) (*Config, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	c := &Config{path: path, text: string(text), file: &file{}}
	d, problems := decode(path, text, c.file)
	if problems != nil {
		return nil, problems.err()
	}
	c.positions = d.Positions
	d.check(c.file, c.resolve)
	if c.file.Rules != nil && d.has("rules") {
		problems = c.loadRules(d)
	}
	if err := append(d.problems, problems...).err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Text is the configuration file as it was read.
func (c *Config) Text() string { return c.text }

func (c *Config) loadRules(d *decoder) Problems {
	d.exists("rules", *c.file.Rules, c.resolve)
	if !d.has("rules") {
		return nil
	}
	path := c.resolve(*c.file.Rules)
	text, err := read(path)
	if err != nil {
		d.problem("rules", "%v", err)
		return nil
	}
	var problems Problems
	c.rules, c.rulesAt, problems = parseRules(path, text)
	return problems
}

// LoadRules reads a rules file. It checks the file's shape; rules.Compile checks the rest against a
// schema, and the Positions give its problems their lines.
func LoadRules(path string) (*rules.File, *Positions, error) {
	text, err := read(path)
	if err != nil {
		return nil, nil, err
	}
	f, at, problems := parseRules(path, text)
	return f, at, problems.err()
}

func parseRules(path string, text []byte) (*rules.File, *Positions, Problems) {
	f := &rules.File{}
	d, problems := decode(path, text, f)
	if problems == nil {
		problems = d.problems
	}
	if len(problems) > 0 {
		return nil, nil, problems
	}
	return f, d.Positions, nil
}

// decode parses a file and fills v with it. Where it is no YAML there are problems and no decoder.
func decode(path string, text []byte, v any) (*decoder, Problems) {
	src, root, problems := parse(path, text)
	if problems != nil {
		return nil, problems
	}
	d := newDecoder(&Positions{src: src, at: map[string]position{}})
	d.value(root, "", reflect.ValueOf(v).Elem())
	return d, nil
}

// resolve returns a path of the file as the working directory sees it.
func (c *Config) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.path), path)
}

// Locate returns where the key of a path in the rules file stands.
func (c *Config) Locate(rulesPath string) (file string, line, column int) {
	if c.rulesAt == nil {
		return c.path, 1, 1
	}
	return c.rulesAt.Locate(rulesPath)
}

// SettingProblems gives the problems that training found in the configuration's own settings their places.
func (c *Config) SettingProblems(problems []rules.Problem) error {
	return c.positions.Problems(problems)
}

// RulesProblems gives the problems that training found in the rules their places; nil when there are none.
func (c *Config) RulesProblems(problems []rules.Problem) error {
	if c.rulesAt == nil {
		return nil
	}
	return c.rulesAt.Problems(problems)
}
