package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPing(t *testing.T) {
	stalled := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/readyz":
			_, _ = w.Write([]byte(`{"status":"ready"}` + "\n"))
		case "/moved":
			http.Redirect(w, r, "/readyz", http.StatusFound)
		case "/stalled":
			<-stalled
		default:
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	defer close(stalled)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{server.URL + "/readyz"}, exitDone, `{"status":"ready"}`},
		{[]string{server.URL + "/other"}, exitFailed, "503 Service Unavailable: stopping"},
		{[]string{server.URL + "/moved"}, exitFailed, "302"},
		{[]string{server.URL + "/stalled", "--timeout", "20ms"}, exitFailed, "deadline"},
		{[]string{gone.URL}, exitFailed, "refused"},
		{[]string{"127.0.0.1:8080"}, exitUsage, "want one such as"},
		{[]string{server.URL, "--timeout", "0s"}, exitUsage, "not above 0"},
	} {
		var out, err bytes.Buffer
		code := Run(t.Context(), append([]string{"ping"}, test.args...), Streams{Out: &out, Err: &err})
		if code != test.code || !strings.Contains(out.String()+err.String(), test.want) {
			t.Errorf("%v: %d %s%s; want %d and %q", test.args, code, &out, &err, test.code, test.want)
		}
	}
}
