package datasets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const accented = "name,city\nZoë,Málaga\n\"Łódź\",漢字\n"

func TestEncodings(t *testing.T) {
	utf16 := func(order unicode.Endianness) string {
		s, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(accented)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	west := "name,city\nZoë – “quoted” €5,Málaga\nplain,São Paulo\n"
	latin, err := charmap.Windows1252.NewEncoder().String(west)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content, encoding string
		rows              []string
	}{
		"plain ASCII":        {"name,city\na,b\n", encodingUTF8, []string{"a|b"}},
		"UTF-8":              {accented, encodingUTF8, []string{"Zoë|Málaga", "Łódź|漢字"}},
		"UTF-8 with mark":    {"\xef\xbb\xbf" + accented, encodingUTF8, []string{"Zoë|Málaga", "Łódź|漢字"}},
		"UTF-16 LE":          {utf16(unicode.LittleEndian), encodingUTF16LE, []string{"Zoë|Málaga", "Łódź|漢字"}},
		"UTF-16 BE":          {utf16(unicode.BigEndian), encodingUTF16BE, []string{"Zoë|Málaga", "Łódź|漢字"}},
		"Latin-1":            {latin, encodingLatin1, []string{"Zoë – “quoted” €5|Málaga", "plain|São Paulo"}},
		"Latin-1 at the end": {"a,b\n1,caf\xe9", encodingLatin1, []string{"1|café"}},
	} {
		for _, size := range []int{0, 16} {
			table, err := Read(t.Context(), tempFile(t, "f.csv", c.content), ReadOptions{chunkSize: size, headSize: 32})
			wantRows(t, table, err, c.rows...)
			if table.Report.Encoding != c.encoding || table.Schema.Fields[0].Name[0] == 0xef {
				t.Errorf("%s: encoding %s, want %s; first column %q", name, table.Report.Encoding, c.encoding, table.Schema.Fields[0].Name)
			}
		}
	}
}

// The first accented letter may stand anywhere: behind the head, across two reads.
func TestEncodingIsFoundLate(t *testing.T) {
	for _, at := range []int{1, 31, 32, 33, 63, 64, 65, 100} {
		for letter, want := range map[string]string{"\xe9": encodingLatin1, "é": encodingUTF8, "漢": encodingUTF8, "🙂": encodingUTF8} {
			text := strings.Repeat("x", at) + letter + "y" + letter
			for name, r := range map[string]io.Reader{
				"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "with EOF": iotest.DataErrReader(strings.NewReader(text))} {
				d, err := newDecoder(r)
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, d, make([]byte, 32)); err != nil {
					t.Fatal(err)
				}
				plain := strings.Repeat("x", at) + strings.ReplaceAll(letter, "\xe9", "é") + "y" + strings.ReplaceAll(letter, "\xe9", "é")
				if got.String() != plain || d.encoding != want {
					t.Errorf("%s, letter %q at %d: %q as %s, want %q as %s", name, letter, at, got.String(), d.encoding, plain, want)
				}
			}
		}
	}
}

// What is UTF-8 at first stays UTF-8: one row of another encoding is a bad row.
func TestMixedEncodingsAreBadRows(t *testing.T) {
	path := tempFile(t, "f.csv", "a,b\né,1\ncaf\xe9,2\nü,3\n")
	_, err := Read(t.Context(), path, ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), "1 bad row of 3; nothing was read: line 3: not UTF-8, though the file is") {
		t.Errorf("got %v", err)
	}
	table, err := Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows})
	wantRows(t, table, err, "é|1", "ü|3")
}

func TestCompressedFiles(t *testing.T) {
	content := referenceCSV(2000)
	plain := tempFile(t, "f.csv", string(content))
	want, err := Read(t.Context(), plain, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var zipped, packed bytes.Buffer
	z := gzip.NewWriter(&zipped)
	p, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{z, p} {
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, bytes := range map[string][]byte{"f.csv.gz": zipped.Bytes(), "f.csv.zst": packed.Bytes(), "named-wrongly.csv": zipped.Bytes()} {
		got, err := Read(t.Context(), tempFile(t, name, string(bytes)), ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameTable(t, got, want)
		for _, cut := range []int{len(bytes) / 2, len(bytes) - 1} {
			if _, err := Read(t.Context(), tempFile(t, name, string(bytes[:cut])), ReadOptions{BadRows: SkipBadRows}); err == nil || !strings.Contains(err.Error(), ": unpacking: ") {
				t.Errorf("%s cut short at %d of %d bytes: %v", name, cut, len(bytes), err)
			}
		}
	}
}

func TestCancelledReading(t *testing.T) {
	path := tempFile(t, "f.csv", string(referenceCSV(3000)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, path, ReadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %v", err)
	}
	table, err := Read(t.Context(), path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	r, err := Open(ctx, path, ReadOptions{Schema: table.Schema, chunkSize: 1000, headSize: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Next: %v", err)
	}
}

func TestFileThatChangesIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(path, referenceCSV(100), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := openSource(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if err := src.unchanged(path); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, referenceCSV(101), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := src.unchanged(path); !errors.Is(err, errChanged) {
		t.Errorf("got %v", err)
	}
}
