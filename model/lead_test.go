package model

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

func TestParseLead(t *testing.T) {
	a := withoutRules(t, leads(t, 300, 1), features.Linear)
	s := scorer(t, a)
	attributes := func(text string) map[string]json.RawMessage {
		m := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	values, warnings, err := s.ParseLead(attributes(`{"lead_id": "007", "source": "web", "visits": "12", "do_not_email": true,
		"created_at": "2024-01-31", "status": 12, "closed_at": {"any": "thing"}, "empty": [1], "title": null, "size": "Select"}`), false)
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	want := []datasets.Value{datasets.Words("007"), datasets.Level("web"), datasets.Number(12), datasets.Bool(true), datasets.At(1706659200e6), {}, {}, {}, {}, {}}
	for i := range want {
		if values[i] != want[i] {
			t.Errorf("%s is %+v, want %+v", a.Schema.Fields[i].Name, values[i], want[i])
		}
	}

	bad := attributes(`{"visits": "many", "created_at": 3, "vists": 1, "colour": "red", "source": "web"}`)
	for name, parse := range map[string]func(map[string]json.RawMessage, bool) ([]datasets.Value, []string, error){"scorer": s.ParseLead, "artifact": a.ParseLead} {
		_, _, err = parse(bad, false)
		var wrong FieldErrors
		if !errors.As(err, &wrong) || len(wrong) != 4 {
			t.Fatalf("%s: %v", name, err)
		}
		for i, field := range []string{"visits", "created_at", "colour", "vists"} {
			if wrong[i].Field != field || wrong[i].Text == "" {
				t.Errorf("%s: problem %d is %+v, want one of %s", name, i, wrong[i], field)
			}
		}
		if text := err.Error(); strings.Count(text, "visits") != 2 || !strings.Contains(text, `"visits": not a number: "many"; want`) {
			t.Error(text) // its own name once, and once what vists may mean
		}
		if wrong[0].Value != `"many"` || !strings.Contains(wrong[3].Text, `did you mean "visits"?`) {
			t.Errorf("%s: %+v", name, wrong)
		}
	}
	_, warnings, err = s.ParseLead(attributes(`{"vists": 1, "colour": "red"}`), true)
	if err != nil || len(warnings) != 2 || !strings.Contains(warnings[1], `"vists": not used`) {
		t.Errorf("unknown names allowed: %v, %v", warnings, err)
	}
	if _, _, err = s.ParseLead(attributes(`{"vists": 1, "visits": "many"}`), true); err == nil || strings.Contains(err.Error(), "vists") {
		t.Errorf("unknown names allowed and a wrong value: %v", err)
	}
	_, _, err = s.ParseLead(attributes(`{"visits": "`+strings.Repeat("x", 500)+`"}`), false)
	var long FieldErrors
	if !errors.As(err, &long) || len(long[0].Value) > 90 {
		t.Errorf("a long value is echoed whole: %v", err)
	}
}

// A lead of JSON and the same lead of a file's texts score the same bits.
func TestParseLeadScoresAsTheFile(t *testing.T) {
	table := leads(t, 300, 1)
	s := scorer(t, fixture(t, table, features.Additive))
	var fromFile, fromJSON Prediction
	for i := range table.Rows() {
		l := leadAt(table, i)
		m := map[string]json.RawMessage{}
		for k, v := range l.Values {
			if !v.Missing() {
				b, err := json.Marshal(v.String())
				if err != nil {
					t.Fatal(err)
				}
				m[table.Schema.Fields[k].Name] = b
			}
		}
		values, _, err := s.ParseLead(m, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Score(l, &fromFile); err != nil {
			t.Fatal(err)
		}
		if err := s.Score(&Lead{Values: values, AsOf: datasets.MissingTime}, &fromJSON); err != nil {
			t.Fatal(err)
		}
		if !same(fromFile.Probability, fromJSON.Probability) || !same(fromFile.Score, fromJSON.Score) {
			t.Fatalf("row %d: %v and %v", i, fromFile.Score, fromJSON.Score)
		}
	}
}
