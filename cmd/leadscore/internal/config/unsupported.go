package config

import (
	"maps"
	"slices"

	"leadscore/model/rules"
)

// unsupported reports what the format has and training cannot do yet. It is the whole list: what
// training learns to do is taken out here and read in train.go.
func (c *Config) unsupported() Problems {
	d := newDecoder(c.positions)
	not := func(there bool, path, instead string) {
		if there {
			d.problem(path, "not supported yet; %s", instead)
		}
	}
	f := c.file
	for _, name := range slices.Sorted(maps.Keys(f.Features.Columns)) {
		p := rules.Key("features.columns", name)
		not(f.Features.Columns[name].Monotone != nil && f.Model.Kind != nil && *f.Model.Kind == "linear", p+".monotone", "it needs model.kind additive")
	}
	for _, s := range []struct {
		path  string
		stage *stage
	}{{"policy.mql", &f.Policy.MQL}, {"policy.sql", &f.Policy.SQL}} {
		instead := "want min_score: auto or a number"
		beside := choice{s.stage.Precision, s.stage.Capacity, s.stage.Cost}
		for _, key := range beside.keys() {
			not(true, s.path+"."+key, instead)
		}
		if m := s.stage.MinScore; m != nil && m.choice != nil {
			for _, key := range m.choice.keys() {
				not(true, s.path+".min_score."+key, instead)
			}
		}
	}
	return d.problems
}
