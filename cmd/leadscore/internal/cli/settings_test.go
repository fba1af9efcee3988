package cli

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the generated parts of the README")

// TestSettingsAreInTheReadme: the table of the server's settings in its README is the one that the flags make.
func TestSettingsAreInTheReadme(t *testing.T) {
	const path, begin, end = "../../../../serve/README.md", "<!-- settings of leadscore serve -->\n", "<!-- end of settings -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	written, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the README has no place for the settings")
	}
	want := newSettings(newServe(Streams{}), Streams{}).table()
	if written == want {
		return
	}
	if !*update {
		t.Fatalf("the README's table is not that of the flags; go test ./cmd/leadscore/internal/cli -run Readme -update writes it\ngot\n%s\nwant\n%s", written, want)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// knobs is a command with a flag of each kind.
func knobs(t *testing.T, file string, env map[string]string, args ...string) (addr string, wait time.Duration, keys []string, err error) {
	t.Helper()
	cmd := &cobra.Command{Use: "knobs", SilenceErrors: true, SilenceUsage: true}
	cmd.SetOut(io.Discard)
	cmd.Flags().String(settingsFlag, "", "")
	cmd.Flags().StringVar(&addr, "addr", "default", "")
	cmd.Flags().DurationVar(&wait, "read-timeout", time.Second, "")
	cmd.Flags().StringSliceVar(&keys, "api-key", nil, "")
	s := Streams{LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return newSettings(cmd, s).load() }
	if file != "" {
		path := filepath.Join(t.TempDir(), "serve.yaml")
		if err := os.WriteFile(path, []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	cmd.SetArgs(append([]string{}, args...))
	return addr, wait, keys, cmd.Execute()
}

// TestSettingsGoFlagEnvironmentFileDefault sets addr in more and more places.
func TestSettingsGoFlagEnvironmentFileDefault(t *testing.T) {
	const file = "addr: file\nread_timeout: 3s\napi_key: [a, b]\n"
	env := map[string]string{"LEADSCORE_ADDR": "environment", "LEADSCORE_API_KEY": "c,d,e", "LEADSCORE_PORT": "tcp://1.2.3.4:80"}
	for _, test := range []struct {
		file string
		env  map[string]string
		args []string
		addr string
		wait time.Duration
		keys string
	}{
		{addr: "default", wait: time.Second},
		{file: file, addr: "file", wait: 3 * time.Second, keys: "a b"},
		{file: file, env: env, addr: "environment", wait: 3 * time.Second, keys: "c d e"},
		{file: file, env: env, args: []string{"--addr", "flag", "--read-timeout", "1m", "--api-key", "f"}, addr: "flag", wait: time.Minute, keys: "f"},
	} {
		addr, wait, keys, err := knobs(t, test.file, test.env, test.args...)
		if err != nil || addr != test.addr || wait != test.wait || strings.Join(keys, " ") != test.keys {
			t.Errorf("%q %v %v: %q %v %v %v", test.file, test.env, test.args, addr, wait, keys, err)
		}
	}
}

// TestWrongSettingsAreToldWhereTheyStand: all of them at once, each with its place.
func TestWrongSettingsAreToldWhereTheyStand(t *testing.T) {
	for _, test := range []struct {
		file string
		env  map[string]string
		want []string
	}{
		{"adr: x\nread_timeout: 3\n", nil, []string{
			`serve.yaml:1:1: adr: unknown key (did you mean "addr"?)`, `serve.yaml:2:15: read_timeout: "3"; want a time such as 200ms, 30s, 5m or 24h`,
		}},
		{"read_timeout: soon\naddr: [a, b]\n", map[string]string{"LEADSCORE_READ_TIMEOUT": "never"}, []string{
			`LEADSCORE_READ_TIMEOUT: "never"; want a time such as`, "serve.yaml:1:15: read_timeout: \"soon\"; want a time such as", "serve.yaml:2:7: addr: want one value; found a list",
		}},
		{"addr: {a: b}\naddr: c\n", nil, []string{"serve.yaml:1:7: addr: want a text", "serve.yaml:2:1: addr: this key is here a second time"}},
		{"config: other.yaml\n", nil, []string{"serve.yaml:1:1: config: unknown key"}},
		{"- addr\n", nil, []string{"serve.yaml:1:1: want a mapping of settings"}},
	} {
		_, _, _, err := knobs(t, test.file, test.env)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v\nlacks %s", test.file, err, want)
			}
		}
	}
}
