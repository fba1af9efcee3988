package datasets

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestZone(t *testing.T) {
	at := func(s string) int64 {
		t.Helper()
		m, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return m.UnixMicro()
	}
	for _, c := range []struct{ text, layout, want string }{
		{"2026-01-31 09:30", "iso", "2026-01-31T08:30:00Z"},          // winter
		{"2026-07-31T09:30:00", "iso", "2026-07-31T07:30:00Z"},       // summer
		{"31/07/2026 9:30 PM", "dd/mm/yyyy", "2026-07-31T19:30:00Z"}, // another layout
		{"2026-07-31T09:30:00Z", "iso", "2026-07-31T09:30:00Z"},      // says its own
		{"2026-07-31 09:30 +05:00", "iso", "2026-07-31T04:30:00Z"},
		{"2026-07-31", "iso", "2026-07-31T00:00:00Z"},       // a date stays that date
		{"2026-03-29 02:30", "iso", "2026-03-29T01:30:00Z"}, // the clocks skip this hour
		{"2026-10-25 02:30", "iso", "2026-10-25T00:30:00Z"}, // the clocks have this hour twice
	} {
		f := Field{Name: "at", Kind: Time, Layout: c.layout, Zone: "Europe/Madrid"}
		v, err := f.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if v.Time != at(c.want) {
			t.Errorf("%s is %s, want %s", c.text, v, c.want)
		}
		back, err := f.Parse(string(f.appendTime(nil, v.Time, false)))
		if err != nil || back != v {
			t.Errorf("%s is written as %s, which reads as %v, %v", c.text, f.appendTime(nil, v.Time, false), back, err)
		}
	}
	for _, zone := range []string{"Local", "Europe/Madrit", "../etc/passwd"} {
		if CheckZone(zone) == nil {
			t.Errorf("%q is taken for a time zone", zone)
		}
		if _, err := (&Field{Kind: Time, Zone: zone}).Parse("2026-01-31 09:30"); err == nil {
			t.Errorf("a time is read in the zone %q", zone)
		}
	}
}

// The same file gives the same moments as CSV, as JSON Lines and as Parquet, and the report tells how
// the times were written.
func TestZoneOfFiles(t *testing.T) {
	dir := t.TempDir()
	text := "id,none,mixed,day\n1,2026-07-31 09:30,2026-07-31 09:30,2026-07-31\n2,2026-01-31 09:30,2026-07-31T09:30:00Z,2026-07-31\n3,,,\n"
	path := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	madrid, err := Read(context.Background(), path, ReadOptions{Zone: "Europe/Madrid"})
	if err != nil {
		t.Fatal(err)
	}
	want := []ZoneCount{{"none", 0, 2}, {"mixed", 1, 1}}
	if diff := cmp.Diff(want, madrid.Report.Zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
	utc, err := Read(context.Background(), path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const hour = 3600 * 1_000_000
	for column, shifts := range map[string][2]int64{"none": {2 * hour, hour}, "mixed": {2 * hour, 0}, "day": {0, 0}} {
		i := madrid.Schema.Index(column)
		for row, shift := range shifts {
			a, b := utc.Batches[0].Value(i, row), madrid.Batches[0].Value(i, row)
			if a.Time-b.Time != shift {
				t.Errorf("%s, row %d: %s is %s in Madrid", column, row+1, a, b)
			}
		}
	}
	// Times go through a Parquet file (microseconds, UTC) unchanged, whatever the zone asked for.
	columnar := filepath.Join(dir, "a.parquet")
	w, err := Create(columnar, utc.Schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(utc.Batches[0]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Read(context.Background(), columnar, ReadOptions{Zone: "Europe/Madrid"})
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range again.Report.Zones {
		if z.Without > 0 {
			t.Errorf("the product's own Parquet file has times without a zone: %+v", z)
		}
	}
	for i := range utc.Schema.Fields {
		if a, b := utc.Batches[0].Value(i, 0), again.Batches[0].Value(i, 0); a != b {
			t.Errorf("column %q: %v became %v", utc.Schema.Fields[i].Name, a, b)
		}
	}
}

// clock.parquet has a timestamp without a zone (testdata/columnar.py).
func TestZoneOfParquetClock(t *testing.T) {
	table, err := Read(context.Background(), "testdata/clock.parquet", ReadOptions{Zone: "Europe/Madrid"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := table.Batches[0].Value(0, 0).String(), "2026-07-31T07:30:00Z"; got != want {
		t.Errorf("half past nine in Madrid is %s, want %s", got, want)
	}
	if diff := cmp.Diff([]ZoneCount{{"at", 0, 2}}, table.Report.Zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}
