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

// routes lists what the server answers. A test holds it against openapi.json.
func (s *Server) routes(e *gin.Engine) {
	e.POST("/v1/score", s.adapt(s.score))
	e.POST("/v1/score/batch", s.adapt(s.batch))
	e.POST("/v1/explain", s.adapt(s.explain))
	e.GET("/v1/models", s.adapt(s.listModels))
	e.GET("/v1/models/:name", s.adapt(s.showModel))
	e.GET("/healthz", s.adapt(s.health))
	e.GET("/readyz", s.adapt(s.readiness))
	e.GET("/metrics", gin.WrapH(s.metrics.handler()))
	e.GET("/openapi.json", s.adapt(func(*call) (any, error) { return encoded(openAPI), nil }))
	e.NoRoute(s.adapt(func(*call) (any, error) {
		return nil, &fault{status: http.StatusNotFound, code: api.CodeNotFound, detail: "there is nothing at this path; GET /openapi.json lists what there is"}
	}))
	e.NoMethod(s.adapt(func(k *call) (any, error) {
		return nil, &fault{status: http.StatusMethodNotAllowed, code: api.CodeMethodNotAllowed,
			detail: fmt.Sprintf("this path does not answer %s; the Allow header says what it answers", method(k.request))}
	}))
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
	s.routes(e)
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
