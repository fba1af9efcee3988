package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestSecurityPage: each test that serve/SECURITY.md cites exists, so does each flag, and the limits have the defaults that it says.
func TestSecurityPage(t *testing.T) {
	const root = "../../../../"
	b, err := os.ReadFile(root + "serve/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	tests := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, dir := range []string{root + "serve", "."} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range function.FindAllStringSubmatch(string(text), -1) {
				tests[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	cited := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`").FindAllStringSubmatch(page, -1)
	for _, m := range cited {
		if !tests[m[1]] {
			t.Errorf("there is no test %s", m[1])
		}
	}
	serve, newKey := newServe(Streams{}).Flags(), subcommand(t, "keys", "new")
	flags := regexp.MustCompile("`--([a-z-]+)`").FindAllStringSubmatch(page, -1)
	for _, m := range flags {
		if serve.Lookup(m[1]) == nil && newKey.Lookup(m[1]) == nil {
			t.Errorf("there is no flag --%s", m[1])
		}
	}
	limits := regexp.MustCompile("(?m)^\\|[^|]+\\| `--([a-z-]+)` \\| (?:`([^`]*)`|no limit)").FindAllStringSubmatch(page, -1)
	for _, m := range limits {
		if f := serve.Lookup(m[1]); f == nil || f.DefValue != m[2] {
			t.Errorf("--%s is %q on the page, not its default", m[1], m[2])
		}
	}
	if len(cited) < 60 || len(flags) < 30 || len(limits) < 18 {
		t.Errorf("only %d tests, %d flags, %d limits", len(cited), len(flags), len(limits))
	}
}

func subcommand(t *testing.T, path ...string) *pflag.FlagSet {
	t.Helper()
	cmd, _, err := newRoot(Streams{}).Find(path)
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Flags()
}
