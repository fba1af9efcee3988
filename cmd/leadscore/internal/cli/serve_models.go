package cli

import (
	"context"

	"github.com/spf13/pflag"

	"leadscore/model"
)

// serveModels says what is served.
type serveModels struct{ model, registry string }

func (f *serveModels) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.model, "model", "", modelHelp)
	fs.StringVar(&f.registry, "registry", "", registryHelp)
}

func (f *serveModels) configure(_ context.Context, setup *serveSetup) error {
	scorer, err := loadScorer(f.model, f.registry)
	if err != nil {
		return err
	}
	setup.config.Models = []*model.Scorer{scorer}
	return nil
}
