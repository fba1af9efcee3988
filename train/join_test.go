package train

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	dealLeads = "id,source,at\n1,ads,2026-01-01\n2,web,2026-01-02\n3,ads,2026-01-03\n4,web,2026-01-04\n"
	dealRows  = "lead,won_at,status,amount\n1,2026-02-01,won,5\n3,2026-02-03,lost,\n9,2026-02-04,won,7\n"
)

func joinConfig(dir string) *Config {
	return &Config{
		Leads: Leads{Path: filepath.Join(dir, "leads.csv"), ID: "id", AsOf: "at"},
		Deals: &Deals{Paths: []string{filepath.Join(dir, "deals.csv")}, Lead: "lead", Matched: "dealt"},
		Targets: []Target{
			{Name: "won", Column: "status", Positive: []string{"won"}, Negative: []string{"lost"}, At: "won_at"},
			{Name: "deal", Column: "dealt", Positive: []string{"true"}},
		},
	}
}

func TestDealsAreJoined(t *testing.T) {
	c := joinConfig(folderOf(t, map[string]string{"leads.csv": dealLeads, "deals.csv": dealRows}))
	table, found, err := c.readLeads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range table.Batches {
		for r := range b.Rows() {
			var row []string
			for i := range table.Schema.Fields {
				row = append(row, b.Value(i, r).String())
			}
			got = append(got, strings.Join(row, ","))
		}
	}
	want := []string{ // amount stays behind: no target names it
		"1,ads,2026-01-01,won,2026-02-01,true", "2,web,2026-01-02,,,false", "3,ads,2026-01-03,lost,2026-02-03,true", "4,web,2026-01-04,,,false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	var reasons []string
	for _, f := range found {
		reasons = append(reasons, f.Reason+": "+f.Text)
	}
	if want := []string{"deals: 2 of 4 leads have a deal", "deals of unknown leads: 1 deals belong to no lead and were left out"}; !slices.Equal(reasons, want) {
		t.Errorf("findings %q, want %q", reasons, want)
	}
	for _, target := range c.Targets {
		o, err := readOutcomes(table, target)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string][]int8{"won": {1, -1, 0, -1}, "deal": {1, 0, 1, 0}}[target.Name]; !slices.Equal(o.Label, want) {
			t.Errorf("%s: labels %v, want %v", target.Name, o.Label, want)
		}
	}
}

func TestSeveralDealsOfALead(t *testing.T) {
	twice := dealRows + "1,2026-01-15,lost,\n3,,won,\n"
	for keep, want := range map[string]string{"first": "lost lost", "last": "won lost", "fail": "", "": ""} {
		c := joinConfig(folderOf(t, map[string]string{"leads.csv": dealLeads, "deals.csv": twice}))
		c.Deals.Keep, c.Deals.At = keep, "won_at"
		table, _, err := c.readLeads(context.Background())
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), `"1", "3"`) {
				t.Errorf("%q: error %v, want the leads named", keep, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		status := table.Schema.Index("status")
		b := table.Batches[0]
		if got := b.Value(status, 0).String() + " " + b.Value(status, 2).String(); got != want {
			t.Errorf("%s: %s, want %s", keep, got, want)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"column of neither": {func(c *Config) { c.Targets[0].Column = "statuss" }, `no column "statuss" in the leads or the deals (did you mean "status"?)`},
		"column of both":    {func(c *Config) { c.Targets[0].Column = "source" }, `stands in the leads and in the deals`},
		"no such key":       {func(c *Config) { c.Deals.Lead = "leed" }, `no column "leed"`},
		"matched is taken":  {func(c *Config) { c.Deals.Matched = "source" }, `there is one; name another`},
		"keep by no time":   {func(c *Config) { c.Deals.Keep, c.Deals.At = "last", "status" }, `data.deals.at`},
		"no id":             {func(c *Config) { c.Leads.ID = "" }, `data.leads.id`},
		"file twice":        {func(c *Config) { c.Leads.Paths = []string{c.Leads.Path} }, `named twice`},
	} {
		config := joinConfig(folderOf(t, map[string]string{"leads.csv": dealLeads, "deals.csv": strings.Replace(dealRows, "amount", "source", 1)}))
		c.change(config)
		if _, _, err := config.readLeads(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
}

func TestZonesOfLeads(t *testing.T) {
	leads := "id,source,at\n1,ads,2026-01-01 10:00\n2,web,2026-01-02T10:00:00Z\n"
	c := &Config{Leads: Leads{Path: filepath.Join(folderOf(t, map[string]string{"leads.csv": leads}), "leads.csv")}}
	if _, _, err := c.readLeads(context.Background()); err == nil || !strings.Contains(err.Error(), `column "at": 1 of 2 times have no zone`) {
		t.Errorf("mixed zones: error %v", err)
	}
	c.Zone = "America/New_York"
	table, found, err := c.readLeads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := table.Batches[0].Value(2, 0), datasets.At(1767279600_000_000); got != want { // 2026-01-01T15:00Z
		t.Errorf("ten in New York is %v, want %v", got, want)
	}
	if len(found) != 1 || found[0].Reason != "time zone" {
		t.Errorf("findings %v", found)
	}
}

// Olist's two files, joined by the configuration, train the very model that their joined file trains.
func TestOlistJoinedByConfiguration(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with real leads")
	}
	c := Config{
		Leads: Leads{Path: filepath.Join(folder, "olist_mql.csv"), ID: "mql_id", AsOf: "first_contact_date"},
		Deals: &Deals{Paths: []string{filepath.Join(folder, "olist_closed_deals.csv")}, Lead: "mql_id", Matched: "won"},
		Targets: []Target{
			{Name: "won", Column: "won", Positive: []string{"true"}, Negative: []string{"false"}},
		},
	}
	r, err := Run(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Card.Targets["won"]; got.Train.Positives+got.Holdout.Positives != 842 || got.Train.Rows+got.Holdout.Rows != 8000 {
		t.Errorf("%+v and %+v; want 842 won of 8000", got.Train, got.Holdout)
	}
	mql, err := datasets.Read(context.Background(), c.Leads.Path, datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	deals, err := datasets.Read(context.Background(), c.Deals.Paths[0], datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	joined, _, err := datasets.Join(mql, deals, datasets.JoinOptions{LeftKey: "mql_id", RightKey: "mql_id", Columns: []string{}, Matched: "won"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "olist.csv")
	w, err := datasets.Create(path, joined.Schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range joined.Batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.Leads.Path, c.Deals = path, nil
	one, err := Run(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Artifact.Targets[0].Effects {
		a, b := r.Artifact.Targets[0].Effects[i], one.Artifact.Targets[0].Effects[i]
		if !slices.Equal(a.Table, b.Table) {
			t.Errorf("effect %d: %v joined by the configuration, %v by hand", i, a.Table, b.Table)
		}
	}
}

// Whether a lead has a deal is an outcome even where no target names it: a model that saw it would have the answer.
func TestMatchedIsNeverAFeature(t *testing.T) {
	c := joinConfig(folderOf(t, map[string]string{"leads.csv": dealLeads, "deals.csv": dealRows}))
	c.Targets, c.AllowSmall = c.Targets[:1], true
	table, _, err := c.readLeads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d, err := label(context.Background(), table, c)
	if err != nil {
		t.Fatal(err)
	}
	if d.leads.Schema.Index("dealt") >= 0 || !slices.Contains(d.outcomeColumns, "dealt") {
		t.Errorf("the leads have %v, outcomes are %v", columnNames(d.leads.Schema), d.outcomeColumns)
	}
}
