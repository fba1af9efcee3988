package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

func changesOf(t *testing.T, text string, s ChangeSource, leads ...string) (*Changes, *ChangeReport) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "changes.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Paths = []string{path}
	c, r, err := ReadChanges(context.Background(), s, leads)
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

// valuesAt are the texts of one attribute at days since 1970, lead by lead.
func valuesAt(c *Changes, i int, stays string, moments ...Moment) string {
	column := c.Column(i, moments, func(int) datasets.Value { return datasets.Level(stays) })
	var out []string
	for row := range moments {
		out = append(out, column.Value(row).String())
	}
	return strings.Join(out, " ")
}

func TestChangesLong(t *testing.T) {
	text := "lead,at,what,new,old\n" +
		"b,1970-01-06,title,head,chief\n" + // not in the order of time
		"a,1970-01-03,title,director,manager\n" +
		"a,1970-01-05,title,vp,director\n" +
		"a,1970-01-05,title,ceo,vp\n" + // the same moment: the later row counts
		"a,1970-01-04,size,12,\n" +
		"z,1970-01-04,title,x,\n" + "a,,title,x,\n" + "a,1970-01-04,,x,\n"
	s := ChangeSource{Lead: "lead", At: "at", Field: "what", Value: "new", Old: "old"}
	c, r := changesOf(t, text, s, "a", "b", "c")
	if want := (ChangeReport{Changes: 5, UnknownLead: 1, NoTime: 1, NoField: 1}); r.Changes != want.Changes || r.UnknownLead != want.UnknownLead || r.NoTime != want.NoTime || r.NoField != want.NoField {
		t.Errorf("report %+v, want %+v", *r, want)
	}
	fields := c.Fields()
	if len(fields) != 2 || fields[0].Name != "title" || fields[0].Kind != datasets.Categorical || fields[1].Name != "size" || fields[1].Kind != datasets.Numeric {
		t.Fatalf("fields %+v", fields)
	}
	if got, want := valuesAt(c, 0, "file", Moment{0, 2 * day}, Moment{0, 2*day + 1}, Moment{0, 4 * day}, Moment{0, 4*day + 1}, Moment{0, datasets.MissingTime},
		Moment{1, 0}, Moment{1, 9 * day}, Moment{2, 9 * day}), "manager director director ceo ceo chief head file"; got != want {
		t.Errorf("titles %q, want %q", got, want)
	}
	if v := c.Column(1, []Moment{{0, 3 * day}, {0, 4 * day}}, nil); v.Value(0).Kind != datasets.Unknown || v.Value(1).Num != 12 {
		t.Errorf("sizes %v, want missing (no old value) and 12", v)
	}
}

func TestChangesWide(t *testing.T) {
	text := "lead,at,title,size\na,1970-01-03,director,10\na,1970-01-05,,20\nb,1970-01-05,head,\n"
	c, _ := changesOf(t, text, ChangeSource{Lead: "lead", At: "at"}, "a", "b", "c")
	if got, want := valuesAt(c, 0, "file", Moment{2, 9 * day}, Moment{0, 1 * day}, Moment{0, 9 * day}, Moment{1, 9 * day}), "  director head"; got != want {
		t.Errorf("titles %q, want %q", got, want)
	}
	if v := c.Column(1, []Moment{{0, 4 * day}, {0, 9 * day}, {1, 9 * day}}, nil); v.Value(0).Num != 10 || v.Value(1).Num != 20 || !v.Value(2).Missing() {
		t.Errorf("sizes %v", v.Numbers)
	}
}

func TestChangesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "changes.csv")
	if err := os.WriteFile(path, []byte("lead,at,what,new\na,1970-01-03,size,many\na,1970-01-03,size,few\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := ChangeSource{Paths: []string{path}, Lead: "lead", At: "at", Field: "what", Value: "new", Fields: map[string]datasets.Field{"size": {Name: "size", Kind: datasets.Numeric}}}
	_, _, err := ReadChanges(context.Background(), s, []string{"a"})
	if err == nil || !strings.Contains(err.Error(), `"many"`) || !strings.Contains(err.Error(), `"few"`) {
		t.Errorf("error %v, want both values named", err)
	}
	s.At = "what"
	if _, _, err := ReadChanges(context.Background(), s, []string{"a"}); err == nil || !strings.Contains(err.Error(), "want time") {
		t.Errorf("error %v, want the kind of the column", err)
	}
}

// Changes at or after the as-of moment, whatever they are, change nothing: not even whether there is a value.
func TestLaterChangesChangeNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 100 {
		asOf := int64(100 + rng.IntN(100))
		title := []string{"file", "file", "file"} // of each lead, now
		line := func(at int64) string {
			lead, next := rng.IntN(len(title)), fmt.Sprint(rng.IntN(1000))
			s := fmt.Sprintf("%c,%s,title,%s,%s\n", 'a'+lead, datasets.At(at*day), next, title[lead])
			title[lead] = next
			return s
		}
		var before, after []string
		for at := range asOf {
			if rng.IntN(50) == 0 {
				before = append(before, line(at))
			}
		}
		then := slices.Clone(title)
		for range rng.IntN(6) {
			after = append(after, line(asOf+int64(len(after))))
		}
		rows := []Moment{{0, asOf * day}, {1, asOf * day}, {2, asOf * day}}
		for _, old := range []string{"old", ""} {
			s := ChangeSource{Lead: "lead", At: "at", Field: "what", Value: "new", Old: old}
			head := "lead,at,what,new,old\nz,1970-01-01,title,x,y\n"
			read := func(lines []string, file []string) (out []string) {
				c, _ := changesOf(t, head+strings.Join(lines, ""), s, "a", "b", "c", "z")
				column := c.Column(0, rows, func(row int) datasets.Value { return datasets.Level(file[row]) })
				for row := range rows {
					out = append(out, column.Value(row).String())
				}
				return out
			}
			alone, with := read(before, then), read(slices.Concat(before, after), title)
			if !slices.Equal(alone, with) {
				t.Fatalf("round %d, old %q: %q became %q by later changes", round, old, alone, with)
			}
		}
	}
}
