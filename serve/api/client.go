package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options tune a Client. The zero value is the documented default.
type Options struct {
	HTTP  *http.Client // nil: a client of its own that gives each try of a single request 30 s
	Key   string       // API key or signed token, sent as Authorization: Bearer; "": none
	Model string       // NAME or NAME@VERSION to ask; "" is the server's default
	// Retries is how often a request is sent again; 0 is 3, negative never. It is sent again after 429 and 503; where no connection could be
	// made; and, if asking twice changes nothing (all but batches and what changes the server), where the connection broke or Timeout
	// passed before the answer began. What is wrong with the certificate or the request itself is told at once.
	Retries int
	// Timeout is the time of one try, to the end of its answer; not of batches. The context's deadline is that of all tries and the waits
	// between them. 0: none but the one of HTTP.
	Timeout time.Duration
	// Backoff is the longest wait before the first retry; it doubles from one to the next, up to 32 times. A server's
	// Retry-After, in seconds or as a date, is waited for at least, when it is within a minute; a longer one ends the trying. 0 is 100 ms.
	Backoff time.Duration
	// Jitter returns a number in [0, 1): the part of the wait that is waited, so that clients who were refused
	// together do not come back together. Nil is random.
	Jitter func() float64
	// IdempotencyKeys makes the Idempotency-Key of each Score and Explain, such as a UUID, which all tries of it share: the server gives them one
	// answer, though another model is loaded in between. A key that came with another request before is ErrKeyReused. It is called by
	// many goroutines; nil, or "": none is sent.
	IdempotencyKeys func() string
	// Compress is the content coding of batches, of what is sent and of what is answered: "gzip" or "zstd", a tenth of the bytes for some more
	// time of both processors. "" is none, as is best where both stand on one network.
	Compress string
	// Sleep waits; it returns early with the context's error. Nil is a timer.
	Sleep func(context.Context, time.Duration) error
}

// maxRetryAfter is the longest Retry-After that a Client waits out.
const maxRetryAfter = time.Minute

// maxAnswer bounds what a Client reads of one answer, or of one row of a batch.
const maxAnswer = 64 << 20

// Client asks a leadscore server. It may be used by many goroutines.
type Client struct {
	base    *url.URL
	options Options
}

// NewClient makes a client of the server at baseURL, such as "http://127.0.0.1:8080".
func NewClient(baseURL string, o Options) (*Client, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w; want http://HOST:PORT or https://HOST", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("making a client: %q is not the address of a server; want http://HOST:PORT or https://HOST", baseURL)
	}
	if o.Compress != "" && codings[o.Compress] == nil {
		return nil, fmt.Errorf("making a client: no compression %q; want gzip, zstd or none", o.Compress)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	if o.Retries == 0 {
		o.Retries = 3
	}
	if o.Backoff <= 0 {
		o.Backoff = 100 * time.Millisecond
	}
	if o.Jitter == nil {
		o.Jitter = random
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Client{base: u, options: o}, nil
}

// Score scores one lead.
func (c *Client) Score(ctx context.Context, r *Request) (*Answer, error) {
	a := new(Answer)
	return a, c.post(ctx, "scoring a lead", "v1/score", r, a)
}

// Explain scores one lead and tells everything behind the score.
func (c *Client) Explain(ctx context.Context, r *Request) (*Explanation, error) {
	e := new(Explanation)
	return e, c.post(ctx, "explaining a lead", "v1/explain", r, e)
}

// Models lists what is loaded.
func (c *Client) Models(ctx context.Context) ([]ModelSummary, error) {
	var m Models
	err := c.ask(ctx, "listing models", http.MethodGet, "v1/models", nil, &m)
	return m.Models, err
}

// Model tells of one model, by NAME or NAME@VERSION.
func (c *Client) Model(ctx context.Context, name string) (*Model, error) {
	m := new(Model)
	return m, c.ask(ctx, "asking for a model", http.MethodGet, "v1/models/"+url.PathEscape(name), nil, m)
}

// Promote makes a version of the registry, such as v3, the champion of a model. The server has loaded it when this returns.
func (c *Client) Promote(ctx context.Context, name, version string) (*Promotion, error) {
	p := new(Promotion)
	body := map[string]string{"version": version}
	return p, c.post(ctx, "promoting a model", "v1/models/"+url.PathEscape(name)+"/promote", body, p)
}

// Rollback makes the champion before the present one the champion again.
func (c *Client) Rollback(ctx context.Context, name string) (*Promotion, error) {
	p := new(Promotion)
	return p, c.post(ctx, "rolling a model back", "v1/models/"+url.PathEscape(name)+"/rollback", struct{}{}, p)
}

func (c *Client) post(ctx context.Context, doing, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return c.ask(ctx, doing, http.MethodPost, path, b, into)
}

// ask sends a request, again where the server asks for patience, and decodes its answer.
func (c *Client) ask(ctx context.Context, doing, method, path string, body []byte, into any) error {
	resp, err := c.send(ctx, c.options.HTTP, method, path, "application/json", func() io.Reader {
		if body == nil {
			return nil
		}
		return bytes.NewReader(body)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		return fmt.Errorf("%s: reading the answer: %w", doing, err)
	}
	return nil
}

// send returns the first answer that is not an error; the caller closes it. Errors of the server are *Problem. body is asked for again for
// each try; one that is not nil or a *bytes.Reader is a stream. What is tried again, and when, stands in retry.go.
func (c *Client) send(ctx context.Context, hc *http.Client, method, path, contentType string, body func() io.Reader) (*http.Response, error) {
	target := c.base.JoinPath(path)
	if c.options.Model != "" && method == http.MethodPost && !strings.HasPrefix(path, "v1/models/") {
		target.RawQuery = url.Values{"model": {c.options.Model}}.Encode()
	}
	once := []string(nil) // not sent: it tells net/http that a connection which the server had closed matters not
	if asking[path] && c.options.IdempotencyKeys != nil {
		if key := c.options.IdempotencyKeys(); key != "" {
			once = []string{key}
		}
	}
	var refused error // of the try before
	for try := 0; ; try++ {
		b, err := c.body(path, body())
		if err != nil {
			return nil, err
		}
		tryCtx, cancel := c.limit(ctx, b)
		req, err := http.NewRequestWithContext(tryCtx, method, target.String(), b)
		if err != nil {
			cancel()
			return nil, err
		}
		if c.options.Key != "" {
			req.Header.Set("Authorization", "Bearer "+c.options.Key)
		}
		if method == http.MethodPost {
			req.Header.Set("Content-Type", contentType)
			if asking[path] {
				req.Header["Idempotency-Key"] = once
			}
		}
		if path == batchPath {
			c.negotiate(req.Header)
		}
		resp, err := hc.Do(req)
		if err == nil && path == batchPath {
			err = decompress(resp)
		}
		if err == nil && resp.StatusCode == http.StatusOK {
			resp.Body = &limited{resp.Body, cancel}
			return resp, nil
		}
		var again bool
		var retryAfter time.Duration
		if err == nil {
			again, retryAfter = patience(resp)
			err = readProblem(resp)
		} else {
			again = ctx.Err() == nil && repeatable(err, method, path)
		}
		cancel()
		switch {
		case ctx.Err() != nil && refused != nil:
			return nil, fmt.Errorf("%w, after: %w", err, refused)
		case !again || try >= c.options.Retries || retryAfter > maxRetryAfter:
			return nil, err
		}
		if failed := c.options.Sleep(ctx, c.wait(try)+retryAfter); failed != nil {
			return nil, fmt.Errorf("%w, while waiting after: %w", failed, err)
		}
		refused = err
	}
}

// readProblem reads an error answer and closes it; one that is not a problem, as of a proxy, is told by its status.
func readProblem(resp *http.Response) *Problem {
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	p := new(Problem)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(b, p) == nil && p.Code != "" {
		return p
	}
	return &Problem{
		Type: "about:blank", Title: http.StatusText(resp.StatusCode), Status: resp.StatusCode,
		Detail: "the answer was " + resp.Status + " without a problem document", RequestID: resp.Header.Get("X-Request-Id"),
	}
}
