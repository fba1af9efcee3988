package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// handler answers one request: data becomes a 200 as JSON, an error a problem. It writes nothing
// itself. Data that is already JSON is an encoded, or a tagged; a batch is a stream.
type handler func(*call) (data any, err error)

// encoded is an answer that is already JSON.
type encoded []byte

// stream writes its answer as it goes. An error before the first byte has gone out becomes a
// problem as ever; later it can only end the connection, so a stream puts its errors in its rows.
type stream struct {
	contentType string
	coding      coding // of the request's body
	interactive bool   // the client may wait for answers before it sends more
	run         func(w *streamWriter, body io.Reader) error
}

// payload is an answer that is not JSON, or not JSON alone, with one header of its own where header is not empty.
type payload struct {
	contentType   []string
	body          []byte
	header, value string
	large         bool // compressed for those who read it
}

// call is what a handler sees of one request. It is reused; a handler keeps nothing of it.
type call struct {
	request   *http.Request
	requestID string
	route     string // as the routes are written
	row       int    // of a batch, from 1; 0: a single lead
	name      string // path parameter {name}
	version   string // and {version}
	models    *modelSet
	aged      []string          // header of an answer by a model that is too old; nil: it is not
	exchange  *exchange         // what the log tells of the request
	place     *gate             // where it holds a place; nil: it holds none
	held      int64             // bytes of Server.held that it has taken for its body
	body      []byte            // memory of the request's body
	out       []byte            // memory of the answer
	asked     asked             // what the query says
	answering *loaded           // the model that answers the last lead
	decoded   request           // memory of the decoded request
	advice    model.Explanation // memory of what the model says
	answer    api.Answer        // and of its wire form
	chances   []chance          // likewise
	record    predictions.Record
	replayed  bool // the answer is one that was given before
}

// maxKept is the largest buffer that is kept from one request to the next.
const maxKept = 256 << 10

var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
)

// adapt is the one way from handlers to HTTP.
func (s *Server) adapt(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		k := s.calls.Get().(*call)
		k.request, k.requestID, k.name, k.models, k.exchange = c.Request, requestID(c), c.Param("name"), s.models.Load(), exchangeOf(c)
		k.version, k.aged, k.answering = c.Param("version"), nil, nil
		k.route, k.row, k.replayed = c.FullPath(), 0, false
		data, err := s.handle(h, k)
		if k.aged != nil && err == nil {
			c.Writer.Header()[ageHeader] = k.aged
		}
		if k.replayed {
			c.Writer.Header()[replayedHeader] = replayedValue
		}
		if st, ok := data.(stream); ok && err == nil {
			data, err = nil, s.stream(c, k, st)
		}
		s.send(c, data, err)
		// Not deferred: after a panic the call's memory is in an unknown state and is not used again.
		s.release(k)
	}
}

// send answers with what a handler returned and is not a stream.
func (s *Server) send(c *gin.Context, data any, err error) {
	if err != nil {
		s.refuse(c, err)
		return
	}
	switch body := data.(type) {
	case nil:
	case encoded:
		s.answer(c, http.StatusOK, jsonType, body)
	case tagged:
		s.answerTagged(c, body, func(by coding) []byte { return packWhole(by, body) })
	case *still:
		s.answerTagged(c, body.body, body.in)
	case payload:
		if body.header != "" {
			c.Writer.Header().Set(body.header, body.value)
		}
		by := coding("")
		if body.large {
			by = packing(c, len(body.body))
		}
		if by != "" {
			body.body = packWhole(by, body.body)
		}
		s.answerPacked(c, body.contentType, by, body.body)
	default:
		s.marshal(c, data)
	}
}

// handle runs the handler and gives the request's place back, after a panic too, before the answer is written: a client
// that takes it slowly holds no place.
func (s *Server) handle(h handler, k *call) (any, error) {
	defer s.dismiss(k)
	return h(k)
}

// stream lets a batch in and writes its answer. An error is from before the first byte.
func (s *Server) stream(c *gin.Context, k *call, st stream) error {
	if err := s.admitBatch(k); err != nil {
		return err
	}
	defer s.batches.leave()
	began := s.clock()
	span := s.telemetry.Child(c.Request.Context(), "score batch", began)
	defer func() {
		span.Count("leadscore.rows", k.exchange.rows)
		span.End(began.Add(s.since(began)))
	}()
	w := newStreamWriter(c, st.contentType, s.limits, s.clock)
	body := s.openBatch(k, w, &st)
	err := st.run(w, body)
	body.release()
	if err == nil {
		err = w.finish()
	}
	if w.begun && err != nil {
		span.Fail("broke off")
		s.log.LogAttrs(c.Request.Context(), slog.LevelWarn, "a batch broke off",
			k.exchange.traced([]slog.Attr{slog.String("request_id", k.requestID), slog.String("error", err.Error())})...)
		panic(http.ErrAbortHandler) // the only way to say that the answer is not whole
	}
	w.release()
	return err
}

// marshal answers with encoding/json, for routes that are not hot.
func (s *Server) marshal(c *gin.Context, data any) {
	body, err := toJSON(data)
	if err != nil {
		s.refuse(c, err)
		return
	}
	s.answer(c, http.StatusOK, jsonType, body)
}

// toJSON is one line of JSON. "<" stays what it is: nothing here is read as HTML, and texts such as
// "score 12 < 45" are for people.
func toJSON(data any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(data)
	return b.Bytes(), err
}

// refuse answers with the problem that err is, in the form of the protocol that the path belongs to. The text of our own bugs goes to the log alone.
func (s *Server) refuse(c *gin.Context, err error) {
	p := problem(err, requestID(c))
	f := asFault(err)
	if f == nil {
		s.log.LogAttrs(c.Request.Context(), slog.LevelError, "a request failed",
			exchangeOf(c).traced([]slog.Attr{slog.String("request_id", p.RequestID), slog.String("route", c.FullPath()), slog.String("error", err.Error())})...)
	}
	h := c.Writer.Header()
	if f != nil && f.hangUp {
		h.Set("Connection", "close")
	}
	if f != nil && f.challenge != "" {
		h.Set("WWW-Authenticate", f.challenge)
	}
	if f != nil && f.accept != "" {
		h.Set("Accept-Encoding", f.accept)
	}
	if f != nil && f.retryAfter != "" {
		h.Set("Retry-After", f.retryAfter)
	}
	var form any = p
	contentType := problemType
	if other := foreign(c.Request.URL.Path, p); other != nil {
		form, contentType = other, jsonType
	}
	body, err := toJSON(form)
	if err != nil { // texts and numbers only: cannot happen
		panic(errors.Join(errors.New("writing a problem"), err))
	}
	s.answer(c, p.Status, contentType, body)
}

func (s *Server) answer(c *gin.Context, status int, contentType []string, body []byte) {
	h := c.Writer.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Writer.WriteHeader(status)
	if n := int64(len(body)); n > smallBody {
		s.held.keep(n)
		defer s.held.give(n)
	}
	if _, err := c.Writer.Write(body); err != nil { // a client that hung up reads no answer
		if x := exchangeOf(c); x != nil {
			x.cut = true
		}
	}
}
