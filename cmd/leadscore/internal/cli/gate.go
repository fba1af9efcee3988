package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"leadscore/model"
	"leadscore/model/registry"
	"leadscore/train"
)

// gateFile is the judgement of a run before promotion, in its directory.
const gateFile = "gate.json"

// register adds a run to the registry and promotes it if the gate lets it through, or the flags say so. The champion is looked
// up before, and the promotion fails if there is another one by then.
func register(s Streams, f trainFlags, c *train.Config, r *train.Result) error {
	name := c.Name
	if name == "" {
		name = r.Artifact.Name
	}
	reg, err := registry.Open(f.registry)
	if err != nil {
		return err
	}
	champion, err := championOf(reg, name)
	if err != nil {
		return err
	}
	gate := train.JudgeGate(c.Gate, r, champion)
	if err := writeJSONFile(filepath.Join(f.out, gateFile), gate); err != nil {
		return err
	}
	version, err := reg.Add(name, f.out)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.Err, "added %s@%s to %s\n", name, version, f.registry)
	if sentence := gate.Sentence(); sentence != "" {
		_, _ = fmt.Fprintf(s.Err, "gate: %s\n", sentence)
	}
	for _, note := range gate.Notes {
		warn(s.Err, "%s", note)
	}
	reasons := strings.Join(gate.Reasons, "; ")
	stays := "no version is promoted"
	if gate.Champion != "" {
		stays = gate.Champion + " stays the champion"
	}
	switch {
	case f.noPromote:
		if !gate.Passed {
			warn(s.Err, "the gate is not met: %s", reasons)
		}
		return nil
	case !gate.Passed && !f.force:
		return gateError{fmt.Errorf("%s@%s was added but not promoted, %s: %s (leadscore models promote and --force-promote do it all the same)", name, version, stays, reasons)}
	case !gate.Passed:
		warn(s.Err, "promoted in spite of the gate (--force-promote): %s", reasons)
	}
	err = reg.PromoteOver(name, version, gate.Champion, s.Now())
	if errors.Is(err, registry.ErrChampionChanged) {
		return gateError{fmt.Errorf("%s@%s was added but not promoted: %w, and it was not compared with that one", name, version, err)}
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.Err, "promoted %s@%s\n", name, version)
	return nil
}

// championOf loads the promoted version; nil where none is promoted. One that cannot be loaded is not an error here but a
// reason of the gate: the new version is kept.
func championOf(reg *registry.Registry, name string) (*train.Champion, error) {
	version, err := reg.Champion(name)
	if err != nil || version == "" {
		return nil, err
	}
	c := &train.Champion{Version: version}
	path, err := reg.Resolve(name)
	if err == nil {
		c.Scorer, err = loadScorer(path, "")
	}
	if c.Err = err; err != nil {
		c.Scorer = nil
	}
	return c, nil
}

// metricsOf are the figures of a target's model on its own hold-out; zero without a card.
func metricsOf(a *model.Artifact, target string) (model.Metrics, model.Sample, bool) {
	if a.Card == nil || a.Card.Targets[target] == nil {
		return model.Metrics{}, model.Sample{}, false
	}
	t := a.Card.Targets[target]
	return t.Scores["model"], t.Holdout, true
}
