package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/serve/access"
)

func TestKeysNewListRevoke(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.jsonl")
	out, errs := cmd(t, 0, "keys", "new", "--name", "crm", "--scope", "score,read", "--file", file)
	secret := strings.TrimSuffix(out, "\n")
	hash, ok := access.HashOf(secret)
	if !ok || strings.Contains(errs, secret) {
		t.Fatalf("%q, %q", out, errs)
	}
	says(t, errs, "The key of crm (score read) is in "+file+" by its hash alone")
	out, _ = cmd(t, 0, "keys", "new", "--name", "web", "--scope", "admin", "--rate", "10/s", "--expires", "2026-01-03", "--json", "--file", file)
	var made struct{ Name, Key string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Name != "web" || made.Key == secret || len(made.Key) != len(secret) {
		t.Errorf("%s, %v", out, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret[4:]) || strings.Contains(string(text), made.Key[4:]) {
		t.Error("the file has a key")
	}
	says(t, string(text), `{"name":"crm","sha256":"`+hash.String()+`","scopes":["score","read"]}`, `"rate":"10/s","expires":"2026-01-03T00:00:00Z"`)
	out, _ = cmd(t, 0, "keys", "list", "--file", file)
	says(t, out, "crm                      score read\n", "web                      admin  10/s  until 2026-01-03T00:00:00Z\n")
	out, _ = cmd(t, 0, "keys", "list", "--json", "--file", file)
	says(t, out, `"expired": false`)
	out, _ = cmd(t, 0, "keys", "revoke", "crm", "--file", file)
	says(t, out, "crm is revoked")
	keys, err := access.ParseKeys(must(os.ReadFile(file)))
	if err != nil || len(keys) != 1 || keys[0].Name != "web" {
		t.Errorf("%+v, %v", keys, err)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestKeysRefuse: what is wrong is told, all of it, and nothing is written.
func TestKeysRefuse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keys.jsonl")
	_, errs := cmd(t, 2, "keys", "new", "--name", "a b", "--scope", "scores", "--rate", "10", "--expires", "2026-01-02", "--file", file)
	says(t, errs, `reading --name: "a b" is not a name`, `reading --scope: no scope "scores"; want score, read, admin`, `reading --rate: "10" is not a rate`, "reading --expires: 2026-01-02 is over")
	_, errs = cmd(t, 2, "keys", "new", "--name", "a", "--scope", "score", "--expires", "soon", "--file", file)
	says(t, errs, `"soon" is no moment`)
	_, errs = cmd(t, 2, "keys", "new", "--file", file)
	says(t, errs, "name", "scope")
	exists(t, false, file)
	cmd(t, 0, "keys", "new", "--name", "a", "--scope", "score", "--file", file)
	_, errs = cmd(t, 2, "keys", "new", "--name", "a", "--scope", "score", "--file", file)
	says(t, errs, `there is a key "a"; want another name, or revoke it first`)
	_, errs = cmd(t, 1, "keys", "revoke", "b", "--file", file)
	says(t, errs, `has no key "b"; it has a`)
	_, errs = cmd(t, 1, "keys", "list", "--file", file+"x")
	says(t, errs, "reading keys")
	_, errs = cmd(t, 1, "keys", "new", "--name", "b", "--scope", "score", "--file", filepath.Join(dir, "none", "keys"))
	says(t, errs, "writing keys")
	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, []byte("{\"name\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list"}, {"revoke", "a"}, {"new", "--name", "b", "--scope", "read"}} {
		_, errs = cmd(t, 2, append(append([]string{"keys"}, args...), "--file", broken)...)
		says(t, errs, "reading "+broken, "line 1: name: want a text")
	}
	if got := string(must(os.ReadFile(broken))); got != "{\"name\":1}\n" {
		t.Errorf("a broken file was written: %q", got)
	}
}
