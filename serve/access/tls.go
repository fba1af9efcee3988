package access

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"sync/atomic"
)

// TLSOptions name the files of TLS, all PEM.
type TLSOptions struct {
	Certificate string // the server's chain, the leaf first
	Key         string // of the leaf
	ClientCA    string // authorities of clients' certificates; "": clients are not asked for one
	// RequireClient ends a handshake without a client's certificate. Otherwise one that is sent must be valid, and
	// a connection without one reaches the routes that are open to all, as a probe must, and those that its other credentials open.
	RequireClient bool
}

// certificateFile is the name of these files in logs and metrics.
const certificateFile = "certificate"

// NewTLS reads the files and makes a configuration that follows them: a handshake takes what was read last, and connections that
// exist stay as they are. TLS 1.2 is the least. HTTP/2 is not offered: nothing here needs it, and each limit of time and size is
// one that HTTP/1.1 was tested with. Sessions are not resumed: a resumed one would carry a client's certificate past a new authority.
func NewTLS(files *Files, o TLSOptions) (*tls.Config, error) {
	var current atomic.Pointer[tls.Config]
	paths := []string{o.Certificate, o.Key}
	if o.ClientCA != "" {
		paths = append(paths, o.ClientCA)
	}
	err := files.add(certificateFile, paths, func(contents [][]byte) error {
		pair, err := tls.X509KeyPair(contents[0], contents[1])
		if err != nil {
			return fmt.Errorf("reading %s and %s: %w", o.Certificate, o.Key, err)
		}
		c := &tls.Config{
			Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, SessionTicketsDisabled: true,
		}
		if o.ClientCA != "" {
			if c.ClientCAs, err = authorities(contents[2]); err != nil {
				return fmt.Errorf("reading %s: %w", o.ClientCA, err)
			}
			c.ClientAuth = tls.VerifyClientCertIfGiven
			if o.RequireClient {
				c.ClientAuth = tls.RequireAndVerifyClientCert
			}
		}
		current.Store(c)
		files.expiry.Set(float64(pair.Leaf.NotAfter.Unix()))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, SessionTicketsDisabled: true,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return current.Load(), nil },
	}, nil
}

// authorities reads certificates; unlike CertPool.AppendCertsFromPEM it passes over none that is broken.
func authorities(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	count := 0
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a PEM block of type %q; want CERTIFICATE", clip(block.Type))
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if !c.IsCA {
			return nil, fmt.Errorf("the certificate of %q is not an authority's", clip(c.Subject.String()))
		}
		pool.AddCert(c)
		count++
	}
	if count == 0 {
		return nil, errors.New("no certificate in PEM form")
	}
	return pool, nil
}
