package model

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// pageLead is a model with rules and a lead that says something of every kind.
func pageLead(t testing.TB) (*Artifact, *Lead) {
	t.Helper()
	table := leads(t, 400, 1)
	a := fixture(t, table, features.Additive)
	limit := 25.0
	group := &a.Rules.Scorecards[0].Groups[0]
	group.Cap = &limit
	group.Rules = append(group.Rules, rules.Rule{Name: "demo", When: rules.Condition{Event: "demo"}, Points: rules.Points{Fixed: 5}})
	a.Policy.MQL.MinScore, a.Policy.SQL.Required, a.Policy.MQL.Required = 28, []string{"email"}, []string{"email"}
	a.Policy.Actionable = []Actionable{{Field: "visits", Direction: Increase}, {Field: "do_not_email"}, {Event: "demo", Times: 2}}
	l := leadAt(table, 3)
	l.Values[1], l.Values[2], l.Values[3], l.Values[6] = datasets.Level("referral"), datasets.Number(3), datasets.Bool(false), datasets.Value{}
	return a, l
}

// The pages in testdata were read and found good; a change of them is to be read as well (UPDATE_PAGES=1 writes them).
func TestPage(t *testing.T) {
	a, l := pageLead(t)
	for _, lang := range Languages() {
		s, err := scorer(t, a).In(lang)
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Explain(clone(l), 2)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := s.WritePage(&page, e); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "page."+lang+".txt")
		if os.Getenv("UPDATE_PAGES") != "" {
			if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(page.Bytes(), want) {
			t.Errorf("%s: the page is\n%s\nwant\n%s", lang, page.Bytes(), want)
		}
	}
}

func TestPageSaysWhyNothingWouldChange(t *testing.T) {
	a, l := pageLead(t)
	for want, change := range map[string]func(){
		"nothing: there is no stage above SQL": func() { a.Policy.SQL, a.Policy.MQL = StageRule{}, StageRule{} },
		"no field and no event is marked actionable (policy.actionable)": func() {
			a.Policy.Actionable, a.Policy.SQL, a.Policy.MQL = nil, StageRule{MinScore: 100}, StageRule{MinScore: 100}
		},
		"no change of up to 3 of what is marked actionable was found": func() {
			a.Policy.Actionable = []Actionable{{Field: "do_not_email"}}
			a.Policy.SQL, a.Policy.MQL = StageRule{MinScore: 100}, StageRule{MinScore: 100}
		},
	} {
		change()
		s := scorer(t, a)
		e, err := s.Explain(clone(l), 2)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := s.WritePage(&page, e); err != nil || !strings.Contains(page.String(), want) {
			t.Errorf("%v: want %q in\n%s", err, want, page.String())
		}
	}
}
