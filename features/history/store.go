package history

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"
)

// mostParts is into how many ranges of leads a log is parted. Each is sorted by itself, so that only the ranges in work are in
// memory; more of them would make the blocks small.
const mostParts = 256

// blockWords is the size of the pieces that a part grows by: 64 KiB.
const blockWords = 8192

// store collects the records of a log by ranges of leads, in memory up to a budget and in a temporary file beyond.
type store struct {
	width    int   // words of a record
	perPart  int32 // leads of a part
	parts    []heap
	block    int          // words of a block, a multiple of width
	budget   int64        // words
	inMemory atomic.Int64 // words of full blocks
	file     *spillFile
}

// heap is the records of one range of leads, in no order.
type heap struct {
	mu     sync.Mutex
	blocks [][]uint64
	last   []uint64
	spilt  []extent
}

type extent struct {
	at    int64 // in the file, bytes
	words int
}

// A record is words: the time, then lead, type and channel in one, then the hash of the id where the log has ids, then the
// properties as float64 bits.
func newStore(leads, width int, budget int64, file *spillFile) *store {
	parts := min(mostParts, max(1, leads))
	s := &store{width: width, perPart: int32((leads + parts - 1) / parts), budget: budget / 8, file: file}
	s.perPart = max(1, s.perPart)
	s.parts = make([]heap, max(1, (leads+int(s.perPart)-1)/int(s.perPart)))
	s.block = max(1, int(min(blockWords, s.budget/int64(4*len(s.parts))))/width) * width
	return s
}

// append adds records to a part. It may be called by many goroutines.
func (s *store) append(part int, records []uint64) error {
	h := &s.parts[part]
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(records) > 0 {
		if h.last == nil {
			h.last = make([]uint64, 0, s.block)
		}
		n := min(len(records), s.block-len(h.last))
		h.last = append(h.last, records[:n]...)
		records = records[n:]
		if len(h.last) < s.block {
			return nil
		}
		if s.inMemory.Add(int64(s.block)) <= s.budget {
			h.blocks, h.last = append(h.blocks, h.last), nil
			continue
		}
		s.inMemory.Add(-int64(s.block))
		at, err := s.file.write(bytesOf(h.last))
		if err != nil {
			return err
		}
		h.spilt = append(h.spilt, extent{at, len(h.last)})
		h.last = h.last[:0]
	}
	return nil
}

// take returns all records of a part, in no order, in buf if they fit, and forgets them.
func (s *store) take(part int, buf []uint64) ([]uint64, error) {
	h := &s.parts[part]
	words := len(h.last)
	for _, b := range h.blocks {
		words += len(b)
	}
	for _, e := range h.spilt {
		words += e.words
	}
	if cap(buf) < words {
		buf = make([]uint64, 0, words)
	}
	buf = buf[:0]
	for _, e := range h.spilt {
		piece := buf[len(buf) : len(buf)+e.words]
		if err := s.file.read(bytesOf(piece), e.at); err != nil {
			return nil, err
		}
		buf = buf[:len(buf)+e.words]
	}
	for _, b := range h.blocks {
		buf = append(buf, b...)
	}
	buf = append(buf, h.last...)
	h.blocks, h.last, h.spilt = nil, nil, nil
	return buf, nil
}

// spilled reports whether memory did not suffice.
func (s *store) spilled() bool { return s.file.used() }

// spillFile is a temporary file of this process, made when first written to. Its numbers are in the machine's byte order.
type spillFile struct {
	dir  string
	mu   sync.Mutex
	file *os.File
	name string // to be removed by close; "" when the name is gone already
	end  int64
}

// write appends b and returns where it stands.
func (f *spillFile) write(b []byte) (int64, error) {
	f.mu.Lock()
	if f.file == nil {
		file, err := os.CreateTemp(f.dir, "leadscore-events-*")
		if err != nil {
			f.mu.Unlock()
			return 0, fmt.Errorf("spilling events: %w", err)
		}
		f.file, f.name = file, file.Name()
		if os.Remove(f.name) == nil { // where that is possible nothing is left behind by a process that is killed
			f.name = ""
		}
	}
	at := f.end
	f.end += int64(len(b))
	f.mu.Unlock()
	if _, err := f.file.WriteAt(b, at); err != nil {
		return 0, fmt.Errorf("spilling events: %w", err)
	}
	return at, nil
}

func (f *spillFile) read(b []byte, at int64) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := f.file.ReadAt(b, at); err != nil {
		return fmt.Errorf("reading spilled events: %w", err)
	}
	return nil
}

func (f *spillFile) used() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file != nil
}

func (f *spillFile) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	f.file = nil
	return err
}

// bytesOf sees numbers as bytes without a copy.
func bytesOf[T uint32 | uint64 | int64 | float64](numbers []T) []byte {
	if len(numbers) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&numbers[0])), len(numbers)*int(unsafe.Sizeof(numbers[0])))
}
