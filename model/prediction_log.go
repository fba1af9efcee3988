package model

import (
	"crypto/sha256"
	"encoding/hex"

	"leadscore/datasets"
)

// Columns of a prediction log. A row is one answer of a server; the same columns stand in its Parquet files and in its JSON Lines.
// They are named here because the server writes them and evaluation reads them, and neither knows the other.
const (
	LogTime          = "time"             // when it was answered
	LogRoute         = "route"            // of the request: /v1/score
	LogRequestID     = "request_id"       //
	LogRow           = "row"              // of the batch, from 1; missing: the request was of one lead
	LogLeadID        = "lead_id"          // as it was sent, or HashID of it; missing: the lead had none
	LogAsOf          = "as_of"            // moment that the lead was scored at; missing: none was known
	LogModel         = "model"            // name of the model that answered
	LogVersion       = "version"          //
	LogDigest        = "digest"           // of the model's file
	LogTarget        = "target"           // the primary target
	LogProbability   = "probability"      // of the primary target, by the model alone
	LogProbabilities = "probabilities"    // of each target, a JSON object: {"won":0.31}
	LogRuleScore     = "rule_score"       // missing: the model has no rules
	LogRuleChance    = "rule_probability" // that the rule score alone speaks of (Blend.RuleProbability); missing: no rules
	LogBlended       = "blended"          // probability after the blend; missing: the method gives none
	LogScore         = "score"            // 0–100
	LogGrade         = "grade"            //
	LogStage         = "stage"            //
	LogChanged       = "changed"          // missing: the request did not say which stage the lead was in
	LogBlend         = "blend"            // method of the blend
	LogWeights       = "blend_weights"    // the whole blend as JSON, as it stands in the model's file
	LogReasons       = "reasons"          // the strongest as JSON: [{"feature":"visits","effect":0.4}]; no values, they are the lead's
	LogWarnings      = "warnings"         // how many there were
)

// LogSchema is the columns of a prediction log in their order. No text but the empty one is missing: an id may be "NA".
func LogSchema() *datasets.Schema {
	s := &datasets.Schema{Nulls: []string{}}
	for _, f := range []struct {
		kind  datasets.Kind
		names []string
	}{
		{datasets.Time, []string{LogTime}},
		{datasets.Categorical, []string{LogRoute}},
		{datasets.Text, []string{LogRequestID}},
		{datasets.Numeric, []string{LogRow}},
		{datasets.Text, []string{LogLeadID}},
		{datasets.Time, []string{LogAsOf}},
		{datasets.Categorical, []string{LogModel, LogVersion, LogDigest, LogTarget}},
		{datasets.Numeric, []string{LogProbability}},
		{datasets.Text, []string{LogProbabilities}},
		{datasets.Numeric, []string{LogRuleScore, LogRuleChance, LogBlended, LogScore}},
		{datasets.Categorical, []string{LogGrade, LogStage}},
		{datasets.Boolean, []string{LogChanged}},
		{datasets.Categorical, []string{LogBlend, LogWeights}},
		{datasets.Text, []string{LogReasons}},
		{datasets.Numeric, []string{LogWarnings}},
	} {
		for _, name := range f.names {
			s.Fields = append(s.Fields, datasets.Field{Name: name, Kind: f.kind})
		}
	}
	return s
}

// HashID is what stands in a log for a lead's id where ids are hashed: sha256 of the salt and the id, one after the other, in
// hexadecimal digits, so that any database can make it too. The salt must be secret: ids are few enough to try them all. A missing id
// stays missing.
func HashID(salt []byte, id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256(append(salt[:len(salt):len(salt)], id...))
	return hex.EncodeToString(sum[:])
}
