package serve

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// scorer is what serve needs of a model. Advise and Explain may be called by many goroutines at once, and keep
// nothing of the lead; Advise overwrites the explanation that it is given.
type scorer interface {
	Artifact() *model.Artifact
	Advise(l *model.Lead, reasons int, e *model.Explanation) error
	Explain(l *model.Lead, reasons int) (*model.Explanation, error)
	Assumed(l *model.Lead, sent bool) []string
	In(lang string) (*model.Scorer, error)
	propertyReader
}

var _ scorer = (*model.Scorer)(nil)

// loaded is one model with what its requests need, made once; immutable.
type loaded struct {
	scorer  scorer
	other   map[string]scorer // the same in the languages but English
	columns *columns
	info    api.Model
	page    encoded // of GET /v1/models/{name}
	counts  *modelCounts
	logged  *predictions.Model // its part of the prediction log
	events  bool               // something reads a lead's events
}

// modelSet is what is loaded at one moment; immutable. The first is the default.
type modelSet struct {
	models []*loaded
	list   encoded // of GET /v1/models
}

// newModelSet prepares models; their names are distinct.
func newModelSet(scorers []scorer, m *metrics) (*modelSet, error) {
	set := &modelSet{}
	list := api.Models{Models: []api.ModelSummary{}}
	for i, s := range scorers {
		a := s.Artifact()
		for _, other := range list.Models {
			if other.Name == a.Name {
				return nil, fmt.Errorf("loading models: two are named %q", a.Name)
			}
		}
		l, err := load(s, i == 0, m)
		if err != nil {
			return nil, fmt.Errorf("loading model %q: %w", a.Name, err)
		}
		set.models = append(set.models, l)
		list.Models = append(list.Models, l.info.ModelSummary)
	}
	var err error
	set.list, err = toJSON(list)
	return set, err
}

func load(s scorer, first bool, m *metrics) (*loaded, error) {
	a := s.Artifact()
	if len(a.Targets) == 0 || a.Schema == nil || a.Pipeline == nil {
		return nil, fmt.Errorf("the artifact has no targets, schema or pipeline")
	}
	info, err := describe(a)
	if err != nil {
		return nil, err
	}
	info.Default = first
	page, err := toJSON(info)
	if err != nil {
		return nil, err
	}
	l := &loaded{scorer: s, columns: newColumns(a, s), info: *info, page: page, events: a.Rules != nil || a.Events != nil}
	l.counts = m.model(a)
	if l.logged, err = predictions.NewModel(a); err != nil {
		return nil, err
	}
	l.other = map[string]scorer{}
	for _, lang := range model.Languages() {
		if lang == model.English {
			continue
		}
		if l.other[lang], err = s.In(lang); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// in is the scorer with texts in a language; "" is English.
func (l *loaded) in(lang string) scorer {
	if other, ok := l.other[lang]; ok {
		return other
	}
	return l.scorer
}

// find returns the model that a request asks for: by NAME or NAME@VERSION; "" is the default.
func (set *modelSet) find(ref string) (*loaded, error) {
	if set == nil || len(set.models) == 0 {
		return nil, notReady("no model is loaded yet")
	}
	if ref == "" {
		return set.models[0], nil
	}
	name, version, _ := strings.Cut(ref, "@")
	for _, l := range set.models {
		if l.info.Name == name && (version == "" || version == l.info.Version) {
			return l, nil
		}
	}
	names := make([]string, len(set.models))
	for i, l := range set.models {
		names[i] = l.info.Name
	}
	return nil, &fault{
		status: 404, code: api.CodeUnknownModel, field: "model",
		detail: fmt.Sprintf("no model %q is loaded; there is %s", clip(ref, nameLength), strings.Join(names, ", ")),
	}
}

// describe is a model's metadata.
func describe(a *model.Artifact) (*api.Model, error) {
	info := &api.Model{
		ModelSummary: api.ModelSummary{Name: a.Name, Version: a.Version, Digest: a.Digest},
		BaseRates:    map[string]float64{},
		Nulls:        slices.Clone(a.Schema.Nulls),
		Blend:        a.Blend.Method,
		HasRules:     a.Rules != nil,
		HasEvents:    a.Events != nil,
		Policy:       api.Policy{MQL: stagePolicy(a.Policy.MQL), SQL: stagePolicy(a.Policy.SQL)},
		Card:         json.RawMessage("null"),
	}
	if info.Nulls == nil {
		info.Nulls = []string{}
	}
	for _, t := range a.Targets {
		info.Targets = append(info.Targets, t.Name)
		info.BaseRates[t.Name] = t.BaseRate
	}
	made := a.EventColumns()
	for i := range a.Schema.Fields {
		f := &a.Schema.Fields[i]
		in := api.InputField{Name: f.Name, Kind: f.Kind.String(), DecimalComma: f.DecimalComma, Role: "other"}
		if f.Kind == datasets.Time {
			in.Layout = f.Layout
			if in.Layout == "" {
				in.Layout = "iso"
			}
		}
		switch {
		case f.Name == a.ID:
			in.Role = "id"
		case f.Name == a.AsOf:
			in.Role = "as_of"
		case f.Required:
			in.Role = "offset"
		case made[f.Name]:
			in.Role = "events"
		case a.Pipeline.Uses(f.Name):
			in.Role = "feature"
		}
		if slices.Contains(a.Policy.MQL.Required, f.Name) {
			in.RequiredFor = append(in.RequiredFor, string(model.MQL))
		}
		if slices.Contains(a.Policy.SQL.Required, f.Name) {
			in.RequiredFor = append(in.RequiredFor, string(model.SQL))
		}
		info.Input = append(info.Input, in)
	}
	for _, name := range a.Outcomes {
		info.Input = append(info.Input, api.InputField{Name: name, Kind: "text", Role: "outcome"})
	}
	if a.Weight != nil {
		info.Input = append(info.Input, api.InputField{Name: a.Weight.Name, Kind: a.Weight.Kind.String(), DecimalComma: a.Weight.DecimalComma, Role: "weight"})
	}
	if a.Card != nil {
		card, err := json.Marshal(a.Card)
		if err != nil {
			return nil, fmt.Errorf("writing its card: %w", err)
		}
		info.Card = card
	}
	return info, nil
}

func stagePolicy(r model.StageRule) api.StagePolicy {
	p := api.StagePolicy{MinScore: r.MinScore, Required: slices.Clone(r.Required)}
	if p.Required == nil {
		p.Required = []string{}
	}
	return p
}
