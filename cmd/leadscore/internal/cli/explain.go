package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve"
	"leadscore/serve/api"
)

type explainFlags struct {
	model, registry, lead string
	unknown               string
	json                  bool
}

func newExplain(s Streams) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Score one lead and say why",
		Long: `explain scores one lead and says what moved its probability, which rules fired and what decided
the recommendation. The lead is a JSON file as POST /v1/explain takes it, {"lead": {...}}, or the
attributes alone.`,
		Example: `  leadscore explain --model run/model.json --lead lead.json
  leadscore explain --model run/model.json --lead lead.json --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runExplain(s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.lead, "lead", "", "JSON `file` of one lead; - is standard input")
	cmd.Flags().StringVar(&f.unknown, "unknown", "", "warn: pass over attributes that the training file did not have")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the answer of POST /v1/explain")
	for _, name := range []string{"model", "lead"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runExplain(s Streams, f explainFlags) error {
	scorer, err := loadScorer(f.model, f.registry)
	if err != nil {
		return err
	}
	body, err := readLead(f.lead)
	if err != nil {
		return err
	}
	lead, warnings, err := decodeLead(scorer, body, f.unknown == "warn")
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.lead, err)
	}
	e, err := scorer.Explain(lead, 5)
	if err != nil {
		return err
	}
	e.Warnings = append(warnings, e.Warnings...)
	if f.json {
		return printJSON(s.Out, serve.NewExplanation(scorer, e))
	}
	return printExplanation(s.Out, scorer.Artifact(), e)
}

// readLead reads the file and wraps bare attributes as {"lead": {...}}.
func readLead(path string) ([]byte, error) {
	var body []byte
	var err error
	if path == "-" {
		body, err = io.ReadAll(os.Stdin)
	} else {
		body, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the lead: %w", err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("reading %s: at byte %d: %w", path, syntax.Offset, err)
		}
		return nil, fmt.Errorf("reading %s: want a JSON object of attributes, or {\"lead\": {...}}: %w", path, err)
	}
	if lead, wrapped := keys["lead"]; wrapped && len(lead) > 0 && lead[0] == '{' {
		return body, nil
	}
	return json.Marshal(map[string]json.RawMessage{"lead": body})
}

// decodeLead reads a request as the server does.
func decodeLead(scorer *model.Scorer, body []byte, unknownOK bool) (*model.Lead, []string, error) {
	var r api.Request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, nil, err
	}
	lead := &model.Lead{AsOf: datasets.MissingTime}
	var warnings []string
	var err error
	if lead.Values, warnings, err = scorer.ParseLead(r.Lead, unknownOK || r.Unknown == "warn"); err != nil {
		return nil, nil, err
	}
	moment := func(field, text string) int64 {
		at, e := time.Parse(time.RFC3339, text)
		if e != nil && err == nil {
			err = fmt.Errorf("%s: not a moment: %q; want RFC 3339, such as 2026-01-31T12:00:00Z", field, text)
		}
		return at.UnixMicro()
	}
	if r.AsOf != "" {
		lead.AsOf = moment("as_of", r.AsOf)
	}
	types := scorer.Artifact().EventTypes()
	for i, sent := range r.Events {
		e := datasets.Event{At: moment(fmt.Sprintf("events[%d].at", i), sent.At)}
		kind, e1 := json.Marshal(sent.Type)
		v, e2 := types.ParseJSON(0, kind)
		if e.Type = v.Str; err == nil && (e1 != nil || e2 != nil || v.Missing()) {
			err = fmt.Errorf("events[%d].type: is empty, or a text that means missing; want the kind of event, as the event log or the rules name it", i)
		}
		for _, name := range slices.Sorted(maps.Keys(sent.Properties)) {
			if e := scorer.ReadProperty(&e, name, sent.Properties[name]); e != nil && err == nil {
				err = fmt.Errorf("events[%d].properties.%s: %w", i, name, e)
			}
		}
		lead.Events = append(lead.Events, e)
	}
	if err == nil {
		warnings = append(warnings, scorer.Assumed(lead, r.Events != nil)...)
	}
	return lead, warnings, err
}

func printExplanation(w io.Writer, a *model.Artifact, e *model.Explanation) error {
	p := &printer{w: w}
	id := e.LeadID
	if id == "" {
		id = "the lead"
	}
	p.printf("%s: %s\n", id, e.Stage)
	interval := ""
	if e.Interval.Known() {
		interval = fmt.Sprintf(" (%.1f to %.1f %%)", 100*e.Interval.Lower, 100*e.Interval.Upper)
	}
	p.printf("  probability of %s  %.1f %%%s   (average %.1f %%)\n", a.Targets[0].Name, 100*e.Probability, interval, 100*a.Targets[0].BaseRate)
	for i, t := range a.Targets[1:] {
		p.printf("  probability of %s  %.1f %%   (average %.1f %%)\n", t.Name, 100*e.Probabilities[i+1], 100*t.BaseRate)
	}
	p.printf("  score %.1f, grade %s", e.Score, e.Grade)
	if a.Rules != nil {
		p.printf(", rule score %g", e.RuleScore)
	}
	p.printf("\n\nbecause\n")
	for _, b := range e.Because {
		p.printf("  %s\n", b)
	}
	p.printf("\nreasons (log-odds, relative to the average lead)\n")
	for _, r := range e.Reasons {
		p.printf("  %+6.2f  %s\n", r.Effect, r.Text)
	}
	if len(e.Trace) > 0 {
		p.printf("\nrules\n")
		for _, l := range e.Trace {
			p.printf("  %+6g  %s / %s (%s) %s\n", l.Points, l.Group, l.Rule, l.Kind, l.Text)
		}
	}
	for _, text := range e.Warnings {
		p.printf("\nwarning: %s", text)
	}
	if len(e.Warnings) > 0 {
		p.printf("\n")
	}
	return p.err
}
