package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"leadscore/model"
	"leadscore/model/registry"
	"leadscore/serve/api"
)

// Registry is what a server needs of a registry of models; *registry.Registry is one.
type Registry interface {
	List() ([]registry.Model, error)
	// Get returns what stands under a name.
	Get(name string) (registry.Model, error)
	// Path is where the model.json of a version stands, whether it does or not.
	Path(name, version string) string
	// Earlier is the version that Rollback would promote; "": none.
	Earlier(name string) (string, error)
	// PromoteOver promotes a version while the champion is still the one given; else it is registry.ErrChampionChanged.
	PromoteOver(name, version, champion string, now time.Time) error
	// Rollback promotes the champion before the present one and returns it.
	Rollback(name string, now time.Time) (string, error)
}

var _ Registry = (*registry.Registry)(nil)

// Catalog says what is served from files. What is on disk is looked at when a Server is made, at each tick, and when it is
// told to; whatever cannot be loaded then, the version that was loaded before goes on being served.
type Catalog struct {
	Registry Registry // nil: none
	// Wanted are the models to serve, the default first; none: the champion of each model in the registry.
	Wanted []Ref
	// Default is the name that answers when a request names no model; "": the first.
	Default string
	// Keep is how many of the newest versions of each champion's model are loaded beside it, for requests that name them.
	Keep int
	// Tick and Reload make the server look at the disk again; nil: never.
	Tick   <-chan time.Time
	Reload <-chan os.Signal
}

// Ref names a model: by its file, or in the registry.
type Ref struct {
	Path    string // of a model.json; "": in the registry
	Name    string
	Version string // "": the champion, whichever it is
}

// String is the reference as people write it.
func (r Ref) String() string {
	switch {
	case r.Path != "":
		return r.Path
	case r.Version != "":
		return r.Name + "@" + r.Version
	}
	return r.Name
}

func (c *Catalog) empty() bool { return c.Registry == nil && len(c.Wanted) == 0 }

// catalog is a Catalog at work.
type catalog struct {
	Catalog
	server *Server

	mu    sync.Mutex // one look or promotion at a time
	slots []*slot
	files map[Ref]*file // what has been read, by what it is served as and where it stood

	listing string // why the registry could not be listed whole; "": it could
}

// slot is one model that is wanted, with the last good version of it.
type slot struct {
	ref    Ref
	other  bool // a version beside its champion
	kept   bool // and only because it is one of the newest
	good   *loaded
	failed *api.ReloadError // nil: good is what is on disk
	latest string           // version in the registry that is wanted now
}

// file is a model.json that was read.
type file struct {
	stamp fileStamp // the zero one: what is there now could not be read
	read  *loaded   // the last good content; nil: there was none
	err   error     // why what is there now could not be read
}

// want is a slot as a look at the disk finds it.
type want struct {
	ref         Ref
	path        string
	release     string // version in the registry
	other, kept bool
	err         error // why there is no path
}

// openCatalog loads what is served at first. What was asked for by name must be there; of a whole registry one model must.
func (s *Server) openCatalog(c Config) error {
	s.catalog = &catalog{Catalog: c.Catalog, server: s, files: map[Ref]*file{}}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	var problems []error
	s.catalog.read()
	good := 0
	for _, slot := range s.catalog.slots {
		switch {
		case slot.good != nil:
			good++
		case !slot.kept && (len(c.Catalog.Wanted) > 0 || slot.other):
			problems = append(problems, fmt.Errorf("loading %s: %s", slot.ref, slot.failed.Error))
		}
	}
	if good == 0 && len(problems) == 0 {
		for _, slot := range s.catalog.slots {
			problems = append(problems, fmt.Errorf("loading %s: %s", slot.ref, slot.failed.Error))
		}
		switch {
		case s.catalog.listing != "":
			problems = append(problems, fmt.Errorf("loading models: %s", s.catalog.listing))
		case len(problems) == 0:
			problems = append(problems, errors.New("loading models: nothing in the registry is promoted"))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if c.Catalog.Default == "" { // and stays it, whatever is promoted later
		first := slices.IndexFunc(s.catalog.slots, func(l *slot) bool { return l.good != nil })
		s.catalog.Default = s.catalog.slots[first].good.info.Name
	}
	if d := s.catalog.Default; !slices.ContainsFunc(s.catalog.slots, func(l *slot) bool { return l.good != nil && l.good.info.Name == d }) {
		return fmt.Errorf("loading models: the default is to be %q, which is not served", d)
	}
	return s.catalog.install()
}

// look reads what has changed on disk and serves it. The caller holds the lock.
func (c *catalog) look() error {
	if !c.read() {
		return nil
	}
	return c.install()
}

// read brings the slots up to date and reports whether anything is other than it was.
func (c *catalog) read() (changed bool) {
	wants := c.wants()
	slots := make([]*slot, 0, len(wants))
	files := map[Ref]*file{}
	for i := range wants {
		w := &wants[i]
		next := &slot{ref: w.ref, other: w.other, kept: w.kept, latest: w.release}
		prior := c.slot(w.ref)
		if prior != nil {
			next.good = prior.good
			if w.err != nil && next.latest == "" {
				next.latest = prior.latest
			}
		}
		err := w.err
		if err == nil {
			var read *loaded
			if read, err = c.open(w, files); err == nil {
				next.good = read
			}
		}
		c.tell(next, prior, err)
		changed = changed || prior == nil || prior.good != next.good || prior.other != next.other || (prior.failed == nil) != (next.failed == nil) ||
			next.failed != nil && *next.failed != *prior.failed
		slots = append(slots, next)
	}
	changed = changed || len(slots) != len(c.slots)
	c.slots, c.files = slots, files
	return changed
}

// tell notes how loading went, in the log once for each error that is another than the last.
func (c *catalog) tell(next, prior *slot, err error) {
	s, ctx := c.server, context.Background()
	if err != nil {
		s.metrics.reloadErrors.WithLabelValues(next.name()).Inc()
		next.failed = &api.ReloadError{Error: err.Error(), Since: stamp(s.clock())}
		if prior != nil && prior.failed != nil {
			next.failed.Since = prior.failed.Since
			if prior.failed.Error == next.failed.Error {
				return
			}
		}
		served := "nothing"
		if next.good != nil {
			served = next.good.label()
		}
		s.log.LogAttrs(ctx, slog.LevelError, "a model could not be loaded",
			slog.String("model", next.ref.String()), slog.String("served", served), slog.String("error", err.Error()))
		return
	}
	if prior == nil || prior.good != next.good || prior.failed != nil {
		s.log.LogAttrs(ctx, slog.LevelInfo, "model loaded", slog.String("model", next.good.info.Name), slog.String("version", next.good.info.Version),
			slog.String("registry_version", next.good.ref.RegistryVersion), slog.Bool("champion", !next.other))
	}
}

// name is what a slot's model is called, or its file while that is not known.
func (l *slot) name() string {
	if l.good != nil {
		return l.good.info.Name
	}
	if l.ref.Path != "" {
		return filepath.Base(l.ref.Path)
	}
	return l.ref.Name
}

func (c *catalog) slot(ref Ref) *slot {
	for _, l := range c.slots {
		if l.ref == ref {
			return l
		}
	}
	return nil
}

// open returns what stands in a file, from memory where the file has not changed, and notes it in files.
func (c *catalog) open(w *want, files map[Ref]*file) (*loaded, error) {
	key := Ref{Path: w.path, Name: w.ref.Name, Version: w.release}
	if f := files[key]; f != nil {
		return f.read, f.err // two slots want it
	}
	known := c.files[key]
	if known == nil {
		known = new(file)
	}
	mark, err := stampOf(w.path, c.server.clock())
	if err != nil {
		err = fmt.Errorf("reading the model: %w", err)
		files[key] = &file{read: known.read, err: err} // read again when it is back
		return nil, err
	}
	if known.stamp.same(mark) {
		files[key] = &file{stamp: mark, read: known.read}
		return known.read, nil
	}
	read, err := c.server.readModel(w.path, w.ref.Name, w.release)
	if err != nil {
		files[key] = &file{read: known.read, err: err}
		return nil, err
	}
	if known.read != nil && known.read.info.Digest == read.info.Digest {
		read = known.read // the same content: nothing to swap
	}
	files[key] = &file{stamp: mark, read: read}
	return read, nil
}

// readModel loads a file whole and checks it, before anybody sees it.
func (s *Server) readModel(path, name, release string) (*loaded, error) {
	from, err := model.LoadScorer(path)
	if err != nil {
		return nil, err
	}
	l, err := s.load(from, name, release)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	l.age = newAge(from.Artifact(), printable(l.info.Name+" "+l.label()), madeOf(path))
	return l, nil
}

// install serves what the slots have.
func (c *catalog) install() error {
	var members []member
	var failed []api.FailedModel
	for _, l := range c.slots {
		if l.good != nil {
			members = append(members, member{loaded: l.good, other: l.other, failed: l.failed})
		} else if l.failed != nil {
			failed = append(failed, api.FailedModel{Name: l.name(), RegistryVersion: l.latest, ReloadError: *l.failed})
		}
	}
	first := func(m member) int {
		if m.info.Name == c.Default {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(members, func(a, b member) int { return cmp.Compare(first(a), first(b)) })
	return c.server.install(members, failed)
}

// wants says what is to be served as the disk is now: what was asked for, or the champion of each model; the newest versions of
// these models; and the challengers.
func (c *catalog) wants() []want {
	var wants []want
	add := func(w want) {
		if !slices.ContainsFunc(wants, func(o want) bool { return o.ref == w.ref }) {
			wants = append(wants, w)
		}
	}
	asked := c.Wanted
	if len(asked) == 0 {
		asked = c.everything()
	}
	for _, ref := range asked {
		if ref.Path != "" {
			add(want{ref: ref, path: ref.Path})
			continue
		}
		add(c.promoted(ref))
	}
	for _, ref := range asked {
		if ref.Path != "" || ref.Version != "" || c.Keep < 1 {
			continue
		}
		m, err := c.Registry.Get(ref.Name)
		if err != nil {
			for _, l := range c.slots { // they stay as they are; what is wrong is told of the champion
				if l.kept && l.ref.Name == ref.Name {
					add(want{ref: l.ref, path: c.Registry.Path(l.ref.Name, l.ref.Version), release: l.ref.Version, other: true, kept: true})
				}
			}
			continue
		}
		newest := slices.DeleteFunc(slices.Clone(m.Versions), func(v string) bool { return v == m.Champion })
		for _, v := range newest[max(0, len(newest)-c.Keep):] {
			add(want{ref: Ref{Name: ref.Name, Version: v}, path: c.Registry.Path(ref.Name, v), release: v, other: true, kept: true})
		}
	}
	for _, t := range c.server.challengers {
		ref := Ref{Name: t.Name, Version: t.Version}
		if i := slices.IndexFunc(wants, func(o want) bool { return o.ref == ref }); i >= 0 {
			wants[i].kept = false // it is needed
			continue
		}
		if c.Registry == nil {
			continue
		}
		if strings.HasPrefix(t.Version, "v") { // else it is the digest of something that is loaded anyway
			w := c.promoted(ref)
			w.other = true
			add(w)
		}
	}
	return wants
}

// everything is each model of the registry with a champion, and each that was served before: one that vanishes is told of, and
// served on.
func (c *catalog) everything() []Ref {
	var refs []Ref
	list, err := c.Registry.List()
	c.told(err)
	for _, m := range list {
		if m.Champion != "" {
			refs = append(refs, Ref{Name: m.Name})
		}
	}
	for _, l := range c.slots {
		if !l.other && !slices.Contains(refs, l.ref) {
			refs = append(refs, l.ref)
		}
	}
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return refs
}

// told notes that the registry cannot be listed whole, in the log once for each error that is another than the last.
func (c *catalog) told(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != c.listing {
		c.server.log.LogAttrs(context.Background(), slog.LevelError, "the registry could not be read whole", slog.String("error", text))
	}
	c.listing = text
}

// promoted finds where a version of the registry, or its champion, stands.
func (c *catalog) promoted(ref Ref) want {
	w := want{ref: ref, release: ref.Version}
	if c.Registry == nil {
		w.err = errors.New("there is no registry")
		return w
	}
	m, err := c.Registry.Get(ref.Name)
	if err != nil {
		w.err = err
		return w
	}
	has, which := strings.Join(m.Versions, ", "), "version"
	if ref.Version == "" {
		w.release, which = m.Champion, "the promoted version"
	}
	switch {
	case w.release == "":
		w.err = fmt.Errorf("no version of %q is promoted; it has %s", ref.Name, has)
	case !slices.Contains(m.Versions, w.release):
		w.err = fmt.Errorf("%s %q of %s is not there; it has %s", which, w.release, ref.Name, has)
	default:
		w.path = c.Registry.Path(ref.Name, w.release)
	}
	return w
}
