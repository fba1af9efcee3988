package predictions

import (
	"encoding/json"
	"fmt"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

const (
	// MaxReasons is how many reasons a record keeps, the strongest.
	MaxReasons = 6
	// maxTargets is how many probabilities a record keeps without an allocation.
	maxTargets = 4
	// maxID bounds an id, in bytes: a longer one is left out, so that the queue's memory is bounded.
	maxID = 512
)

// Model is what all records of one model share; immutable.
type Model struct {
	name, version, digest string
	target                string   // the primary one
	keys                  []string // of the JSON of probabilities
	rules                 bool
	blend                 model.Blend
	weights               string // of the blend, JSON
	asOf                  int    // column of the schema; -1: none
}

// NewModel prepares a model's part of its records. An artifact has at least one target.
func NewModel(a *model.Artifact) (*Model, error) {
	weights, err := json.Marshal(a.Blend)
	if err != nil {
		return nil, fmt.Errorf("writing the blend of model %q: %w", a.Name, err)
	}
	m := &Model{name: a.Name, version: a.Version, digest: a.Digest, rules: a.Rules != nil, blend: a.Blend, weights: string(weights), asOf: -1}
	var targets []string
	for i := range a.Targets {
		targets = append(targets, a.Targets[i].Name)
	}
	m.target, m.keys = targets[0], keysOf(targets)
	if a.AsOf != "" {
		m.asOf = a.Schema.Index(a.AsOf)
	}
	return m, nil
}

// Record is one answer. It is of a fixed size and may be used again: Fill overwrites all of it. It shares texts with what it is filled of, which
// are never changed.
type Record struct {
	at, asOf         int64 // microseconds since 1970 UTC; asOf may be datasets.MissingTime
	row              int   // of a batch, from 1; 0: no batch
	route, requestID string
	leadID           string
	model            *Model

	probability, blended, ruleScore, score float64
	probabilities                          [maxTargets]float64
	more                                   []float64 // probabilities of the targets after those
	grade                                  string
	stage                                  model.Stage
	changed                                int8 // 0 no, 1 yes, -1 not known
	warnings                               int
	reasons                                [MaxReasons]reason
	reasonCount                            int
}

type reason struct {
	feature string
	effect  float64
}

// Request is what a record has of the request that was answered.
type Request struct {
	At    time.Time // of the answer
	Route string
	ID    string
	Row   int // of a batch, from 1; 0: no batch
}

// Fill makes the record of an answer: of a lead, what a model said of it, and how many warnings went with it. It keeps neither l nor e,
// but their texts.
func (r *Record) Fill(q Request, m *Model, l *model.Lead, e *model.Explanation, warnings int) {
	r.at, r.route, r.requestID, r.row = q.At.UnixMicro(), q.Route, q.ID, q.Row
	r.model, r.leadID, r.asOf = m, e.LeadID, l.AsOf
	if len(r.leadID) > maxID {
		r.leadID = ""
	}
	if l.AsOf == datasets.MissingTime && m.asOf >= 0 && !l.Values[m.asOf].Missing() {
		r.asOf = l.Values[m.asOf].Time
	}
	r.probability, r.blended, r.ruleScore, r.score = e.Probability, e.Blended, e.RuleScore, e.Score
	n := copy(r.probabilities[:], e.Probabilities)
	r.more = append([]float64(nil), e.Probabilities[n:]...)
	r.grade, r.stage, r.warnings = e.Grade, e.Stage, warnings
	switch {
	case e.Previous == "":
		r.changed = -1
	case e.Changed:
		r.changed = 1
	default:
		r.changed = 0
	}
	r.keep(e.Reasons)
}

// probabilityOf is the probability of target i of the model.
func (r *Record) probabilityOf(i int) float64 {
	if i < maxTargets {
		return r.probabilities[i]
	}
	return r.more[i-maxTargets]
}

// FillRow is Fill for a row of a batch that was scored into c. reasons are nil where nobody asked for them: a table is explained on request
// only.
func (r *Record) FillRow(q Request, m *Model, b *datasets.Batch, c *model.Columns, row int, leadID string, reasons []model.EffectLine, warnings int) {
	r.at, r.route, r.requestID, r.row = q.At.UnixMicro(), q.Route, q.ID, q.Row
	r.model, r.leadID, r.asOf = m, leadID, datasets.MissingTime
	if len(r.leadID) > maxID {
		r.leadID = ""
	}
	if c.AsOf != nil {
		r.asOf = *c.AsOf
	}
	if m.asOf >= 0 {
		if own := b.Value(m.asOf, row); !own.Missing() {
			r.asOf = own.Time
		}
	}
	r.probability, r.blended, r.ruleScore, r.score = c.Probability[row], c.Blended[row], c.RuleScore[row], c.Score[row]
	r.more = nil
	for i, p := range c.Probabilities {
		if i < maxTargets {
			r.probabilities[i] = p[row]
		} else {
			r.more = append(r.more, p[row])
		}
	}
	r.grade, r.stage, r.warnings, r.changed = c.Grade[row], c.Stage[row], warnings, -1
	if c.Previous != nil && c.Previous[row].Stage != "" {
		r.changed = 0
		if c.Changed[row] {
			r.changed = 1
		}
	}
	r.keep(reasons)
}

func (r *Record) keep(reasons []model.EffectLine) {
	r.reasonCount = min(len(reasons), MaxReasons)
	for i := range r.reasonCount {
		r.reasons[i] = reason{reasons[i].Feature, reasons[i].Effect}
	}
}
