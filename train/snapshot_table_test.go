package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model"
)

// historyConfig is dealConfig with an event log: visits before and after the lead was created, more of them where it will be
// won, and a type that only the last leads have, which are in no training row.
func historyConfig(t testing.TB, asOf string) Config {
	t.Helper()
	deals := makeDeals(1500, 5)
	var b bytes.Buffer
	b.WriteString("lead,at,type,amount\n")
	for i, d := range deals {
		for k := range 1 + i%4 {
			fmt.Fprintf(&b, "%s,%s,visit,%d\n", d.id, dayText(d.created+float64(k*5)+float64(i%3)/2), k+i%7)
		}
		if d.status == "won" {
			fmt.Fprintf(&b, "%s,%s,contract,1\n", d.id, dayText(d.created+30))
		}
		if d.created > 640 {
			fmt.Fprintf(&b, "%s,%s,late,1\n", d.id, dayText(d.created))
		}
	}
	events := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(events, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c := dealConfig(writeDeals(t, deals), asOf)
	c.Events = &Events{Source: history.Source{Paths: []string{events}, Lead: "lead", At: "at", Type: "type"}, Spec: history.Spec{Windows: []int64{7 * 86400e6}}}
	c.Targets = append(c.Targets, Target{Name: "sql", Column: "sql", Positive: []string{"true"}, At: "sql_at", Horizon: "30d"})
	return c
}

func snapshotTable(t testing.TB, c Config) *SnapshotTable {
	t.Helper()
	s, err := Snapshot(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// texts are the cells of a column.
func texts(t testing.TB, table *datasets.Table, name string) (out []string) {
	t.Helper()
	column := table.Schema.Index(name)
	if column < 0 {
		t.Fatalf("no column %q among %v", name, columnNames(table.Schema))
	}
	for _, b := range table.Batches {
		for i := range b.Rows() {
			out = append(out, b.Value(column, i).String())
		}
	}
	return out
}

// The hold-out rows of the table, scored by the model of Run, get the very numbers that Run's hold-out got, for as-of forms
// that are a column, later, and several a lead.
func TestSnapshotIsWhatTheHoldoutSees(t *testing.T) {
	for _, asOf := range []string{"created_at", "created_at + 3d", "every 14d from created_at for 60d"} {
		t.Run(asOf, func(t *testing.T) {
			c := historyConfig(t, asOf)
			r := run(t, c)
			table := snapshotTable(t, c).Table
			var keep []bool
			for _, side := range texts(t, table, "split") {
				keep = append(keep, side == "holdout")
			}
			held, err := datasets.SelectRows(table, keep)
			if err != nil {
				t.Fatal(err)
			}
			if held, err = datasets.SelectColumns(held, columnNames(r.Artifact.Schema)); err != nil {
				t.Fatal(err)
			}
			scorer, err := model.NewScorer(r.Artifact)
			if err != nil {
				t.Fatal(err)
			}
			var got model.Columns
			for _, b := range held.Batches {
				again, err := datasets.NewBatch(r.Artifact.Schema, b.Rows(), columnsInOrder(b, r.Artifact.Schema))
				if err != nil {
					t.Fatal(err)
				}
				var part model.Columns
				if err := scorer.ScoreBatch(again, &part); err != nil {
					t.Fatal(err)
				}
				got.Append(&part)
			}
			if ids := texts(t, held, "lead_id"); !slices.Equal(ids, r.Holdout.IDs) {
				t.Fatalf("%d hold-out rows in the table, %d in the run, or other leads", len(ids), len(r.Holdout.IDs))
			}
			for k := range r.Artifact.Targets {
				if !slices.Equal(got.Probabilities[k], r.Holdout.Columns.Probabilities[k]) {
					t.Errorf("target %d: the table's rows get other probabilities than the hold-out", k)
				}
			}
			for i, label := range pickTexts(texts(t, table, "won"), keep) {
				if want := map[bool]string{true: "1", false: "0"}[r.Holdout.Labels[i]]; label != want {
					t.Fatalf("hold-out row %d has the label %s, want %s", i, label, want)
				}
			}
		})
	}
}

func columnsInOrder(b *datasets.Batch, s *datasets.Schema) (out []datasets.Column) {
	for _, f := range s.Fields {
		out = append(out, *b.Column(b.Schema().Index(f.Name)))
	}
	return out
}

func pickTexts(all []string, keep []bool) (out []string) {
	for i, text := range all {
		if keep[i] {
			out = append(out, text)
		}
	}
	return out
}

// Each line of a target's account is the number of rows with that status, and used rows are those of training and hold-out;
// labels stand exactly where they are known; the account is that of the run.
func TestSnapshotAccountsAddUp(t *testing.T) {
	for _, asOf := range []string{"created_at + 3d", "every 14d from created_at for 60d"} {
		c := historyConfig(t, asOf)
		c.Targets[1].Via, c.Targets[0], c.Targets[1] = "", c.Targets[1], c.Targets[0] // sql first
		c.Targets[1].Via = "sql"
		s, r := snapshotTable(t, c), run(t, c)
		if s.Dictionary.Rows != s.Table.Rows() || s.Dictionary.Leads != 1500 {
			t.Errorf("%s: the dictionary has %d rows of %d leads, the table %d rows", asOf, s.Dictionary.Rows, s.Dictionary.Leads, s.Table.Rows())
		}
		for _, target := range s.Dictionary.Targets {
			if in := balanced(t, target.Account); in != s.Table.Rows() {
				t.Errorf("%s: %d rows come in, the table has %d", target.Name, in, s.Table.Rows())
			}
			if !slices.Equal(target.Account, r.Card.Targets[target.Name].Account) {
				t.Errorf("%s: the account is %v, that of the run %v", target.Name, target.Account, r.Card.Targets[target.Name].Account)
			}
			rows := map[string]int{}
			labels := texts(t, s.Table, target.Label)
			for i, status := range texts(t, s.Table, target.Status) {
				rows[status]++
				if status == "used" && labels[i] == "" || slices.Contains([]string{"immature", "open", "as-of after the end"}, status) && labels[i] != "" {
					t.Fatalf("row %d of %s has the status %q and the label %q", i, target.Name, status, labels[i])
				}
			}
			used := 0
			for _, line := range target.Account {
				switch line.What {
				case model.CountRead, model.CountRepeated:
				case model.CountTrain, model.CountHoldout:
					used += line.Rows
				default:
					if rows[line.What] != line.Rows {
						t.Errorf("%s: %d rows %q, the account has %d", target.Name, rows[line.What], line.What, line.Rows)
					}
				}
			}
			if rows["used"] != used {
				t.Errorf("%s: %d rows are used, the account has %d", target.Name, rows["used"], used)
			}
		}
	}
}

func TestSnapshotDescribesEveryColumn(t *testing.T) {
	c := historyConfig(t, "created_at + 3d")
	s := snapshotTable(t, c)
	var names []string
	for _, col := range s.Dictionary.Columns {
		names = append(names, col.Name)
		if col.Meaning == "" || col.Role == "" || col.From == "" || math.IsNaN(col.Missing) {
			t.Errorf("column %q is not described: %+v", col.Name, col)
		}
	}
	if !slices.Equal(names, columnNames(s.Table.Schema)) {
		t.Errorf("the dictionary has %v, the table %v", names, columnNames(s.Table.Schema))
	}
	want := []string{"lead_id", "as_of", "created_at", "source", "visits", "events.count.7d"}
	if !slices.Equal(names[:len(want)], want) {
		t.Errorf("the table begins with %v, want %v", names[:len(want)], want)
	}
	// the target sql has the name of its column, which stays as it is in the file
	tail := []string{"sql", "sql_at", "closed_at", "status", "won", "won.status", "sql.label", "sql.status", "split"}
	if got := names[len(names)-len(tail):]; !slices.Equal(got, tail) {
		t.Errorf("the table ends with %v, want %v", got, tail)
	}
	if !slices.Contains(names, "visit.count.7d") || slices.Contains(names, "late.count.7d") {
		t.Errorf("types of events have columns where training rows had them, and only then: %v", names)
	}
	for _, col := range s.Dictionary.Columns {
		if col.Name == "visit.count.7d" && (col.Window != "7d" || col.Unit != "events" || col.Role != roleEvents) {
			t.Errorf("visit.count.7d is described as %+v", col)
		}
	}
}

func TestSnapshotRefusesNamesThatCollide(t *testing.T) {
	deals := makeDeals(1500, 5)
	c := dealConfig(writeDeals(t, deals), "created_at")
	text, err := os.ReadFile(c.Leads.Path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("source,visits"), []byte("split,won.status"), 1)
	if err := os.WriteFile(c.Leads.Path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Snapshot(context.Background(), c, nil)
	mustContain(t, err, `two columns "split"`, `two columns "won.status"`)
}
