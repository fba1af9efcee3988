package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/model"
	"leadscore/train"
)

const (
	modelHelp    = "`model`: a path to model.json or a run directory, or NAME[@VERSION] in the registry"
	registryHelp = "registry `directory` that --model NAME is looked up in"
)

// loadScorer loads --model: a path where one exists, otherwise a name in the registry.
func loadScorer(name, registryDir string) (*model.Scorer, error) {
	path, err := modelPath(name, registryDir)
	if err != nil {
		return nil, err
	}
	a, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	return model.NewScorer(a)
}

// loadScorerFor loads a model that reads leads with a log of events (none: without), which it must have features of.
func loadScorerFor(name, registryDir string, events []string) (*model.Scorer, error) {
	scorer, err := loadScorer(name, registryDir)
	if err != nil {
		return nil, err
	}
	if len(events) > 0 && scorer.Artifact().Events == nil {
		return nil, usage("reading --events: the model has no event features, so no log is needed")
	}
	return scorer, nil
}

func modelPath(name, registryDir string) (string, error) {
	if name == "" {
		return "", usage("no model: say --model run/model.json, or --model NAME with --registry")
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return name + "/model.json", nil
	case err == nil:
		return name, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("reading --model: %w", err)
	case registryDir == "" || strings.HasSuffix(name, ".json"):
		return "", fmt.Errorf("reading --model: no file %s (a name in a registry needs --registry)", name)
	}
	reg, err := openRegistry(registryDir)
	if err != nil {
		return "", err
	}
	return reg.Resolve(name)
}

// refusedRows tells an error of measuring on labelled leads: rules that do not fit them with their lines in the file (at nil: they are the
// model's own), and training rows with what can be done about them; does is what --allow-training-rows does all the same.
func refusedRows(err error, at *config.Positions, does string) error {
	var badRules *train.RulesError
	var trained *train.TrainingRowsError
	switch {
	case errors.As(err, &badRules) && at != nil:
		return usageError{at.Problems(badRules.Problems)}
	case errors.As(err, &trained):
		return fmt.Errorf("%w (leadscore datasets split holds leads out; --allow-training-rows %s all the same)", err, does)
	}
	return err
}
