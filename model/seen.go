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

// Told is what is known of one row.
type Told uint8

// What is known of one row: it has no digest or a sketch passes over it, or it is told surely.
const (
	Untold Told = iota
	NotTrained
	Trained
)

// Tell tells of each row whether it was in training, by its digest that a RowDigester of the same salt and columns has made.
// The artifact has been checked. Without an id Trained is a row that equals a training row, which may be another lead's.
func (t *TrainedRows) Tell(digests []RowDigest) []Told {
	told := make([]Told, len(digests))
	kept, err := t.decode()
	if err != nil {
		return told
	}
	for i, d := range digests {
		if d == NoDigest || !t.All && d > kept[len(kept)-1] {
			continue
		}
		told[i] = NotTrained
		if _, found := slices.BinarySearch(kept, d); found {
			told[i] = Trained
		}
	}
	return told
}

// Look counts what Tell tells.
func (t *TrainedRows) Look(digests []RowDigest) Seen {
	var s Seen
	for i, told := range t.Tell(digests) {
		if digests[i] != NoDigest {
			s.Rows++
		}
		if told != Untold {
			s.Looked++
		}
		if told == Trained {
			s.Found++
		}
	}
	if !t.ByID {
		s.Chance = float64(t.Kept-t.Once+1) / float64(t.Kept+1)
	}
	return s
}
