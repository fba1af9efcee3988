package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"leadscore/model/rules"
)

// rulesSummary counts what rules said of a file of leads.
type rulesSummary struct {
	Rows       int           `json:"rows"`
	Out        string        `json:"out"`
	Scorecards []cardSummary `json:"scorecards"`
}

// cardSummary is what one scorecard said.
type cardSummary struct {
	Name  string         `json:"name"`
	Hard  map[string]int `json:"hard"`      // leads by stage
	Next  map[string]int `json:"questions"` // leads by the dimension to ask for next
	Low   float64        `json:"low"`       // the lowest score
	High  float64        `json:"high"`
	total float64
	rows  int
}

func newRulesSummary(set *rules.Set) *rulesSummary {
	s := &rulesSummary{}
	for _, name := range set.Scorecards() {
		s.Scorecards = append(s.Scorecards, cardSummary{Name: name, Hard: map[string]int{}, Next: map[string]int{}})
	}
	return s
}

func (c *cardSummary) see(r *rules.Result) {
	if c.rows == 0 {
		c.Low, c.High = r.Score, r.Score
	}
	c.rows++
	c.total += r.Score
	c.Low, c.High = min(c.Low, r.Score), max(c.High, r.Score)
	if r.Hard != "" {
		c.Hard[r.Hard]++
	}
	if r.Next != nil && r.Hard != "disqualify" {
		c.Next[r.Next.Dimension]++
	}
}

// add adds the leads of another part of the file. Parts are added in the order of the file, so that the mean is the same on
// any number of cores.
func (s *rulesSummary) add(o *rulesSummary) {
	s.Rows += o.Rows
	for i := range s.Scorecards {
		c, p := &s.Scorecards[i], &o.Scorecards[i]
		switch {
		case p.rows == 0:
			continue
		case c.rows == 0:
			c.Low, c.High = p.Low, p.High
		}
		c.rows, c.total = c.rows+p.rows, c.total+p.total
		c.Low, c.High = min(c.Low, p.Low), max(c.High, p.High)
		for k, n := range p.Hard {
			c.Hard[k] += n
		}
		for k, n := range p.Next {
			c.Next[k] += n
		}
	}
}

func (s *rulesSummary) print(w io.Writer) error {
	out := &printer{w: w}
	out.printf("scored %d leads by rules into %s\n", s.Rows, s.Out)
	for i := range s.Scorecards {
		c := &s.Scorecards[i]
		if c.rows == 0 {
			continue
		}
		out.printf("  %s: %.4g to %.4g points, mean %.4g", c.Name, c.Low, c.High, c.total/float64(c.rows))
		if len(c.Hard) > 0 {
			out.printf("; %s", counted(c.Hard))
		}
		if len(c.Next) > 0 {
			out.printf("; to ask next: %s", counted(c.Next))
		}
		out.printf("\n")
	}
	return out.err
}

// counted lists counts, the largest first.
func counted(counts map[string]int) string {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, counts[k])
	}
	return strings.Join(keys, ", ")
}
