package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"time"

	"leadscore/serve/api"
	"leadscore/serve/replays"
)

// Idempotency says how long answers are kept for callers who ask again. A score is a function of the body and the model alone, so that without it too the
// same request gets the same answer until the model is another one; with it, that long.
type Idempotency struct {
	Window time.Duration // 0: off
	// RequestIDs takes an X-Request-Id that the caller sent, together with all of its request, for a key where there is no
	// Idempotency-Key. Proxies set that header on every request, and then every answer is kept: that is why it is not always so.
	RequestIDs bool
}

// idempotencyKey names a request that may come more than once (draft-ietf-httpapi-idempotency-key-header).
const idempotencyKey = "Idempotency-Key"

// replayedHeader marks an answer that was given before.
const replayedHeader = "Idempotency-Replayed"

var replayedValue = []string{"true"}

// once makes a handler answer the same request under the same key once: whoever asks again gets the stored answer, and whoever asks at
// the same time waits for it. Only answers are stored; a request that was refused or failed may be tried again. A request without a key is
// the handler's own affair and costs two looks at its headers.
//
// Rejected: 409 for one that comes while the first is being answered, which the draft allows, because a score takes microseconds.
func (s *Server) once(h handler) handler {
	if s.replays == nil {
		return h
	}
	return func(k *call) (any, error) {
		name, err := s.replayName(k)
		if err != nil {
			return nil, err
		}
		if name == "" {
			return h(k)
		}
		sent, err := s.readBody(k, nil, s.limits.Body)
		if err != nil {
			return nil, err
		}
		// For the handler, unpacked.
		k.request.Body, k.request.ContentLength = io.NopCloser(bytes.NewReader(sent)), int64(len(sent))
		k.request.Header.Del("Content-Encoding")
		request := replayDigest(k, sent)
		key := digest("key", owner(k), name)
		if strings.HasPrefix(name, ownRequestID) {
			key = digest("id", owner(k), name, string(request[:])) // another body is another request
		}
		turn, state, answer, err := s.replays.Begin(k.request.Context(), key, request, s.clock())
		switch {
		case err != nil: // whoever asked has gone
			return nil, &fault{status: http.StatusRequestTimeout, code: api.CodeTimeout, detail: "the same request was still being answered"}
		case state == replays.Other:
			return nil, &fault{status: http.StatusUnprocessableEntity, code: api.CodeKeyReused, field: idempotencyKey,
				detail: "this key came with another request before; want a new key for each request"}
		case state == replays.Replayed:
			k.replayed = true
			return encoded(answer), nil
		}
		answered := false
		defer func() {
			if !answered { // a panic, too
				turn.Leave()
			}
		}()
		data, err := h(k)
		if err != nil {
			return nil, err
		}
		body, ready := data.(encoded)
		if !ready {
			if body, err = toJSON(data); err != nil {
				return nil, err
			}
		}
		answered = true
		turn.Keep(body, s.clock())
		return body, nil
	}
}

// ownRequestID begins the name of a key that is an X-Request-Id; no Idempotency-Key begins so.
const ownRequestID = "\x00"

// replayName is the key that a request came with; "": none. Keys are quoted texts (RFC 9651); the quotes may be left out.
func (s *Server) replayName(k *call) (string, error) {
	sent := k.request.Header[idempotencyKey]
	if len(sent) == 0 {
		if s.byRequestID {
			if id := k.request.Header[requestIDHeader]; len(id) == 1 && sane(id[0]) {
				return ownRequestID + id[0], nil
			}
		}
		return "", nil
	}
	key := sent[0]
	if n := len(key); n >= 2 && key[0] == '"' && key[n-1] == '"' {
		key = key[1 : n-1]
	}
	outside := func(r rune) bool { return r < ' ' || r > '~' }
	if len(sent) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, outside) {
		return "", badRequest(api.CodeInvalidHeader, idempotencyKey, "want one key of 1 to 255 printable ASCII characters, such as a UUID")
	}
	return key, nil
}

// owner tells callers apart, so that nobody gets the answer to another's key: by the name of whom the guard let in, which a renewed token
// keeps. Where it asks nobody a proxy may: then by what they sent to prove themselves.
func owner(k *call) string {
	if name := k.exchange.principal; name != "" {
		return name
	}
	d := digest(k.request.Header.Get("Authorization"), k.request.Header.Get("X-API-Key"))
	return string(d[:])
}

// replayDigest is of all that the answer depends on but the model. How the body was compressed is not of it: who sends the same lead again,
// plain where it was gzip before (as a proxy between may), sends the same request and gets the same answer.
func replayDigest(k *call, body []byte) replays.Digest {
	r := k.request
	return digest(r.Method, k.route, r.URL.RawQuery, r.Header.Get("Content-Type"), string(body))
}

// digest is the sha256 of texts, each behind its length.
func digest(parts ...string) replays.Digest {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		_, _ = h.Write(n[:])
		_, _ = io.WriteString(h, p)
	}
	return replays.Digest(h.Sum(nil))
}
