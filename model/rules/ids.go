package rules

import "hash/maphash"

// idSet is the ids of the events of one lead; its memory is used again for the next.
type idSet struct {
	slots []int32 // 1 + place in ids; 0: free. A power of two, at most half full
	ids   []string
}

// The seed differs from run to run; what is in the set does not depend on it.
var idSeed = maphash.MakeSeed()

// reset empties the set and makes room for n ids.
func (s *idSet) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if len(s.slots) < size || len(s.slots) > 16*size { // not kept large for ever after one long history
		s.slots = make([]int32, size)
	} else if len(s.ids) > 0 {
		clear(s.slots)
	}
	clear(s.ids) // they belong to somebody else
	s.ids = s.ids[:0]
}

// add puts an id into the set and reports whether it was not there.
func (s *idSet) add(id string) bool {
	mask := uint64(len(s.slots) - 1)
	for at := maphash.String(idSeed, id) & mask; ; at = (at + 1) & mask {
		k := s.slots[at]
		if k == 0 {
			s.ids = append(s.ids, id)
			s.slots[at] = int32(len(s.ids))
			return true
		}
		if s.ids[k-1] == id {
			return false
		}
	}
}
