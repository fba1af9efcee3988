package train

import (
	"fmt"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// PolicyError is a policy that does not fit the data; the caller knows where the configuration's lines are.
type PolicyError struct{ Problems []rules.Problem }

func (e *PolicyError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Path + ": " + p.Text
	}
	return "checking the policy against the leads: " + strings.Join(lines, "; ")
}

// checkActionable refuses, before anything is fitted, what the policy marks actionable and the leads do not have: a
// counterfactual that is never found would be the only sign of a typing mistake. The error is a *PolicyError.
func (d *data) checkActionable(c *Config) error {
	if len(c.Policy.Actionable) == 0 {
		return nil
	}
	a := &model.Artifact{Schema: d.leads.Schema, ID: c.Leads.ID, Rules: c.Rules, Policy: model.Policy{Actionable: c.Policy.Actionable}}
	d.markAsOf(a, c.Leads.AsOf)
	var types []string
	if d.log != nil {
		a.Events, types = &model.EventFeatures{}, d.log.report.Types
	}
	problems := a.ActionableProblems()
	for i, mark := range c.Policy.Actionable {
		if mark.Event == "" || d.log == nil || slices.Contains(types, mark.Event) || slices.Contains(c.Rules.EventTypes(), mark.Event) {
			continue
		}
		hint := ""
		if near := datasets.Nearest(mark.Event, types); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		problems = append(problems, rules.Problem{Path: rules.Index("policy.actionable", i), Text: fmt.Sprintf("event %s: the log has no such type%s", mark.Event, hint)})
	}
	if len(problems) > 0 {
		return &PolicyError{problems}
	}
	return nil
}
