package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// realData returns a file of the folder of real leads.
func realData(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("LEADSCORE_DATA")
	if dir == "" {
		t.Skip("LEADSCORE_DATA is not set: it names the folder with the real leads")
	}
	return filepath.Join(dir, name)
}

func TestReadXEducation(t *testing.T) {
	table, err := Read(t.Context(), realData(t, "xeducation_leads.csv"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 9240 || len(table.Schema.Fields) != 37 {
		t.Fatalf("%d rows, %d columns; want 9240 and 37", table.Rows(), len(table.Schema.Fields))
	}
	kinds := map[string]Kind{
		"Prospect ID": Categorical, "Lead Number": Numeric, "Do Not Email": Boolean, "Converted": Numeric,
		"TotalVisits": Numeric, "Page Views Per Visit": Numeric, "Country": Categorical, "Tags": Categorical,
		"Asymmetrique Activity Index": Categorical, "Asymmetrique Activity Score": Numeric, "Magazine": Boolean,
	}
	for name, want := range kinds {
		if got := table.Schema.Fields[table.Schema.Index(name)].Kind; got != want {
			t.Errorf("column %q is %v, want %v", name, got, want)
		}
	}
	converted, visits, missing := 0.0, 0.0, 0
	for _, b := range table.Batches {
		for r := range b.Rows() {
			converted += b.Value(table.Schema.Index("Converted"), r).Num
			v := b.Value(table.Schema.Index("TotalVisits"), r)
			visits += v.Num
			if v.Missing() {
				missing++
			}
		}
	}
	// pandas: d.Converted.sum(), d.TotalVisits.sum(), d.TotalVisits.isna().sum()
	if converted != 3561 || visits != 31362 || missing != 137 {
		t.Errorf("sums: converted %v, visits %v, without visits %d; want 3561, 31362 and 137", converted, visits, missing)
	}
	// sha256sum
	if got, want := table.Report.Digest[:16], "6b632b7f355d1e96"; got != want {
		t.Errorf("digest begins with %s, want %s", got, want)
	}
	if r := table.Report; r.Delimiter != "," || r.Encoding != "utf-8" || r.Format != "csv" || r.Rows != 9240 || r.BadTotal != 0 {
		t.Errorf("report: %+v", r)
	}
}

func TestReadDamagedXEducation(t *testing.T) {
	path := realData(t, "xeducation_leads_damaged.csv")
	_, err := Read(t.Context(), path, ReadOptions{})
	var bad *BadRowsError
	if !errors.As(err, &bad) {
		t.Fatalf("got %v, want a BadRowsError", err)
	}
	if bad.Total != 338 || bad.Rows != 9240 || len(bad.Bad) != 20 {
		t.Errorf("%d bad of %d, %d listed; want 338 of 9240, 20 listed", bad.Total, bad.Rows, len(bad.Bad))
	}
	for _, want := range []string{"338 bad rows of 9240; nothing was read: line ", ": 1 field, want 37", "and 318 more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
	table, err := Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows})
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 9240-338 || table.Report.BadTotal != 338 {
		t.Errorf("%d rows and %d bad; want %d and 338", table.Rows(), table.Report.BadTotal, 9240-338)
	}
	_, err = Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows, MaxBadRows: 337})
	if !errors.As(err, &bad) || bad.Limit != 337 {
		t.Errorf("got %v, want more than 337", err)
	}
	if _, err = Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows, MaxBadRows: 338}); err != nil {
		t.Error(err)
	}
}

func TestReadOlist(t *testing.T) {
	table, err := Read(t.Context(), realData(t, "olist_mql.csv"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 8000 {
		t.Errorf("%d rows, want 8000", table.Rows())
	}
	if f := table.Schema.Fields[table.Schema.Index("first_contact_date")]; f.Kind != Time || f.Layout != "iso" {
		t.Errorf("first_contact_date is %+v", f)
	}
	deals, err := Read(t.Context(), realData(t, "olist_closed_deals.csv"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if deals.Rows() != 842 {
		t.Errorf("%d deals, want 842", deals.Rows())
	}
	if f := deals.Schema.Fields[deals.Schema.Index("has_company")]; f.Kind != Boolean {
		t.Errorf("has_company is %+v", f)
	}
}
