package history

import "errors"

// Log is the events of a list of leads, sorted by lead and time, without duplicates: in memory, or in a temporary file
// where they are more than Options.Memory allows. It is immutable and may be used by many goroutines until it is closed.
type Log struct {
	leads      int
	types      []string // by name; a code is a place among them
	channels   []string
	properties []string
	perPart    int32 // leads of a part
	parts      []part
	file       *spillFile
}

// part is the events of a range of leads, column by column.
type part struct {
	starts []uint32    // of each lead: its first event; the last one is the number of events
	times  []int64     // microseconds since 1970 UTC
	kinds  []uint32    // type << 16 | channel; unnamed: there is no channel
	values [][]float64 // of each property; NaN is missing
	spilt  int64       // where times, kinds and values stand in the file; they are nil then
	inFile bool
}

// Close removes what was kept in a file. The log is not to be used afterwards.
func (l *Log) Close() error {
	l.parts = nil
	return l.file.close()
}

func joinClose(err error, l *Log) error { return errors.Join(err, l.Close()) }

// Leads returns the number of leads that the log was read for.
func (l *Log) Leads() int { return l.leads }

func (p *part) events() int { return int(p.starts[len(p.starts)-1]) }

// save puts a part's columns into the file; p keeps only where.
func (p *part) save(f *spillFile, from *part) error {
	p.starts = append([]uint32(nil), from.starts...)
	size := 12 + 8*len(from.values)
	buf := make([]byte, 0, size*len(from.times))
	buf = append(buf, bytesOf(from.times)...)
	for _, v := range from.values {
		buf = append(buf, bytesOf(v)...)
	}
	buf = append(buf, bytesOf(from.kinds)...)
	var err error
	p.spilt, err = f.write(buf)
	p.inFile = true
	return err
}

// load returns part i, in buf where it has to be read.
func (l *Log) load(i int, buf *part) (*part, error) {
	p := &l.parts[i]
	if !p.inFile {
		return p, nil
	}
	n := p.events()
	buf.starts = p.starts
	buf.times, buf.kinds = resize(buf.times, n), resize(buf.kinds, n)
	buf.values = resize(buf.values, len(l.properties))
	at := p.spilt
	err := l.file.read(bytesOf(buf.times), at)
	at += int64(8 * n)
	for k := range buf.values {
		buf.values[k] = resize(buf.values[k], n)
		err = errors.Join(err, l.file.read(bytesOf(buf.values[k]), at))
		at += int64(8 * n)
	}
	return buf, errors.Join(err, l.file.read(bytesOf(buf.kinds), at))
}
