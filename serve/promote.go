package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"leadscore/model/registry"
	"leadscore/serve/api"
)

// maxPromotion is more than the body of a promotion can need.
const maxPromotion = 4 << 10

// promote answers POST /v1/models/{name}/promote: the version is loaded, promoted in the registry and served, in this order, so that
// one that does not load is never a champion, and what is answered is true.
func (s *Server) promote(k *call) (any, error) {
	version, err := s.promotion(k, true)
	if err != nil {
		return nil, err
	}
	c, err := s.changeable(k)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m, err := c.inRegistry(k.name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(m.Versions, version) {
		return nil, &fault{status: http.StatusNotFound, code: api.CodeUnknownModel, field: "version",
			detail: fmt.Sprintf("%s has no version %q in the registry; it has %s", m.Name, clip(version, nameLength), strings.Join(m.Versions, ", "))}
	}
	if err := c.loads(m.Name, version); err != nil {
		return nil, err
	}
	err = c.Registry.PromoteOver(m.Name, version, m.Champion, s.clock())
	return c.afterChange(k, api.Promotion{Name: m.Name, Version: version, Previous: m.Champion}, err)
}

// rollback answers POST /v1/models/{name}/rollback.
func (s *Server) rollback(k *call) (any, error) {
	if _, err := s.promotion(k, false); err != nil {
		return nil, err
	}
	c, err := s.changeable(k)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m, err := c.inRegistry(k.name)
	if err != nil {
		return nil, err
	}
	version, err := c.Registry.Earlier(m.Name)
	if err != nil {
		return nil, registryFailed(err)
	}
	if version == "" {
		return nil, conflict(fmt.Sprintf("no version of %s was promoted before %s, so there is none to go back to", m.Name, m.Champion))
	}
	if err := c.loads(m.Name, version); err != nil {
		return nil, err
	}
	back, err := c.Registry.Rollback(m.Name, s.clock())
	if err == nil && back != version {
		err = registry.ErrChampionChanged // somebody else promoted or went back meanwhile: what is there now is looked at
	}
	return c.afterChange(k, api.Promotion{Name: m.Name, Version: version, Previous: m.Champion}, err)
}

// promotion reads the body of a change: {"version": "v3"}, or nothing where a version is not wanted.
func (s *Server) promotion(k *call, wanted bool) (version string, err error) {
	if k.request.URL.RawQuery != "" {
		name := ""
		for key := range k.request.URL.Query() {
			name = clip(key, nameLength)
		}
		return "", badRequest(api.CodeUnknownParameter, name, "want no query parameters")
	}
	if k.body, err = s.readBody(k, k.body, maxPromotion); err != nil {
		return "", err
	}
	in := scanner{data: k.body}
	if in.space(); !wanted && in.pos == len(k.body) {
		return "", nil
	}
	if media := mediaType(k.request); media != "application/json" && media != "" {
		return "", badMedia(k.request, "application/json")
	}
	want := `an object: {"version": "v3"}`
	if !wanted {
		want = "nothing, or an empty object"
	}
	if err := in.open('{', want); err != nil {
		return "", err
	}
	found := false
	for first := true; ; first = false {
		key, more, err := in.key(first)
		if err != nil {
			return "", err
		}
		if !more {
			break
		}
		switch name := string(key); {
		case name != "version" || !wanted:
			return "", badRequest(api.CodeUnknownField, clip(name, nameLength), "no such key; want "+want)
		case found:
			return "", badRequest(api.CodeDuplicateKey, "version", "stands twice")
		case in.space() != '"':
			return "", badRequest(api.CodeInvalidValue, "version", `has the wrong type; want a text such as "v3"`)
		}
		raw, plain, err := in.text()
		if err != nil {
			return "", err
		}
		version, found = string(unquote(raw, plain)), true
	}
	if err := in.end(); err != nil {
		return "", err
	}
	if wanted && version == "" {
		return "", badRequest(api.CodeInvalidValue, "version", `is missing; want a version of the registry such as "v3"`)
	}
	return version, nil
}

// changeable is the catalog in which the named model's champion can be changed and is served.
func (s *Server) changeable(k *call) (*catalog, error) {
	name, _, versioned := strings.Cut(k.name, "@")
	if versioned {
		return nil, badRequest(api.CodeInvalidValue, "name", fmt.Sprintf("%q names a version; want the name alone", clip(k.name, nameLength)))
	}
	_, missing := k.models.find(name)
	switch {
	case missing != nil && (s.catalog == nil || s.catalog.Registry == nil || len(s.catalog.Wanted) > 0):
		return nil, missing
	case s.catalog == nil || s.catalog.Registry == nil:
		return nil, conflict("this server has no registry, so what it serves is changed by its files alone")
	case len(s.catalog.Wanted) > 0 && !slices.Contains(s.catalog.Wanted, Ref{Name: name}):
		return nil, conflict(fmt.Sprintf("this server serves %s by a file or one version of it, not the registry's champion", name))
	}
	return s.catalog, nil
}

// inRegistry is what the registry has under a name.
func (c *catalog) inRegistry(name string) (registry.Model, error) {
	list, err := c.Registry.List()
	for _, m := range list {
		if m.Name == name {
			return m, nil // what is wrong with others is no matter
		}
	}
	if err != nil {
		return registry.Model{}, registryFailed(err)
	}
	return registry.Model{}, &fault{status: http.StatusNotFound, code: api.CodeUnknownModel, field: "name",
		detail: fmt.Sprintf("there is no model %q in the registry", clip(name, nameLength))}
}

// loads sees that a version can be served.
func (c *catalog) loads(name, version string) error {
	w := &want{ref: Ref{Name: name}, path: c.Registry.Path(name, version), release: version}
	read := map[Ref]*file{} // of its own: what was read before is not trusted
	if _, err := c.open(w, read); err != nil {
		return &fault{status: http.StatusUnprocessableEntity, code: api.CodeUnloadable, field: "version",
			detail: fmt.Sprintf("%s@%s is not promoted: %v", name, version, err)}
	}
	maps.Copy(c.files, read)
	return nil
}

// afterChange serves what the registry has after a change, whether that went well or not.
func (c *catalog) afterChange(k *call, p api.Promotion, err error) (any, error) {
	s := c.server
	if lookErr := c.look(); lookErr != nil {
		err = errors.Join(err, lookErr)
	}
	switch {
	case errors.Is(err, registry.ErrChampionChanged):
		return nil, conflict(fmt.Sprintf("another version of %s was promoted meanwhile; look at GET /v1/models and try again", p.Name))
	case err != nil:
		return nil, registryFailed(err)
	}
	if l := c.slot(Ref{Name: p.Name}); l == nil || l.failed != nil { // it was there a moment ago
		return nil, registryFailed(fmt.Errorf("%s@%s is promoted, and can no longer be loaded; the version before it is served on", p.Name, p.Version))
	}
	s.log.LogAttrs(k.request.Context(), slog.LevelInfo, "promoted", slog.String("request_id", k.requestID),
		slog.String("model", p.Name), slog.String("version", p.Version), slog.String("previous", p.Previous))
	return p, nil
}

// registryFailed tells an administrator what the disk said.
func registryFailed(err error) error {
	return &fault{status: http.StatusInternalServerError, code: api.CodeRegistryFailed, detail: err.Error()}
}
