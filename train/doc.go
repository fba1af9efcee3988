// Package train is the main job: Run reads the leads, splits them, fits features and models on the
// training rows, scores the hold-out through the very Scorer that will serve, evaluates it and
// returns the artifact with its card. It is readable from top to bottom in run.go; it knows neither
// flags nor YAML.
//
// The default model is additive (additive.go): main effects with all λ's estimated, then 0, 8 or 24 of the
// pairs that the screening finds, whichever number does best on rows that had no part in it
// (additive_nested.go); sides of pairs are finer where that does better on such rows (additive_finer.go). A column
// with monotone set has its falling (or rising) neighbours pooled until the table keeps the order, and takes no part in pairs, so that the promise holds for the model (additive_monotone.go). A category of
// more than 200 levels of 20 rows takes no part in pairs either. The inverse Hessian gives every effect a
// standard error and every probability an interval (additive_covariance.go).
package train
