// Package model is a trained lead-scoring model: the Artifact (one JSON file with a digest), the Scorer
// that turns a lead into a Prediction, the blend of model and rules, the policy that recommends a
// stage, explanations, and the Card that reports on it all. It is what a Go service imports to
// score in-process; it knows neither HTTP nor how models are fitted.
package model
