package features

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

func realLeads(t *testing.T, name string) *datasets.Table {
	t.Helper()
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA does not name the folder of real leads")
	}
	table, err := datasets.Read(context.Background(), filepath.Join(folder, name), datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// On X Education nothing is taken for an e-mail address, a job title or a size that is none, and
// the columns of one value and the ids are gone.
func TestXEducation(t *testing.T) {
	table := realLeads(t, "xeducation_leads.csv")
	for _, e := range []Encoding{Linear, Additive} {
		p, notes, err := Fit(table, nil, Spec{Encoding: e, Drop: []string{"Converted"}})
		if err != nil {
			t.Fatal(err)
		}
		var dropped []string
		for _, n := range notes {
			dropped = append(dropped, n.Column+": "+n.Reason)
		}
		want := []string{"Prospect ID: id-like", "Lead Number: id-like", "Magazine: constant", "Receive More Updates About Our Courses: constant",
			"Update me on Supply Chain Content: constant", "Get updates on DM Content: constant", "I agree to pay the amount through cheque: constant"}
		if !slices.Equal(dropped, want) {
			t.Errorf("%s: notes\n%s\nwant\n%s", e, strings.Join(dropped, "\n"), strings.Join(want, "\n"))
		}
		if n := len(table.Schema.Fields) - 1 - len(want); len(p.Features()) != n {
			t.Errorf("%s: %d features of %d columns", e, len(p.Features()), n)
		}
		f := p.Features()[feature(t, p, "Total Time Spent on Website")]
		if e == Additive && (len(f.Levels) != 32 || f.Levels[0] != "= 0") {
			t.Errorf("bins of the time spent: %q", f.Levels)
		}
		if _, _, err := p.Matrix(table, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestOlist(t *testing.T) {
	table := realLeads(t, "olist_mql.csv")
	p := mustFit(t, table, nil, Spec{Encoding: Additive, AsOf: "first_contact_date"})
	var names []string
	for _, f := range p.Features() {
		names = append(names, f.Name)
	}
	// The dates have no time of day, and span less than two years.
	if want := []string{"first_contact_date.weekday", "first_contact_date.day", "landing_page_id", "origin"}; !slices.Equal(names, want) {
		t.Errorf("features %q, want %q", names, want)
	}
}
