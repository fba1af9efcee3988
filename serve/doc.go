// Package serve answers HTTP requests for conversion probabilities and MQL/SQL recommendations
// from a loaded model: Gin routes, strict decoding, one adapter from errors to problem+json,
// limits, metrics, and the OpenAPI document. Every probability comes from model.Scorer.
//
// Dependencies: gin-gonic/gin (router, asked for by the owner), prometheus/client_golang (metrics).
package serve
