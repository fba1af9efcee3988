package model

import "math"

// Blend says how model and rules become one probability and score.
//
//	model   p = p_model                                                    score = 100·√p
//	rules   no probability                                                 score = rule score
//	logit   logit p = Intercept + Logit·logit(p_model) + Σ Weight·points of a group/100, or Rule·rule score/100 without
//	        Groups                                                         score = 100·√p
//	linear  no probability           score = Weight·100·√p_model + (1 − Weight)·rule score
//	gate    rule score < Low or ≥ High: as rules; between, and below Low where 100·√p_model ≥ Upgrade: as model
//
// Wherever the rule score itself becomes (part of) the score it is first limited to 0–100; logit takes points
// as they are. Groups' points are those before the bounds of the scorecard: a bound is no group's. Each method but logit with a
// negative Logit is monotone in p_model.
type Blend struct {
	Method    string        `json:"method"` // model | rules | linear | logit | gate
	Intercept float64       `json:"intercept,omitempty"`
	Logit     float64       `json:"logit,omitempty"`
	Rule      float64       `json:"rule,omitempty"`
	Groups    []GroupWeight `json:"groups,omitempty"` // of the first scorecard, in its order (rules.Set.Groups); nil: Rule
	Weight    float64       `json:"weight,omitempty"` // 0 to 1
	Low       float64       `json:"low,omitempty"`
	High      float64       `json:"high,omitempty"` // ≥ Low
	// Upgrade is the model's own score from which on it lifts a lead that the rules put below Low; such a lead's score is never less
	// than its rule score. 0: none is lifted.
	Upgrade float64 `json:"upgrade,omitempty"`
	// RuleIntercept and RuleSlope turn the rule score alone into a probability, fitted on the training rows:
	// logit p = RuleIntercept + RuleSlope·rule score/100. Scoring does not use them; comparing rules with the
	// model by log loss, Brier and calibration does.
	RuleIntercept float64 `json:"rule_intercept,omitempty"`
	RuleSlope     float64 `json:"rule_slope,omitempty"`
}

// GroupWeight is the weight of a group of rules, or of a framework: log-odds for 100 points.
type GroupWeight struct {
	Group  string  `json:"group"`
	Weight float64 `json:"weight"`
}

// RuleProbability is the probability that the rule score alone speaks of.
func (b *Blend) RuleProbability(ruleScore float64) float64 {
	return probability(b.RuleIntercept + b.RuleSlope*ruleScore/100)
}

// The methods of a Blend.
const (
	BlendModel  = "model"
	BlendRules  = "rules"
	BlendLinear = "linear"
	BlendLogit  = "logit"
	BlendGate   = "gate"
)

// blendMethods are the methods in the order in which errors name them.
var blendMethods = []string{BlendModel, BlendRules, BlendLinear, BlendLogit, BlendGate}

// Score blends a calibrated probability of the model, strictly between 0 and 1, with a rule score and the points of each of
// Groups; they are not looked at without Groups. The
// second result is the blended probability, NaN where the method has none: a mean of points and
// probabilities is not a probability of anything.
func (b *Blend) Score(p, ruleScore float64, groups []float64) (score, blended float64) {
	switch b.Method {
	case BlendRules:
		return limitScore(ruleScore), math.NaN()
	case BlendLinear:
		return limitScore(float64(b.Weight*ScoreOf(p)) + float64((1-b.Weight)*limitScore(ruleScore))), math.NaN()
	case BlendLogit:
		if b.Groups == nil {
			p = probability(b.Intercept + float64(b.Logit*Logit(p)) + float64(b.Rule*ruleScore)/100)
			break
		}
		logit := b.Intercept + float64(b.Logit*Logit(p))
		for i, points := range groups {
			logit += float64(b.Groups[i].Weight*points) / 100
		}
		p = probability(logit)
	case BlendGate:
		switch own := ScoreOf(p); {
		case ruleScore >= b.High:
			return limitScore(ruleScore), math.NaN()
		case ruleScore >= b.Low:
		case b.Upgrade > 0 && own >= b.Upgrade:
			return max(own, limitScore(ruleScore)), p
		default:
			return limitScore(ruleScore), math.NaN()
		}
	}
	return ScoreOf(p), p
}

// usesRules reports whether the method means anything without rules.
func (b *Blend) usesRules() bool { return b.Method != BlendModel }

// ScoreOf maps a probability to the score of 0–100: 100·√p, so 1 % is 10, 6.25 % is 25, 25 % is 50,
// 49 % is 70. The inverse is ProbabilityAt.
//
// The map is anchored to probability and fitted to nothing, so a score means the same after a retrain.
// Rejected: 100·p, because at the usual 1–10 % of wins every lead would crowd between 0 and 10, where
// no one can tell a threshold of 3 from one of 4; and the rank or percentile among the training leads, because it
// moves with every retrain and hides a month in which all leads are poor.
func ScoreOf(p float64) float64 { return 100 * math.Sqrt(p) }

// ProbabilityAt returns the probability that has a score: (score/100)².
func ProbabilityAt(score float64) float64 {
	x := score / 100
	return x * x
}

func limitScore(x float64) float64 { return min(max(x, 0), 100) }

// maxLogit bounds the logit of an answered probability: nearer to 0 and 1 than 2.3e-16 float64 has no
// probabilities below 1 any more, and an open lead is never at 0 or 100 %.
const maxLogit = 36

// probability is the Sigmoid of a logit kept strictly between 0 and 1.
func probability(logit float64) float64 { return Sigmoid(min(max(logit, -maxLogit), maxLogit)) }
