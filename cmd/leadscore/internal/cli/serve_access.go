package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"leadscore/serve"
	"leadscore/serve/access"
)

// serveAccess says who may ask. Its zero value is a server on loopback that lets everybody do everything.
type serveAccess struct {
	insecure     bool
	keys         string
	jwtKeys      string
	jwtIssuer    string
	jwtAudiences []string
	jwtLeeway    time.Duration
	tls          access.TLSOptions
	clientScopes []string
	clientNames  []string
	rate         string
	origins      []string
	reload       time.Duration
}

func (f *serveAccess) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.keys, "keys", "", "`file` of API keys, as leadscore keys writes it")
	fs.StringVar(&f.jwtKeys, "jwt-keys", "", "JWKS `file` with the public keys of signed tokens (RS256, ES256, EdDSA)")
	fs.StringVar(&f.jwtIssuer, "jwt-issuer", "", "`issuer` (iss) that a token must have")
	fs.StringSliceVar(&f.jwtAudiences, "jwt-audience", nil, "`audience` (aud) that a token must have one of")
	fs.DurationVar(&f.jwtLeeway, "jwt-leeway", 30*time.Second, "`time` that the issuer's clock may differ")
	fs.StringVar(&f.tls.Certificate, "tls-cert", "", "PEM `file` with the server's certificate chain")
	fs.StringVar(&f.tls.Key, "tls-key", "", "PEM `file` with its private key")
	fs.StringVar(&f.tls.ClientCA, "tls-client-ca", "", "PEM `file` with the authorities of clients' certificates, which are then credentials")
	fs.BoolVar(&f.tls.RequireClient, "tls-client-required", false, "end connections without a client's certificate, probes too")
	fs.StringSliceVar(&f.clientScopes, "tls-client-scope", []string{"score"}, "`scope` of clients' certificates: score, read, admin")
	fs.StringSliceVar(&f.clientNames, "tls-client-name", nil, "`name` (URI, DNS or common name) of certificates that are let in; none: all that are valid")
	fs.StringVar(&f.rate, "rate", "", "`requests` of each caller, such as 100/s, 600/m or 5000/h, where its key says no other; none: no limit")
	fs.StringSliceVar(&f.origins, "cors-origin", nil, "`origin` of web pages that may ask, such as https://app.example; none: no page")
	fs.DurationVar(&f.reload, "access-reload", 10*time.Second, "`time` between two looks at the files of keys and certificates; SIGHUP is one more")
	fs.BoolVar(&f.insecure, "insecure-no-auth", false, "let everybody who reaches the server do everything, on any address and under any name")
}

func (f *serveAccess) configure(ctx context.Context, setup *serveSetup) error {
	problems := f.contradictions()
	rate, err := access.ParseRate(f.rate)
	if err != nil {
		problems = append(problems, fmt.Errorf("reading --rate: %w", err))
	}
	scopes, err := f.certificateScopes()
	if err != nil {
		problems = append(problems, fmt.Errorf("reading --tls-client-scope: %w", err))
	}
	for _, origin := range f.origins {
		if err := serve.CheckOrigin(origin); err != nil {
			problems = append(problems, fmt.Errorf("reading --cors-origin: %w", err))
		}
	}
	loopback, err := f.address(setup)
	if err := wrongFlags(append(problems, err)...); err != nil {
		return err
	}

	files := access.NewFiles(setup.config.Logger)
	setup.config.Access = serve.Access{Files: files, Origins: f.origins, Local: !f.credentials() && !f.insecure}
	var wrong []error
	if f.credentials() {
		setup.config.Access.Gate, err = access.New(files, access.Options{
			Keys:         f.keys,
			Tokens:       access.TokenOptions{Keys: f.jwtKeys, Issuer: f.jwtIssuer, Audiences: f.jwtAudiences, Leeway: f.jwtLeeway},
			Certificates: access.CertificateOptions{Scopes: scopes, Names: f.clientNames},
			Rate:         rate,
		})
		wrong = append(wrong, err)
	}
	if f.tls.Certificate != "" {
		setup.tls, err = access.NewTLS(files, f.tls)
		wrong = append(wrong, err)
	}
	if err := wrongFlags(wrong...); err != nil {
		return err
	}
	f.warn(setup.config.Logger, loopback)
	if f.credentials() || setup.tls != nil {
		f.watch(ctx, files, setup)
	}
	return nil
}

// credentials reports whether callers must say who they are.
func (f *serveAccess) credentials() bool {
	return f.keys != "" || f.jwtKeys != "" || f.tls.ClientCA != ""
}

func (f *serveAccess) certificateScopes() (access.Scopes, error) {
	if f.tls.ClientCA == "" {
		return 0, nil
	}
	return access.ParseScopes(f.clientScopes)
}

// contradictions are settings that ask for what others rule out.
func (f *serveAccess) contradictions() []error {
	var problems []error
	for _, c := range []struct {
		wrong bool
		text  string
	}{
		{(f.tls.Certificate == "") != (f.tls.Key == ""), "reading --tls-cert and --tls-key: one is given; want both"},
		{f.tls.ClientCA != "" && f.tls.Certificate == "", "reading --tls-client-ca: clients show certificates over TLS alone; want --tls-cert and --tls-key too"},
		{f.tls.RequireClient && f.tls.ClientCA == "", "reading --tls-client-required: want --tls-client-ca too"},
		{len(f.clientNames) > 0 && f.tls.ClientCA == "", "reading --tls-client-name: want --tls-client-ca too"},
		{(f.jwtIssuer != "" || len(f.jwtAudiences) > 0) && f.jwtKeys == "", "reading --jwt-issuer and --jwt-audience: want --jwt-keys too"},
		{f.jwtLeeway < 0, fmt.Sprintf("reading --jwt-leeway: %s is below 0; want a time such as 30s", f.jwtLeeway)},
		{f.rate != "" && !f.credentials(), "reading --rate: a rate is of a caller that shows credentials; want --keys, --jwt-keys or --tls-client-ca too"},
		{f.insecure && f.credentials(), "reading --insecure-no-auth: there are credentials too (--keys, --jwt-keys or --tls-client-ca); want one or the other"},
		{f.reload < 0 || f.reload == 0 && f.credentials(), fmt.Sprintf("reading --access-reload: %s is not above 0; want a time such as 10s", f.reload)},
	} {
		if c.wrong {
			problems = append(problems, errors.New(c.text))
		}
	}
	return problems
}

// address looks up the address to listen on and refuses one that others reach while nobody is asked who they are. The server then
// listens on the very address that was looked at: a name could stand for another one a moment later.
func (f *serveAccess) address(setup *serveSetup) (loopback bool, err error) {
	resolved, err := net.ResolveTCPAddr("tcp", setup.addr)
	if err != nil {
		return false, fmt.Errorf("reading --addr: %q: %w; want HOST:PORT, such as 127.0.0.1:8080", setup.addr, err)
	}
	if resolved.IP.IsLoopback() {
		setup.addr = resolved.String()
		return true, nil
	}
	if f.credentials() || f.insecure {
		return false, nil
	}
	return false, fmt.Errorf("reading --addr: %s is reached from other machines and nobody would be asked who they are: anybody could score leads and change what is served. "+
		"Want --keys FILE (leadscore keys new --name NAME --scope score --file FILE makes one), --jwt-keys FILE or --tls-client-ca FILE; "+
		"or --addr 127.0.0.1:PORT; or --insecure-no-auth where something in front of it asks", setup.addr)
}

// warn says what is allowed and yet may not be meant.
func (f *serveAccess) warn(log *slog.Logger, loopback bool) {
	if !loopback && f.insecure {
		log.Warn("everybody who reaches this address may do everything (--insecure-no-auth)")
	}
	if !loopback && f.tls.Certificate == "" && f.credentials() {
		log.Warn("credentials and leads travel in clear text: want --tls-cert and --tls-key, or something in front that does TLS")
	}
	if f.jwtKeys != "" && len(f.jwtAudiences) == 0 {
		log.Warn("tokens that the issuer made for other servers are taken too: want --jwt-audience")
	}
}

// watch follows the files until the server has stopped, by the clock and at each SIGHUP.
func (f *serveAccess) watch(ctx context.Context, files *access.Files, setup *serveSetup) {
	every := f.reload
	if every == 0 {
		every = 10 * time.Second
	}
	ctx, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	told, deaf := hangUps()
	done.Go(func() { files.Watch(ctx, every) })
	done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-told:
				_ = files.Reload() // told by itself
			}
		}
	})
	setup.close = append(setup.close, func() error {
		stop()
		deaf()
		done.Wait()
		return nil
	})
}
