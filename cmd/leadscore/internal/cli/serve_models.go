package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"leadscore/model/registry"
	"leadscore/serve"
)

// serveModels says what is served.
type serveModels struct {
	models, shadow, split []string
	registry, standard    string
	keep, queue           int
	watch                 time.Duration
	maxAge                string
}

func (f *serveModels) flags(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.models, "model", nil, modelHelp+"; may be given several times, the first answers when a request names none (without it, the champion of each model in the registry is served)")
	fs.StringVar(&f.registry, "registry", "", "registry `directory` that --model NAME is looked up in")
	fs.StringVar(&f.standard, "default", "", "`name` of the model that answers when a request names none")
	fs.IntVar(&f.keep, "keep", 0, "`number` of the newest versions to load beside each champion of the registry")
	fs.DurationVar(&f.watch, "watch", 5*time.Second, "`time` between two looks for changed models; 0: only on SIGHUP")
	fs.StringVar(&f.maxAge, "max-age", "", "`age`, such as 90d, beyond which a model's answers carry the header Model-Age-Warning")
	fs.StringArrayVar(&f.split, "split", nil, "`NAME@VERSION=10%`: that version answers this share of the leads, chosen by their ids; tables only where its columns are the champion's")
	fs.StringArrayVar(&f.shadow, "shadow", nil, "`NAME@VERSION`: that version scores each lead of JSON too (not of CSV, Arrow, /v2 and /invocations), is compared, and never answers")
	fs.IntVar(&f.queue, "shadow-queue", 1024, "`number` of leads that may wait for their shadow; more are dropped and counted")
}

func (f *serveModels) configure(_ context.Context, setup *serveSetup) error {
	c := &setup.config
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	if f.registry != "" {
		reg, err := openRegistry(f.registry)
		if err != nil {
			return err
		}
		c.Catalog.Registry = reg
	} else if len(f.models) == 0 {
		note(errors.New("no model: say --model run/model.json, --model NAME with --registry, or --registry alone"))
	}
	for _, text := range f.models {
		ref, err := modelRef(text, f.registry != "")
		note(err)
		c.Catalog.Wanted = append(c.Catalog.Wanted, ref)
	}
	for _, text := range f.shadow {
		challenger, err := challengerOf("shadow", text, text)
		challenger.Shadow = true
		note(err)
		c.Challengers = append(c.Challengers, challenger)
	}
	for _, text := range f.split {
		challenger, err := splitOf(text)
		note(err)
		c.Challengers = append(c.Challengers, challenger)
	}
	if f.keep < 0 {
		note(fmt.Errorf("reading --keep: %d is below 0; want a number of versions", f.keep))
	}
	if f.keep > 0 && f.registry == "" {
		note(errors.New("reading --keep: there is no --registry to keep versions of"))
	}
	if f.queue < 1 {
		note(fmt.Errorf("reading --shadow-queue: %d is below 1; want a number of leads", f.queue))
	}
	if f.watch < 0 {
		note(fmt.Errorf("reading --watch: %s is below 0; want a time such as 5s, or 0", f.watch))
	}
	var err error
	c.MaxAge, err = ageOf(f.maxAge)
	note(err)
	if err := wrongFlags(problems...); err != nil {
		return err
	}
	c.Catalog.Default, c.Catalog.Keep, c.ShadowQueue = f.standard, f.keep, f.queue
	if f.watch > 0 {
		ticker := time.NewTicker(f.watch)
		setup.close = append(setup.close, func() error { ticker.Stop(); return nil })
		c.Catalog.Tick = ticker.C
	}
	reload, stop := hangUps()
	setup.close = append(setup.close, func() error { stop(); return nil })
	c.Catalog.Reload = reload
	return nil
}

// modelRef reads --model: a path where one exists, otherwise a name in the registry.
func modelRef(text string, inRegistry bool) (serve.Ref, error) {
	info, err := os.Stat(text)
	switch {
	case text == "":
		return serve.Ref{}, errors.New(`reading --model: "" is neither a path nor a name`)
	case err == nil && info.IsDir():
		return serve.Ref{Path: filepath.Join(text, "model.json")}, nil
	case err == nil:
		return serve.Ref{Path: text}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return serve.Ref{}, fmt.Errorf("reading --model: %w", err)
	case !inRegistry || strings.HasSuffix(text, ".json"):
		return serve.Ref{}, fmt.Errorf("reading --model: no file %s (a name in a registry needs --registry)", text)
	}
	name, version, _ := strings.Cut(text, "@")
	if version == registry.ChampionRef {
		version = ""
	}
	return serve.Ref{Name: name, Version: version}, nil
}

func challengerOf(flag, text, ref string) (serve.Challenger, error) {
	name, version, _ := strings.Cut(ref, "@")
	if name == "" || version == "" || version == registry.ChampionRef {
		return serve.Challenger{}, fmt.Errorf("reading --%s: %q: want NAME@VERSION", flag, text)
	}
	return serve.Challenger{Name: name, Version: version}, nil
}

// splitOf reads NAME@VERSION=10%.
func splitOf(text string) (serve.Challenger, error) {
	ref, share, _ := strings.Cut(text, "=")
	c, err := challengerOf("split", text, ref)
	if err != nil {
		return c, fmt.Errorf("%w=10%%", err)
	}
	number, percent := strings.CutSuffix(share, "%")
	c.Share, err = strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(c.Share >= 0 && c.Share <= 100) {
		return serve.Challenger{}, fmt.Errorf("reading --split: %q: the share is %q; want 0%% to 100%%", text, share)
	}
	c.Share /= 100
	return c, nil
}

// ageOf reads 90d or a time such as 2160h; "": 0.
func ageOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	const most = 36500
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= most {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("reading --max-age: %q is no age; want one such as 90d or 36h", text)
}
