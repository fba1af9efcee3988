package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/spf13/pflag"
)

// serveAdmin is the address for operators.
type serveAdmin struct {
	addr   string
	remote bool
}

func (f *serveAdmin) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.addr, "admin-addr", "", "`address` for profiles (/debug/pprof/), /metrics, /healthz and /readyz without credentials, such as 127.0.0.1:6060; none: they have none")
	fs.BoolVar(&f.remote, "admin-remote", false, "let --admin-addr be another than loopback: whoever reaches it can read the process's memory profile")
}

func (f *serveAdmin) configure(ctx context.Context, setup *serveSetup) error {
	if f.addr == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return usageError{fmt.Errorf("reading --admin-addr: %w", err)}
	}
	if !f.loopback(host) && !f.remote {
		return usage("reading --admin-addr: %s is not loopback, and the address asks for no credentials; want 127.0.0.1:PORT, or --admin-remote where the network keeps others out", f.addr)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listening on --admin-addr: %w", err)
	}
	setup.config.Admin = listener
	setup.close = append(setup.close, func() error { // where the server did not come to close it
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	_, _ = fmt.Fprintf(setup.streams.Err, "profiles and metrics on http://%s\n", listener.Addr())
	return nil
}

// loopback reports whether nothing but this machine can reach a host; a name is believed only where it is localhost.
func (*serveAdmin) loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
