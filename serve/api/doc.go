// Package api is the wire format of the leadscore server and a Go client for it. It imports
// neither Gin nor the rest of leadscore, so that an application can depend on it alone.
package api
