//go:build unix

package registry

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestChampionIsAFile: a pipe or a device where the champion's name should stand is an error, not something to wait for.
func TestChampionIsAFile(t *testing.T) {
	r := open(t)
	add(t, r, "won", 1)
	path := filepath.Join(r.Dir(), "won", "champion")
	for name, put := range map[string]func() error{
		"a pipe":   func() error { return syscall.Mkfifo(path, 0o600) },
		"a device": func() error { return os.Symlink("/dev/zero", path) },
		"a folder": func() error { return os.Mkdir(path, 0o700) },
		"too much": func() error { return os.WriteFile(path, []byte("v1"+strings.Repeat(" ", 4096)), 0o600) },
	} {
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Get("won"); err == nil || !strings.Contains(err.Error(), "is no file with a version") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHistoryIsAFile: likewise of the history, by whichever command reads it or writes to it.
func TestHistoryIsAFile(t *testing.T) {
	r := open(t)
	add(t, r, "won", 2)
	path := filepath.Join(r.Dir(), "won", "history")
	next, then := "v1", "v2" // promoting the champion changes nothing
	for name, put := range map[string]func() error{
		"a directory or a pipe; want":        func() error { return syscall.Mkfifo(path, 0o600) },
		"a device; want":                     func() error { return os.Symlink("/dev/zero", path) },
		"a directory or a pipe; want a file": func() error { return os.Mkdir(path, 0o700) },
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.History("won"); err == nil || !strings.Contains(err.Error(), "is "+name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := r.Rollback("won", noon); err == nil {
			t.Errorf("%s: rolled back", name)
		}
		if err := r.Promote("won", next, noon); err == nil && name != "a device; want" {
			t.Errorf("%s: promoted in silence", name)
		}
		next, then = then, next
	}
}
