package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// keyOf is a key that a test can make again: n in each of its random bytes.
func keyOf(t testing.TB, n byte) (string, Hash) {
	t.Helper()
	secret, err := NewSecret(bytes.NewReader(bytes.Repeat([]byte{n}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	h, ok := HashOf(secret)
	if !ok {
		t.Fatalf("%q is no key", secret)
	}
	return secret, h
}

func TestSecret(t *testing.T) {
	secret, h := keyOf(t, 0xfb)
	if secret != "lsk_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s" {
		t.Errorf("%q", secret)
	}
	if want := sha256.Sum256([]byte(secret)); h != want || h.String() != hex.EncodeToString(want[:]) {
		t.Errorf("hash %s, want that of the whole key", h)
	}
	if _, err := NewSecret(strings.NewReader("too short")); err == nil {
		t.Error("a key of fewer random bytes")
	}
	for _, s := range []string{"", secret[:46], secret + "A", "lsx_" + secret[4:]} {
		if _, ok := HashOf(s); ok {
			t.Errorf("%q is taken for a key", s)
		}
	}
}

func TestKeysFile(t *testing.T) {
	_, one := keyOf(t, 1)
	_, two := keyOf(t, 2)
	text := `{"name":"crm","sha256":"` + one.String() + `","scopes":["score"]}

 {"expires":"2027-01-01T00:00:00+01:00","scopes":["admin","read"],"rate":"600/m","sha256":"` + strings.ToUpper(two.String()) + `","name":"web.app-2"} ` + "\r\n"
	keys, err := ParseKeys([]byte(text))
	if err != nil || len(keys) != 2 {
		t.Fatal(keys, err)
	}
	if k := keys[0]; k.Name != "crm" || k.Hash != one || k.Scopes != Score || k.Rate != (Rate{}) || !k.Expires.IsZero() {
		t.Errorf("%+v", k)
	}
	end := time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)
	if k := keys[1]; k.Name != "web.app-2" || k.Hash != two || k.Scopes != Read|Admin || k.Rate != (Rate{600, time.Minute}) || !k.Expires.Equal(end) {
		t.Errorf("%+v", k)
	}
	for at, want := range map[time.Time]bool{end.Add(-1): false, end: true, end.Add(1): true} {
		if keys[1].Expired(at) != want || keys[0].Expired(at) {
			t.Errorf("at %s: expired %v, %v", at, keys[1].Expired(at), keys[0].Expired(at))
		}
	}
	var b bytes.Buffer
	if err := WriteKeys(&b, keys); err != nil {
		t.Fatal(err)
	}
	again, err := ParseKeys(b.Bytes())
	if err != nil || len(again) != 2 || again[0] != keys[0] || again[1].Hash != keys[1].Hash || !again[1].Expires.Equal(end) {
		t.Errorf("written and read: %+v, %v", again, err)
	}
	if none, err := ParseKeys(nil); err != nil || none != nil {
		t.Errorf("an empty file: %v, %v", none, err)
	}
}

func TestWrongKeysFile(t *testing.T) {
	secret, h := keyOf(t, 1)
	fine := `{"name":"a","sha256":"` + h.String() + `","scopes":["score"]}`
	with := func(field, value string) string {
		return strings.TrimSuffix(fine, "}") + `,"` + field + `":` + value + `}`
	}
	for text, want := range map[string]string{
		"[" + fine + "]":                          "line 1: want a JSON object",
		"\n\n# a comment":                         "line 3: want a JSON object",
		`{"name":"a"`:                             "does not end",
		fine + fine:                               "something stands behind",
		fine + "}":                                "something stands behind",
		with("expiry", `"x"`):                     `unknown or duplicate field "expiry"`,
		with("Rate", `"1/s"`):                     `unknown or duplicate field "Rate"`,
		with("name", `"b"`):                       `unknown or duplicate field "name"`,
		with("rate", "100"):                       "rate: want a text",
		with("rate", "null"):                      "rate: want a text",
		with("rate", `"0/s"`):                     `rate: "0/s" is not a rate`,
		with("rate", `"1/d"`):                     "not a rate",
		with("rate", `"-1/s"`):                    "not a rate",
		with("rate", `"1.5/s"`):                   "not a rate",
		with("expires", `"2027-01-01"`):           "expires: want a moment by RFC 3339",
		with("expires", "null"):                   "expires: want a moment",
		with("expires", `"0001-01-01T00:00:00Z"`): "expires: no moment",
		strings.Replace(fine, `"a"`, `"a b"`, 1):  `name: "a b" is not a name`,
		strings.Replace(fine, `"a"`, `""`, 1):     "is not a name",
		strings.Replace(fine, `"a"`, `"`+strings.Repeat("x", 65)+`"`, 1): "is not a name",
		strings.Replace(fine, `"score"`, `"scores"`, 1):                  `scopes: no scope "scores"; want score, read, admin`,
		strings.Replace(fine, `["score"]`, `[]`, 1):                      "no scope at all",
		strings.Replace(fine, `["score"]`, `"score"`, 1):                 "scopes: want a list",
		strings.Replace(fine, h.String(), "abcd", 1):                     "sha256: not a SHA-256: want 64",
		strings.Replace(fine, h.String()[:2], "zz", 1):                   "sha256: not a SHA-256",
		strings.Replace(fine, `"a"`, `"`+secret+`"`, 1):                  "name: this is a key",
		fine + "\n" + fine: `line 2: name: "a" is already the key of line 1`,
		fine + "\n" + strings.Replace(fine, `"a"`, `"b"`, 1): "line 2: sha256: this is already the key of line 1",
	} {
		if keys, err := ParseKeys([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, %v; want %s", text, keys, err, want)
		}
	}
	_, err := ParseKeys([]byte("{}\n" + fine + "\n{\n"))
	if err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("all that is wrong at once: %v", err)
	}
}

// FuzzParseKeys: no file makes a panic, and what is read is written and read the same.
func FuzzParseKeys(f *testing.F) {
	_, h := keyOf(f, 1)
	f.Add([]byte(`{"name":"a","sha256":"` + h.String() + `","scopes":["score"],"rate":"5/h","expires":"2027-01-01T00:00:00.5Z"}`))
	f.Add([]byte("{}\n[]\n{\"name\":{}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ParseKeys(text)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteKeys(&b, keys); err != nil {
			t.Fatal(err)
		}
		again, err := ParseKeys(b.Bytes())
		if err != nil || len(again) != len(keys) {
			t.Fatalf("%q became %q: %v", text, b.Bytes(), err)
		}
		for i := range keys {
			if !again[i].Expires.Equal(keys[i].Expires) {
				t.Fatalf("%v became %v", keys[i].Expires, again[i].Expires)
			}
			again[i].Expires = keys[i].Expires
			if again[i] != keys[i] || keys[i].Scopes == 0 || keys[i].Name == "" {
				t.Fatalf("%+v became %+v", keys[i], again[i])
			}
		}
	})
}
