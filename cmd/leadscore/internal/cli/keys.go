package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/serve/access"
)

type keysFlags struct {
	file string
	json bool
}

// newKey is what keys new is asked for.
type newKey struct {
	name, rate, expires string
	scopes              []string
}

func newKeys(s Streams) *cobra.Command {
	var f keysFlags
	var k newKey
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list and revoke the API keys of a server",
		Long: `keys edits the file that leadscore serve --keys reads. The file has the SHA-256 of each key and never the key: that is printed once,
when it is made. A server that runs reads the file again by itself. To change a caller's key without a gap make it a second one
under another name, and revoke the first when the caller has the second.`,
		Example: `  leadscore keys new --name crm --scope score --file keys.jsonl
  leadscore keys new --name dashboard --scope read --rate 10/s --expires 2027-01-01 --file keys.jsonl
  leadscore keys list --file keys.jsonl
  leadscore keys revoke crm --file keys.jsonl
  leadscore serve --model run/model.json --keys keys.jsonl --addr 0.0.0.0:8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&f.file, "file", "keys.jsonl", "`file` of keys, JSON Lines")
	cmd.PersistentFlags().BoolVar(&f.json, "json", false, "print the result as JSON")
	add := &cobra.Command{
		Use: "new", Short: "Make a key, print it once and keep its hash", Args: cobra.NoArgs,
		Example: "  leadscore keys new --name crm --scope score,read --rate 100/s --expires 2027-01-01 --file keys.jsonl",
		RunE:    func(*cobra.Command, []string) error { return runKeysNew(s, f, k) },
	}
	add.Flags().StringVar(&k.name, "name", "", "`name` of who gets the key; it stands in the server's log")
	add.Flags().StringSliceVar(&k.scopes, "scope", nil, "what the key may do: `score`, read, admin")
	add.Flags().StringVar(&k.rate, "rate", "", "`requests` such as 100/s, 600/m or 5000/h; none: as the server's --rate")
	add.Flags().StringVar(&k.expires, "expires", "", "`moment` from which the key is no longer valid: RFC 3339, or a date, which begins in UTC; none: never")
	for _, needed := range []string{"name", "scope"} {
		if err := add.MarkFlagRequired(needed); err != nil {
			panic(err) // a flag of that name was not made above
		}
	}
	cmd.AddCommand(add,
		&cobra.Command{
			Use: "list", Short: "List the keys: names, scopes, rates and ends", Example: "  leadscore keys list --file keys.jsonl", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return runKeysList(s, f) },
		},
		&cobra.Command{
			Use: "revoke NAME", Short: "Take a key out of the file", Example: "  leadscore keys revoke crm --file keys.jsonl", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return runKeysRevoke(s, f, args[0]) },
		})
	return cmd
}

// load reads the file; may it be missing, there are no keys.
func (f *keysFlags) load(mayMiss bool) ([]access.Key, error) {
	text, err := os.ReadFile(f.file)
	if mayMiss && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	keys, err := access.ParseKeys(text)
	if err != nil {
		return nil, usage("reading %s: %w", f.file, err)
	}
	return keys, nil
}

func (f *keysFlags) save(keys []access.Key) error {
	if err := datasets.AtomicWrite(f.file, func(w io.Writer) error { return access.WriteKeys(w, keys) }); err != nil {
		return fmt.Errorf("writing keys: %w", err)
	}
	return nil
}

func runKeysNew(s Streams, f keysFlags, n newKey) error {
	keys, err := f.load(true)
	if err != nil {
		return err
	}
	k, err := n.key(s.Now(), keys)
	if err != nil {
		return err
	}
	secret, err := access.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	k.Hash, _ = access.HashOf(secret) // it is one
	if err := f.save(append(keys, k)); err != nil {
		return err
	}
	if f.json {
		return printJSON(s.Out, map[string]any{"name": k.Name, "key": secret, "scopes": k.Scopes.Names(), "file": f.file})
	}
	_, _ = fmt.Fprintf(s.Err, "The key of %s (%s) is in %s by its hash alone. It is shown here once:\n", k.Name, k.Scopes, f.file)
	_, err = fmt.Fprintln(s.Out, secret)
	return err
}

// key is what was asked for, all that is wrong with it as one error.
func (n newKey) key(now time.Time, keys []access.Key) (access.Key, error) {
	k := access.Key{Name: n.name}
	var problems []error
	if err := access.CheckName(n.name); err != nil {
		problems = append(problems, fmt.Errorf("reading --name: %w", err))
	}
	if find(keys, n.name) >= 0 {
		problems = append(problems, fmt.Errorf("reading --name: there is a key %q; want another name, or revoke it first", n.name))
	}
	var err error
	if k.Scopes, err = access.ParseScopes(n.scopes); err != nil {
		problems = append(problems, fmt.Errorf("reading --scope: %w", err))
	}
	if k.Rate, err = access.ParseRate(n.rate); err != nil {
		problems = append(problems, fmt.Errorf("reading --rate: %w", err))
	}
	if k.Expires, err = moment(n.expires); err != nil {
		problems = append(problems, fmt.Errorf("reading --expires: %w", err))
	} else if k.Expired(now) {
		problems = append(problems, fmt.Errorf("reading --expires: %s is over", n.expires))
	}
	return k, wrongFlags(problems...)
}

// moment reads a moment or the beginning of a date in UTC; "" is none.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no moment; want RFC 3339, such as 2027-01-31T12:00:00Z, or a date, such as 2027-01-31", text)
}

func find(keys []access.Key, name string) int {
	return slices.IndexFunc(keys, func(k access.Key) bool { return k.Name == name })
}

func runKeysList(s Streams, f keysFlags) error {
	keys, err := f.load(false)
	if err != nil {
		return err
	}
	type line struct {
		Name    string     `json:"name"`
		Scopes  []string   `json:"scopes"`
		Rate    string     `json:"rate,omitempty"`
		Expires *time.Time `json:"expires,omitempty"`
		Expired bool       `json:"expired"`
	}
	list := []line{}
	for i := range keys {
		k := &keys[i]
		l := line{Name: k.Name, Scopes: k.Scopes.Names(), Rate: k.Rate.String(), Expired: k.Expired(s.Now())}
		if !k.Expires.IsZero() {
			l.Expires = &k.Expires
		}
		list = append(list, l)
	}
	if f.json {
		return printJSON(s.Out, list)
	}
	out := &printer{w: s.Out}
	for _, l := range list {
		out.printf("%-24s %s", l.Name, strings.Join(l.Scopes, " "))
		if l.Rate != "" {
			out.printf("  %s", l.Rate)
		}
		switch {
		case l.Expired:
			out.printf("  expired %s", l.Expires.Format(time.RFC3339))
		case l.Expires != nil:
			out.printf("  until %s", l.Expires.Format(time.RFC3339))
		}
		out.printf("\n")
	}
	return out.err
}

func runKeysRevoke(s Streams, f keysFlags, name string) error {
	keys, err := f.load(false)
	if err != nil {
		return err
	}
	i := find(keys, name)
	if i < 0 {
		names := make([]string, len(keys))
		for j := range keys {
			names[j] = keys[j].Name
		}
		return fmt.Errorf("revoking a key: %s has no key %q; it has %s", f.file, name, strings.Join(names, ", "))
	}
	if err := f.save(slices.Delete(keys, i, i+1)); err != nil {
		return err
	}
	if f.json {
		return printJSON(s.Out, map[string]string{"revoked": name, "file": f.file})
	}
	_, err = fmt.Fprintf(s.Out, "%s is revoked; a server that runs takes it no longer when it has read %s again\n", name, f.file)
	return err
}
