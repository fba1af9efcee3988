package serve

import (
	"net/http"
	"strings"

	"leadscore/serve/api"
)

// inferError is the form in which the Open Inference Protocol tells what is wrong.
type inferError struct {
	Error string `json:"error"`
}

// mlflowError is MLflow's form.
type mlflowError struct {
	Code    string `json:"error_code"`
	Message string `json:"message"`
}

// mlflowPaths are those of MLflow's scoring server.
var mlflowPaths = []string{"/invocations", "/ping", "/health", "/version"}

// foreign is a problem in the form of the protocol that a path belongs to, whatever has refused the request there; nil where the path is
// our own, whose form is application/problem+json.
func foreign(path string, p *api.Problem) any {
	text := p.Detail
	if p.Field != "" && !strings.HasPrefix(text, p.Field) {
		text = p.Field + ": " + text
	}
	switch {
	case path == "/v2" || strings.HasPrefix(path, "/v2/"):
		return inferError{text}
	case position(mlflowPaths, []byte(path)) >= 0:
		return mlflowError{mlflowCode(p), text}
	}
	return nil
}

// mlflowCode is the nearest of MLflow's error codes.
func mlflowCode(p *api.Problem) string {
	switch p.Status {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "RESOURCE_DOES_NOT_EXIST"
	case http.StatusTooManyRequests:
		return "REQUEST_LIMIT_EXCEEDED"
	case http.StatusServiceUnavailable:
		return "TEMPORARILY_UNAVAILABLE"
	}
	if p.Status >= 500 {
		return "INTERNAL_ERROR"
	}
	return "BAD_REQUEST"
}
