package serve

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"leadscore/serve/access"
)

func TestOrigins(t *testing.T) {
	for origin, fine := range map[string]bool{
		"https://app.example": true, "http://localhost:3000": true, "https://[::1]:8443": true,
		"*": false, "null": false, "": false, "https://*.example": false, "https://app.example/": false, "https://App.example": false,
		"app.example": false, "https://u@app.example": false, "https://app.example?x": false, "file:///x": false, "https://": false,
	} {
		if err := CheckOrigin(origin); (err == nil) != fine {
			t.Errorf("%q: %v", origin, err)
		}
	}
	c := config(&journal{}, Limits{})
	c.Access.Origins = []string{"*"}
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), `"*" is not an origin`) {
		t.Errorf("%v", err)
	}
}

func TestCORS(t *testing.T) {
	const app, evil = "https://app.example", "https://evil.example"
	off, on := newHarness(t, Limits{}, loadedModel(t, "won")), guarded(t, Limits{}, Access{Origins: []string{app, "http://localhost:3000"}})
	for _, test := range []struct {
		name    string
		h       *harness
		method  string
		header  []string
		status  int
		allowed string
		vary    bool
	}{
		{"a program", off, "POST", nil, 200, "", false},
		{"a program, CORS on", on, "POST", nil, 200, "", true},
		{"a listed page", on, "POST", []string{"Origin", app, "Sec-Fetch-Site", "cross-site"}, 200, app, true},
		{"the other listed page", on, "POST", []string{"Origin", "http://localhost:3000"}, 200, "http://localhost:3000", true},
		{"the server's own page", off, "POST", []string{"Origin", "http://example.com", "Sec-Fetch-Site", "same-origin"}, 200, "", false},
		{"a listed page of an older browser", on, "POST", []string{"Origin", app}, 200, app, true},
		{"a preflight", on, "OPTIONS", []string{"Origin", app, "Access-Control-Request-Method", "POST"}, 204, app, true},

		{"a strange page, CORS off", off, "POST", []string{"Origin", app, "Sec-Fetch-Site", "cross-site"}, 403, "", false},
		{"an older browser, CORS off", off, "POST", []string{"Origin", app}, 403, "", false},
		{"a strange page", on, "POST", []string{"Origin", evil, "Sec-Fetch-Site", "cross-site"}, 403, "", true},
		{"a page of a sister host", on, "POST", []string{"Origin", "https://other.example.com", "Sec-Fetch-Site", "same-site"}, 403, "", true},
		{"a page that hides", on, "POST", []string{"Origin", "null"}, 403, "", true},
		{"a listed page's neighbour", on, "POST", []string{"Origin", app + ".evil.example"}, 403, "", true},
		{"a strange preflight", on, "OPTIONS", []string{"Origin", evil, "Access-Control-Request-Method", "POST"}, 405, "", true},
		{"a preflight, CORS off", off, "OPTIONS", []string{"Origin", app, "Access-Control-Request-Method", "POST"}, 405, "", false},
	} {
		var a answer
		if test.status == 204 { // a preflight is in no document
			r := httptest.NewRequest(test.method, "/v1/score", nil)
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			w := httptest.NewRecorder()
			test.h.Handler().ServeHTTP(w, r)
			a = answer{w.Code, w.Header(), w.Body.String()}
			if h := a.header; h.Get("Access-Control-Allow-Methods") != "GET, POST" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || h.Get("Access-Control-Max-Age") != "600" || a.body != "" {
				t.Errorf("%s: %v %q", test.name, h, a.body)
			}
		} else {
			a = test.h.do(t, test.method, "/v1/score", jsonBody, good, test.header...)
		}
		if a.status != test.status || a.header.Get("Access-Control-Allow-Origin") != test.allowed || (a.header.Get("Vary") == "Origin") != test.vary {
			t.Errorf("%s: %d %v", test.name, a.status, a.header)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials of browsers are allowed", test.name)
		}
	}
}

// TestRefusalsReachThePage: a script must be able to read that its key is not valid.
func TestRefusalsReachThePage(t *testing.T) {
	h, _ := credentialed(t, Limits{}, access.Rate{})
	c := Access{Gate: h.access.Gate, Origins: []string{"https://app.example"}}
	a := guarded(t, Limits{}, c).do(t, "POST", "/v1/score", jsonBody, good, "Origin", "https://app.example")
	if a.status != 401 || a.header.Get("Access-Control-Allow-Origin") != "https://app.example" || !strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "WWW-Authenticate") {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// TestLocalServersAnswerLocalNames: DNS rebinding makes a strange page of the same origin as this server, but not of its name.
func TestLocalServersAnswerLocalNames(t *testing.T) {
	h := guarded(t, Limits{}, Access{Local: true})
	for host, status := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1:8080": 200, "127.1.2.3": 200, "[::1]:8080": 200, "[::1]": 200,
		"evil.example": 403, "evil.example:8080": 403, "localhost.evil.example": 403, "192.168.0.1:8080": 403, "[::]:8080": 403, "0.0.0.0": 403, "": 403, "127.0.0.1.evil.example": 403,
	} {
		for _, path := range []string{"/v1/models", "/healthz", "/nowhere"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			h.Handler().ServeHTTP(w, r)
			want := status
			if path == "/nowhere" && status == 200 {
				want = 404
			}
			if w.Code != want {
				t.Errorf("%s of %q: %d, want %d", path, host, w.Code, want)
			}
		}
	}
}
