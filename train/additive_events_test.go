package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model/rules"
)

// countsOfEvents are the columns of a generated history that count the events before created_at already.
var countsOfEvents = []string{"website_visits", "page_views", "price_page_views", "demo_requested", "emails_clicked", "webinar_attended", "downloads"}

// eventConfig is a generated history with its event log, without the columns that know the events already.
func eventConfig(t *testing.T, leads int, change func(rng *rand.Rand, line []string) []string) Config {
	t.Helper()
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: leads, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := h.Save(dir); err != nil {
		t.Fatal(err)
	}
	events := filepath.Join(dir, "events.csv")
	var b strings.Builder
	b.WriteString("lead_id,occurred_at,event_type,amount\n")
	rng := rand.New(rand.NewPCG(1, 9))
	for _, batch := range h.Events.Batches {
		for row := range batch.Rows() {
			line := make([]string, 4)
			for c := range line {
				line[c] = batch.Value(c, row).String()
			}
			if change != nil {
				line = change(rng, line)
			}
			b.WriteString(strings.Join(line, ",") + "\n")
		}
	}
	if err := os.WriteFile(events, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{
		Leads:   Leads{Path: filepath.Join(dir, "leads.csv"), ID: "lead_id", AsOf: "created_at"},
		Events:  &Events{Source: history.Source{Paths: []string{events}, Lead: "lead_id", At: "occurred_at", Type: "event_type"}},
		Targets: []Target{{Name: "won", Column: "status", Positive: []string{"closed_won"}, Negative: []string{"closed_lost"}, At: "closed_at"}},
		Split:   Split{Beside: "none"},
	}
	c.Features.Exclude = append([]string{"contract_value", "mql_at", "owner"}, countsOfEvents...)
	return c
}

// eventFeatures are the features of a model that come from events.
func eventFeatures(r *Result) (names []string) {
	made := map[string]bool{}
	for _, f := range r.Artifact.Events.Plan.Fields() {
		made[f.Name] = true
	}
	for _, f := range r.Artifact.Pipeline.Features() {
		if f.Parents == nil && made[f.Column] {
			names = append(names, f.Column)
		}
	}
	return names
}

// The true model has price pages, clicks, webinars and demo requests of the last 90 days: they are chosen, once each, and the model
// ranks better for them. Events that were dealt to any lead tell nothing, and none is chosen.
func TestEventsThatTellAreChosen(t *testing.T) {
	r := run(t, eventConfig(t, 6000, nil))
	names := eventFeatures(r)
	for _, kind := range []string{"price_page.", "demo_request."} {
		if n := len(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !strings.HasPrefix(s, kind) })); n == 0 {
			t.Errorf("no feature of %q among %q", kind, names)
		}
	}
	if len(names) > 20 {
		t.Errorf("%d event features are in the model: %q", len(names), names)
	}
	without := eventConfig(t, 6000, nil)
	without.Events = nil
	with, base := r.Card.Targets["won"].Scores["model"].AUC, run(t, without).Card.Targets["won"].Scores["model"].AUC
	if with.Value < base.Value+.01 {
		t.Errorf("AUC %.4f with events, %.4f without", with.Value, base.Value)
	}
	dealt := run(t, eventConfig(t, 6000, func(rng *rand.Rand, line []string) []string {
		line[0] = fmt.Sprintf("L%07d", 1+rng.IntN(6000))
		return line
	}))
	if names := eventFeatures(dealt); len(names) > 0 {
		t.Errorf("of events that tell nothing %q are in the model", names)
	}
}

// Which event features there are, and their effects, depend on nothing of the hold-out: not on its events, and not on its outcomes.
func TestHoldoutEventsTeachNothing(t *testing.T) {
	c := eventConfig(t, 6000, nil)
	first := run(t, c)
	held := map[string]bool{}
	for _, id := range first.Holdout.IDs {
		held[id] = true
	}
	other := run(t, eventConfig(t, 6000, func(_ *rand.Rand, line []string) []string {
		if held[line[0]] {
			line[2] = "noise"
		}
		return line
	}))
	model := func(r *Result) []byte {
		b, err := json.Marshal([]any{r.Artifact.Events, r.Artifact.Pipeline, r.Artifact.Targets})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if a, b := model(first), model(other); !bytes.Equal(a, b) {
		t.Error("the model changes with the events of the hold-out")
	}
	if slices.Equal(first.Holdout.Columns.Probability, other.Holdout.Columns.Probability) {
		t.Error("the events of the hold-out change no score: the test says nothing")
	}
}

// Bad input of every sort is counted and named, and reaches no feature.
func TestEventsThatCannotCount(t *testing.T) {
	clean := eventConfig(t, 1500, nil)
	want := run(t, clean)
	dirty := eventConfig(t, 1500, nil)
	text, err := os.ReadFile(dirty.Events.Paths[0])
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "nobody,2025-01-01T00:00:00Z,price_page,\nL0000001,,price_page,\nL0000001,2025-01-01T00:00:00Z,,\nL0000001,2031-01-01T00:00:00Z,price_page,\n"...)
	if err := os.WriteFile(dirty.Events.Paths[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	dirty.Now = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	got, err := Run(context.Background(), dirty, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(want.Artifact.Targets)
	b, _ := json.Marshal(got.Artifact.Targets)
	if !bytes.Equal(a, b) {
		t.Error("events that cannot count change the model")
	}
	var said []string
	for _, f := range got.Card.Findings {
		if f.Reason == "events left out" {
			said = append(said, f.Text)
		}
	}
	for _, part := range []string{"among the leads (lead \"nobody\")", "have no time", "no type", "after the end of the data"} {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, part) }) {
			t.Errorf("nothing says %q: %q", part, said)
		}
	}
}

// Rules that ask for events get those of the log, in the fit of the blend as in the hold-out, and none from after as-of.
func TestRulesSeeTheLog(t *testing.T) {
	c := eventConfig(t, 2000, nil)
	c.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{{Name: "intent", Rules: []rules.Rule{
		{Name: "price page", When: rules.Condition{Event: "price_page", Within: "30d"}, Points: rules.Points{Fixed: 10}, Each: "event"},
	}}}}}}
	r := run(t, c)
	table, err := datasets.Read(context.Background(), c.Events.Paths[0], datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	leads, err := datasets.Read(context.Background(), c.Leads.Path, datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	created := map[string]int64{}
	for _, b := range leads.Batches {
		for i := range b.Rows() {
			created[b.Value(0, i).String()] = b.Value(1, i).Time
		}
	}
	points := map[string]float64{}
	for _, b := range table.Batches {
		for i := range b.Rows() {
			id, at := b.Value(0, i).String(), b.Value(1, i).Time
			if age := created[id] - at; b.Value(2, i).String() == "price_page" && age > 0 && age <= 30*24*3600*1_000_000 {
				points[id] += 10
			}
		}
	}
	scored := 0
	for i, id := range r.Holdout.IDs {
		if got := r.Holdout.Columns.RuleScore[i]; got != points[id] {
			t.Errorf("lead %s has %v points, want %v", id, got, points[id])
		} else if got > 0 {
			scored++
		}
	}
	if scored == 0 {
		t.Error("no lead has points: the test says nothing")
	}
}

// Moments with a zone beside moments without one are refused until the configuration says by which clock the latter were written.
func TestZonesOfEvents(t *testing.T) {
	mixed := func() Config {
		return eventConfig(t, 1500, func(rng *rand.Rand, line []string) []string {
			if rng.IntN(10) == 0 {
				line[1] = strings.TrimSuffix(line[1], "Z")
			}
			return line
		})
	}
	if _, err := Run(context.Background(), mixed(), nil); err == nil || !strings.Contains(err.Error(), "have no zone") || !strings.Contains(err.Error(), "data.time_zone") {
		t.Errorf("error %v, want the moments without a zone counted and data.time_zone named", err)
	}
	c, utc := mixed(), eventConfig(t, 1500, nil)
	c.Zone, c.Events.Zone = "UTC", "UTC"
	a, b := run(t, c), run(t, utc)
	if !slices.Equal(a.Holdout.Columns.Probability, b.Holdout.Columns.Probability) {
		t.Error("named as UTC, moments without a zone are others than those with Z")
	}
	if m := a.Artifact.Events.Moments; m == nil || m.Zone != "UTC" {
		t.Errorf("the model keeps %+v of the log's clock", m)
	}
}
