package model

import (
	"slices"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// Format is the version of the artifact that this code writes and the newest that it reads. A new
// optional key does not change it; a key that changes what older ones mean does.
const Format = 1

// Artifact is everything that scoring needs, rules included. Save and Load keep it as one JSON file.
// It is not changed once a Scorer is made of it.
type Artifact struct {
	Format  int    `json:"format"`
	Name    string `json:"name"`
	Version string `json:"version"` // the first 12 hex digits of Digest
	Digest  string `json:"digest"`  // sha256 of the file's JSON with version and digest empty
	ID      string `json:"id"`      // column that names a lead; "" has none
	AsOf    string `json:"as_of"`   // Time column of the moment a row is a picture of; "" has none
	// Snapshots is how training made the AsOf column where the file has none: "created_at + 3d". "": the file has it.
	Snapshots string             `json:"snapshots,omitempty"`
	Schema    *datasets.Schema   `json:"schema"`           // all columns of the training file but targets' own
	Events    *EventFeatures     `json:"events,omitempty"` // columns of the schema that are made from the lead's events; nil: none
	Outcomes  []string           `json:"outcomes"`         // columns of the training file that hold outcomes: accepted, never read
	Weight    *datasets.Field    `json:"weight,omitempty"` // column of the training rows' weights: accepted, read by evaluation alone; nil has none
	Pipeline  *features.Pipeline `json:"pipeline"`
	Targets   []Target           `json:"targets"` // the first is the primary one
	Rules     *rules.File        `json:"rules,omitempty"`
	Blend     Blend              `json:"blend"`
	Policy    Policy             `json:"policy"`
	Reference *Reference         `json:"reference,omitempty"` // what drift is measured against; nil: an artifact from before there was one
	// TrainedRows tells whether rows were in training; nil: a model of before there were digests.
	TrainedRows *TrainedRows `json:"trained_rows,omitempty"`
	Card        *Card        `json:"card"` // without Run

	bound binding
}

// Unread returns the columns of the training file that scoring accepts and never reads: those of outcomes, and the
// weight's.
func (a *Artifact) Unread() []string {
	if a.Weight == nil {
		return a.Outcomes
	}
	return append(slices.Clone(a.Outcomes), a.Weight.Name)
}

// Target is one conversion model.
type Target struct {
	Name      string       `json:"name"`
	Outcome   Outcome      `json:"outcome"`
	BaseRate  float64      `json:"base_rate"`
	Intercept float64      `json:"intercept"`
	Effects   []TermEffect `json:"effects"` // one a feature of the pipeline, in order
	// Calibration maps the logit's probability to the one that is answered; nil is the identity.
	Calibration *Calibration `json:"calibration,omitempty"`
	// Covariance gives the interval of a probability; nil: none, because the target is not the primary one, or because of
	// an L1 part or too many columns (see MaxCovariance).
	Covariance *Covariance `json:"covariance,omitempty"`
	// Given names an earlier target on whose conversion this one is conditional: its tables give P(target | given), and
	// its probability is that times P(given). "": they give P(target).
	Given string `json:"given,omitempty"`
}

// TermEffect is a feature's effect and what training saw of its codes.
type TermEffect struct {
	features.Effect
	Mean      float64 `json:"mean"`                // mean effect over the training rows: reasons are told relative to it
	Rows      []int   `json:"rows,omitempty"`      // training rows by code; of weighted ones the rounded weight
	Positives []int   `json:"positives,omitempty"` // of them, converted
}

// Outcome says where the outcome of a target stands in a labelled file, for evaluation; scoring does not read it.
type Outcome struct {
	Column   string   `json:"column"`
	Positive []string `json:"positive"`
	Negative []string `json:"negative,omitempty"` // none: every other value
	At       string   `json:"at,omitempty"`       // column of the outcome's time
	Horizon  string   `json:"horizon,omitempty"`  // "90d": how long after as-of an outcome counts; "": whenever it came
}
