package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"leadscore/model"
)

// Add copies a run directory into the registry as the next free version of a model and returns that
// version. It promotes nothing. A run whose model.json does not load is refused. Hidden files and
// directories inside the run are left out.
func (r *Registry) Add(name, runDir string) (version string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("adding %s to the registry %s: %w", name, r.dir, err)
		}
	}()
	if _, err := model.Load(filepath.Join(runDir, artifactFile)); err != nil {
		return "", err
	}
	home := filepath.Join(r.dir, name)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(home, ".adding-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temp)
		}
	}()
	if err := os.Chmod(temp, 0o755); err != nil {
		return "", err
	}
	if err := copyRun(runDir, temp); err != nil {
		return "", err
	}
	if _, err := model.Load(filepath.Join(temp, artifactFile)); err != nil {
		return "", fmt.Errorf("checking the copy: %w", err)
	}
	return claim(home, temp)
}

// claim renames a finished directory to the next free version. A directory cannot be renamed over one
// that holds something, so of two processes that claim a number one gets it and the other goes on to
// the next.
func claim(home, temp string) (string, error) {
	entries, err := os.ReadDir(home)
	if err != nil {
		return "", err
	}
	last := 0
	for _, e := range entries {
		last = max(last, number(e.Name())) // half-written versions too: their numbers are not used again
	}
	for next := last + 1; ; next++ {
		version := fmt.Sprintf("v%d", next)
		err := os.Rename(temp, filepath.Join(home, version))
		if err == nil {
			return version, syncDir(home)
		}
		if _, statErr := os.Lstat(filepath.Join(home, version)); !errors.Is(err, fs.ErrExist) && statErr != nil {
			return "", err
		}
	}
}

func copyRun(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name()[0] == '.' || e.IsDir() || !isFile(filepath.Join(from, e.Name())) {
			continue
		}
		if err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return syncDir(to)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// syncDir makes the names in a directory last through a power cut. Systems that cannot do that for a
// directory say so, and there is nothing to be done about it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
