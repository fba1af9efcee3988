package history

import (
	"cmp"
	"context"
	"math"
	"slices"

	"leadscore/datasets"
)

// sort puts the records of each part in order, drops duplicates, and makes the log of them.
func (r *reading) sort(ctx context.Context, leads []string, report *Report, o Options) (*Log, error) {
	types, typeCodes := r.types.ordered()
	channels, channelCodes := r.channels.ordered()
	log := &Log{leads: len(leads), types: types, channels: channels, properties: r.layout.properties, perPart: r.store.perPart}
	log.parts = make([]part, len(r.store.parts))
	log.file = &spillFile{dir: o.TempDir}
	report.Types, report.Channels = types, channels
	spill := r.store.spilled()
	type outcome struct {
		duplicates  int
		examples    []int32
		first, last int64
	}
	outcomes := make([]outcome, len(log.parts))
	workers := min(o.Workers, len(log.parts))
	sorters := make([]sorter, workers)
	err := each(ctx, workers, len(log.parts), func(w, p int) (err error) {
		s := &sorters[w]
		if s.words, err = r.store.take(p, s.words); err != nil {
			return err
		}
		s.width, s.ids = r.store.width, r.source.ID != ""
		s.types, s.channels = typeCodes, channelCodes
		low := int32(p) * log.perPart
		high := min(low+log.perPart, int32(log.leads))
		out := &outcomes[p]
		out.first, out.last = math.MaxInt64, math.MinInt64
		piece := &log.parts[p]
		if spill {
			piece = &s.piece // to be used again
		}
		s.sort(low, high, piece)
		out.duplicates, out.examples = s.duplicates, slices.Clone(s.examples)
		for _, t := range piece.times {
			out.first, out.last = min(out.first, t), max(out.last, t)
		}
		if spill {
			err = log.parts[p].save(log.file, piece)
		}
		return err
	})
	if err != nil {
		return nil, joinClose(err, log)
	}
	report.First, report.Last = datasets.MissingTime, datasets.MissingTime
	for p := range outcomes {
		out := &outcomes[p]
		report.Duplicates += out.duplicates
		for _, lead := range out.examples {
			example(&report.Examples.Duplicates, leads[lead])
		}
		n := log.parts[p].events()
		report.Kept += n
		if n > 0 {
			if report.First == datasets.MissingTime || out.first < report.First {
				report.First = out.first
			}
			report.Last = max(report.Last, out.last)
		}
	}
	return log, nil
}

// ordered returns the texts by name, and the place of each code among them.
func (n *names) ordered() (texts []string, places []uint16) {
	texts = slices.Sorted(slices.Values(n.texts))
	places = make([]uint16, len(n.texts))
	for place, text := range texts {
		places[n.codes[text]] = uint16(place)
	}
	return texts, places
}

// sorter sorts the records of one part after another.
type sorter struct {
	words           []uint64
	width           int
	ids             bool
	types, channels []uint16 // places of the codes

	from       []uint32 // of each lead of the part: its first event in order
	order      []key
	seen       idSet
	duplicates int
	examples   []int32
	piece      part
}

// key is an event to be sorted.
type key struct {
	at     int64
	kind   uint32 // places of its type and its channel
	record uint32
}

// sort makes the part of leads low … high−1 of the records in words.
func (s *sorter) sort(low, high int32, out *part) {
	n := len(s.words) / s.width
	leads := int(high - low)
	s.from = resize(s.from, leads+2)
	clear(s.from)
	s.order = resize(s.order, n)
	leadOf := func(r int) int { return int(int32(s.words[r*s.width+1]>>32) - low) }
	for r := range n {
		s.from[leadOf(r)+2]++
	}
	for i := 2; i < len(s.from); i++ {
		s.from[i] += s.from[i-1]
	}
	for r := range n {
		w := s.words[r*s.width:]
		k := key{int64(w[0]), uint32(s.types[uint16(w[1]>>16)])<<16 | unnamed, uint32(r)}
		if ch := uint16(w[1]); ch != unnamed {
			k.kind = k.kind&^unnamed | uint32(s.channels[ch])
		}
		at := &s.from[leadOf(r)+1]
		s.order[*at] = k
		*at++
	}
	s.duplicates, s.examples = 0, s.examples[:0]
	out.starts = resize(out.starts, leads+1)
	out.starts[0] = 0
	kept := s.order[:0]
	for lead := range leads {
		events := s.order[s.from[lead]:s.from[lead+1]]
		slices.SortFunc(events, s.compare)
		before := len(kept)
		kept = s.unique(kept, events)
		if n := len(events) - (len(kept) - before); n > 0 {
			s.duplicates += n
			if len(s.examples) < mostExamples {
				s.examples = append(s.examples, low+int32(lead))
			}
		}
		out.starts[lead+1] = uint32(len(kept))
	}
	s.fill(out, kept)
}

// compare is the order of events: time, type, channel, properties by name. Those that are equal in it are the same
// in everything that a column is made of.
func (s *sorter) compare(a, b key) int {
	if a.at != b.at {
		return cmp.Compare(a.at, b.at)
	}
	if a.kind != b.kind {
		// The channel that is missing comes first, as a missing property does.
		return cmp.Or(cmp.Compare(a.kind>>16, b.kind>>16), cmp.Compare(uint16(a.kind+1), uint16(b.kind+1)))
	}
	x, y := s.properties(a.record), s.properties(b.record)
	for p := range x {
		if c := cmp.Compare(math.Float64frombits(x[p]), math.Float64frombits(y[p])); c != 0 {
			return c
		}
	}
	return 0
}

func (s *sorter) properties(record uint32) []uint64 {
	first := 2
	if s.ids {
		first = 3
	}
	w := s.words[int(record)*s.width:][:s.width]
	return w[first:]
}

// unique appends the events of a lead to kept, without those whose id came before. kept ends before the events begin, or where.
func (s *sorter) unique(kept, events []key) []key {
	if !s.ids {
		return append(kept, events...)
	}
	s.seen.reset(len(events))
	for _, e := range events {
		if id := s.words[int(e.record)*s.width+2]; id == 0 || s.seen.add(id) {
			kept = append(kept, e)
		}
	}
	return kept
}

// fill writes the events in order to the columns of a part.
func (s *sorter) fill(out *part, kept []key) {
	n := len(kept)
	out.times, out.kinds = resize(out.times, n), resize(out.kinds, n)
	for i, e := range kept {
		out.times[i], out.kinds[i] = e.at, e.kind
	}
	properties := s.width - 2
	if s.ids {
		properties--
	}
	out.values = resize(out.values, properties)
	for p := range properties {
		v := resize(out.values[p], n)
		for i, e := range kept {
			v[i] = math.Float64frombits(s.properties(e.record)[p])
		}
		out.values[p] = v
	}
}

// idSet is a set of hashes that are not 0, emptied for each lead.
type idSet struct {
	slots []uint64
	mask  uint64
}

func (s *idSet) reset(n int) {
	size := 8
	for size < 2*n {
		size *= 2
	}
	s.slots = resize(s.slots, size)
	clear(s.slots)
	s.mask = uint64(size - 1)
}

// add reports whether the id is new.
func (s *idSet) add(id uint64) bool {
	for i := id & s.mask; ; i = (i + 1) & s.mask {
		switch s.slots[i] {
		case id:
			return false
		case 0:
			s.slots[i] = id
			return true
		}
	}
}
