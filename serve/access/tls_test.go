package access

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// secured is a server over TLS that answers with who asks.
func secured(t *testing.T, o TLSOptions, c CertificateOptions) (addr string, files *Files) {
	t.Helper()
	log, _ := journal()
	files = NewFiles(log)
	config, err := NewTLS(files, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var g *Gate
	if c.Scopes != 0 {
		if g, err = New(files, Options{Certificates: c}); err != nil {
			t.Fatal(err)
		}
	}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if g == nil {
				return
			}
			who, refusal := g.Check(r, Score, time.Now())
			if refusal != nil {
				http.Error(w, refusal.Detail, refusal.Status)
				return
			}
			_, _ = io.WriteString(w, who.Name)
		}),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(tls.NewListener(l, config)) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String(), files
}

// ask sends one request on a connection of its own and returns the serial number of the server's certificate.
func ask(t *testing.T, addr string, c *tls.Config) (status int, body string, serial int64, err error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport, Timeout: 20 * time.Second}).Get("https://" + strings.Replace(addr, "127.0.0.1", "localhost", 1))
	if err != nil {
		return 0, "", 0, err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.ProtoMajor != 1 {
		t.Errorf("%s was spoken", resp.Proto)
	}
	return resp.StatusCode, string(b), resp.TLS.PeerCertificates[0].SerialNumber.Int64(), err
}

func trust(a *authority) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{RootCAs: pool}
}

func TestCertificateIsReadAgain(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.leaf(t, 10, "server", "")
	certFile, keyFile := write(t, "cert", cert), write(t, "key", key)
	addr, files := secured(t, TLSOptions{Certificate: certFile, Key: keyFile}, CertificateOptions{})
	want := func(serial int64) {
		t.Helper()
		if _, _, got, err := ask(t, addr, trust(a)); err != nil || got != serial {
			t.Errorf("certificate %d, %v; want %d", got, err, serial)
		}
	}
	want(10)
	cert, key = a.leaf(t, 11, "server", "")
	rewrite(t, certFile, cert)
	if err := files.Reload(); err == nil || !strings.Contains(err.Error(), "private key does not match") {
		t.Errorf("a certificate without its key: %v", err)
	}
	want(10)
	rewrite(t, keyFile, key)
	if err := files.Reload(); err != nil {
		t.Error(err)
	}
	want(11)
	old := trust(a)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 // a client's own least is 1.2
	if _, _, _, err := ask(t, addr, old); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	modest := trust(a)
	modest.MaxVersion = tls.VersionTLS12
	if _, _, _, err := ask(t, addr, modest); err != nil {
		t.Error(err)
	}
}

func TestClientsCertificates(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	cert, key := a.leaf(t, 10, "server", "")
	ca := write(t, "ca", a.pem)
	o := TLSOptions{Certificate: write(t, "cert", cert), Key: write(t, "key", key), ClientCA: ca}
	with := func(by *authority, cn, uri string) *tls.Config {
		cert, key := by.leaf(t, 20, cn, uri)
		c := trust(a)
		mine := pair(t, cert, key)
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil }
		return c
	}
	addr, files := secured(t, o, CertificateOptions{Scopes: Score})
	if status, body, _, err := ask(t, addr, trust(a)); err != nil || status != 401 || !strings.Contains(body, "want a client's certificate") {
		t.Errorf("without one: %d %s %v", status, body, err)
	}
	status, body, _, err := ask(t, addr, with(a, "crm", "spiffe://example/crm"))
	if err != nil || status != 200 || !strings.HasPrefix(body, "certificate:") || strings.Contains(body, "crm") {
		t.Errorf("with one: %d %s %v", status, body, err)
	}
	if _, _, _, err := ask(t, addr, with(other, "crm", "")); err == nil {
		t.Error("one of another authority is taken")
	}

	// The authority changes: new connections need the new one's.
	rewrite(t, ca, other.pem)
	if err := files.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := ask(t, addr, with(a, "crm", "")); err == nil {
		t.Error("the old authority is still trusted")
	}
	if status, _, _, err := ask(t, addr, with(other, "crm", "")); err != nil || status != 200 {
		t.Errorf("the new authority: %d %v", status, err)
	}

	// Names that are let in, and connections that must have a certificate.
	rewrite(t, ca, a.pem)
	o.RequireClient = true
	addr, _ = secured(t, o, CertificateOptions{Scopes: Read, Names: []string{"spiffe://example/web", "crm"}})
	if _, _, _, err := ask(t, addr, trust(a)); err == nil {
		t.Error("a connection without a certificate")
	}
	for uri, want := range map[string]int{"spiffe://example/web": 403, "spiffe://example/crm": 401} { // it has read and needs score
		if status, body, _, err := ask(t, addr, with(a, "x", uri)); err != nil || status != want {
			t.Errorf("%s: %d %s %v; want %d", uri, status, body, err, want)
		}
	}
	if status, body, _, err := ask(t, addr, with(a, "crm", "")); err != nil || status != 403 {
		t.Errorf("by common name: %d %s %v", status, body, err)
	}
}

func TestWrongTLSFiles(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.leaf(t, 10, "server", "")
	certFile, keyFile := write(t, "cert", cert), write(t, "key", key)
	for want, o := range map[string]TLSOptions{
		"reading credentials":                  {Certificate: certFile, Key: keyFile + "x"},
		"failed to find any PEM data":          {Certificate: write(t, "c", nil), Key: keyFile},
		"no certificate in PEM form":           {Certificate: certFile, Key: keyFile, ClientCA: write(t, "ca", []byte("x"))},
		`type "PRIVATE KEY"; want CERTIFICATE`: {Certificate: certFile, Key: keyFile, ClientCA: keyFile},
		"is not an authority's":                {Certificate: certFile, Key: keyFile, ClientCA: certFile},
	} {
		if _, err := NewTLS(NewFiles(nil), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v; want %s", o, err, want)
		}
	}
}
