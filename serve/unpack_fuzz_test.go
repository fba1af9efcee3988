package serve

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// FuzzUnpack: whatever comes under a coding is unpacked as the library does, within the limits, or refused; decoders can be used again.
func FuzzUnpack(f *testing.F) {
	for _, c := range bothCodings {
		for _, text := range []string{"", good, strings.Repeat("a", 5000)} {
			f.Add([]byte(pack(f, c, text)), c == zstdCoding)
		}
		f.Add([]byte(blankPacked(f, c, 3<<20)), c == zstdCoding)
	}
	f.Fuzz(func(t *testing.T, data []byte, isZstd bool) {
		c := gzipCoding
		if isZstd {
			c = zstdCoding
		}
		const limit = 4 << 20
		u := newUnpacker(c, bytes.NewReader(data), "body", limit)
		got, err := io.ReadAll(io.LimitReader(u, limit+1))
		if f := asFault(err); err != nil && (f == nil || f.status != 400 && f.status != 413 || f.detail == "") {
			t.Fatalf("%v", err)
		}
		u.release()
		if len(got) > limit || err != nil {
			return
		}
		var want []byte
		if isZstd {
			d, err2 := zstd.NewReader(nil)
			if err2 != nil {
				t.Fatal(err2)
			}
			defer d.Close()
			want, err = d.DecodeAll(data, nil)
		} else {
			var r *gzip.Reader
			if r, err = gzip.NewReader(bytes.NewReader(data)); err == nil { // that it also takes some heads which are cut off is for members
				want, err = io.ReadAll(r)
			}
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, the library %d, %v", len(got), len(want), err)
		}
		again := newUnpacker(c, strings.NewReader(pack(t, c, "again")), "body", limit)
		if text, err := io.ReadAll(again); string(text) != "again" || err != nil {
			t.Fatalf("%q, %v", text, err)
		}
		again.release()
	})
}
