package config

import (
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model/rules"
	"leadscore/train"
)

// Train returns what the configuration asks of a training run. Paths in it can be opened from the working directory.
func (c *Config) Train() train.Config {
	f := c.file
	out := train.Config{
		Leads: train.Leads{ID: value(f.Data.Leads.ID), AsOf: value(f.Data.Leads.AsOf), Weight: value(f.Data.Leads.Weight), Offset: value(f.Data.Leads.Offset)},
		Split: train.Split{By: value(f.Split.By), Group: value(f.Split.Group), Holdout: value(f.Split.Holdout), Seed: value(f.Split.Seed), Beside: value(f.Split.Beside)},
		Features: features.Spec{
			Exclude:  f.Features.Exclude,
			MinLevel: value(f.Features.MinLevel), Bins: value(f.Features.Bins),
		},
		Model: train.ModelConfig{
			Kind: value(f.Model.Kind), L1Ratio: value(f.Model.L1Ratio), Folds: value(f.Model.Folds),
			Calibrate: value(f.Model.Calibrate), Seed: value(f.Model.Seed), Penalty: value(f.Model.Penalty).number,
		},
		Rules:  c.rules,
		Blend:  train.BlendConfig{Method: value(f.Blend.Method), Weight: value(f.Blend.Weight).number, Low: f.Blend.Low, High: f.Blend.High, Upgrade: f.Blend.Upgrade},
		Policy: train.PolicyConfig{MQL: f.Policy.MQL.train(), SQL: f.Policy.SQL.train(), Grades: f.Policy.Grades.train(), Actionable: f.Policy.actionable()},

		Segments: value(f.Report.Segments),
		Gate:     train.GateConfig{Metric: value(f.Gate.Metric), Test: value(f.Gate.Test), Margin: f.Gate.Margin, MinAUC: f.Gate.MinAUC, MaxECE: f.Gate.MaxECE},
	}
	if p := c.resolveAll(f.Data.Leads.Path); len(p) == 1 {
		out.Leads.Path = p[0]
	} else {
		out.Leads.Paths = p
	}
	out.Zone = value(f.Data.TimeZone)
	if d := f.Data.Deals; d != nil {
		out.Deals = &train.Deals{Paths: c.resolveAll(d.Path), Lead: d.Lead, Matched: value(d.Matched), At: value(d.At), Keep: value(d.Keep)}
	}
	if n := f.Data.NullValues; n != nil {
		out.Nulls = append([]string{}, *n...) // not nil even when empty: only the empty text is missing then
	}
	out.Duplicates = train.Duplicates(value(f.Data.Duplicates))
	if end := value(f.Data.End); end != "" {
		if at, err := rules.Moment(end); err == nil { // checked by check
			out.End = time.UnixMicro(at).UTC()
		}
	}
	if value(f.Data.BadRows) == "skip" {
		out.BadRows, out.MaxBadRows = datasets.SkipBadRows, value(f.Data.MaxBadRows)
	}
	if e := f.Data.Events; e != nil {
		out.Events = &train.Events{
			Source: history.Source{
				Paths: c.resolveAll(e.Path), Lead: e.Lead, At: e.At, Type: e.Type, ID: value(e.ID), Channel: value(e.Channel), Properties: value(e.Properties),
				Nulls: out.Nulls, BadRows: out.BadRows, MaxBadRows: out.MaxBadRows, Zone: out.Zone,
			},
			Spec: history.Spec{Windows: spans(f.Features.Windows), HalfLife: span(value(f.Features.HalfLife))},
		}
	}
	if l := f.Data.Changes; l != nil {
		out.Changes = &history.ChangeSource{Paths: c.resolveAll(l.Path), Lead: l.Lead, At: l.At, Field: value(l.Field), Value: value(l.Value), Old: value(l.Old)}
	}
	if i := f.Features.Interactions; i != nil {
		out.Interactions = i.word
		for _, p := range i.pairs {
			out.Pairs = append(out.Pairs, [2]string{p[0], p[1]})
		}
	}
	for _, t := range f.Targets {
		out.Targets = append(out.Targets, train.Target{
			Name: t.name, Column: t.Column, Positive: t.Positive, Negative: value(t.Negative), At: value(t.At), Horizon: value(t.Horizon), Prior: value(t.Prior), Via: value(t.Via),
		})
	}
	for name, col := range f.Features.Columns {
		if force, ok := col.force(name); ok {
			if out.Force == nil {
				out.Force = map[string]datasets.Field{}
			}
			out.Force[name] = force
		}
		if out.Features.Columns == nil {
			out.Features.Columns = map[string]features.ColumnSpec{}
		}
		out.Features.Columns[name] = features.ColumnSpec{
			Kind: datasets.Kind(value(col.Kind)), Transform: value(col.Transform), Clip: value(col.Clip),
			Monotone: value(col.Monotone), Derive: value(col.Derive),
		}
	}
	return out
}

// span is a checked span of time in microseconds; "" is 0.
func span(text string) int64 {
	if text == "" {
		return 0
	}
	micros, err := rules.Span(text)
	if err != nil {
		panic("config: a span that was not checked: " + text)
	}
	return micros
}

func spans(texts []string) (micros []int64) {
	for _, text := range texts {
		micros = append(micros, span(text))
	}
	return micros
}

func (c *Config) resolveAll(list paths) []string {
	out := make([]string, len(list))
	for i, path := range list {
		out[i] = c.resolve(path)
	}
	return out
}

// force returns how the column's texts are to be read, where the configuration says so. A layout
// makes it a time and a decimal comma a number.
func (c *column) force(name string) (datasets.Field, bool) {
	f := datasets.Field{Name: name, Kind: datasets.Kind(value(c.Kind)), Layout: value(c.Layout), DecimalComma: value(c.DecimalComma)}
	switch {
	case f.Layout != "":
		f.Kind = datasets.Time
	case f.DecimalComma:
		f.Kind = datasets.Numeric
	}
	return f, f.Kind != datasets.Unknown
}

func (s *stage) train() train.StageConfig {
	m, _ := s.entry()
	return train.StageConfig{MinScore: value(m).number, Choose: s.way(), Required: s.Required, Leave: s.Leave, Stay: span(value(s.Stay)), Target: value(s.Target)}
}

// value returns what p points to, or the zero value, which train takes for its default.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
