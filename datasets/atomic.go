package datasets

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// AtomicWrite writes a file so that it is there whole or not at all: write fills a temporary
// file in the same directory, which is synced and renamed over path. When write fails nothing
// stands at path that did not stand there before.
func AtomicWrite(path string, write func(io.Writer) error) error {
	p, err := newPendingFile(path)
	if err != nil {
		return err
	}
	if err := write(p); err != nil {
		p.abort()
		return err
	}
	return p.commit()
}

// A pendingFile is a temporary file that becomes the file at path on commit. Exactly one of
// commit and abort ends it.
type pendingFile struct {
	*bufio.Writer
	f    *os.File
	path string
}

// newPendingFile refuses a path where something other than a plain file stands: renaming over
// a directory fails late, and over a device such as /dev/stdout it succeeds.
func newPendingFile(path string) (*pendingFile, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &pendingFile{Writer: bufio.NewWriterSize(f, 1<<16), f: f, path: path}, nil
}

func (p *pendingFile) commit() error {
	err := p.Flush()
	if err == nil {
		err = p.f.Chmod(0o644)
	}
	if err == nil {
		err = p.f.Sync()
	}
	if err == nil {
		err = p.f.Close()
	}
	if err == nil {
		err = os.Rename(p.f.Name(), p.path)
	}
	if err != nil {
		p.abort()
	}
	return err
}

func (p *pendingFile) abort() {
	_ = p.f.Close()
	_ = os.Remove(p.f.Name())
}
