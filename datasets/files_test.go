package datasets

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readFolder(t *testing.T, files map[string]string) (*Table, error) {
	t.Helper()
	paths, err := Expand(writeFiles(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return ReadAll(context.Background(), paths, ReadOptions{})
}

// Files that hold the rows of one file give its table, whatever the order of their columns.
func TestReadAllIsOneFile(t *testing.T) {
	whole := "id,n,k,at\n1,1,a,2026-01-01\n2,2.5,b,2026-01-02\n3,,7,2026-01-03\n"
	one, err := readFolder(t, map[string]string{"a.csv": whole})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := readFolder(t, map[string]string{
		"2.csv": "at,k,n,id\n2026-01-02,b,2.5,2\n2026-01-03,7,,3\n", "1.csv": "id,n,k,at\n1,1,a,2026-01-01\n",
		"_SUCCESS": "", ".hidden.csv": "x\n1\n", "notes.md": "no table",
	})
	if err != nil {
		t.Fatal(err)
	}
	// k is numeric in the third row alone: the file of one row is read again as words.
	three, err := readFolder(t, map[string]string{
		"1.csv": "id,n,k,at\n1,1,a,2026-01-01\n", "2.csv": "id,n,k,at\n2,2.5,b,2026-01-02\n", "3.csv": "id,n,k,at\n3,,7,2026-01-03\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []*Table{parts, three} {
		if diff := cmp.Diff(one.Schema.Fields, got.Schema.Fields); diff != "" {
			t.Errorf("schema (-one file +several):\n%s", diff)
		}
		if diff := cmp.Diff(cellsOf(one), cellsOf(got)); diff != "" {
			t.Errorf("cells (-one file +several):\n%s", diff)
		}
		if got.Report.Rows != 3 || got.Report.Digest == one.Report.Digest {
			t.Errorf("report %+v", got.Report)
		}
	}
}

func cellsOf(t *Table) (rows [][]string) {
	for _, b := range t.Batches {
		for r := range b.Rows() {
			var row []string
			for c := range t.Schema.Fields {
				row = append(row, b.Value(c, r).String())
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func TestReadAllRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"other columns": {map[string]string{"a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n"}, `column "z" is not in`},
		"other kinds":   {map[string]string{"a.csv": "x,y\n1,2026-01-31\n", "b.csv": "x,y\n1,5\n"}, `column "y" is numeric here and time iso in a file before`},
		"decimal comma": {map[string]string{"a.csv": "x;y\n1,5;a\n", "b.csv": "x,y\n1.25,a\n"}, `not a number: "1.25"`},
		"two bad files": {map[string]string{"a.csv": "x,y\n1,2\n1\n", "b.csv": "x,y\n1\n"}, "b.csv"},
	} {
		_, err := readFolder(t, c.files)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := Expand(t.TempDir()); err == nil {
		t.Error("an empty folder stands for files")
	}
	if _, err := Expand(filepath.Join(t.TempDir(), "*.csv")); err == nil {
		t.Error("a pattern that nothing matches stands for files")
	}
}
