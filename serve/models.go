package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// scorer is what serve needs of a model. Advise, Score and Explain may be called by many goroutines at once, and keep
// nothing of the lead; Advise and Score overwrite what they are given.
type scorer interface {
	Artifact() *model.Artifact
	Advise(l *model.Lead, reasons int, e *model.Explanation) error
	Score(l *model.Lead, p *model.Prediction) error
	Explain(l *model.Lead, reasons int) (*model.Explanation, error)
	Assumed(l *model.Lead, sent bool) []string
	ScoreBatch(b *datasets.Batch, c *model.Columns) error
	Note(b *datasets.Batch, c *model.Columns, ahead string, n *model.Notes)
	Unread() []string
	In(lang string) (*model.Scorer, error)
	propertyReader
	driftMaker
}

var _ scorer = (*model.Scorer)(nil)

// loaded is one model with what its requests need; immutable. What is dear is made once, by load; a set has copies of
// its own, with its place in the set.
type loaded struct {
	scorer  scorer
	other   map[string]scorer // the same in the languages but English
	columns *columns
	info    api.Model // without what changes while it is loaded, and without card
	card    func() (json.RawMessage, error)
	ref     api.ModelRef // as answers name it
	at      time.Time    // of loading
	age     *age         // nil: how old it is is not known
	counts  *modelCounts
	logName string             // NAME@VERSION, for the log
	logged  *predictions.Model // its part of the prediction log
	events  bool               // something reads a lead's events
	asOf    int                // column of the as-of moment; −1: there is none
	unread  []string           // columns of texts that nothing looks at: no value of theirs is wrong
	outputs []output           // of the facades
	byName  []int              // targets, in the order of answers

	split  *split  // nil: it answers every lead; only where the name alone leads
	shadow *shadow // nil: no challenger scores beside it; likewise
}

// modelSet is what is loaded at one moment; immutable. The first is the default.
type modelSet struct {
	models []*loaded // by name: the champions
	all    []*loaded // by name and version: the champions, then the other versions
	failed []api.FailedModel
}

// member is a model that goes into a set, in its place there.
type member struct {
	*loaded
	failed *api.ReloadError // nil: it is what is on disk
	other  bool             // it is there for requests that name its version, not as its name's champion
}

// newModelSet puts models together. The first of a name that is not another version is the champion; the name alone means it.
func (s *Server) newModelSet(members []member, failed []api.FailedModel) (*modelSet, error) {
	set := &modelSet{failed: failed}
	var others []*loaded
	for _, m := range members {
		l := *m.loaded
		l.info.ReloadError = m.failed
		l.info.Champion = !m.other && !slices.ContainsFunc(set.models, func(o *loaded) bool { return o.info.Name == l.info.Name })
		if l.info.Champion {
			l.info.Default = len(set.models) == 0
			set.models = append(set.models, &l)
		} else {
			others = append(others, &l)
		}
	}
	for _, l := range append(slices.Clone(set.models), others...) {
		if !slices.ContainsFunc(set.all, func(o *loaded) bool { return o.ref == l.ref }) {
			set.all = append(set.all, l)
		}
	}
	return set, s.challenge(set)
}

// challenge attaches the challengers to their champions, in copies that only the name alone leads to.
func (s *Server) challenge(set *modelSet) error {
	for i := range s.challengers {
		c := &s.challengers[i]
		at := slices.IndexFunc(set.models, func(l *loaded) bool { return l.info.Name == c.Name })
		challenger := set.version(c.Name, c.Version)
		if at < 0 || challenger == nil {
			err := fmt.Errorf("loading models: %s@%s is to be a challenger, and %s", c.Name, c.Version, set.lacks(c.Name+"@"+c.Version))
			if len(s.models.Load().models) == 0 {
				return err
			}
			s.log.LogAttrs(context.Background(), slog.LevelWarn, "a challenger is gone; the champion goes on alone", slog.String("error", err.Error()))
			continue
		}
		l := *set.models[at]
		if challenger.info.Digest != l.info.Digest { // else it has been promoted
			if c.Shadow {
				l.shadow = s.shadows.pair(&l, challenger)
			}
			if c.Share > 0 {
				l.split = newSplit(&l, challenger, c.Share)
			}
		}
		set.models[at] = &l
	}
	return nil
}

// load prepares a model. It is served as name, by default its own; release is its version in the registry, if it is from one.
func (s *Server) load(from scorer, name, release string) (*loaded, error) {
	a := from.Artifact()
	if len(a.Targets) == 0 || a.Schema == nil || a.Pipeline == nil {
		return nil, fmt.Errorf("the artifact has no targets, schema or pipeline")
	}
	if name == "" {
		name = a.Name
	}
	l := &loaded{
		scorer: from, columns: newColumns(a, from), info: *describe(a), card: cardOf(a), events: a.Rules != nil || a.Events != nil, asOf: asOfColumn(a), outputs: outputsOf(a), byName: byName(a), at: s.clock(),
	}
	for _, unread := range from.Unread() {
		if f := &a.Schema.Fields[a.Schema.Index(unread)]; f.Kind == datasets.Text || f.Kind == datasets.Categorical {
			l.unread = append(l.unread, unread)
		}
	}
	l.ref = api.ModelRef{Name: name, Version: a.Version, RegistryVersion: release}
	l.info.Name, l.info.RegistryVersion, l.info.LoadedAt = name, release, stamp(l.at)
	l.counts, l.logName = s.metrics.model(name, from), name+"@"+cmp.Or(release, a.Version)
	var err error
	if l.logged, err = predictions.NewModel(a); err != nil {
		return nil, err
	}
	l.other = map[string]scorer{}
	for _, lang := range model.Languages() {
		if lang == model.English {
			continue
		}
		if l.other[lang], err = from.In(lang); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// label is how people call the version: as the registry does, or by its content.
func (l *loaded) label() string {
	if l.ref.RegistryVersion != "" {
		return l.ref.RegistryVersion
	}
	return l.ref.Version
}

// in is the scorer with texts in a language; "" is English.
func (l *loaded) in(lang string) scorer {
	if other, ok := l.other[lang]; ok {
		return other
	}
	return l.scorer
}

// championVersion is the version of a reference that means the promoted one.
const championVersion = "champion"

// find returns the model that a request asks for: by NAME, which a split may share out, or by NAME@VERSION, which none does;
// "" is the default.
func (set *modelSet) find(ref string) (*loaded, error) {
	if set == nil || len(set.models) == 0 {
		return nil, notReady("no model is loaded yet")
	}
	if ref == "" {
		return set.models[0], nil
	}
	name, version, versioned := strings.Cut(ref, "@")
	if versioned {
		if l := set.version(name, version); l != nil {
			return l, nil
		}
	} else {
		for _, l := range set.models {
			if l.info.Name == name {
				return l, nil
			}
		}
	}
	return nil, &fault{status: 404, code: api.CodeUnknownModel, field: "model", detail: set.lacks(ref)}
}

// version finds a version by what the registry calls it, by its content, or as the champion; nil: it is not loaded.
func (set *modelSet) version(name, version string) *loaded {
	for _, l := range set.all {
		if l.info.Name == name && (version == l.ref.Version || version == l.ref.RegistryVersion && version != "" || version == championVersion && l.info.Champion) {
			return l
		}
	}
	return nil
}

// lacks says that a reference leads nowhere, and what there is.
func (set *modelSet) lacks(ref string) string {
	name, _, _ := strings.Cut(ref, "@")
	var names, versions []string
	for _, l := range set.models {
		names = append(names, l.info.Name)
	}
	for _, l := range set.all {
		if l.info.Name == name {
			versions = append(versions, l.label())
		}
	}
	if len(versions) > 0 {
		return fmt.Sprintf("no model %q is loaded; of %s there is %s", clip(ref, nameLength), name, strings.Join(versions, ", "))
	}
	return fmt.Sprintf("no model %q is loaded; there is %s", clip(ref, nameLength), strings.Join(names, ", "))
}
