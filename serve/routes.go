package serve

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	_ "embed"

	"leadscore/serve/access"
	"leadscore/serve/api"
)

// openAPI is the description of all of this, written by hand.
//
//go:embed openapi.json
var openAPI []byte

// description is what GET /openapi.json answers.
var description = newStill(openAPI)

// scope is what a caller must be allowed to do.
type scope = access.Scopes

const (
	open  scope = 0            // anybody: liveness, readiness, the description of the API
	read        = access.Read  // look at models and metrics
	score       = access.Score // send leads
	admin       = access.Admin // change what is served
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
		{post, "/v1/models/:name/promote", admin, s.adapt(s.promote)},
		{post, "/v1/models/:name/rollback", admin, s.adapt(s.rollback)},

		{get, "/v2", read, s.adapt(s.inferServer)},
		{get, "/v2/", read, s.adapt(s.inferServer)},
		{get, "/v2/health/live", open, s.adapt(s.inferLive)},
		{get, "/v2/health/ready", open, s.adapt(s.inferReady)},
		{get, "/v2/models/:name", read, s.adapt(s.inferModelMetadata)},
		{get, "/v2/models/:name/ready", open, s.adapt(s.inferModelReady)},
		{post, "/v2/models/:name/infer", score, s.adapt(s.infer)},
		{get, "/v2/models/:name/versions/:version", read, s.adapt(s.inferModelMetadata)},
		{get, "/v2/models/:name/versions/:version/ready", open, s.adapt(s.inferModelReady)},
		{post, "/v2/models/:name/versions/:version/infer", score, s.adapt(s.infer)},

		{get, "/ping", open, s.adapt(s.readiness)},
		{get, "/health", open, s.adapt(s.readiness)},
		{get, "/version", read, s.adapt(s.mlflowVersion)},
		{post, "/invocations", score, s.adapt(s.invocations)},

		{get, "/healthz", open, s.adapt(s.health)},
		{get, "/readyz", open, s.adapt(s.readiness)},
		{get, "/metrics", read, gin.WrapH(s.metrics.handler())},
		{get, "/openapi.json", open, s.adapt(func(*call) (any, error) { return description, nil })},
		{get, "/docs", open, s.docs},
		{get, "/", open, s.root},
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
	for _, r := range s.routes() {
		handlers := []gin.HandlerFunc{s.observe(r.path, r.method), s.origin}
		if guard := s.guard(r.scope); guard != nil {
			handlers = append(handlers, guard)
		}
		e.Handle(r.method, r.path, append(handlers, r.handle)...)
	}
	none := s.observe(noRouteName, "")
	e.NoRoute(none, s.origin, s.adapt(noRoute))
	e.NoMethod(none, s.origin, s.adapt(noMethod))
	return e, nil
}

// newProbes answers the probes of the admin address, under whatever name that is reached.
func (s *Server) newProbes() http.Handler {
	e := gin.New()
	e.GET("/healthz", s.observe("/healthz", http.MethodGet), s.adapt(s.health))
	e.GET("/readyz", s.observe("/readyz", http.MethodGet), s.adapt(s.readiness))
	return e
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
	return api.Ready{Status: "ready", Warnings: s.stale(k.models)}, nil
}
