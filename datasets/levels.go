package datasets

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// levelTable gives the texts of one column of one chunk their codes, in the order in which they
// first appear. It is an open-addressing hash table over pieces of the chunk: a Go map would
// take twice the time, and the texts are not copied before it is known which are levels.
// Texts of up to eight bytes, most levels, are compared as one word.
type levelTable struct {
	slots []levelSlot
	order []cell // of the levels, by code
	nulls []string
	seeds [2]uint64 // of this process: a file cannot be made whose levels collide
}

type levelSlot struct {
	word uint64 // the text itself, or its hash when it is longer than 8 bytes
	n    uint32 // its length; 0 is an empty slot
	code int32  // -1 is missing
}

// reset empties the table and enters the null texts, which lie at the given cells of g.
func (t *levelTable) reset(g *grid, nulls []cell) {
	if t.slots == nil {
		t.slots = make([]levelSlot, 512)
	} else {
		clear(t.slots)
	}
	t.order = t.order[:0]
	for _, c := range nulls {
		if c.n > 0 {
			t.put(levelSlot{t.hash(g, c), c.n, -1})
		}
	}
}

var wordMasks = [9]uint64{0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1}

// hash returns the word of a slot for a text that is not empty.
func (t *levelTable) hash(g *grid, c cell) uint64 {
	word := binary.LittleEndian.Uint64(g.buf[c.off:])
	if c.n <= 8 {
		return word & wordMasks[c.n]
	}
	h := mix(word^t.seeds[0], uint64(c.n)^t.seeds[1])
	at := c.off + 8
	for end := c.off + c.n - 8; at < end; at += 8 {
		h = mix(h^binary.LittleEndian.Uint64(g.buf[at:]), t.seeds[1])
	}
	return mix(h^binary.LittleEndian.Uint64(g.buf[c.off+c.n-8:]), t.seeds[0])
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// code returns the code of the text at c, which is trimmed and not empty; a new one for a new text.
func (t *levelTable) code(g *grid, c cell) int32 {
	word := t.hash(g, c)
	mask := uint64(len(t.slots) - 1)
	for i := mix(word^t.seeds[0], t.seeds[1]) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.n == 0 {
			return t.add(g, c, word)
		}
		if s.word == word && s.n == c.n && (c.n <= 8 || t.same(g, c, s.code)) {
			return s.code
		}
	}
}

// same reports whether the text at c, longer than a word, is that of a code.
func (t *levelTable) same(g *grid, c cell, code int32) bool {
	text := g.text[c.off : c.off+c.n]
	if code < 0 {
		return isNull(t.nulls, text)
	}
	o := t.order[code]
	return g.text[o.off:o.off+o.n] == text
}

func (t *levelTable) add(g *grid, c cell, word uint64) int32 {
	code := int32(len(t.order))
	t.order = append(t.order, c)
	if 2*(len(t.order)+len(t.nulls)) > len(t.slots) {
		old := t.slots
		t.slots = make([]levelSlot, 2*len(old))
		for _, s := range old {
			if s.n != 0 {
				t.put(s)
			}
		}
	}
	t.put(levelSlot{word, c.n, code})
	return code
}

func (t *levelTable) put(s levelSlot) {
	mask := uint64(len(t.slots) - 1)
	i := mix(s.word^t.seeds[0], t.seeds[1]) & mask
	for t.slots[i].n != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// levels copies the texts by code.
func (t *levelTable) levels(g *grid) []string { return cloneTexts(g, t.order) }

// cloneTexts copies the texts at the cells into one piece of memory; an empty cell gives "".
func cloneTexts(g *grid, cells []cell) []string {
	total := 0
	for _, c := range cells {
		total += int(c.n)
	}
	var all strings.Builder
	all.Grow(total)
	for _, c := range cells {
		all.WriteString(g.text[c.off : c.off+c.n])
	}
	texts, rest := make([]string, len(cells)), all.String()
	for i, c := range cells {
		texts[i], rest = rest[:c.n], rest[c.n:]
	}
	return texts
}

// mergeLevels gives the chunks of one column one dictionary: the levels in the order of their
// first appearance in the file, whatever the chunks were. The codes are rewritten in place.
func mergeLevels(chunks []*Column) {
	codes := make(map[string]int32)
	var levels []string
	for _, c := range chunks {
		moved, same := make([]int32, len(c.Levels)), true
		for k, text := range c.Levels {
			code, ok := codes[text]
			if !ok {
				code = int32(len(levels))
				codes[text] = code
				levels = append(levels, text)
			}
			moved[k] = code
			same = same && int(code) == k
		}
		if same {
			continue
		}
		for i, k := range c.Codes {
			if k >= 0 {
				c.Codes[i] = moved[k]
			}
		}
	}
	for _, c := range chunks {
		c.Levels = levels
	}
}
