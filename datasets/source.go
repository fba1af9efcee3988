package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A source is a text file opened for reading: decompressed, decoded to UTF-8, from its start.
type source struct {
	file *os.File
	zip  io.Closer // nil when not compressed
	text *decoder
	info os.FileInfo
}

// openSource opens a text file. What it is compressed with is told by its first bytes, so that
// a wrong extension does no harm.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plainPathError(err)
	}
	s := &source{file: f}
	if err := s.start(path); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) start(path string) (err error) {
	if s.info, err = s.file.Stat(); err != nil {
		return plainPathError(err)
	}
	if !s.info.Mode().IsRegular() {
		return errors.New("not a plain file")
	}
	if s.info.Size() == 0 {
		return errEmptyFile
	}
	var magic [8]byte
	n, err := s.file.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var raw io.Reader = s.file
	switch head := magic[:n]; {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(s.file)
		if err != nil {
			return fmt.Errorf("unpacking gzip: %w", err)
		}
		raw, s.zip = unpacker{z}, z
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(s.file)
		if err != nil {
			return fmt.Errorf("unpacking zstd: %w", err)
		}
		raw, s.zip = unpacker{z}, z.IOReadCloser()
	case strings.HasSuffix(strings.ToLower(path), ".gz"):
		return errors.New("the name says gzip, the content is not")
	case strings.HasSuffix(strings.ToLower(path), ".zst"):
		return errors.New("the name says zstd, the content is not")
	default:
		if err := foreign(head); err != nil {
			return err
		}
	}
	s.text, err = newDecoder(raw)
	return err
}

var errEmptyFile = errors.New("the file is empty; want a line of column names and rows below it")

// foreign recognises files of other programs by their first bytes.
func foreign(head []byte) error {
	for _, f := range []struct{ magic, what string }{
		{"PK\x03\x04", "an Excel workbook or a zip archive; save it as CSV, or unpack it"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV"},
		{"PAR1", "a Parquet file; name it .parquet"},
		{"ARROW1", "an Arrow file; name it .arrow"},
		{"%PDF", "a PDF"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return fmt.Errorf("not a text file: this is %s", f.what)
		}
	}
	return nil
}

var errChanged = errors.New("the file was changed while it was read")

// unchanged reports an error when the file at the path is no longer the one that was opened.
func (s *source) unchanged(path string) error {
	now, err := os.Stat(path)
	if err != nil {
		return plainPathError(err)
	}
	if !sameFile(now, s.info) {
		return errChanged
	}
	return nil
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// unpacker says of the errors of a decompressor what they are about.
type unpacker struct{ io.Reader }

func (u unpacker) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("unpacking: %w; the file may be cut short", err)
	}
	return n, err
}

func (s *source) Close() {
	if s.zip != nil {
		_ = s.zip.Close()
	}
	_ = s.file.Close() // only read from
}

// plainPathError leaves the path out of an operating-system error: the caller names the file.
func plainPathError(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		if errors.Is(p.Err, os.ErrNotExist) {
			return fmt.Errorf("no such file%w", quiet{p.Err})
		}
		return p.Err
	}
	return err
}

// quiet keeps an error for errors.Is and says nothing.
type quiet struct{ error }

func (q quiet) Error() string { return "" }
func (q quiet) Unwrap() error { return q.error }

// digestFile returns the sha256 of a file's bytes, hex.
func digestFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", plainPathError(err)
	}
	defer func() { _ = f.Close() }()
	h, buf := sha256.New(), make([]byte, 256<<10)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return "", plainPathError(err)
		}
	}
}
