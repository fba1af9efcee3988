package model

import (
	"math"
	"slices"
)

// Seen says how many of some rows a model was trained on.
type Seen struct {
	Rows   int // that have a digest
	Looked int // of them those that the kept digests speak of: all, where all are kept
	Found  int // of Looked, in training
	// Chance is the share of rows that equal a training row though they are of another lead. With an id it is 0. Without one it is
	// Good & Turing's estimate (Good 1953) of the probability that the next row was seen before: the share of training rows that
	// another one equals, with one row more for safety.
	Chance float64
}

// Any reports whether rows were in training: with an id one is enough; without, more than chance has
// equal, np + 4 √(np) of n rows. Fewer rows than that stay unnoticed.
func (s Seen) Any() bool {
	by := s.Chance * float64(s.Looked)
	return float64(s.Found) > by+4*math.Sqrt(by)
}

// InTraining is the number of Rows that were in training: exact where all were looked at, else an estimate.
func (s Seen) InTraining() float64 {
	if s.Looked == 0 {
		return 0
	}
	return float64(s.Found) / float64(s.Looked) * float64(s.Rows)
}

// Look looks digests up, which a RowDigester of the same salt and columns has made. The artifact has been checked.
func (t *TrainedRows) Look(digests []RowDigest) Seen {
	kept, err := t.decode()
	if err != nil {
		return Seen{}
	}
	var s Seen
	for _, d := range digests {
		if d == NoDigest {
			continue
		}
		s.Rows++
		if !t.All && d > kept[len(kept)-1] {
			continue
		}
		s.Looked++
		if _, found := slices.BinarySearch(kept, d); found {
			s.Found++
		}
	}
	if !t.ByID {
		s.Chance = float64(t.Kept-t.Once+1) / float64(t.Kept+1)
	}
	return s
}
