package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// TestHeadOfDamagedFiles: of JSON the walk has the digest of what json.Compact leaves of it; what is no JSON is refused with the library's
// place, whatever the walk made of it.
func TestHeadOfDamagedFiles(t *testing.T) {
	good := small(t)
	r := rand.New(rand.NewPCG(1, 2))
	marks := []byte("{}[]\",:\\ \n10eu-")
	whole, broken := 0, 0
	for range 4000 {
		b := bytes.Clone(good)
		for range 1 + r.IntN(2) {
			at := r.IntN(len(b))
			switch r.IntN(3) {
			case 0:
				b[at] = marks[r.IntN(len(marks))]
			case 1:
				b = append(b[:at], b[at+1:]...)
			default:
				b = append(b[:at], append([]byte{marks[r.IntN(len(marks))]}, b[at:]...)...)
			}
		}
		if r.IntN(20) == 0 {
			b = b[:r.IntN(len(b))]
		}
		h, err := readHead(b)
		if !json.Valid(b) {
			broken++
			if sealed := reseal(b); !json.Valid(sealed) {
				if a, err := Read(bytes.NewReader(sealed)); err == nil {
					t.Fatalf("read %v from what is no JSON: %s", a.Name, sealed)
				}
			}
			continue
		}
		if err != nil {
			continue
		}
		whole++
		var blank, compact bytes.Buffer
		at := 0
		for _, s := range h.spans {
			blank.Write(b[at:s[0]])
			blank.WriteString(`""`)
			at = s[1]
		}
		blank.Write(b[at:])
		if err := json.Compact(&compact, blank.Bytes()); err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256(compact.Bytes()); !bytes.Equal(h.content.Sum(nil), want[:]) {
			t.Fatalf("another digest of %s", b)
		}
	}
	if whole < 100 || broken < 100 {
		t.Errorf("%d files were JSON, %d were not", whole, broken)
	}
	for _, text := range []string{`{}{}`, `{} ,`, `{}}`, `{1:2}`, `{{`, `{"a`, `{"a\`, `{"a\"`, `[`, `]`, `{"a":]`, `{"digest":`, `"`, `{"version":"\u"}`} {
		if _, err := Read(bytes.NewReader([]byte(text))); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}
