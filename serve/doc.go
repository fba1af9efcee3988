// Package serve answers HTTP requests for conversion probabilities and MQL/SQL recommendations
// from loaded models. Every probability comes from model.Scorer, the code that scored the
// hold-out in training.
//
// The way of a request: server.go owns the http.Server with its time limits and stops it without
// losing an answer; routes.go lists the routes; middleware.go gives each request its id, its place in a trace (exchange.go, and
// the package telemetry), its line in the log and its metrics (access_log.go), and turns a panic into a problem (panic.go; in a batch it is one row's); adapter.go is the one place where what
// a handler returns becomes an answer, and an error becomes problem+json (problem.go). A handler
// reads the body within its limit (body.go), unpacked where it is compressed (unpack.go), decodes it strictly in one pass (scan.go, scan_keys.go, decode.go,
// decode_events.go), asks the Scorer (score.go), and appends the answer to a pooled buffer (answer.go,
// encode.go). Batches are the same, row by row (batch.go), over rows cut from the stream (rows.go) and answered as it
// goes (stream.go), in memory that does not grow with them; pieces of a long one are scored on several goroutines and answered in
// their order (pipeline.go). A batch of CSV or Arrow (columnar.go) goes block by block through Scorer.ScoreBatch and comes back as the columns of
// `leadscore score` (columnar_answer.go), with the same bits that its leads get alone.
//
// Answers that may be large go out compressed to those who accept it (pack.go); the hot path neither asks nor pays for that.
//
// What the query says (query.go) holds for the rows that do not say it themselves.
//
// Two facades answer clients of other protocols from the same scorers: the Open Inference Protocol v2 with its binary
// extension (infer.go, infer_request.go, infer_tensor.go, infer_answer.go) and MLflow's scoring server (mlflow.go, mlflow_tables.go). Both read a
// table into one sheet (facade_sheet.go), whose cells and leads go the way of POST /v1/score to the same bits, and answer with
// the same columns (facade_output.go). A body is held in memory, within limits of bytes and rows of its own; no cell of it is held twice, since each column has a
// cursor. Errors have the protocol's form wherever on its paths they come from (facade_errors.go). NaN, which is not JSON, is read as null there, and only
// there: the protocols' own Python clients write it for what pandas has no value for.
//
// The texts of an answer are in the language that the request names ("lang"); one that it does not know is a 400. A header
// (Accept-Language) was rejected: in a batch each lead may have its own, and what a browser prefers is not what a CRM shows. A
// loaded model has a scorer for each language, made once.
//
// What is loaded is one immutable set behind an atomic pointer (models.go): a request takes it once and
// sees no other, whatever is swapped meanwhile. A set comes from SetModels or from a catalog of files and registry names (catalog.go),
// which looks at the disk when it is told to (watch.go) and serves on what it served before where something does not load. promote.go
// changes the champion: load, promote, serve, in this order.
//
// A challenger is a version beside its champion. split.go gives it a share of the leads by a stable hash of their ids; shadow.go
// has it score the champion's leads behind the answers, to be compared. Both hang on the entry of a set that the name alone leads to, so
// that a request which names a version meets neither, and a server without challengers pays one nil check. A batch is of the set
// that it began with. Rows of tables and facades are shared out as their leads alone are (columnar_shares.go, facade_sheet.go). A challenger that reads
// other columns than its champion reads such a table for itself (columnar_readings.go, facade_readers.go), and so does one in the shadow, whose rows wait in a
// bounded queue (shadow_rows.go); where both read alike, cells are read once and handed over. What cannot be answered in one form is refused: another first
// target, and an output of a facade that the challenger lacks.
//
// Metadata has entity tags (etag.go); a model that is too old says so in a header, a gauge and /readyz (age.go).
//
// What scores is let in by a bounded queue (queue.go) when its body has been read; more than fits is refused with a 503 that says when to
// come again. Single requests and batches have bounds of their own, and nothing else ever waits. Memory of large bodies and answers, which are read
// before and sent behind the queue, is bounded by itself (held.go). The queue bounds what is inside: on a machine
// whose processors are all busy requests also wait in the kernel and in Go's scheduler, where nobody counts them.
//
// What is scored is counted by the bins of training (drift.go), and the live PSI is computed when the metrics are read. Profiles have an
// address of their own (admin.go). deploy/alerts.yml are alerts on these metrics.
//
// openapi.json is written by hand and served as it stands; the tests hold each route and each answer
// against it, and its examples against its schemas. The package docs makes the page /docs of it (docs.go).
//
// Answers go, when asked for, to a log of predictions (predicted.go, package predictions), which never holds a request up; and an answer
// may be kept for a caller who sends the same request again under the same Idempotency-Key (idempotency.go, package replays).
//
// Nothing of a lead reaches the log of requests, a metric or a span: lines hold method, route, status, time, sizes, request id, the ids of the
// trace, the model and the name of the caller's key; labels hold the names of models and columns.
//
// Dependencies: gin-gonic/gin (router, asked for by the owner), prometheus/client_golang (metrics), cespare/xxhash (the hash of a
// split: a published function, so that others can tell which leads it takes), klauspost/compress (gzip and zstd of bodies and answers).
package serve
