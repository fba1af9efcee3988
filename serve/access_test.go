package serve

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadscore/serve/access"
	"leadscore/serve/api"
)

// credentialed is a harness that asks for keys, and a key for each of the given sets of scopes.
func credentialed(t testing.TB, limits Limits, rate access.Rate, scopes ...access.Scopes) (h *harness, secrets []string) {
	t.Helper()
	var keys []access.Key
	for i, s := range scopes {
		secret, err := access.NewSecret(bytes.NewReader(bytes.Repeat([]byte{byte(i + 1)}, 32)))
		if err != nil {
			t.Fatal(err)
		}
		hash, _ := access.HashOf(secret)
		keys = append(keys, access.Key{Name: fmt.Sprintf("client-%d", i), Hash: hash, Scopes: s})
		secrets = append(secrets, secret)
	}
	var b bytes.Buffer
	if err := access.WriteKeys(&b, keys); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	files := access.NewFiles(nil)
	gate, err := access.New(files, access.Options{Keys: path, Rate: rate})
	if err != nil {
		t.Fatal(err)
	}
	return guarded(t, limits, Access{Gate: gate, Files: files}), secrets
}

func guarded(t testing.TB, limits Limits, a Access) *harness {
	t.Helper()
	h := &harness{log: &journal{}}
	c := config(h.log, limits, loadedModel(t, "won"))
	c.Access = a
	var err error
	if h.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	return h
}

// problemsAt reports whether the errors of a path are problems; the facades have forms of their own.
func problemsAt(path string) bool { return strings.HasPrefix(path, "/v1/") || path == "/metrics" }

var allScopes = []access.Scopes{access.Score, access.Read, access.Admin}

// TestScopesBindEveryRoute asks each route without credentials, with a key of each single scope, and with a wrong key.
func TestScopesBindEveryRoute(t *testing.T) {
	h, keys := credentialed(t, Limits{}, access.Rate{}, allScopes...)
	for _, r := range h.routes() {
		path := strings.NewReplacer(":name", "won", ":version", "v1").Replace(r.path)
		problems := problemsAt(r.path)
		ask := func(header ...string) answer { return h.do(t, r.method, path, jsonBody, good, header...) }
		bare := ask()
		wrong := ask("X-API-Key", keys[0][:46]+"x")
		if r.scope == open {
			if bare.status == 401 || wrong.status != bare.status {
				t.Errorf("%s %s is open: %d, %d", r.method, r.path, bare.status, wrong.status)
			}
		} else if bare.status != 401 || bare.header.Get("WWW-Authenticate") != `Bearer realm="leadscore"` || wrong.status != 401 ||
			!strings.Contains(wrong.header.Get("WWW-Authenticate"), `error="invalid_token"`) || problems && !strings.Contains(bare.body, `"code":"unauthenticated"`) {
			t.Errorf("%s %s: %d %v, %d %v", r.method, r.path, bare.status, bare.header, wrong.status, wrong.header)
		}
		for i, scope := range allScopes {
			a := ask("Authorization", "Bearer "+keys[i])
			fine := r.scope == open || r.scope == scope
			if fine && (a.status == 401 || a.status == 403) || !fine && (a.status != 403 || problems && !strings.Contains(a.body, `"code":"forbidden"`) ||
				!strings.HasSuffix(a.header.Get("WWW-Authenticate"), `scope="leadscore:`+r.scope.String()+`"`)) {
				t.Errorf("%s %s with %s: %d %v", r.method, r.path, scope, a.status, a.header)
			}
		}
	}
	if a := h.do(t, "GET", "/nowhere", "", ""); a.status != 404 {
		t.Errorf("a path that is none: %d", a.status)
	}
	if log := h.log.String(); strings.Contains(log, keys[0][4:]) || !strings.Contains(log, `"client":"client-0"`) {
		t.Error("the log has a key, or lacks its name")
	}
}

// TestDocumentHasTheScopes: what openapi.json says of security is what the routes ask for.
func TestDocumentHasTheScopes(t *testing.T) {
	h := newHarness(t, Limits{})
	for _, r := range h.routes() {
		path := strings.NewReplacer(":name", "{name}", ":version", "{version}").Replace(r.path)
		op := h.doc.Paths.Map()[path].Operations()[r.method]
		if op.Security == nil {
			t.Errorf("%s %s says nothing of security", r.method, path)
			continue
		}
		var kinds []string
		for _, requirement := range *op.Security {
			for kind, scopes := range requirement {
				kinds = append(kinds, kind)
				if len(scopes) != 1 || scopes[0] != r.scope.String() {
					t.Errorf("%s %s: %s %v, the route needs %q", r.method, path, kind, scopes, r.scope)
				}
				if h.doc.Components.SecuritySchemes[kind] == nil {
					t.Errorf("no scheme %q", kind)
				}
			}
		}
		slices.Sort(kinds)
		want := []string{"bearer", "certificate", "key"}
		if r.scope == open {
			want = nil
		}
		if !slices.Equal(kinds, want) {
			t.Errorf("%s %s: schemes %v, want %v", r.method, path, kinds, want)
		}
		for _, status := range []int{401, 403, 429} {
			if !problemsAt(r.path) {
				break // the facades describe all their errors as one
			}
			if has := op.Responses.Status(status) != nil; has != (r.scope != open) {
				t.Errorf("%s %s: answer %d is described: %v", r.method, path, status, has)
			}
		}
	}
}

// untouched is a body that must not be read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) { u.t.Error("the body is read"); return 0, io.EOF }

// TestBodiesOfTheRefusedAreNotRead, neither by the handler nor, before the answer or for long after it, by net/http.
func TestBodiesOfTheRefusedAreNotRead(t *testing.T) {
	t.Parallel()
	h, keys := credentialed(t, Limits{Drain: time.Millisecond}, access.Rate{}, access.Read)
	for _, header := range []string{"", keys[0]} {
		r := httptest.NewRequest(http.MethodPost, "/v1/score/batch", untouched{t})
		if header != "" {
			r.Header.Set("X-API-Key", header)
		}
		h.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
	addr := h.listen(t)
	for _, length := range []string{"Content-Length: 1000", "Content-Length: 1000000000", "Transfer-Encoding: chunked"} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		start := time.Now()
		if _, err := io.WriteString(c, "POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+length+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(c)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || !resp.Close {
			t.Errorf("%s: %d, close %v", length, resp.StatusCode, resp.Close)
		}
		if rest, err := io.ReadAll(in); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: the connection stays: %q, %v", length, rest, err)
		}
		if took := time.Since(start); took > 8*time.Second { // the read limit is 15 s
			t.Errorf("%s: the connection stayed for %s", length, took)
		}
		_ = c.Close()
	}
}

func TestRateLimit(t *testing.T) {
	h, keys := credentialed(t, Limits{Drain: time.Millisecond}, access.Rate{Requests: 3, Per: time.Hour}, access.Score, access.Score)
	hc := client(t)
	url := "http://" + h.listen(t) + "/v1/score"
	ask := func(key, body string) (status int, hungUp bool, retryAfter string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", jsonBody)
		req.Header.Set("X-API-Key", key)
		resp, err := hc.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode, resp.Close, resp.Header.Get("Retry-After")
	}
	for range 3 {
		if status, _, _ := ask(keys[0], good); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	begun := time.Now()
	status, hungUp, wait := ask(keys[0], good)
	seconds, err := strconv.Atoi(wait)
	// A token flows in each 20 minutes; the three requests before took the time that they took.
	if status != http.StatusTooManyRequests || hungUp || err != nil || seconds > 1200 || seconds < 1140-int(time.Since(begun).Seconds()) {
		t.Errorf("%d, hung up %v, Retry-After %q", status, hungUp, wait)
	}
	if status, hungUp, _ := ask(keys[0], `{"lead":{"notes":"`+strings.Repeat("x", smallBody)+`"}}`); status != http.StatusTooManyRequests || !hungUp {
		t.Errorf("a large body: %d, hung up %v", status, hungUp)
	}
	if status, _, _ := ask(keys[1], good); status != http.StatusOK {
		t.Errorf("another key: %d", status)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, good, "X-API-Key", keys[0]); a.status != 429 || !strings.Contains(a.body, `"code":"rate_limited"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.do(t, "GET", "/healthz", "", "", "X-API-Key", keys[0]); a.status != 200 {
		t.Errorf("health is limited: %d", a.status)
	}
	// The Go client gives up at once: nothing is to be had within a minute.
	c, err := api.NewClient(strings.TrimSuffix(url, "/v1/score"), api.Options{HTTP: hc, Key: keys[0]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Score(t.Context(), &api.Request{}); err == nil || !strings.Contains(err.Error(), "429 rate_limited") {
		t.Errorf("client: %v", err)
	}
}

// TestAccessFilesAreCounted: their metrics are served with the others.
func TestAccessFilesAreCounted(t *testing.T) {
	h, keys := credentialed(t, Limits{}, access.Rate{}, access.Read)
	page := h.do(t, "GET", "/metrics", "", "", "X-API-Key", keys[0]).body
	if !strings.Contains(page, `leadscore_access_reload_errors_total{file="keys"} 0`) || strings.Contains(page, "certificate_expiry") {
		t.Error("the metrics lack the files of keys, or have a certificate")
	}
	if page := newHarness(t, Limits{}, loadedModel(t, "won")).do(t, "GET", "/metrics", "", "").body; strings.Contains(page, "leadscore_access") {
		t.Error("metrics of files that are not")
	}
}

// TestOverTLS: scoring and a batch that is answered while it is sent, by the Go client with a key.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	h, keys := credentialed(t, Limits{Drain: time.Millisecond}, access.Rate{}, access.Score)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := access.TLSOptions{Certificate: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key")}
	for path, block := range map[string]*pem.Block{o.Certificate: {Type: "CERTIFICATE", Bytes: der}, o.Key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := access.NewTLS(access.NewFiles(nil), o)
	if err != nil {
		t.Fatal(err)
	}
	l := loopback()
	ctx, cancel := contextOf(t)
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, tls.NewListener(l, config)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := api.NewClient("https://"+l.Addr().String(), api.Options{HTTP: &http.Client{Transport: transport, Timeout: time.Minute}, Key: keys[0]})
	if err != nil {
		t.Fatal(err)
	}
	empty := api.Request{Lead: map[string]json.RawMessage{}}
	if _, err := c.Score(t.Context(), &empty); err != nil {
		t.Error(err)
	}
	batch := slices.Repeat([]api.Request{empty}, 5000)
	rows, err := c.ScoreBatch(t.Context(), batch)
	if err != nil || len(rows) != len(batch) || rows[4999].Error != nil {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, err := c.Models(t.Context()); err == nil || !strings.Contains(err.Error(), "403 forbidden") {
		t.Errorf("models: %v", err)
	}
}
