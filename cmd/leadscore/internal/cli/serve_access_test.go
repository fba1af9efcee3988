package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"leadscore/serve"
)

// configured is what the flags of access make of a server, without the server.
func configured(t *testing.T, addr string, args ...string) (setup *serveSetup, log string, err error) {
	t.Helper()
	f := new(serveAccess)
	fs := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.flags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	setup = &serveSetup{streams: Streams{Err: io.Discard}, addr: addr, config: serve.Config{Logger: slog.New(slog.NewTextHandler(&lines, nil))}}
	ctx, stop := context.WithCancel(context.Background())
	err = f.configure(ctx, setup)
	stop()
	for _, c := range setup.close {
		if err := c(); err != nil {
			t.Error(err)
		}
	}
	return setup, lines.String(), err
}

func keysFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.jsonl")
	cmd(t, 0, "keys", "new", "--name", "crm", "--scope", "score", "--file", file)
	return file
}

// TestOtherAddressesNeedCredentials: loopback is open, under local names; another address is refused unless callers are asked
// who they are, or it is told.
func TestOtherAddressesNeedCredentials(t *testing.T) {
	keys := keysFile(t)
	for _, test := range []struct {
		addr  string
		args  []string
		wrong string
		gate  bool
		local bool
		warns string
	}{
		{addr: "127.0.0.1:8080", local: true},
		{addr: "127.3.2.1:0", local: true},
		{addr: "[::1]:8080", local: true},
		{addr: "localhost:8080", local: true},
		{addr: "127.0.0.1:8080", args: []string{"--keys", keys}, gate: true},
		{addr: "127.0.0.1:8080", args: []string{"--insecure-no-auth"}},
		{addr: ":8080", args: []string{"--keys", keys}, gate: true, warns: "clear text"},
		{addr: "0.0.0.0:8080", args: []string{"--insecure-no-auth"}, warns: "everybody"},
		{addr: "0.0.0.0:8080", wrong: "reading --addr: 0.0.0.0:8080 is reached from other machines"},
		{addr: ":8080", wrong: "--insecure-no-auth where something in front of it asks"},
		{addr: "[::]:8080", wrong: "is reached from other machines"},
		{addr: "192.168.1.1:8080", wrong: "leadscore keys new"},
		{addr: "8080", wrong: `reading --addr: "8080": address 8080: missing port`},
		{addr: "127.0.0.1:http-no", wrong: "reading --addr"},
		{addr: ":8080", args: []string{"--keys", keys + "x"}, wrong: "reading credentials: open"},
	} {
		setup, log, err := configured(t, test.addr, test.args...)
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) || !errors.As(err, new(usageError)) {
				t.Errorf("%s %v: %v; want %s", test.addr, test.args, err, test.wrong)
			}
			continue
		}
		a := setup.config.Access
		if err != nil || (a.Gate != nil) != test.gate || a.Local != test.local || (log != "") != (test.warns != "") || !strings.Contains(log, test.warns) {
			t.Errorf("%s %v: %+v, %v, log %q", test.addr, test.args, a, err, log)
		}
	}
}

// TestAccessContradictions: all at once, each with what would be accepted.
func TestAccessContradictions(t *testing.T) {
	keys := keysFile(t)
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"--tls-cert", "c"}, []string{"reading --tls-cert and --tls-key: one is given; want both"}},
		{[]string{"--tls-client-ca", "c", "--tls-client-scope", "all"}, []string{"want --tls-cert and --tls-key too", `reading --tls-client-scope: no scope "all"`}},
		{[]string{"--tls-client-required", "--tls-client-name", "x"}, []string{"reading --tls-client-required", "reading --tls-client-name"}},
		{[]string{"--jwt-audience", "x", "--jwt-leeway", "-1s"}, []string{"want --jwt-keys too", "reading --jwt-leeway: -1s is below 0"}},
		{[]string{"--rate", "10/s"}, []string{"reading --rate: a rate is of a caller that shows credentials"}},
		{[]string{"--rate", "10", "--keys", keys}, []string{`reading --rate: "10" is not a rate`}},
		{[]string{"--insecure-no-auth", "--keys", keys}, []string{"want one or the other"}},
		{[]string{"--cors-origin", "*,https://app.example/x"}, []string{`"*" is not an origin`, `"https://app.example/x" is not an origin`}},
		{[]string{"--access-reload", "0s", "--keys", keys}, []string{"reading --access-reload: 0s is not above 0"}},
		{[]string{"--jwt-keys", keys}, []string{"reading " + keys + ": no key that checks signatures"}},
	} {
		_, _, err := configured(t, "127.0.0.1:8080", test.args...)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, new(usageError)) {
				t.Errorf("%v: %v; want %s", test.args, err, want)
			}
		}
	}
}

// TestDemoRefusesOtherAddresses before it trains for a minute.
func TestDemoRefusesOtherAddresses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	_, errs := cmd(t, 2, "demo", "--addr", "0.0.0.0:0", "--dir", dir)
	says(t, errs, "is reached from other machines")
	exists(t, false, dir)
}

// TestServeRefusesToBeOpen is the whole command, which ends with exit code 2.
func TestServeRefusesToBeOpen(t *testing.T) {
	_, errs := cmd(t, 2, "serve", "--model", "none", "--addr", "0.0.0.0:0")
	says(t, errs, "nobody would be asked who they are", "Want --keys FILE")
}
