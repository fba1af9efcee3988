package model

import (
	"cmp"
	"slices"
	"strconv"
)

// Limit keeps the leads of a batch that enter a stage down to most: the best by the score that decides the stage, of equal scores those
// with the higher probability, then by the id as a text, then in the order of the rows, so that the same leads get it on any machine and,
// with ids, in any order of the file. The rest get the next lower stage that they reach, and are returned by rising row.
// A lead that was in the stage before (c.Previous), or in a higher one, has entered it already and takes no place. A hard rule gives
// a stage, not a place: its leads are ordered by their score too. With several stages the highest comes first, for what it
// turns away may want a place in the next.
//
// ids are those of the rows of c; c.Stage and c.Changed are overwritten.
func (s *Scorer) Limit(stage Stage, most int, c *Columns, ids []string) (out []int) {
	scores := s.artifact.StageScores(stage, c)
	var rows []int
	for row, got := range c.Stage {
		if got == stage && (c.Previous == nil || c.Previous[row].Stage.rank() < stage.rank()) {
			rows = append(rows, row)
		}
	}
	if len(rows) <= most {
		return nil
	}
	slices.SortFunc(rows, func(a, b int) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(c.Probability[b], c.Probability[a]), cmp.Compare(ids[a], ids[b]), cmp.Compare(a, b))
	})
	out = rows[most:]
	for _, row := range out {
		if c.Stage[row] = Nurture; stage == SQL {
			c.Stage[row] = c.Below[row]
		}
		if c.Previous != nil {
			c.Changed[row] = c.Previous[row].Stage != "" && Entered(c.Previous[row].Stage, c.Stage[row])
		}
	}
	slices.Sort(out)
	return out
}

// CapacityText is the line of Because of a lead that Limit has turned away.
func (s *Scorer) CapacityText(stage Stage, most int) string {
	return s.words.T("because.capacity", strconv.Itoa(most), string(stage))
}
