// Package serve answers HTTP requests for conversion probabilities and MQL/SQL recommendations
// from loaded models. Every probability comes from model.Scorer, the code that scored the
// hold-out in training.
//
// The way of a request: server.go owns the http.Server with its time limits and stops it without
// losing an answer; routes.go lists the routes; middleware.go gives each request its id, its line in
// the log and its metrics, and turns a panic into a problem; adapter.go is the one place where what
// a handler returns becomes an answer, and an error becomes problem+json (problem.go). A handler
// reads the body within its limit (body.go), decodes it strictly in one pass (scan.go, decode.go,
// decode_events.go), asks the Scorer (score.go), and appends the answer to a pooled buffer (answer.go,
// encode.go). Batches are the same, row by row (batch.go), over rows cut from the stream (rows.go) and answered as it
// goes (stream.go), in memory that does not grow with them.
//
// The texts of an answer are in the language that the request names ("lang"); one that it does not know is a 400. A header
// (Accept-Language) was rejected: in a batch each lead may have its own, and what a browser prefers is not what a CRM shows. A
// loaded model has a scorer for each language, made once.
//
// What is loaded is one immutable set behind an atomic pointer (models.go): a request takes it once and
// sees no other, whatever SetModels does meanwhile.
//
// openapi.json is written by hand and served as it stands; the tests hold each route and each answer
// against it.
//
// Answers go, when asked for, to a log of predictions (predicted.go, package predictions), which never holds a request up; and an answer
// may be kept for a caller who sends the same request again under the same Idempotency-Key (idempotency.go, package replays).
//
// Nothing of a lead reaches the log of requests or a metric: lines hold method, route, status, time and request id, labels the
// names of columns.
//
// Dependencies: gin-gonic/gin (router, asked for by the owner), prometheus/client_golang (metrics).
package serve
