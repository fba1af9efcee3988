// Package train is the main job: Run reads the leads, splits them, fits features and models on the
// training rows, scores the hold-out through the very Scorer that will serve, evaluates it and
// returns the artifact with its card. It is readable from top to bottom in run.go; it knows neither
// flags nor YAML.
package train
