package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// fileStamp tells whether a file is still the one that was read. The disk is asked at each tick instead of telling by itself
// (fsnotify): network mounts do not tell, and the volumes of Kubernetes swap a link above the file.
type fileStamp struct {
	info    fs.FileInfo
	settled bool // it was older than the clock of a file system when it was looked at
}

// tickOfDisks is longer than the coarsest time of change that file systems keep (FAT: 2 s).
const tickOfDisks = 3 * time.Second

// stampOf looks at a file. now is when: a file that was changed in the moment before may change again without another time, and is read
// until it has settled.
func stampOf(path string, now time.Time) (fileStamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}, err
	}
	switch {
	case info.IsDir():
		return fileStamp{}, fmt.Errorf("%s is a directory; want a file", path)
	case !info.Mode().IsRegular(): // a pipe would be waited for, and a device never ends
		return fileStamp{}, fmt.Errorf("%s is a pipe or a device; want a file", path)
	}
	return fileStamp{info: info, settled: now.Sub(info.ModTime()) > tickOfDisks}, nil
}

// same reports whether a later look saw the same file: neither replaced nor written to. The zero stamp is no file.
func (f fileStamp) same(later fileStamp) bool {
	return f.info != nil && f.settled && os.SameFile(f.info, later.info) && f.info.Size() == later.info.Size() && f.info.ModTime().Equal(later.info.ModTime())
}

// Work does what a server does beside answering, until ctx is done: it looks at the disk at each tick of its Catalog, and scores leads by
// the challengers in the shadow. Run calls it; who brings a listener of his own calls it once.
func (s *Server) Work(ctx context.Context) {
	var beside sync.WaitGroup
	defer beside.Wait()
	for i := range s.challengers {
		if s.challengers[i].Shadow {
			beside.Go(func() { s.shadows.work(ctx) })
			break
		}
	}
	if s.catalog == nil {
		<-ctx.Done()
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.catalog.Tick:
		case <-s.catalog.Reload:
			s.log.LogAttrs(ctx, slog.LevelInfo, "looking for changed models, as asked")
		}
		s.Reload()
	}
}

// Reload looks at the disk and serves what has changed there. What cannot be loaded is told by the log, the metrics and
// GET /v1/models, and what was served before stays.
func (s *Server) Reload() {
	if s.catalog == nil {
		return
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	if err := s.catalog.look(); err != nil {
		s.log.LogAttrs(context.Background(), slog.LevelError, "models could not be swapped; the old ones stay", slog.String("error", err.Error()))
	}
}

// madeOf is when the model of a run directory was trained, as its metrics.json has it; "": there is none.
func madeOf(path string) string {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(path), "metrics.json"))
	if err != nil {
		return ""
	}
	var card struct {
		Run struct {
			At string `json:"at"`
		} `json:"run"`
	}
	if json.Unmarshal(b, &card) != nil {
		return ""
	}
	return card.Run.At
}
