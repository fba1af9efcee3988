// Package model is a trained lead-scoring model: the Artifact (one JSON file with a digest), the Scorer
// that turns a lead into a Prediction, the blend of model and rules, the policy that recommends a
// stage, explanations, and the Card that reports on it all. It is what a Go service imports to
// score in-process (see the Example); it knows neither HTTP nor how models are fitted.
//
// # From a lead to a recommendation
//
//	logit        intercept + Σ table[code] + slope·z, a term a feature   (features.Pipeline makes code and z); an offset
//	             is a term with a slope of 1 and a z that is its log-odds less their mean
//	probability  calibration of the sigmoid of the logit                 (Calibration)
//	             of a target that is Given another: times the probability of that one
//	rule score   points of the first scorecard; the others are told, and decide nothing (model/rules)
//	score        0–100: model and rules as one number                    (Blend.Score, ScoreOf)
//	grade        A–D: the score against the policy's thresholds          (Policy.Grade)
//	stage        nurture, MQL, SQL or disqualify                         (Policy.Decide)
//
// The stage is decided by the score, or as the policy has it by the probability of a target. Who remembers the stage that a lead was in
// gives it as Lead.Previous: then Leave and Stay of the policy hold (Policy.Decide), and Prediction.Changed says whether the lead enters a
// stage now (Entered), so that what is to happen once happens once. Limit keeps the leads of a batch that enter a stage down to a
// capacity. The grade of the two axes of the rules stands beside it all (Grades); it decides nothing.
//
// Score takes one lead and ScoreBatch the columns of many, and the results are the same to the last
// bit: each sum runs in one order, and no product is fused with a sum. No probability is ever 0 or 1,
// however far a logit goes: an open lead is not certain.
//
// # The file
//
// Save writes all that scoring needs, rules included; Load believes nothing: digest, format, unknown and
// repeated keys, the fit of every table to its feature, the size of every number and the rules are checked
// before the first lead, so that scoring checks nothing and cannot fail on a model. The digest covers
// the bytes of the file but for white space. The kept files in testdata, one a format, are read by the tests
// for ever.
//
// # Changing rules
//
// Suggestion is a model turned into rules, Replay what a change of rules does to past leads; package train makes both.
//
// # Drift
//
// A DriftMeter counts scored leads by the codes that the pipeline makes of them, row by row or batch by batch, and Drift holds the
// counts against those of training: TermEffect.Rows, and the Reference of the probability and of linear features
// (drift.go, drift_shift.go for the PSI and for what is chance, drift_gauge.go for the expected AUC). A service
// that scores in-process can keep one running. gonum's mathext has the incomplete gamma function of its χ² test.
//
// Gate (gate.go) is the judgement of a new version against the promoted one: the test and its margin; package train makes the figures.
//
// # Rows of training
//
// TrainedRows keeps digests of the training rows in the file, so that evaluation can say whether a row was among them: of all of
// them up to 16,384, else of a sample that does not depend on their order. No row can be read out of it.
//
// # Explanations
//
// Points rounds the same tables to whole numbers on the scale of credit scoring, 20 points to double the
// odds and 100 for the average lead, and PointsCard lays them out for people who count by hand.
//
// Explain writes the logit out as a baseline, which is the average training lead's, and an effect a feature:
// Baseline + Σ Effects.Effect is the logit itself, not an approximation of it. A warning is given for a
// missing or unseen value where the feature's effects have a standard deviation of at least .1 log-odds
// over the training rows, that is, where the value would have moved the odds by a tenth.
//
// Reasons are the strongest effects of each sign, as sentences with the observed rate and the count behind it, in the language
// of the scorer (In): all texts stand in catalogue_en.go and catalogue_es.go, numbers and dates are written as the language does
// (language.go), phrase.go and phrase_events.go say what a feature of each kind says of a lead. Names of stages, features and
// values are for programs and stay as they are; the texts of a rule trace are those of model/rules, in English.
//
// Explain also finds Counterfactuals: the fewest changes, up to three, of what the policy marks actionable (Actionable) and of
// required fields that are missing, with which the recommendation would be a higher stage. counterfactual_moves.go lists the
// single changes and scores each; counterfactual_search.go combines them. What is told was scored by Score itself: Apply gives the
// lead with the changes, which has exactly the stage, score and probability that are claimed.
//
// Interval is how far the training rows determine the probability, from the Covariance of the primary target: x′Vx is
// a sum over the pairs of numbers that the score adds up, so Score itself neither needs nor computes it. The Covariance is
// exact, to float32, up to 1,500 columns, rounded above, and tells a very large category by what its levels
// mostly have in common (CovarianceLevels). Fits with an L1 part and of more than MaxCovariance columns beside such
// a category have none.
package model
