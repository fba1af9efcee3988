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

	// Of tables: the id alone as the champion reads it, nil where both versions read tables alike, so that reading them once does; and why the
	// rows of none can be shared out, "" where they can.
	ids  *datasets.Schema
	none string
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
	p := &split{name: champion.info.Name, id: id, share: share, challenger: challenger}
	if !readAlike(champion, challenger) {
		field := a.Schema.Fields[id]
		field.Required = false
		p.ids = &datasets.Schema{Fields: []datasets.Field{field}, Nulls: a.Schema.Nulls}
	}
	if mine, theirs := champion.columns.targets[0], challenger.columns.targets[0]; mine != theirs {
		p.none = fmt.Sprintf("whose first target is %q, not %q", theirs, mine)
	}
	return p
}

// readAlike reports whether two models make the same of the columns of a table.
func readAlike(a, b *loaded) bool {
	return reflect.DeepEqual(a.columns.schema, b.columns.schema) && maps.Equal(a.columns.place, b.columns.place) && slices.Equal(a.unread, b.unread)
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

// inTables is the problem of a table whose rows would be shared out to a model that means another target by "probability"; nil: there is none.
func (l *loaded) inTables() error {
	if l.split == nil || l.split.none == "" {
		return nil
	}
	return l.notShared(l.split.none)
}

// notShared refuses a table whose answer has no one form.
func (l *loaded) notShared(why string) error {
	c := l.split.challenger
	return conflict(fmt.Sprintf("a share of the leads of %s goes to %s@%s, %s, so a table has no one answer; send the leads as JSON or NDJSON to /v1/score/batch, or name a version: %[1]s@%[5]s",
		l.info.Name, c.info.Name, c.label(), why, l.label()))
}
