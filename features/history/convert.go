package history

import (
	"fmt"
	"hash/maphash"
	"math"
	"sync"

	"leadscore/datasets"
	"leadscore/features"
)

// names gives the texts of a column codes, in no order; they are put in order when all are known.
type names struct {
	column string
	mu     sync.Mutex
	codes  map[string]uint16
	texts  []string
}

// unnamed is the code of an event without a channel.
const unnamed = math.MaxUint16

func (n *names) code(text string) (uint16, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if code, ok := n.codes[text]; ok {
		return code, nil
	}
	if len(n.texts) == unnamed {
		return 0, fmt.Errorf("column %q has more than %d distinct values; want the names of a few kinds", n.column, unnamed)
	}
	if n.codes == nil {
		n.codes = map[string]uint16{}
	}
	code := uint16(len(n.texts))
	text = string([]byte(text)) // a batch is not kept for one of its texts
	n.codes[text] = code
	n.texts = append(n.texts, text)
	return code, nil
}

// converter turns batches into records, on one goroutine.
type converter struct {
	*reading
	leads  []int32  // of each row; −1: the event is left out
	from   []int    // of each part: its first record in sorted
	sorted []uint64 // the records of a batch, part by part
	levels [2][]int32
}

func (c *converter) convert(j job) error {
	b, s := j.batch, c.store
	rows := b.Rows()
	t := tally{order: j.order, events: rows}
	c.leads = resize(c.leads, rows)
	c.from = resize(c.from, len(s.parts)+1)
	clear(c.from)
	lead, at, kind := b.Column(fieldLead), b.Column(fieldAt), b.Column(fieldType)
	until := c.source.Until
	if until == 0 {
		until = datasets.MissingTime
	}
	for i := range rows {
		c.leads[i] = -1
		id := lead.Texts[i]
		number, known := c.numbers[id]
		switch {
		case id == "":
			t.noLead++
		case !known:
			t.unknownLead++
			example(&t.examples.UnknownLead, id)
		case at.Kind == datasets.Unknown || at.Times[i] == datasets.MissingTime:
			t.noTime++
			example(&t.examples.NoTime, id)
		case !features.Before(at.Times[i], until):
			t.future++
			example(&t.examples.Future, id)
		case kind.Codes[i] < 0:
			t.noType++
			example(&t.examples.NoType, id)
		default:
			c.leads[i] = number
			c.from[number/s.perPart+1]++
		}
	}
	for p := range s.parts {
		c.from[p+1] += c.from[p]
	}
	c.sorted = resize(c.sorted, c.from[len(s.parts)]*s.width)
	if err := c.records(b); err != nil {
		return err
	}
	begin := 0 // records moved from[p] to the end of its part
	for p := range s.parts {
		if end := c.from[p]; end > begin {
			if err := s.append(p, c.sorted[begin*s.width:end*s.width]); err != nil {
				return err
			}
			begin = end
		}
	}
	c.mu.Lock()
	c.tallies = append(c.tallies, t)
	c.mu.Unlock()
	return nil
}

// records writes the records of the rows that stay to where from says.
func (c *converter) records(b *datasets.Batch) error {
	s := c.store
	at, kind, id, channel := b.Column(fieldAt), b.Column(fieldType), b.Column(fieldID), b.Column(fieldChannel)
	kinds := c.fresh(0, len(kind.Levels))
	channels := c.fresh(1, len(channel.Levels))
	values := make([][]float64, len(c.layout.properties))
	for p := range values {
		values[p] = b.Column(fieldProperties + p).Numbers // nil: all are missing
	}
	for i, number := range c.leads[:b.Rows()] {
		if number < 0 {
			continue
		}
		k, err := code(kinds, kind, i, &c.types)
		if err != nil {
			return err
		}
		ch := uint16(unnamed)
		if channel.Kind != datasets.Unknown && channel.Codes[i] >= 0 {
			if ch, err = code(channels, channel, i, &c.channels); err != nil {
				return err
			}
		}
		part := number / s.perPart
		r := c.sorted[c.from[part]*s.width:][:s.width]
		c.from[part]++
		r[0] = uint64(at.Times[i])
		r[1] = uint64(number)<<32 | uint64(k)<<16 | uint64(ch)
		r = r[2:]
		if c.source.ID != "" {
			r[0] = 0 // the event has no id
			if id.Kind != datasets.Unknown && id.Texts[i] != "" {
				r[0] = max(1, maphash.String(c.seed, id.Texts[i]))
			}
			r = r[1:]
		}
		for p, v := range values {
			x := math.NaN()
			if v != nil {
				x = v[i] + 0 // no negative zero
			}
			r[p] = math.Float64bits(x)
		}
	}
	return nil
}

// fresh returns room for the codes of a column's levels, none of them known yet.
func (c *converter) fresh(column, levels int) []int32 {
	c.levels[column] = resize(c.levels[column], levels)
	for i := range c.levels[column] {
		c.levels[column][i] = -1
	}
	return c.levels[column]
}

func code(known []int32, column *datasets.Column, row int, n *names) (uint16, error) {
	level := column.Codes[row]
	if known[level] < 0 {
		code, err := n.code(column.Levels[level])
		if err != nil {
			return 0, err
		}
		known[level] = int32(code)
	}
	return uint16(known[level]), nil
}

// resize returns a slice of n elements, s itself where it is large enough; what they hold is left as it is.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
