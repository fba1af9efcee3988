package train

import (
	"fmt"
	"slices"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// addTests writes the tests of the file: a lead of which nothing is known, and the ones that the points rank highest and lowest, with a
// value for each column as training saw it. Their scores come from the rules themselves: the tests hold what is to stay, they prove nothing.
func (s *Suggested) addTests() error {
	empty := map[int]datasets.Value{}
	s.Rules.Tests = append(s.Rules.Tests, s.test("nothing is known", empty))
	best, worst := s.extreme(1), s.extreme(-1)
	if len(best) > 0 {
		s.Rules.Tests = append(s.Rules.Tests, s.test("what speaks for a lead", best))
	}
	if len(worst) > 0 {
		s.Rules.Tests = append(s.Rules.Tests, s.test("what speaks against a lead", worst))
	}
	return s.compile()
}

// extreme gives each column the value of the code with most points, times sign.
func (s *Suggested) extreme(sign int) map[int]datasets.Value {
	out := map[int]datasets.Value{}
	p := s.artifact.Pipeline
	for i := range s.terms {
		t := &s.terms[i]
		feature := &p.Features()[t.feature]
		column := s.artifact.Schema.Index(feature.Column)
		if t.made == nil || column < 0 || s.artifact.EventColumns()[feature.Column] {
			continue
		}
		best := 0
		for _, choice := range p.Choices(t.feature, datasets.Value{}) {
			points := t.made.points(t)
			code := int(choice.Code)
			if plain, ok := p.Plain(t.feature); ok && plain.Linear {
				m, ok := t.made.(*numberMaker)
				if !ok {
					continue
				}
				code, _ = slices.BinarySearch(m.edges, choice.Value.Num)
			}
			if code < len(points) && points[code]*sign > best {
				best = points[code] * sign
				out[column] = choice.Value
			}
		}
	}
	return out
}

// test scores a lead.
func (s *Suggested) test(name string, values map[int]datasets.Value) rules.Test {
	row := make([]datasets.Value, len(s.artifact.Schema.Fields))
	for column, v := range values {
		row[column] = v
	}
	score, _ := s.set.Score(row, nil, datasets.MissingTime)
	return rules.Test{Name: name, Lead: attributes(s.artifact.Schema, row, s.Rules.Reads()), Score: &score}
}

// attributes are the values of a lead that rules look at.
func attributes(schema *datasets.Schema, row []datasets.Value, reads func(string) bool) rules.Attributes {
	out := rules.Attributes{}
	for i, f := range schema.Fields {
		if v := row[i]; !v.Missing() && reads(f.Name) {
			switch v.Kind {
			case datasets.Numeric:
				out[f.Name] = v.Num
			case datasets.Boolean:
				out[f.Name] = v.Num != 0
			default:
				out[f.Name] = v.String()
			}
		}
	}
	return out
}

// compile checks the file as it is now, and that its tests pass.
func (s *Suggested) compile() error {
	set, problems := rules.Compile(s.Rules, s.artifact.Schema)
	if len(problems) == 0 {
		problems = set.RunTests()
	}
	if len(problems) > 0 {
		return fmt.Errorf("suggesting rules: the file is wrong, which is a bug of leadscore: %w", &RulesError{problems})
	}
	s.set = set
	return nil
}
