package serve

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // registers with the process's own mux too, which nothing here serves
	"sync"
	"time"
)

// adminWrite is how long an answer of the admin address may take: a profile of so many seconds.
const adminWrite = 5 * time.Minute

// Admin answers on an address of its own what operators ask and callers must not: profiles of the running process (/debug/pprof/),
// beside metrics and probes. It asks for no credentials, so it belongs on loopback or behind a network of the operators'.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.Handle("GET /metrics", s.metrics.handler())
	probes := s.newProbes()
	mux.Handle("GET /healthz", probes)
	mux.Handle("GET /readyz", probes)
	return ownName(mux)
}

// ownName refuses requests that reach loopback under another name: a web page whose name has been made to point there would read profiles and
// metrics as if they were its own.
func ownName(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && own.IP.IsLoopback() && !here(r.Host) {
			http.Error(w, "on loopback this address answers requests for localhost alone", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// background starts what runs beside the requests: the admin address and the windows of the drift. The function that it returns
// ends them; it is called when no request is under way any more, so that probes are answered until the end.
func (s *Server) background(ctx context.Context) func() {
	done, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(driftInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.moveDrift()
			case <-done.Done():
				return
			}
		}
	})
	closeAdmin := func() {}
	if s.admin != nil {
		srv := &http.Server{
			Handler: s.Admin(), ReadHeaderTimeout: s.limits.ReadHead, ReadTimeout: s.limits.Read, WriteTimeout: adminWrite,
			IdleTimeout: s.limits.Idle, MaxHeaderBytes: s.limits.Header, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
			// A profile under way ends when the server does.
			BaseContext: func(net.Listener) context.Context { return done },
		}
		closeAdmin = func() { _ = srv.Close() }
		running.Go(func() {
			if err := srv.Serve(s.admin); err != nil && done.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "the admin address is not served any more", slog.String("error", err.Error()))
			}
		})
	}
	return func() {
		stop()
		closeAdmin()
		running.Wait()
	}
}
