package serve

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cespare/xxhash/v2"

	"leadscore/datasets"
)

// Challenger is a version that is tried beside its name's champion. It must be among the models that are served.
type Challenger struct {
	Name    string
	Version string // as in v3, or the first digits of its digest as /v1/models has them
	// Share of the leads, 0–1, that the challenger answers in the champion's stead; 0: none. See Share.
	Share float64
	// Shadow is whether the challenger also scores the leads that the champion answers, to be compared, never answered.
	Shadow bool
}

// checkChallengers finds what cannot work: a name has one challenger of each kind, since two that share out the same leads
// would need an order that nobody stated.
func checkChallengers(all []Challenger) error {
	var problems []error
	split, shadow := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		switch {
		case c.Name == "" || c.Version == "" || c.Version == championVersion:
			problems = append(problems, fmt.Errorf("the challenger %q@%q: want a name and a version", c.Name, c.Version))
		case !(c.Share >= 0 && c.Share <= 1):
			problems = append(problems, fmt.Errorf("the challenger %s@%s: its share is %v; want 0 to 1", c.Name, c.Version, c.Share))
		case c.Share > 0 && split[c.Name]:
			problems = append(problems, fmt.Errorf("the challenger %s@%s: the leads of %s are shared out already", c.Name, c.Version, c.Name))
		case c.Shadow && shadow[c.Name]:
			problems = append(problems, fmt.Errorf("the challenger %s@%s: %s has a shadow already", c.Name, c.Version, c.Name))
		}
		split[c.Name] = split[c.Name] || c.Share > 0
		shadow[c.Name] = shadow[c.Name] || c.Shadow
	}
	return errors.Join(problems...)
}

// split shares out a name's leads between its champion and a challenger.
type split struct {
	name       string
	id         int // place of the id in the champion's schema
	share      float64
	challenger *loaded
	apart      string // why the rows of a table cannot be shared out; "": they can
}

// newSplit is nil where the champion's leads have no id: then it answers them all.
func newSplit(champion, challenger *loaded, share float64) *split {
	a := champion.scorer.Artifact()
	id := -1
	if a.ID != "" {
		id = a.Schema.Index(a.ID)
	}
	if id < 0 {
		return nil
	}
	return &split{name: champion.info.Name, id: id, share: share, challenger: challenger, apart: apart(champion, challenger)}
}

// Share places a lead in [0, 1): with a split of share s the challenger answers the leads below s. It is
// XXH64 (seed 0) of the model's name, a zero byte and the lead's id, its upper 53 bits over 2^53. So it is the same in every
// replica and after every restart, another for each model, and a share that grows only ever adds leads.
// FNV-1a was rejected: ids that differ in their last digit alone get nearly the same upper bits.
func Share(model, leadID string) float64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(model) // never fails
	_, _ = d.Write(zeroByte)
	_, _ = d.WriteString(leadID)
	return float64(d.Sum64()>>11) / (1 << 53)
}

var zeroByte = []byte{0}

// forLead is the model that answers a lead whose cells, in the champion's schema, are these: the challenger's share of
// those with an id, the champion the rest.
func (l *loaded) forLead(values []datasets.Value) *loaded {
	if l.split == nil || l.split.id >= len(values) || !l.split.takes(values[l.split.id]) {
		return l
	}
	return l.split.challenger
}

// takes reports whether the challenger answers the lead with an id.
func (p *split) takes(id datasets.Value) bool {
	return !id.Missing() && Share(p.name, id.String()) < p.share
}

// inTables is the problem of a table whose rows would be shared out to a model that reads or answers other columns; nil: there is none. Reading
// such a table twice, and answering it in two forms, was rejected.
func (l *loaded) inTables() error {
	if l.split == nil || l.split.apart == "" {
		return nil
	}
	c := l.split.challenger
	return conflict(fmt.Sprintf("a share of the leads of %s goes to %s@%s, %s, so a table has no one form; send the leads as JSON or NDJSON to /v1/score/batch, or name a version: %[1]s@%[5]s",
		l.info.Name, c.info.Name, c.label(), l.split.apart, l.label()))
}

// apart says in what a challenger differs so that a table cannot be shared out; "": in nothing.
func apart(champion, challenger *loaded) string {
	a, b := champion.scorer.Artifact(), challenger.scorer.Artifact()
	switch {
	case !reflect.DeepEqual(a.Schema, b.Schema) || a.ID != b.ID || a.AsOf != b.AsOf ||
		!maps.Equal(champion.columns.place, challenger.columns.place) || !slices.Equal(champion.unread, challenger.unread):
		return "which reads other columns"
	case !slices.Equal(champion.columns.targets, challenger.columns.targets) ||
		!reflect.DeepEqual(newAnswerTable(a, &asked{}), newAnswerTable(b, &asked{})) ||
		!slices.EqualFunc(champion.outputs, challenger.outputs, func(x, y output) bool { return x.name == y.name }):
		return "which answers other columns"
	}
	return ""
}
