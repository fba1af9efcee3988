package cli

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/model"
)

func newModelsDiff(s Streams, f *modelsFlags) *cobra.Command {
	return &cobra.Command{
		Use: "diff NAME@V1 NAME@V2", Short: "Tell how two versions differ: figures, schema, features, policy, blend",
		Long: `diff sets two versions side by side. The figures are those of each one's own card, on each one's own hold-out: they are not
a comparison on the same leads, which the gate of train makes, and evaluate on the same file.`,
		Example: "  leadscore models diff converted@v2 converted@v3 --registry models",
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return runModelsDiff(s, *f, args[0], args[1]) },
	}
}

// modelsDiff is what differs between two versions; empty lists: nothing does.
type modelsDiff struct {
	From     versionOf     `json:"from"`
	To       versionOf     `json:"to"`
	Same     bool          `json:"same"` // the files are the same to the byte
	Targets  []targetDiff  `json:"targets"`
	Columns  namesDiff     `json:"columns"` // of the schema; changed: another kind
	Features namesDiff     `json:"features"`
	Policy   []settingDiff `json:"policy"`
	Blend    []settingDiff `json:"blend"`
}

type versionOf struct {
	Ref     string `json:"ref"`
	Version string `json:"version"` // of the content
}

// targetDiff has nil on the side that lacks the target or its card.
type targetDiff struct {
	Target  string         `json:"target"`
	From    *model.Metrics `json:"from"`
	To      *model.Metrics `json:"to"`
	FromOut *model.Sample  `json:"from_holdout"`
	ToOut   *model.Sample  `json:"to_holdout"`
}

type namesDiff struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"` // "name: before → after"
}

type settingDiff struct {
	Setting string `json:"setting"`
	From    any    `json:"from"`
	To      any    `json:"to"`
}

func runModelsDiff(s Streams, f modelsFlags, from, to string) error {
	a, errFrom := loadScorer(from, f.registry)
	b, errTo := loadScorer(to, f.registry)
	if err := errors.Join(errFrom, errTo); err != nil {
		return err
	}
	d := diffModels(a.Artifact(), b.Artifact())
	d.From.Ref, d.To.Ref = from, to
	if f.json {
		return printJSON(s.Out, d)
	}
	return printModelsDiff(&printer{w: s.Out}, d)
}

func diffModels(a, b *model.Artifact) *modelsDiff {
	d := &modelsDiff{
		From: versionOf{Version: a.Version}, To: versionOf{Version: b.Version}, Same: a.Digest == b.Digest,
		Columns: diffNames(columnKinds(a), columnKinds(b)), Features: diffNames(featureLevels(a), featureLevels(b)),
		Policy: []settingDiff{}, Blend: []settingDiff{},
	}
	names := targetNames(a)
	for _, name := range targetNames(b) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		t := targetDiff{Target: name}
		if m, h, ok := metricsOf(a, name); ok {
			t.From, t.FromOut = &m, &h
		}
		if m, h, ok := metricsOf(b, name); ok {
			t.To, t.ToOut = &m, &h
		}
		d.Targets = append(d.Targets, t)
	}
	set := func(list *[]settingDiff, name string, x, y any) {
		if fmt.Sprint(x) != fmt.Sprint(y) {
			*list = append(*list, settingDiff{name, x, y})
		}
	}
	for _, s := range []struct {
		name string
		a, b model.StageRule
	}{{"mql", a.Policy.MQL, b.Policy.MQL}, {"sql", a.Policy.SQL, b.Policy.SQL}} {
		leave := func(r model.StageRule) float64 {
			if r.Leave == nil {
				return r.MinScore
			}
			return *r.Leave
		}
		stay := func(r model.StageRule) string { return (time.Duration(r.Stay) * time.Microsecond).String() }
		set(&d.Policy, s.name+".min_score", s.a.MinScore, s.b.MinScore)
		if s.a.Leave != nil || s.b.Leave != nil {
			set(&d.Policy, s.name+".leave", leave(s.a), leave(s.b))
		}
		set(&d.Policy, s.name+".stay", stay(s.a), stay(s.b))
		set(&d.Policy, s.name+".target", s.a.Target, s.b.Target)
		set(&d.Policy, s.name+".required", strings.Join(s.a.Required, ", "), strings.Join(s.b.Required, ", "))
	}
	grades := func(a *model.Artifact) string {
		if a.Policy.Grades == nil {
			return ""
		}
		return fmt.Sprintf("fit %v, engagement %v", a.Policy.Grades.Fit, a.Policy.Grades.Engagement)
	}
	set(&d.Policy, "grades", grades(a), grades(b))
	set(&d.Blend, "method", a.Blend.Method, b.Blend.Method)
	set(&d.Blend, "intercept", a.Blend.Intercept, b.Blend.Intercept)
	set(&d.Blend, "logit", a.Blend.Logit, b.Blend.Logit)
	set(&d.Blend, "rule", a.Blend.Rule, b.Blend.Rule)
	weights := func(a *model.Artifact) map[string]float64 {
		out := map[string]float64{}
		for _, g := range a.Blend.Groups {
			out[g.Group] = g.Weight
		}
		return out
	}
	mine, others := weights(a), weights(b)
	groups := map[string]bool{}
	for _, of := range []map[string]float64{mine, others} {
		for name := range of {
			groups[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		set(&d.Blend, "rules/"+name, mine[name], others[name])
	}
	set(&d.Blend, "weight", a.Blend.Weight, b.Blend.Weight)
	set(&d.Blend, "low", a.Blend.Low, b.Blend.Low)
	set(&d.Blend, "high", a.Blend.High, b.Blend.High)
	set(&d.Blend, "upgrade", a.Blend.Upgrade, b.Blend.Upgrade)
	return d
}

func targetNames(a *model.Artifact) (names []string) {
	for i := range a.Targets {
		names = append(names, a.Targets[i].Name)
	}
	return names
}

// named is a name with what is told of it, in order.
type named struct{ name, is string }

func columnKinds(a *model.Artifact) (all []named) {
	for _, f := range a.Schema.Fields {
		all = append(all, named{f.Name, f.Kind.String()})
	}
	return all
}

func featureLevels(a *model.Artifact) (all []named) {
	for _, f := range a.Pipeline.Features() {
		is := fmt.Sprintf("%d levels", len(f.Levels))
		if f.Linear {
			is = "a straight line"
		}
		all = append(all, named{f.Name, is})
	}
	return all
}

func diffNames(a, b []named) namesDiff {
	d := namesDiff{Added: []string{}, Removed: []string{}, Changed: []string{}}
	was, is := map[string]string{}, map[string]bool{}
	for _, x := range a {
		was[x.name] = x.is
	}
	for _, x := range b {
		is[x.name] = true
		if before, ok := was[x.name]; !ok {
			d.Added = append(d.Added, x.name)
		} else if before != x.is {
			d.Changed = append(d.Changed, fmt.Sprintf("%s: %s → %s", x.name, before, x.is))
		}
	}
	for _, x := range a {
		if !is[x.name] {
			d.Removed = append(d.Removed, x.name)
		}
	}
	return d
}

func printModelsDiff(out *printer, d *modelsDiff) error {
	out.printf("%s (version %s) → %s (version %s)\n", d.From.Ref, d.From.Version, d.To.Ref, d.To.Version)
	if d.Same {
		out.printf("the two are the same to the byte\n")
		return out.err
	}
	for _, t := range d.Targets {
		out.printf("target %s, each on its own hold-out\n", t.Target)
		line := func(name string, of func(*model.Metrics) model.Estimate) {
			show := func(m *model.Metrics) string {
				if m == nil {
					return "–"
				}
				e := of(m)
				if math.IsNaN(e.Lower) {
					return fmt.Sprintf("%.4f", e.Value)
				}
				return fmt.Sprintf("%.4f (%.4f to %.4f)", e.Value, e.Lower, e.Upper)
			}
			out.printf("  %-9s %s → %s\n", name, show(t.From), show(t.To))
		}
		rows := func(h *model.Sample) string {
			if h == nil {
				return "–"
			}
			return fmt.Sprintf("%d leads, %d converted", h.Rows, h.Positives)
		}
		out.printf("  %-9s %s → %s\n", "hold-out", rows(t.FromOut), rows(t.ToOut))
		line("AUC", func(m *model.Metrics) model.Estimate { return m.AUC })
		line("log loss", func(m *model.Metrics) model.Estimate { return m.LogLoss })
		line("ECE", func(m *model.Metrics) model.Estimate { return m.ECE })
		line("lift 10 %", func(m *model.Metrics) model.Estimate { return m.Lift10 })
	}
	names := func(what string, n namesDiff) {
		if len(n.Added)+len(n.Removed)+len(n.Changed) == 0 {
			out.printf("%s: no difference\n", what)
			return
		}
		out.printf("%s\n", what)
		for _, list := range []struct {
			sign  string
			names []string
		}{{"+", n.Added}, {"-", n.Removed}, {"~", n.Changed}} {
			for _, name := range list.names {
				out.printf("  %s %s\n", list.sign, name)
			}
		}
	}
	names("columns", d.Columns)
	names("features", d.Features)
	settings := func(what string, list []settingDiff) {
		if len(list) == 0 {
			out.printf("%s: no difference\n", what)
			return
		}
		out.printf("%s\n", what)
		for _, x := range list {
			out.printf("  %s: %v → %v\n", x.Setting, brief(x.From), brief(x.To))
		}
	}
	settings("policy", d.Policy)
	settings("blend", d.Blend)
	return out.err
}

// brief is a setting for people: numbers with six digits, enough to tell weights apart; --json has all of them.
func brief(setting any) any {
	if x, number := setting.(float64); number {
		return strconv.FormatFloat(x, 'g', 6, 64)
	}
	return setting
}
