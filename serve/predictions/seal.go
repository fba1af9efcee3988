package predictions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
)

const (
	journalExtension = ".jsonl"
	sealedExtension  = ".parquet"
)

// journalName is the name of a journal, without the dot and the extension that of the file to come.
var journalName = regexp.MustCompile(`^\.(\d{4}-\d{2}-\d{2}T\d{2}-[A-Za-z0-9._-]+)\.jsonl$`)

// seal makes a Parquet file of each journal in a folder that nobody writes to, and returns what went wrong. A journal goes when its file is whole, so
// whoever is interrupted here leaves it to the next.
func seal(dir string) (problems []error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []error{fmt.Errorf("reading the folder of the prediction log: %w", err)}
	}
	for _, e := range entries {
		m := journalName.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		if err := sealOne(filepath.Join(dir, e.Name()), filepath.Join(dir, m[1]+sealedExtension), entries); err != nil {
			problems = append(problems, fmt.Errorf("closing the prediction log %s: %w", e.Name(), err))
		}
	}
	return problems
}

func sealOne(journal, sealed string, entries []os.DirEntry) (err error) {
	f, err := os.OpenFile(journal, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // another one was faster
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // and gives up the lock
	switch locked, err := tryLock(f); {
	case err != nil:
		return fmt.Errorf("locking it: %w", err)
	case !locked:
		return nil // its writer lives
	}
	if !isAt(f, journal) {
		return nil // another one was faster, and is done
	}
	own, err := f.Stat()
	if err != nil {
		return err
	}
	for _, e := range entries { // what one that was interrupted left
		if strings.HasPrefix(e.Name(), "."+filepath.Base(sealed)+".") {
			_ = os.Remove(filepath.Join(filepath.Dir(sealed), e.Name()))
		}
	}
	if own.Size() == 0 {
		return os.Remove(journal)
	}
	unread, err := convert(journal, sealed)
	if err != nil {
		return err
	}
	if err := os.Remove(journal); err != nil {
		return err
	}
	if unread > 0 {
		return fmt.Errorf("%d of its lines could not be read and are lost", unread)
	}
	return nil
}

// convert writes the rows of a journal to a Parquet file and tells how many lines it could not read: the last one of a process that was killed, and
// what others wrote there. The reasons are not told: they hold the cells.
func convert(journal, sealed string) (unread int, err error) {
	r, err := datasets.Open(context.Background(), journal, datasets.ReadOptions{Schema: model.LogSchema(), BadRows: datasets.SkipBadRows, Workers: 1})
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }() // read only
	w, err := datasets.Create(sealed, model.LogSchema())
	if err != nil {
		return 0, err
	}
	rows := 0
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			rows += b.Rows()
			err = w.Write(b)
		}
		if err != nil {
			w.Abort()
			return 0, err
		}
	}
	unread = r.Report().BadTotal
	if rows == 0 {
		w.Abort()
		return unread, nil
	}
	if err := w.Close(); err != nil {
		return unread, err
	}
	return unread, os.Chmod(sealed, logMode)
}
