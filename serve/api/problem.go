package api

import "fmt"

// Problem is an error (RFC 9457), sent as application/problem+json. It is the error type of the Client.
type Problem struct {
	Type      string `json:"type"`   // urn:leadscore:problem:CODE
	Title     string `json:"title"`  // the same for every problem of this code
	Status    int    `json:"status"` // HTTP status; inside a batch, the status that the row alone would get
	Detail    string `json:"detail"` // what was wrong with this request, and what would be accepted
	Code      string `json:"code"`   // one of the codes below
	Field     string `json:"field,omitempty"`
	RequestID string `json:"request_id"`
	// Errors lists every field that was wrong (at most 20), the first of them Field; empty when the
	// request could not be read as far as its fields.
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError is one field that was wrong.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// The codes of a Problem.
const (
	CodeInvalidJSON      = "invalid_json"           // 400: not JSON, or bytes after it
	CodeInvalidCSV       = "invalid_csv"            // 400: not CSV, or a row of it that is none
	CodeInvalidArrow     = "invalid_arrow"          // 400: not an Arrow stream
	CodeInvalidEncoding  = "invalid_encoding"       // 400: the compressed body is damaged
	CodeUnknownField     = "unknown_field"          // 400: a key that the API does not know
	CodeDuplicateKey     = "duplicate_key"          // 400
	CodeInvalidValue     = "invalid_value"          // 400: a known field with a value it cannot have
	CodeUnknownAttribute = "unknown_attribute"      // 400: a lead attribute that training did not have
	CodeUnknownParameter = "unknown_parameter"      // 400: in the query
	CodeUnauthenticated  = "unauthenticated"        // 401: no credentials, or none that are valid
	CodeForbidden        = "forbidden"              // 403: the credentials lack a scope, or a web page of another origin asks
	CodeInvalidHeader    = "invalid_header"         // 400: Idempotency-Key
	CodeNotFound         = "not_found"              // 404
	CodeUnknownModel     = "unknown_model"          // 404
	CodeMethodNotAllowed = "method_not_allowed"     // 405
	CodeTimeout          = "timeout"                // 408: the request did not arrive in time
	CodeTooLarge         = "too_large"              // 413: body or batch row beyond the limit
	CodeMediaType        = "unsupported_media_type" // 415: of the type or of the compression; Accept-Encoding says which is read
	CodeConflict         = "conflict"               // 409: what is served cannot be changed so, or a table not be shared out; the detail says why
	CodeUnloadable       = "unloadable_model"       // 422: the version cannot be loaded, so it was not promoted
	CodeRegistryFailed   = "registry_failed"        // 500: the registry could not be read or written to: full, read-only, gone
	CodeRateLimited      = "rate_limited"           // 429: Retry-After says when to try again
	CodeKeyReused        = "idempotency_key_reused" // 422: the key came with another request before
	CodeInternal         = "internal"               // 500: our bug; the request id finds it in the log
	CodeNotReady         = "not_ready"              // 503: no model yet, or stopping
	CodeOverloaded       = "overloaded"             // 503: more is under way than the server takes at once
)

// Error gives the detail with the status and code before it.
func (p *Problem) Error() string {
	s := fmt.Sprintf("leadscore answered %d %s: %s", p.Status, p.Code, p.Detail)
	if p.RequestID != "" {
		s += " (request " + p.RequestID + ")"
	}
	return s
}
