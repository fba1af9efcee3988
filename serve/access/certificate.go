package access

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"time"
)

// CertificateOptions say what a client's certificate opens. Which certificates are valid is said by the authority that TLSOptions
// names.
type CertificateOptions struct {
	Scopes Scopes   // of every valid certificate; 0: certificates open nothing
	Names  []string // that are let in: a URI or DNS name of the certificate, or its common name; none: all
}

// certificates knows callers by the certificates of their connections.
type certificates struct {
	options CertificateOptions
	buckets *buckets
}

// caller is who stands behind a connection; nil and no refusal: it has no certificate.
func (c *certificates) caller(state *tls.ConnectionState, now time.Time) (*Caller, *Refusal) {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return nil, nil
	}
	leaf := state.VerifiedChains[0][0]
	if now.After(leaf.NotAfter) {
		return nil, invalidToken("the client's certificate has expired since the connection was made")
	}
	names := certificateNames(leaf)
	name := ""
	for _, n := range names {
		if len(c.options.Names) == 0 || slices.Contains(c.options.Names, n) {
			name = n
			break
		}
	}
	if name == "" {
		return nil, invalidToken("the client's certificate has none of the names that are let in")
	}
	id := callerID(sha256.Sum256([]byte("certificate\x00" + name)))
	return &Caller{Name: "certificate:" + short(id), Scopes: c.options.Scopes, bucket: c.buckets.get(id, now)}, nil
}

// certificateNames are those of a leaf, the most telling first.
func certificateNames(leaf *x509.Certificate) []string {
	var names []string
	for _, u := range leaf.URIs {
		names = append(names, u.String())
	}
	names = append(names, leaf.DNSNames...)
	if cn := leaf.Subject.CommonName; cn != "" {
		names = append(names, cn)
	}
	return names
}
