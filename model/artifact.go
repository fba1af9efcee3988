package model

import (
	"errors"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// Format is the version of the artifact that this code writes and the newest that it reads.
const Format = 1

// Artifact is everything that scoring needs, rules included. Save and Load keep it as one JSON file.
type Artifact struct {
	Format   int                `json:"format"`
	Name     string             `json:"name"`
	Version  string             `json:"version"`  // the first 12 hex digits of Digest
	Digest   string             `json:"digest"`   // sha256 of the file's JSON with version and digest empty
	ID       string             `json:"id"`       // column that names a lead; "" has none
	AsOf     string             `json:"as_of"`    // Time column of the moment a row is a picture of; "" has none
	Schema   *datasets.Schema   `json:"schema"`   // all columns of the training file but targets' own
	Outcomes []string           `json:"outcomes"` // columns of the training file that hold outcomes: accepted, never read
	Pipeline *features.Pipeline `json:"pipeline"`
	Targets  []Target           `json:"targets"` // the first is the primary one
	Rules    *rules.File        `json:"rules,omitempty"`
	Blend    Blend              `json:"blend"`
	Policy   Policy             `json:"policy"`
	Card     *Card              `json:"card"` // without Run
}

// Target is one conversion model.
type Target struct {
	Name      string       `json:"name"`
	BaseRate  float64      `json:"base_rate"`
	Intercept float64      `json:"intercept"`
	Effects   []TermEffect `json:"effects"` // one a feature of the pipeline, in order

}

// TermEffect is a feature's effect and what training saw of its codes.
type TermEffect struct {
	features.Effect
	Mean      float64 `json:"mean"`                // mean effect over the training rows: reasons are told relative to it
	Rows      []int   `json:"rows,omitempty"`      // training rows by code
	Positives []int   `json:"positives,omitempty"` // of them, converted
}

// Blend says how model and rules become one probability and score.
type Blend struct {
	Method string `json:"method"` // model | rules | linear | logit | gate
	// logit: logit p = Intercept + Logit·logit(p_model) + Rule·rule_score/100.
	// linear: score = Weight·model score + (1−Weight)·rule score. gate: rules decide below Low and at or above High.
	Intercept float64 `json:"intercept,omitempty"`
	Logit     float64 `json:"logit,omitempty"`
	Rule      float64 `json:"rule,omitempty"`
	Weight    float64 `json:"weight,omitempty"`
	Low       float64 `json:"low,omitempty"`
	High      float64 `json:"high,omitempty"`
}

// Policy turns a score into a stage.
type Policy struct {
	MQL StageRule `json:"mql"`
	SQL StageRule `json:"sql"`
}

// StageRule is what a lead needs for a stage.
type StageRule struct {
	MinScore float64  `json:"min_score"`          // score ≥ MinScore
	Required []string `json:"required,omitempty"` // columns that must not be missing
}

var errNotBuilt = errors.New("not built yet")

// Save seals the artifact (digest, version) and writes it: temporary file, then rename.
func (a *Artifact) Save(path string) error { return errNotBuilt }

// Load reads an artifact strictly: unknown keys, a wrong digest, a truncated file and a newer
// format are errors that say so.
func Load(path string) (*Artifact, error) { return nil, errNotBuilt }
