package serve

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/serve/api"
)

// eventModel is a model with event features beside the columns of the fixture: its log has ids, channels and a number.
func eventModel(t testing.TB) *model.Scorer {
	t.Helper()
	plan := new(history.Plan)
	if err := json.Unmarshal([]byte(`{"windows":[604800000000,2592000000000],"half_life":604800000000,"properties":["amount"],
		"types":[{"name":"price_page","properties":[0]}],"channels":["ads","mail"]}`), plan); err != nil {
		t.Fatal(err)
	}
	table := leads(t, 600, 5)
	at := table.Batches[0].Column(schema.Index("created_at")).Times
	fields := plan.Fields()
	r := rand.New(rand.NewPCG(9, 9))
	rows := make([][]datasets.Value, len(at))
	var scratch history.Scratch
	for i := range rows {
		events := make([]datasets.Event, r.IntN(6))
		for k := range events {
			events[k] = datasets.Event{Type: []string{"price_page", "mail_opened"}[r.IntN(2)], At: at[i] - r.Int64N(4e12), Channel: []string{"", "ads", "mail", "fair"}[r.IntN(4)],
				Values: []datasets.Property{{Name: "amount", Value: float64(r.IntN(900))}}}
		}
		rows[i] = make([]datasets.Value, len(fields))
		plan.Row(events, at[i], rows[i], &scratch)
	}
	columns := make([]datasets.Column, len(fields))
	for i, f := range fields {
		columns[i] = datasets.ColumnOf(f.Kind, len(rows), func(row int) datasets.Value { return rows[row][i] })
	}
	table, err := datasets.Replace(table, fields, columns)
	if err != nil {
		t.Fatal(err)
	}
	a := artifactOf(t, "won", table)
	a.Rules, a.Blend = nil, model.Blend{Method: "model"}
	a.Events = &model.EventFeatures{Plan: plan, Lead: "lead", At: "when", Type: "what", ID: "event_id", Channel: "campaign"}
	return reloaded(t, a)
}

const noEvents, noMoment = `events: none given: counted as none`, `as_of: neither it nor \"created_at\" is given`

func TestEventsOfAModelThatReadsThem(t *testing.T) {
	h := newHarness(t, Limits{}, eventModel(t))
	created := `"created_at":"2026-02-01T00:00:00Z"`
	event := func(properties string) string {
		return `{"lead":{` + created + `},"events":[{"type":"price_page","at":"2026-01-30T00:00:00Z","properties":` + properties + `}]}`
	}
	for _, test := range []routeTest{
		{name: "no list of events", body: `{"lead":{` + created + `}}`, status: 200, want: []string{noEvents}, not: []string{"as_of:", `"price_page.recency\" is missing`}},
		{name: "an empty one", body: `{"lead":{` + created + `},"events":[]}`, status: 200, not: []string{noEvents, "as_of:"}},
		{name: "event features of its own", body: `{"lead":{` + created + `,"events.count.7d":3}}`, status: 200, not: []string{noEvents}},
		{name: "no moment", body: `{"lead":{},"events":[{"type":"price_page","at":"2026-01-30T00:00:00Z"}]}`, status: 200, want: []string{noMoment, "windows count back from the latest"}, not: []string{noEvents}},
		{name: "neither", body: `{"lead":{}}`, status: 200, want: []string{noEvents, noMoment}},
		{name: "properties", body: event(`{"amount":12.5,"event_id":7,"campaign":"ads","page":{"a":[1]}}`), status: 200, not: []string{noEvents, "no rules", "as_of:"}},
		{name: "missing ones", body: event(`{"amount":"NA","event_id":null,"campaign":""}`), status: 200},
		{name: "an amount that is none", body: event(`{"amount":"much"}`), status: 400, field: "events[0].properties.amount", want: []string{"much"}},
		{name: "a nested amount", body: event(`{"amount":[1]}`), status: 400, field: "events[0].properties.amount"},
		{name: "an amount out of range", body: event(`{"amount":1e999}`), status: 400, field: "events[0].properties.amount"},
		{name: "a channel that is none", body: event(`{"campaign":true}`), status: 400, field: "events[0].properties.campaign"},
		{name: "an id that is none", body: event(`{"event_id":{}}`), status: 400, field: "events[0].properties.event_id"},
		{name: "a property twice", body: event(`{"amount":1,"amount":2}`), status: 400, field: "events[0].properties.amount", want: []string{"stands twice"}},
		{name: "an unread one twice", body: event(`{"page":1,"page":2}`), status: 400, field: "events[0].properties.page"},
		{name: "properties that are none", body: event(`[1]`), status: 400, field: "events[0].properties"},
		{name: "an empty type", body: `{"lead":{},"events":[{"type":" ","at":"2026-01-30T00:00:00Z"}]}`, status: 400, field: "events[0].type"},
		{name: "a type that means missing", body: `{"lead":{},"events":[{"type":"NA","at":"2026-01-30T00:00:00Z"}]}`, status: 400, field: "events[0].type"},
		{name: "an explanation", path: "/v1/explain", body: event(`{"amount":1}`), status: 200, want: []string{`"feature":"price_page.amount.last","value":"1"`}},
		{name: "a model", method: "GET", path: "/v1/models/won", status: 200, want: []string{`"has_events":true`, `{"name":"price_page.count.7d","kind":"numeric","role":"events"}`}},
	} {
		if test.path == "" {
			test.path = "/v1/score"
		}
		test.run(t, h)
	}
	many := &strings.Builder{}
	for i := range 40 {
		fmt.Fprintf(many, `"p%d":1,`, i)
	}
	(&routeTest{name: "many properties", path: "/v1/score", body: event("{" + many.String() + `"amount":1}`), status: 200}).run(t, h)
	(&routeTest{name: "the last twice", path: "/v1/score", body: event("{" + many.String() + `"p39":1}`), status: 400, field: "events[0].properties.p39"}).run(t, h)
	(&routeTest{name: "the first twice", path: "/v1/score", body: event("{" + many.String() + `"p0":1}`), status: 400, field: "events[0].properties.p0"}).run(t, h)
}

// TestEventsAreReadAsCells: spaces around texts, texts that mean missing, numbers as text and the order of events change
// nothing, and an event that is sent twice counts once.
func TestEventsAreReadAsCells(t *testing.T) {
	h := newHarness(t, Limits{}, eventModel(t))
	answer := func(events string) string {
		t.Helper()
		a := h.do(t, "POST", "/v1/explain", jsonBody, `{"lead":{"created_at":"2026-02-01T00:00:00Z"},"events":[`+events+`]}`)
		if a.status != 200 {
			t.Fatalf("%s: %s", events, a.body)
		}
		return a.body
	}
	first := `{"type":"price_page","at":"2026-01-30T00:00:00Z","properties":{"amount":12.5,"event_id":"7","campaign":"ads"}}`
	second := `{"type":"mail_opened","at":"2026-01-20T00:00:00Z"}`
	want := answer(first + "," + second)
	for _, same := range []string{
		second + "," + first,
		first + "," + second + "," + first,
		`{"type":" price_page\t","at":"2026-01-30T01:00:00+01:00","properties":{"amount":" 12.50","event_id":7,"campaign":"\u00a0ads "}},` + second,
		first + `,{"type":"mail_opened","at":"2026-01-20T00:00:00Z","properties":{"amount":"NA","campaign":null,"event_id":" "}}`,
		first + "," + second + `,{"type":"price_page","at":"2026-02-01T00:00:00Z"}`, // not before the moment
	} {
		if got := answer(same); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", same, got, want)
		}
	}
	if yes, one := strings.Replace(first, "12.5", "true", 1), strings.Replace(first, "12.5", "1", 1); answer(yes) != answer(one) {
		t.Error("true is another number than 1")
	}
	for _, other := range []string{first, first + "," + second + "," + strings.Replace(first, `"7"`, `"8"`, 1), strings.Replace(first, "12.5", "13", 1) + "," + second, strings.Replace(first, "ads", "mail", 1) + "," + second} {
		if answer(other) == want {
			t.Errorf("%s: the answer is that of other events", other)
		}
	}
}

// TestDecodeForgetsTheLastEvents: a reused request holds no event, and no property, of the one before.
func TestDecodeForgetsTheLastEvents(t *testing.T) {
	s := eventModel(t)
	c := newColumns(s.Artifact(), s)
	var used request
	for _, text := range []string{
		`{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z","properties":{"amount":1,"event_id":"x","campaign":"ads"}},{"type":"b","at":"2026-01-02T00:00:00Z","properties":{"amount":2}}]}`,
		`{"lead":{},"events":[{"type":"c","at":"2026-01-03T00:00:00Z"}]}`,
		`{"lead":{},"events":[{"at":"2026-01-03T00:00:00Z","properties":{"amount":"x"}},{"type":"d"}]}`,
		`{"lead":{},"events":[{"type":"e","at":"2026-01-03T00:00:00Z"},{"type":"f","at":"2026-01-03T00:00:00Z","properties":{"amount":null}}]}`,
		`{"lead":{}}`,
	} {
		var fresh request
		errFresh, errUsed := fresh.decode(c, []byte(text)), used.decode(c, []byte(text))
		same := slices.EqualFunc(fresh.lead.Events, used.lead.Events, func(a, b datasets.Event) bool {
			return a.Type == b.Type && a.At == b.At && a.ID == b.ID && a.Channel == b.Channel && slices.Equal(a.Values, b.Values)
		})
		if !reflect.DeepEqual(errFresh, errUsed) || !same || fresh.sent != used.sent {
			t.Errorf("%s: fresh %+v, %v; used %+v, %v", text, fresh.lead, errFresh, used.lead, errUsed)
		}
	}
}

// FuzzDecodeEvents: whatever is sent is refused as the caller's mistake, or has events as ReadProperty reads them.
func FuzzDecodeEvents(f *testing.F) {
	for _, s := range []string{
		`{"type":"price_page","at":"2026-01-30T00:00:00Z","properties":{"amount":12.5,"event_id":7,"campaign":"ads"}}`,
		`{"type":" x ","at":"2026-01-30T00:00:00Z","properties":{"amount":"NA","page":{"a":[1]},"\u0061mount":true}}`, `{"type":"a"},{"at":""}`, `[]`, `{"properties":{"amount":-1e-400}}`,
	} {
		f.Add(s)
	}
	s := eventModel(f)
	c := newColumns(s.Artifact(), s)
	var q request
	f.Fuzz(func(t *testing.T, events string) {
		body := `{"lead":{},"events":[` + events + `]}`
		if err := q.decode(c, []byte(body)); err != nil {
			if p := problem(err, "r"); p.Status != 400 || p.Detail == "" {
				t.Fatalf("not a problem of the request: %+v (%v)", p, err)
			}
			return
		}
		var plain api.Request
		if err := json.Unmarshal([]byte(body), &plain); err != nil || len(plain.Events) != len(q.lead.Events) {
			t.Fatalf("%d events, sent were %d (%v)", len(q.lead.Events), len(plain.Events), err)
		}
		for i, sent := range plain.Events {
			want, got := datasets.Event{}, q.lead.Events[i]
			for _, name := range []string{"amount", "event_id", "campaign"} {
				if raw, ok := sent.Properties[name]; ok {
					if err := s.ReadProperty(&want, name, raw); err != nil {
						t.Fatalf("took %s: %v", raw, err)
					}
				}
			}
			if got.ID != want.ID || got.Channel != want.Channel || !slices.Equal(got.Values, want.Values) || got.Type == "" || got.Type != strings.TrimSpace(sent.Type) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		var p model.Prediction
		if err := s.Score(&q.lead, &p); err != nil || !(p.Probability > 0 && p.Probability < 1) {
			t.Fatalf("probability %v, error %v", p.Probability, err)
		}
	})
}
