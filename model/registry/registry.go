package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"leadscore/datasets"
)

// Registry is a directory of models. It holds no state: each call looks at the disk, so several
// processes may use one directory, and a Registry may be shared by goroutines.
type Registry struct{ dir string }

// Model is what stands in the registry under one name.
type Model struct {
	Name     string
	Champion string   // the promoted version; "" when none is
	Versions []string // v1, v2, … in the order of their numbers
}

// ChampionRef is the version of a reference that means the promoted one.
const ChampionRef = "champion"

const (
	artifactFile = "model.json"
	championFile = "champion"
)

// Open opens a registry; the directory is created by the first Add. A path where something other
// than a directory stands is an error.
func Open(dir string) (*Registry, error) {
	if dir == "" {
		return nil, errors.New("opening the registry: no directory is named")
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening the registry: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("opening the registry: %s is not a directory", dir)
	}
	return &Registry{dir: dir}, nil
}

// Dir returns the registry's directory.
func (r *Registry) Dir() string { return r.dir }

// List returns the models by name. Directories without a version are left out; an empty or missing
// registry has no models. Models that cannot be read are an error beside the others.
func (r *Registry) List() ([]Model, error) {
	entries, err := os.ReadDir(r.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the registry: %w", err)
	}
	var models []Model
	var problems []error
	for _, e := range entries {
		if checkName(e.Name()) != nil || !isDir(filepath.Join(r.dir, e.Name())) {
			continue
		}
		m, err := r.model(e.Name())
		if err != nil {
			problems = append(problems, fmt.Errorf("listing the registry: %w", err))
			continue
		}
		if len(m.Versions) > 0 {
			models = append(models, m)
		}
	}
	return models, errors.Join(problems...)
}

// Get returns what stands under a name; a name without a version is an error that offers the nearest.
func (r *Registry) Get(name string) (Model, error) {
	if err := checkName(name); err != nil {
		return Model{}, err
	}
	m, err := r.model(name)
	if err != nil {
		return Model{}, fmt.Errorf("reading the registry: %w", err)
	}
	if len(m.Versions) == 0 {
		return Model{}, r.unknownModel(name)
	}
	return m, nil
}

// Resolve finds the model.json of NAME or NAME@VERSION; without a version, or with @champion, it is that of
// the promoted one.
func (r *Registry) Resolve(ref string) (path string, err error) {
	name, version, given := strings.Cut(ref, "@")
	m, err := r.Get(name)
	if err != nil {
		return "", err
	}
	if !given || version == ChampionRef {
		version = m.Champion
		if version == "" {
			return "", fmt.Errorf("resolving %s: no version of %q is promoted; it has %s: promote one or write %s@%s",
				ref, name, strings.Join(m.Versions, ", "), name, m.Versions[len(m.Versions)-1])
		}
		if !slices.Contains(m.Versions, version) {
			return "", fmt.Errorf("resolving %s: the promoted version %s of %q is not there any more; it has %s", ref, version, name, strings.Join(m.Versions, ", "))
		}
	}
	if err := has(m, version); err != nil {
		return "", fmt.Errorf("resolving %s: %w", ref, err)
	}
	return r.Path(name, version), nil
}

// Path is where the model.json of a version stands, whether it does or not. The name and version are those of a Model.
func (r *Registry) Path(name, version string) string {
	return filepath.Join(r.dir, name, version, artifactFile)
}

func has(m Model, version string) error {
	if !slices.Contains(m.Versions, version) {
		return fmt.Errorf("model %q has no version %q; it has %s", m.Name, version, strings.Join(m.Versions, ", "))
	}
	return nil
}

func (r *Registry) unknownModel(name string) error {
	models, err := r.List()
	if err != nil {
		return err
	}
	names := make([]string, len(models))
	for i := range models {
		names[i] = models[i].Name
	}
	hint := "it is empty"
	if len(names) > 0 {
		hint = "it has " + strings.Join(names, ", ")
	}
	if near := datasets.Nearest(name, names); near != "" {
		hint += fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("no model %q in the registry %s: %s", name, r.dir, hint)
}

func (r *Registry) model(name string) (Model, error) {
	m := Model{Name: name}
	entries, err := os.ReadDir(filepath.Join(r.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		if number(e.Name()) > 0 && isFile(filepath.Join(r.dir, name, e.Name(), artifactFile)) {
			m.Versions = append(m.Versions, e.Name())
		}
	}
	slices.SortFunc(m.Versions, func(a, b string) int { return number(a) - number(b) })
	m.Champion, err = r.champion(name)
	return m, err
}

// Champion returns the promoted version of a model; "" where none is, or the model has no version yet.
func (r *Registry) Champion(name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	version, err := r.champion(name)
	if err != nil {
		return "", fmt.Errorf("reading the registry: %w", err)
	}
	return version, nil
}

// champion reads which version is promoted; "" when none is.
func (r *Registry) champion(name string) (string, error) {
	path := filepath.Join(r.dir, name, championFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxChampion { // a pipe would be waited for, a device never ends
		return "", fmt.Errorf("%s is no file with a version such as v1", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	version := strings.TrimSpace(string(b))
	if number(version) == 0 {
		return "", fmt.Errorf("%s holds %.40q; want a version such as v1", path, version)
	}
	return version, nil
}

// maxChampion is more than the name of a version and blanks take.
const maxChampion = 1 << 10

// number is the number of a version's name, 0 for any other name: v01 and v0 are none.
func number(version string) int {
	digits, ok := strings.CutPrefix(version, "v")
	if !ok || digits == "" || digits[0] == '0' || len(digits) > 9 {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// checkName keeps a name inside the registry's directory and free of @.
func checkName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("%q cannot name a model in a registry; want up to 100 letters, digits, dots, dashes and underscores, a letter or digit first", name)
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
