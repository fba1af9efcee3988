package serve

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// summaries tell of each model that is loaded, the champions first.
func (set *modelSet) summaries() []api.ModelSummary {
	out := []api.ModelSummary{}
	for _, l := range set.all {
		out = append(out, l.info.ModelSummary)
	}
	return out
}

// listModels answers GET /v1/models.
func (s *Server) listModels(k *call) (any, error) {
	body, err := toJSON(api.Models{Models: k.models.summaries(), Failed: k.models.failed})
	return tagged(body), err
}

// showModel answers GET /v1/models/{name}.
func (s *Server) showModel(k *call) (any, error) {
	l, err := k.models.find(k.name)
	if err != nil {
		return nil, err
	}
	info := l.info
	if info.Card, err = l.card(); err != nil {
		return nil, err
	}
	info.Age = s.describeAge(l, s.clock())
	if l.shadow != nil {
		info.Shadow = l.shadow.summary()
	}
	if l.split != nil {
		info.Split = &api.Split{Challenger: l.split.challenger.ref, Share: l.split.share}
	}
	body, err := toJSON(info)
	return tagged(body), err
}

// stale are the warnings of champions that are too old.
func (s *Server) stale(set *modelSet) (warnings []string) {
	for _, l := range set.models {
		warnings = append(warnings, s.aged(l)...)
	}
	return warnings
}

// describe is a model's metadata without its card.
func describe(a *model.Artifact) *api.Model {
	info := &api.Model{
		ModelSummary: api.ModelSummary{Name: a.Name, Version: a.Version, Digest: a.Digest},
		BaseRates:    map[string]float64{},
		Nulls:        slices.Clone(a.Schema.Nulls),
		Blend:        a.Blend.Method,
		HasRules:     a.Rules != nil,
		HasEvents:    a.Events != nil,
		Policy:       api.Policy{MQL: stagePolicy(a.Policy.MQL), SQL: stagePolicy(a.Policy.SQL)},
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
	info.Training, info.Holdout = windows(a)
	return info
}

// cardOf is a model's card as JSON, made when somebody asks for it first: a card is hundreds of kilobytes, and the server does not start later for it.
func cardOf(a *model.Artifact) func() (json.RawMessage, error) {
	return sync.OnceValues(func() (json.RawMessage, error) {
		card, err := json.Marshal(a.Card)
		if err != nil {
			return nil, fmt.Errorf("writing the card of %q: %w", a.Name, err)
		}
		return card, nil
	})
}

func stagePolicy(r model.StageRule) api.StagePolicy {
	p := api.StagePolicy{MinScore: r.MinScore, Required: slices.Clone(r.Required)}
	if p.Required == nil {
		p.Required = []string{}
	}
	return p
}
