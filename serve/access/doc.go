// Package access says who may ask a server, for what, and how often. It knows neither leads nor routes nor Gin.
//
// A Gate checks a request. Three kinds of credentials open it, each with scopes (scope.go):
//
//   - an API key (secret.go, keyfile.go, keyring.go): 256 random bits, of which the server has the SHA-256 alone;
//   - a signed token, a JWT, under a key of a local JWKS file (jwks.go, token.go, verified.go);
//   - a client's certificate of a connection (certificate.go, tls.go).
//
// What a request says in its head goes before the connection's certificate. Each caller has a bucket of requests of its own
// (rate.go, buckets.go). What is refused is a *Refusal, with the status and the WWW-Authenticate header of RFC 6750.
//
// Keys, key sets and certificates are files; Files (files.go) reads them again when they have changed. A file that is wrong or
// gone is told and counted, and what was read before stays.
//
// Names of keys are the operator's own words and go into logs. Who stands behind a token or a certificate may be a person, so of
// them a log gets a short hash.
//
// Dependencies: go-jose/go-jose/v4 (reads JWKS and checks signatures under a list of algorithms that the caller gives; golang-jwt
// reads no JWKS and would need a second library for it), golang.org/x/time/rate (token buckets that tell how long to wait),
// prometheus/client_golang (counts of files that could not be read again).
package access
