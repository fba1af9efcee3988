package rules

import "leadscore/datasets"

// Groups names the parts that the score of scorecard i is the sum of, its groups and then its frameworks, in the order of the file.
func (s *Set) Groups(i int) []string {
	c := &s.cards[i]
	names := make([]string, 0, len(c.groups)+len(c.frameworks))
	for k := range c.groups {
		names = append(names, c.groups[k].name)
	}
	for k := range c.frameworks {
		names = append(names, c.frameworks[k].name)
	}
	return names
}

// ResultGroups is Result, and puts the points of each of the Groups into parts, which has their number: after the group's caps, before
// the bounds of the scorecard, so that Σ parts is the score where no bound holds. With nil parts it is Result.
func (s *Set) ResultGroups(i int, row []datasets.Value, events []Event, asOf int64, parts []float64) Result {
	m := s.Begin()
	r := m.ResultGroups(i, row, events, asOf, parts)
	m.End()
	return r
}

// Memory is what scoring needs beside the Set, for many leads one after the other. It belongs to one goroutine.
type Memory struct{ x *scratch }

// Begin takes memory; End gives it back.
func (s *Set) Begin() Memory { return Memory{s.pool.Get().(*scratch)} }

// End gives the memory back, which is not to be used any more.
func (m Memory) End() {
	m.x.row, m.x.err = nil, nil
	m.x.set.pool.Put(m.x)
}

// ResultGroups is that of the Set.
func (m Memory) ResultGroups(i int, row []datasets.Value, events []Event, asOf int64, parts []float64) Result {
	total := sum{parts: parts}
	m.x.run(i, &total, row, events, asOf)
	return total.result
}
