package serve_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"leadscore/serve"
)

// A server without a model lives, but is not ready; SetModels makes it so, at any time and all at once.
func Example() {
	server, err := serve.New(serve.Config{Clock: time.Now, RequestID: serve.RequestIDs(rand.Reader)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(path, w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// /healthz 200 application/json
	// /readyz 503 application/problem+json
}
