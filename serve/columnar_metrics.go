package serve

import (
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
)

// batch is lead for each row of a scored batch, column by column.
func (c *modelCounts) batch(b *datasets.Batch, scored *model.Columns) {
	var stages [8]int
	for row, score := range scored.Score {
		c.score.Observe(score)
		if i := slices.Index(c.stages, string(scored.Stage[row])); i >= 0 {
			stages[i]++
		}
	}
	for i, name := range c.stages {
		if n := stages[i]; n > 0 {
			c.stage[model.Stage(name)].Add(float64(n))
		}
	}
	for i, column := range c.columns {
		if n := missingCells(b.Column(column), b.Rows()); n > 0 && (!c.made[column] || b.Column(column).Kind != datasets.Numeric) {
			c.missing[i].Add(float64(n))
		}
	}
	for i, f := range c.coded {
		if n := scored.Unseen(f, int(c.levels[i])); n > 0 {
			c.unseen[i].Add(float64(n))
		}
	}
	if c.drift != nil {
		shard := c.shards.Get().(*int)
		c.drift.batch(*shard, b, scored)
		c.shards.Put(shard)
	}
}

// missingCells counts the rows of a column that have no value.
func missingCells(c *datasets.Column, rows int) (n int) {
	switch c.Kind {
	case datasets.Numeric, datasets.Boolean:
		for _, x := range c.Numbers {
			if math.IsNaN(x) {
				n++
			}
		}
	case datasets.Categorical:
		for _, k := range c.Codes {
			if k < 0 {
				n++
			}
		}
	case datasets.Time:
		for _, t := range c.Times {
			if t == datasets.MissingTime {
				n++
			}
		}
	case datasets.Text:
		for _, s := range c.Texts {
			if s == "" {
				n++
			}
		}
	default:
		return rows
	}
	return n
}
