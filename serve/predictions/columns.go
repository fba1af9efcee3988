package predictions

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"leadscore/datasets"
	"leadscore/model"
)

// column is how one column of the log is made of a record.
type column struct {
	name  string
	value func(r *Record) datasets.Value
}

func word(s string) datasets.Value {
	if s == "" {
		return datasets.Value{}
	}
	return datasets.Level(s)
}

func text(s string) datasets.Value {
	if s == "" {
		return datasets.Value{}
	}
	return datasets.Words(s)
}

// number is missing where x is NaN; nothing of an answer is infinite.
func number(x float64) datasets.Value {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return datasets.Value{}
	}
	return datasets.Number(x)
}

func moment(at int64) datasets.Value {
	if at == datasets.MissingTime {
		return datasets.Value{}
	}
	return datasets.At(at)
}

// columns are those of model.LogSchema; a test holds that none is left out. salt hashes the ids; nil: they are written as they are.
func columns(salt []byte) []column {
	ofRules := func(x func(r *Record) float64) func(*Record) datasets.Value {
		return func(r *Record) datasets.Value {
			if !r.model.rules {
				return datasets.Value{}
			}
			return number(x(r))
		}
	}
	return []column{
		{model.LogTime, func(r *Record) datasets.Value { return moment(r.at) }},
		{model.LogRoute, func(r *Record) datasets.Value { return word(r.route) }},
		{model.LogRequestID, func(r *Record) datasets.Value { return text(r.requestID) }},
		{model.LogRow, func(r *Record) datasets.Value {
			if r.row == 0 {
				return datasets.Value{}
			}
			return number(float64(r.row))
		}},
		{model.LogLeadID, func(r *Record) datasets.Value {
			if salt != nil {
				return text(model.HashID(salt, r.leadID))
			}
			return text(r.leadID)
		}},
		{model.LogAsOf, func(r *Record) datasets.Value { return moment(r.asOf) }},
		{model.LogModel, func(r *Record) datasets.Value { return word(r.model.name) }},
		{model.LogVersion, func(r *Record) datasets.Value { return word(r.model.version) }},
		{model.LogDigest, func(r *Record) datasets.Value { return word(r.model.digest) }},
		{model.LogTarget, func(r *Record) datasets.Value { return word(r.model.target) }},
		{model.LogProbability, func(r *Record) datasets.Value { return number(r.probability) }},
		{model.LogProbabilities, func(r *Record) datasets.Value { return text(probabilities(r)) }},
		{model.LogRuleScore, ofRules(func(r *Record) float64 { return r.ruleScore })},
		{model.LogRuleChance, ofRules(func(r *Record) float64 { return r.model.blend.RuleProbability(r.ruleScore) })},
		{model.LogBlended, func(r *Record) datasets.Value { return number(r.blended) }},
		{model.LogScore, func(r *Record) datasets.Value { return number(r.score) }},
		{model.LogGrade, func(r *Record) datasets.Value { return word(r.grade) }},
		{model.LogStage, func(r *Record) datasets.Value { return word(string(r.stage)) }},
		{model.LogChanged, func(r *Record) datasets.Value {
			if r.changed < 0 {
				return datasets.Value{}
			}
			return datasets.Bool(r.changed == 1)
		}},
		{model.LogBlend, func(r *Record) datasets.Value { return word(r.model.blend.Method) }},
		{model.LogWeights, func(r *Record) datasets.Value { return word(r.model.weights) }},
		{model.LogReasons, func(r *Record) datasets.Value { return text(reasons(r)) }},
		{model.LogWarnings, func(r *Record) datasets.Value { return number(float64(r.warnings)) }},
	}
}

// batch makes columns of records.
func batch(schema *datasets.Schema, columns []column, records []Record) (*datasets.Batch, error) {
	made := make([]datasets.Column, len(columns))
	for i, c := range columns {
		made[i] = datasets.ColumnOf(schema.Fields[i].Kind, len(records), func(row int) datasets.Value { return c.value(&records[row]) })
	}
	return datasets.NewBatch(schema, len(records), made)
}

// probabilities writes the probabilities by target as JSON.
func probabilities(r *Record) string {
	b := make([]byte, 0, 64)
	for i, key := range r.model.keys {
		b = appendNumber(append(b, key...), r.probabilityOf(i))
	}
	return string(append(b, '}'))
}

// keysOf are what stands before each target's number: {"won": and ,"sql":
func keysOf(targets []string) (keys []string) {
	for i, name := range targets {
		b := []byte{','}
		if i == 0 {
			b[0] = '{'
		}
		keys = append(keys, string(append(appendQuoted(b, name), ':')))
	}
	return keys
}

// reasons writes features and effects as JSON.
func reasons(r *Record) string {
	b := make([]byte, 0, 256)
	b = append(b, '[')
	for i := range r.reasons[:r.reasonCount] {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(append(b, `{"feature":`...), r.reasons[i].feature)
		b = append(appendNumber(append(b, `,"effect":`...), r.reasons[i].effect), '}')
	}
	return string(append(b, ']'))
}

// appendNumber is JSON; a number that is not finite, which no answer has, is null.
func appendNumber(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}

// appendQuoted is JSON.
func appendQuoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always marshals
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
