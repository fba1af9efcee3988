package predictions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"leadscore/datasets"
)

// hourLayout begins the name of a file; hours are those of UTC.
const hourLayout = "2006-01-02T15"

// logMode: the owner writes, the group reads. Ids of leads are personal data.
const logMode = 0o640

// ToFolder makes a log of Parquet files by the hour in a folder, which must be there, each named by hour, host and process. Journals that killed processes left
// there become files in the background.
func ToFolder(dir, host string, pid int, o Options) (*Writer, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("opening the prediction log: there is no folder %s", dir)
	case err != nil:
		return nil, fmt.Errorf("opening the prediction log: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("opening the prediction log: %s is not a folder", dir)
	}
	w, err := newWriter(o)
	if err != nil {
		return nil, err
	}
	h := &hourly{dir: dir, owner: fmt.Sprintf("%s-%d", plain(host), pid), writer: w, most: mostJournal, failed: make(chan error, 16)}
	h.sealLater()
	return w.start(h), nil
}

// mostJournal bounds the bytes of a journal, so that making a file of it, when the server stops at the latest, takes a second or two.
const mostJournal = 256 << 20

// plain keeps of a host's name what every file system takes.
func plain(host string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, host)
}

// hourly appends to the journal of an hour and has the ones before made into Parquet files.
type hourly struct {
	dir, owner string
	writer     *Writer

	file *os.File // nil: none is open
	path string
	hour string
	good int64 // bytes of whole batches
	most int64 // bytes from which on the hour goes on in another file
	buf  []byte

	sealing sync.WaitGroup
	failed  chan error // of sealing, to be told by the writer's goroutine
}

func hourOf(micros int64) string { return time.UnixMicro(micros).UTC().Format(hourLayout) }

// cut keeps the records of an hour together. A record of an hour before, because requests overtake one another or the clock was set
// back, goes to the file that is open: time in the rows is what counts.
func (h *hourly) cut(records []Record) int {
	hour := hourOf(records[0].at)
	for i := range records {
		if next := records[i].at; next/3600e6 != records[0].at/3600e6 && hourOf(next) > hour {
			return h.turn(hour, i)
		}
	}
	return h.turn(hour, len(records))
}

func (h *hourly) turn(hour string, n int) int {
	if h.file != nil && (hour > h.hour || h.good >= h.most) {
		h.endHour()
	}
	if h.file == nil {
		h.hour = hour
	}
	return n
}

func (h *hourly) write(b *datasets.Batch) error {
	if err := h.open(); err != nil {
		return fmt.Errorf("writing the prediction log: %w", err)
	}
	h.buf = datasets.AppendJSONLines(h.buf[:0], b)
	if _, err := h.file.Write(h.buf); err != nil {
		// Half a batch must not stay. Where it cannot be taken back, its last line is one that cannot be read, and is left out later.
		if h.file.Truncate(h.good) == nil {
			_, _ = h.file.Seek(h.good, 0)
		}
		return fmt.Errorf("writing the prediction log: %w", err)
	}
	h.good += int64(len(h.buf))
	return nil
}

// open opens the journal of the hour, where it is not open or somebody has removed it. A name is taken once: what has its name has its rows.
func (h *hourly) open() error {
	if h.file != nil {
		if isAt(h.file, h.path) {
			return nil
		}
		_ = h.file.Close() // rows that somebody removed
		h.file = nil
	}
	for turn := 1; turn < 10_000; turn++ {
		name := h.hour + "-" + h.owner
		if turn > 1 {
			name += fmt.Sprintf("-%d", turn)
		}
		sealed := filepath.Join(h.dir, name+sealedExtension)
		if _, err := os.Lstat(sealed); err == nil {
			continue
		}
		path := filepath.Join(h.dir, "."+name+journalExtension)
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, logMode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if locked, err := tryLock(f); err != nil || !locked { // another process took it for one that was left
			_ = f.Close()
			if err != nil {
				return fmt.Errorf("locking %s: %w", path, err)
			}
			continue
		}
		if !isAt(f, path) { // somebody took it, empty as it was, and removed it before the lock was ours
			_ = f.Close()
			continue
		}
		if _, err := os.Lstat(sealed); err == nil { // the journal before of this name became a file meanwhile: first the file is there, then the name is free
			err := os.Remove(path)
			_ = f.Close()
			if err != nil {
				return err
			}
			continue
		}
		h.file, h.path, h.good = f, path, 0
		return nil
	}
	return fmt.Errorf("there is no name left for a file of %s-%s in %s", h.hour, h.owner, h.dir)
}

// isAt reports whether an open file is the one that stands at a path.
func isAt(f *os.File, path string) bool {
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	own, err := f.Stat()
	return err == nil && os.SameFile(there, own)
}

// tick ends an hour in which nothing comes any more, and tells what went wrong with the hours before.
func (h *hourly) tick(now time.Time) {
	if h.file != nil && hourOf(now.UnixMicro()) > h.hour {
		h.endHour()
	}
	for {
		select {
		case err := <-h.failed:
			h.writer.fail(err)
		default:
			return
		}
	}
}

// endHour lets go of the journal and has it made into a file.
func (h *hourly) endHour() {
	err := h.file.Close()
	h.file = nil
	if err != nil {
		h.writer.fail(fmt.Errorf("writing the prediction log: %w", err))
	}
	h.sealLater()
}

func (h *hourly) sealLater() {
	h.sealing.Go(func() {
		for _, err := range seal(h.dir) {
			select {
			case h.failed <- err:
			default: // there are enough to look at
			}
		}
	})
}

func (h *hourly) close() error {
	if h.file != nil {
		h.endHour()
	}
	h.sealing.Wait()
	h.tick(time.Time{})
	return nil
}
