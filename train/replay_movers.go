package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// mover tells of a row that moves.
func (r *replay) mover(row int) model.ReplayMover {
	current, next := r.sides[0], r.sides[1]
	m := model.ReplayMover{
		Row: r.number(row), Lead: r.lead(row), CurrentStage: replayStages[current.stage[row]], NewStage: replayStages[next.stage[row]],
		Current: current.score[row], New: next.score[row], Changes: changes(current.trace(row, r.asOf), next.trace(row, r.asOf)),
	}
	switch r.labelAt(row) {
	case positive:
		m.Outcome = "converted"
	case negative:
		m.Outcome = "not converted"
	}
	return m
}

// trace is the lines of a row's points; nil without rules.
func (s *replaySide) trace(row int, asOf []int64) []rules.Line {
	if s.set == nil {
		return nil
	}
	b, i := batchOf(s.leads, row)
	values := make([]datasets.Value, len(s.leads.Schema.Fields))
	b.Row(i, values)
	var events []datasets.Event
	if s.events != nil {
		events = s.events[row]
	}
	_, _, lines := s.set.Trace(values, events, momentAt(asOf, row))
	return lines
}

// changes are the lines of two traces that differ in points, the greatest difference first, then in the order of the traces.
func changes(current, next []rules.Line) []model.RuleChange {
	type key struct{ group, rule, kind string }
	at := map[key]int{}
	all := []model.RuleChange{}
	text := [2]map[int]string{{}, {}}
	for side, lines := range [][]rules.Line{current, next} {
		for _, l := range lines {
			k := key{l.Group, l.Rule, l.Kind}
			i, ok := at[k]
			if !ok {
				name := l.Rule
				if name == "" {
					name = l.Group
				}
				i = len(all)
				at[k], all = i, append(all, model.RuleChange{Rule: name, Kind: l.Kind})
			}
			if side == 0 {
				all[i].Current += l.Points
			} else {
				all[i].New += l.Points
			}
			if l.Kind == "hard" {
				text[side][i] = l.Text
			}
		}
	}
	out := all[:0]
	for i, c := range all {
		was, is := text[0][i], text[1][i]
		switch {
		case c.Kind == "hard" && was == is, c.Kind != "hard" && c.Current == c.New:
			continue
		case c.Kind == "hard" && is != "":
			c.Text = "new: " + is
		case c.Kind == "hard":
			c.Text = "current: " + was
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b model.RuleChange) int {
		if (a.Kind == "hard") != (b.Kind == "hard") {
			if a.Kind == "hard" {
				return -1
			}
			return 1
		}
		switch x, y := math.Abs(a.New-a.Current), math.Abs(b.New-b.Current); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out
}

// moversSchema is the columns of the file of movers.
func moversSchema() *datasets.Schema {
	return &datasets.Schema{Fields: []datasets.Field{
		{Name: "lead_id", Kind: datasets.Text}, {Name: "row", Kind: datasets.Numeric}, {Name: "as_of", Kind: datasets.Text},
		{Name: "moves", Kind: datasets.Text}, {Name: "current_stage", Kind: datasets.Text}, {Name: "new_stage", Kind: datasets.Text},
		{Name: "current_score", Kind: datasets.Numeric}, {Name: "new_score", Kind: datasets.Numeric},
		{Name: "outcome", Kind: datasets.Text}, {Name: "changes", Kind: datasets.Text},
	}}
}

// moversBatch is how many movers are written at a time.
const moversBatch = 4096

// WriteMovers writes all leads that come in or go out, in the order of the file, with what differs between the rules, and returns how
// many they are. The format is told by the ending. Nothing is left of a file that fails.
func (r *Replayed) WriteMovers(path string) (n int, err error) {
	schema := moversSchema()
	w, err := datasets.Create(path, schema)
	if err != nil {
		return 0, err
	}
	if n, err = r.writeMovers(w, schema); err != nil {
		w.Abort()
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, fmt.Errorf("writing %s: %w", path, err)
	}
	return n, nil
}

func (r *Replayed) writeMovers(w datasets.Writer, schema *datasets.Schema) (n int, err error) {
	var rows []int
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		b, err := r.moversOf(schema, rows)
		if err != nil {
			return err
		}
		n, rows = n+len(rows), rows[:0]
		return w.Write(b)
	}
	for row := range r.replay.rows {
		if r.replay.moves(row) == 0 {
			continue
		}
		if rows = append(rows, row); len(rows) == moversBatch {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	err = flush()
	return n, err
}

func (r *Replayed) moversOf(schema *datasets.Schema, rows []int) (*datasets.Batch, error) {
	columns := make([]datasets.Column, len(schema.Fields))
	for i, f := range schema.Fields {
		columns[i].Kind = f.Kind
	}
	for _, row := range rows {
		m := r.replay.mover(row)
		moves, asOf := "in", ""
		if r.replay.moves(row) < 0 {
			moves = "out"
		}
		if at := momentAt(r.replay.asOf, row); at != datasets.MissingTime {
			asOf = time.UnixMicro(at).UTC().Format(time.RFC3339Nano)
		}
		for i, v := range []any{m.Lead, float64(m.Row), asOf, moves, string(m.CurrentStage), string(m.NewStage), m.Current, m.New, m.Outcome, changesText(m.Changes)} {
			switch v := v.(type) {
			case string:
				columns[i].Texts = append(columns[i].Texts, v)
			case float64:
				columns[i].Numbers = append(columns[i].Numbers, v)
			}
		}
	}
	return datasets.NewBatch(schema, len(rows), columns)
}

// changesText writes changes in one cell: "asked by form 20 → 0; chat 0 → 10".
func changesText(all []model.RuleChange) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	parts := make([]string, len(all))
	for i, c := range all {
		if c.Kind == "hard" {
			parts[i] = c.Rule + " (" + c.Text + ")"
			continue
		}
		name := c.Rule
		if c.Kind != "rule" {
			name = strings.TrimSpace(name + " " + c.Kind)
		}
		parts[i] = name + " " + number(c.Current) + " → " + number(c.New)
	}
	return strings.Join(parts, "; ")
}
