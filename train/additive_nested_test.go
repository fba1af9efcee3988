package train

import "testing"

// TestThinnedIsAnEvenSample: as many rows as asked for, spread over all, each with its own label and fold.
func TestThinnedIsAnEvenSample(t *testing.T) {
	s := &sample{}
	var folds []uint8
	for i := range 1000 {
		s.rows = append(s.rows, i%3 != 0)
		if i%3 != 0 {
			s.labels, s.y, folds = append(s.labels, i%7 == 0), append(s.y, float64(i)), append(folds, uint8(i%5))
		}
	}
	for _, most := range []int{1, 100, 665, 666, 5000} {
		part, partFolds := s.thinned(folds, most)
		want := min(most, len(s.y))
		if len(part.y) != want || len(part.labels) != want || len(partFolds) != want {
			t.Fatalf("at most %d: %d rows, want %d", most, len(part.y), want)
		}
		at, last := 0, -1
		for i, in := range part.rows {
			if !in {
				continue
			}
			if !s.rows[i] || part.y[at] != float64(i) || part.labels[at] != (i%7 == 0) || partFolds[at] != uint8(i%5) {
				t.Fatalf("at most %d: row %d has the outcome of row %v", most, i, part.y[at])
			}
			if gap := i - last; want > 1 && gap > 3+2*1000/want {
				t.Fatalf("at most %d: no row between %d and %d", most, last, i)
			}
			at, last = at+1, i
		}
		if at != want {
			t.Fatalf("at most %d: %d rows are marked, want %d", most, at, want)
		}
	}
}
