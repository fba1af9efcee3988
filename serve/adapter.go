package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// handler answers one request: data becomes a 200 as JSON, an error a problem. It writes nothing
// itself. Data that is already JSON is an encoded; a batch is a stream.
type handler func(*call) (data any, err error)

// encoded is an answer that is already JSON.
type encoded []byte

// stream writes its answer as it goes. An error before the first byte has gone out becomes a
// problem as ever; later it can only end the connection, so a stream puts its errors in its rows.
type stream struct {
	contentType string
	run         func(*streamWriter) error
}

// call is what a handler sees of one request. It is reused; a handler keeps nothing of it.
type call struct {
	request   *http.Request
	requestID string
	route     string // as the routes are written
	row       int    // of a batch, from 1; 0: a single lead
	name      string // path parameter {name}
	models    *modelSet
	body      []byte            // memory of the request's body
	out       []byte            // memory of the answer
	decoded   request           // memory of the decoded request
	advice    model.Explanation // memory of what the model says
	answer    api.Answer        // and of its wire form
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
		k.request, k.requestID, k.name, k.models = c.Request, requestID(c), c.Param("name"), s.models.Load()
		k.route, k.row, k.replayed = c.FullPath(), 0, false
		data, err := h(k)
		if st, ok := data.(stream); ok && err == nil {
			w := newStreamWriter(c, st.contentType, s.limits, s.clock)
			if err = st.run(w); err == nil {
				err = w.finish()
			}
			if w.begun && err != nil {
				s.log.LogAttrs(c.Request.Context(), slog.LevelWarn, "a batch broke off",
					slog.String("request_id", k.requestID), slog.String("error", err.Error()))
				panic(http.ErrAbortHandler) // the only way to say that the answer is not whole
			}
			data = nil
		}
		if k.replayed {
			c.Writer.Header()[replayedHeader] = replayedValue
		}
		switch body, ready := data.(encoded); {
		case err != nil:
			s.refuse(c, err)
		case ready:
			s.answer(c, http.StatusOK, jsonType, body)
		case data != nil:
			s.marshal(c, data)
		}
		// Not deferred: after a panic the call's memory is in an unknown state and is not used again.
		if cap(k.body) > maxKept {
			k.body = nil
		}
		if cap(k.out) > maxKept {
			k.out = nil
		}
		k.request, k.models = nil, nil
		s.calls.Put(k)
	}
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

// refuse answers with the problem that err is. The text of our own bugs goes to the log alone.
func (s *Server) refuse(c *gin.Context, err error) {
	p := problem(err, requestID(c))
	f := asFault(err)
	if f == nil {
		s.log.LogAttrs(c.Request.Context(), slog.LevelError, "a request failed",
			slog.String("request_id", p.RequestID), slog.String("route", c.FullPath()), slog.String("error", err.Error()))
	}
	h := c.Writer.Header()
	if f != nil && f.hangUp {
		h.Set("Connection", "close")
	}
	if f != nil && f.retryAfter != "" {
		h.Set("Retry-After", f.retryAfter)
	}
	body, err := toJSON(p)
	if err != nil { // texts and numbers only: cannot happen
		panic(errors.Join(errors.New("writing a problem"), err))
	}
	s.answer(c, p.Status, problemType, body)
}

func (s *Server) answer(c *gin.Context, status int, contentType []string, body []byte) {
	h := c.Writer.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Writer.WriteHeader(status)
	_, _ = c.Writer.Write(body) // a client that hung up reads no answer
}
