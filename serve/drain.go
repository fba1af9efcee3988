package serve

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// arrivals are the connections that have come, or have a request under way, since the server was asked to stop. net/http's Shutdown ends a connection
// whose request it has read after Shutdown began without a word; so the listener is closed first, and Shutdown is called when
// nothing is on its way that had been accepted. While nobody has asked to stop it costs one atomic load for each change of a state.
type arrivals struct {
	mu   sync.Mutex
	busy map[net.Conn]bool
	none chan struct{} // closed when nothing is busy; nil while nobody waits
}

// observe is the ConnState hook of a server that is stopping.
func (a *arrivals) observe(c net.Conn, state http.ConnState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch state {
	case http.StateNew, http.StateActive:
		if a.busy == nil {
			a.busy = map[net.Conn]bool{}
		}
		a.busy[c] = true
		return
	}
	if delete(a.busy, c); len(a.busy) == 0 && a.none != nil {
		close(a.none)
		a.none = nil
	}
}

// settle waits until nothing is busy, or until ctx is done. One that is silent is busy until the time limit of its head has passed.
func (a *arrivals) settle(ctx context.Context) {
	a.mu.Lock()
	if len(a.busy) == 0 {
		a.mu.Unlock()
		return
	}
	none := make(chan struct{})
	a.none = none
	a.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
}
