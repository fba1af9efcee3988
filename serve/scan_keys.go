package serve

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"leadscore/serve/api"
)

// keyPlace is where a key stands in the text of a scanner, without its quotes. from is complemented (^) where the key holds escapes.
type keyPlace struct{ from, to int }

// fewKeys is how many keys of an object are compared one by one. Beyond them they are sorted when the object ends.
const fewKeys = 16

// mostKeys bounds the keys of an object that are looked at for one that stands twice: sorting is more than reading.
const mostKeys = 100_000

// text is the key that stands at a place.
func (s *scanner) keyAt(p keyPlace) []byte {
	if p.from < 0 {
		return unquote(s.data[^p.from-1:p.to+1], false)
	}
	return s.data[p.from:p.to]
}

// note keeps the place of the key that has just been read, for the object whose keys begin at base of s.keys, and reports whether it is known to stand there
// twice; of many keys repeated tells it at the end. A place is all that is kept: a table of the texts would take ten times the
// memory of a body of small objects.
func (s *scanner) note(base int, key []byte) (twice bool, err error) {
	own := s.keys[base:]
	if len(own) == mostKeys {
		return false, badRequest(api.CodeInvalidJSON, "", fmt.Sprintf("byte %d: an object with more than %d keys", s.pos, mostKeys))
	}
	if len(own) < fewKeys {
		for _, p := range own {
			if bytes.Equal(s.keyAt(p), key) {
				return true, nil
			}
		}
	}
	if len(s.keys) == cap(s.keys) {
		s.keys = slices.Grow(s.keys, max(len(s.keys), fewKeys)) // doubled: append grows long slices by a quarter, which takes five times their size
	}
	s.keys = append(s.keys, s.last)
	return false, nil
}

// repeated ends an object: it forgets its keys, and returns one that stood there twice, the first to do so, where note has not told.
func (s *scanner) repeated(base int) (key []byte, at int, twice bool) {
	own := s.keys[base:]
	s.keys = s.keys[:base]
	if len(own) <= fewKeys {
		return nil, 0, false
	}
	slices.SortFunc(own, func(a, b keyPlace) int {
		return cmp.Or(bytes.Compare(s.keyAt(a), s.keyAt(b)), cmp.Compare(a.to, b.to))
	})
	for i := 1; i < len(own); i++ {
		if (!twice || own[i].to < at) && bytes.Equal(s.keyAt(own[i-1]), s.keyAt(own[i])) {
			key, at, twice = s.keyAt(own[i]), own[i].to, true
		}
	}
	return key, at, twice
}

// object reads an object whose content nobody needs, but for its keys being distinct.
func (s *scanner) object() error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	stands := func(key []byte, at int) error {
		return badRequest(api.CodeDuplicateKey, clip(string(key), nameLength), fmt.Sprintf("byte %d: the key %q stands twice in one object", at, clip(string(key), nameLength)))
	}
	base := len(s.keys)
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			if key, at, twice := s.repeated(base); twice {
				return stands(key, at)
			}
			return nil
		}
		twice, err := s.note(base, key)
		if err != nil {
			return err
		}
		if twice {
			return stands(key, s.last.to)
		}
		if _, err := s.value(); err != nil {
			return err
		}
	}
}
