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
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve"
	"leadscore/serve/api"
)

type explainFlags struct {
	model, registry, lead string
	unknown, lang         string
	json                  bool
}

func newExplain(s Streams) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Score one lead and say why",
		Long: `explain scores one lead and says what moved its probability, which rules fired, what decided the
recommendation, and what would change it: the fewest changes of what the configuration marks with
policy.actionable, and of required fields that are missing. The lead is a JSON file as POST /v1/explain
takes it, {"lead": {...}}, or the attributes alone.`,
		Example: `  leadscore explain --model run/model.json --lead lead.json
  leadscore explain --model run/model.json --lead lead.json --lang es
  leadscore explain --model run/model.json --lead lead.json --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runExplain(s, f) },
	}
	cmd.Flags().StringVar(&f.model, "model", "", modelHelp)
	cmd.Flags().StringVar(&f.registry, "registry", "", registryHelp)
	cmd.Flags().StringVar(&f.lead, "lead", "", "JSON `file` of one lead; - is standard input")
	cmd.Flags().StringVar(&f.unknown, "unknown", "", "warn: pass over attributes that the training file did not have")
	cmd.Flags().StringVar(&f.lang, "lang", "", "language of the texts: en or es; \"\" is that of the request (lang), or English")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the answer of POST /v1/explain")
	for _, name := range []string{"model", "lead"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runExplain(s Streams, f explainFlags) error {
	if f.lang != "" && !slices.Contains(model.Languages(), f.lang) {
		return usageError{fmt.Errorf("reading --lang: unknown language %q; want %s", f.lang, strings.Join(model.Languages(), " or "))}
	}
	scorer, err := loadScorer(f.model, f.registry)
	if err != nil {
		return err
	}
	body, err := readLead(f.lead)
	if err != nil {
		return err
	}
	scorer, lead, warnings, err := decodeLead(scorer, body, f.lang, f.unknown == "warn")
	if err != nil {
		return fmt.Errorf("%s: %w", f.lead, err)
	}
	e, err := scorer.Explain(lead, serve.Reasons)
	if err != nil {
		return err
	}
	e.Warnings = append(warnings, e.Warnings...)
	if f.json {
		return printJSON(s.Out, serve.NewExplanation(scorer, e))
	}
	return scorer.WritePage(s.Out, e)
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

// decodeLead reads a request as the server does. It returns the scorer in the language wanted, "" being that of the request.
func decodeLead(scorer *model.Scorer, body []byte, lang string, unknownOK bool) (*model.Scorer, *model.Lead, []string, error) {
	var r api.Request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, nil, nil, err
	}
	if lang == "" {
		lang = r.Lang
	}
	scorer, err := scorer.In(lang)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("lang: %w", err)
	}
	lead := &model.Lead{AsOf: datasets.MissingTime}
	var warnings []string
	if lead.Values, warnings, err = scorer.ParseLead(r.Lead, unknownOK || r.Unknown == "warn"); err != nil {
		return nil, nil, nil, err
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
	if p := r.Previous; p != nil {
		stage, ok := readStage(p.Stage)
		if !ok && err == nil {
			err = fmt.Errorf("previous.stage: unknown stage %q; want %s", p.Stage, stageWords())
		}
		lead.Previous = model.Previous{Stage: stage, Since: datasets.MissingTime}
		if p.Since != "" {
			lead.Previous.Since = moment("previous.since", p.Since)
			if err == nil && lead.AsOf != datasets.MissingTime && lead.Previous.Since > lead.AsOf {
				err = errors.New("previous.since: lies after as_of; want when the lead entered the stage that it was in then")
			}
		}
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
	return scorer, lead, warnings, err
}
