package datasets

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestAtomicWriteIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.json")
	full := errors.New("disk full")
	put := func(text string, err error) error {
		return AtomicWrite(path, func(w io.Writer) error {
			if _, e := io.WriteString(w, text); e != nil {
				return e
			}
			return err
		})
	}
	if err := put("half", full); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left %v", entries)
	}
	if err := put("one", nil); err != nil {
		t.Fatal(err)
	}
	if err := put("two, half", full); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "one" {
		t.Errorf("%q stands there", b)
	}
	if err := put("two", nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "two" {
		t.Errorf("%q stands there", b)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
	if err := AtomicWrite(filepath.Join(dir, "no", "where"), func(io.Writer) error { return nil }); err == nil {
		t.Error("wrote into a folder that is not there")
	}
}
