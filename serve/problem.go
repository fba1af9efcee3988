package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"unicode/utf8"

	"leadscore/serve/api"
)

// maxFieldErrors bounds how many wrong fields one problem lists.
const maxFieldErrors = 20

// fault is an error that belongs to the request, or to the state the server is in; the adapter sends
// it as a problem. Any other error that a handler returns is our bug: a 500 whose text goes to the
// log alone.
type fault struct {
	status     int
	code       string
	field      string
	detail     string
	errors     []api.FieldError
	retryAfter string // seconds, for a 429 or 503
	challenge  string // WWW-Authenticate, for a 401 or 403
	accept     string // Accept-Encoding, for a 415
	hangUp     bool   // the rest of the body must not be waited for
}

func (f *fault) Error() string { return f.code + ": " + f.detail }

func badRequest(code, field, detail string) *fault {
	return &fault{status: http.StatusBadRequest, code: code, field: field, detail: detail}
}

func notReady(detail string) *fault {
	return &fault{status: http.StatusServiceUnavailable, code: api.CodeNotReady, detail: detail, retryAfter: "1"}
}

func conflict(detail string) *fault {
	return &fault{status: http.StatusConflict, code: api.CodeConflict, detail: detail}
}

func tooLarge(what string, limit int64) *fault {
	return &fault{
		status: http.StatusRequestEntityTooLarge, code: api.CodeTooLarge, hangUp: true,
		detail: fmt.Sprintf("the %s is larger than %d bytes", what, limit),
	}
}

func tooManyRows(what string, limit int) *fault {
	return &fault{
		status: http.StatusRequestEntityTooLarge, code: api.CodeTooLarge, hangUp: true,
		detail: fmt.Sprintf("the %s has more than %d rows; send it in parts", what, limit),
	}
}

// ourBug is all that a caller learns of an error that is not the request's.
var ourBug = &fault{
	status: http.StatusInternalServerError, code: api.CodeInternal,
	detail: "the request could not be answered; the log has the reason under the request id",
}

// wrongFields is one fault for all wrong fields of a lead, in the order they stood in it; total may be
// more than errs holds.
func wrongFields(code string, errs []api.FieldError, total int) *fault {
	f := badRequest(code, errs[0].Field, errs[0].Field+": "+errs[0].Detail)
	switch {
	case total == 2:
		f.detail += "; and 1 more field"
	case total > 2:
		f.detail += fmt.Sprintf("; and %d more fields", total-1)
	}
	f.errors = errs
	return f
}

// titles says in general what each code means.
var titles = map[string]string{
	api.CodeInvalidJSON:      "The body is not valid JSON",
	api.CodeInvalidCSV:       "The body is not valid CSV",
	api.CodeInvalidArrow:     "The body is not a valid Arrow stream",
	api.CodeInvalidEncoding:  "The body is not compressed as its head says",
	api.CodeUnknownField:     "The API has no such field",
	api.CodeDuplicateKey:     "A key stands twice",
	api.CodeInvalidValue:     "A field has a value that it cannot have",
	api.CodeUnknownAttribute: "The model was trained without this attribute",
	api.CodeUnknownParameter: "The API has no such query parameter",
	api.CodeUnauthenticated:  "Who asks is not known",
	api.CodeForbidden:        "The caller may not do this",
	api.CodeInvalidHeader:    "A header has a value that it cannot have",
	api.CodeNotFound:         "No such page",
	api.CodeUnknownModel:     "No such model",
	api.CodeMethodNotAllowed: "The page does not answer this method",
	api.CodeTimeout:          "The request did not arrive in time",
	api.CodeTooLarge:         "The request is too large",
	api.CodeMediaType:        "The content type or coding is not supported",
	api.CodeConflict:         "That is at odds with what is served",
	api.CodeUnloadable:       "The version cannot be loaded",
	api.CodeRegistryFailed:   "The registry could not be used",
	api.CodeRateLimited:      "Too many requests",
	api.CodeKeyReused:        "The key was used for another request",
	api.CodeInternal:         "The server failed",
	api.CodeNotReady:         "The server is not ready",
	api.CodeOverloaded:       "The server has more to do than it takes at once",
}

// problem is the wire form of err; anything but a fault is an internal error of which nothing is told.
func problem(err error, requestID string) *api.Problem {
	f := asFault(err)
	if f == nil {
		f = ourBug
	}
	return &api.Problem{
		Type: "urn:leadscore:problem:" + f.code, Title: titles[f.code], Status: f.status,
		Detail: f.detail, Code: f.code, Field: f.field, RequestID: requestID, Errors: f.errors,
	}
}

// asFault returns the fault in err, or nil when err is our own bug. A body that stalls shows
// as a deadline of the connection.
func asFault(err error) *fault {
	var f *fault
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &fault{status: http.StatusRequestTimeout, code: api.CodeTimeout, detail: "the body did not arrive in time", hangUp: true}
	}
	return nil
}

// nameLength is how much of a name or value that came with the request a message repeats.
const nameLength = 80

// clip shortens a text to at most n bytes, so that no message grows with the request.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
