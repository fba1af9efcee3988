package rules

import "hash/maphash"

// idSet is the ids of the events of one lead; its memory is used again for the next.
type idSet struct {
	slots []idSlot // a power of two, at most half full
}

// idSlot is an id: its hash, and its place among the events of the lead.
type idSlot struct {
	hash  uint32
	event int32 // 1 + the place; 0: free
}

// The seed differs from run to run; what is found by it does not depend on it.
var hashSeed = maphash.MakeSeed()

// reset empties the set and makes room for n ids.
func (s *idSet) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if cap(s.slots) < size || cap(s.slots) > 16*size { // not kept large for ever after one long history
		s.slots = make([]idSlot, size)
		return
	}
	s.slots = s.slots[:size]
	clear(s.slots)
}

// add puts the id of event i into the set and reports whether it was not there.
func (s *idSet) add(events []Event, i int) bool {
	id := events[i].ID
	h := maphash.String(hashSeed, id)
	mask := uint64(len(s.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		k := &s.slots[at]
		if k.event == 0 {
			*k = idSlot{uint32(h >> 32), int32(i) + 1}
			return true
		}
		if k.hash == uint32(h>>32) && events[k.event-1].ID == id {
			return false
		}
	}
}
