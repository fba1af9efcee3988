package serve

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	_ "embed"

	"leadscore/serve/api"
)

// openAPI is the description of all of this, written by hand.
//
//go:embed openapi.json
var openAPI []byte

// scope is what a caller must be allowed to do.
type scope int

const (
	open  scope = iota // anybody: liveness, readiness, the description of the API
	read               // look at models and metrics
	score              // send leads
	admin              // change what is served
)

// route is one line of what the server answers.
type route struct {
	method, path string
	scope        scope
	handle       gin.HandlerFunc
}

// routes lists what the server answers. A test holds it against openapi.json.
func (s *Server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{post, "/v1/score", score, s.adapt(s.once(s.score))},
		{post, "/v1/score/batch", score, s.adapt(s.batch)},
		{post, "/v1/explain", score, s.adapt(s.once(s.explain))},

		{get, "/v1/models", read, s.adapt(s.listModels)},
		{get, "/v1/models/:name", read, s.adapt(s.showModel)},

		{get, "/healthz", open, s.adapt(s.health)},
		{get, "/readyz", open, s.adapt(s.readiness)},
		{get, "/metrics", read, gin.WrapH(s.metrics.handler())},
		{get, "/openapi.json", open, s.adapt(func(*call) (any, error) { return encoded(openAPI), nil })},
	}
}

func noRoute(*call) (any, error) {
	return nil, &fault{status: http.StatusNotFound, code: api.CodeNotFound, detail: "there is nothing at this path; GET /openapi.json lists what there is"}
}

func noMethod(k *call) (any, error) {
	return nil, &fault{status: http.StatusMethodNotAllowed, code: api.CodeMethodNotAllowed,
		detail: fmt.Sprintf("this path does not answer %s; the Allow header says what it answers", method(k.request))}
}

// newEngine is a Gin engine that takes nothing for granted: no proxy is trusted, no path is mended,
// no debug text is printed.
func (s *Server) newEngine() (*gin.Engine, error) {
	if gin.Mode() == gin.DebugMode {
		// Process-wide, as all of Gin's switches are: in debug mode it prints its routes to stdout, where the
		// result of a command belongs.
		gin.SetMode(gin.ReleaseMode)
	}
	e := gin.New()
	if err := e.SetTrustedProxies(nil); err != nil {
		return nil, fmt.Errorf("making the router: %w", err)
	}
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.Use(s.observe)
	for _, r := range s.routes() {
		e.Handle(r.method, r.path, r.handle)
	}
	e.NoRoute(s.adapt(noRoute))
	e.NoMethod(s.adapt(noMethod))
	return e, nil
}

// health answers as long as the process does.
func (s *Server) health(*call) (any, error) { return encoded(`{"status":"ok"}` + "\n"), nil }

// readiness answers 200 while leads are scored and no stop is under way.
func (s *Server) readiness(k *call) (any, error) {
	if s.draining.Load() {
		return nil, notReady("the server is stopping")
	}
	if _, err := k.models.find(""); err != nil {
		return nil, err
	}
	return encoded(`{"status":"ready"}` + "\n"), nil
}

func (s *Server) listModels(k *call) (any, error) {
	return k.models.list, nil
}

func (s *Server) showModel(k *call) (any, error) {
	m, err := k.models.find(k.name)
	if err != nil {
		return nil, err
	}
	return m.page, nil
}
