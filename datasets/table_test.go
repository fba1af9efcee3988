package datasets

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSelectRowsAndTheRestAreTheTable(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		table := randomTable(rng)
		keep := make([]bool, table.Rows())
		for i := range keep {
			keep[i] = rng.IntN(3) == 0
		}
		kept, err := SelectRows(table, keep)
		if err != nil {
			t.Fatal(err)
		}
		rest, err := SelectRows(table, not(keep))
		if err != nil {
			t.Fatal(err)
		}
		for c := range table.Schema.Fields {
			all, a, b := columnValues(table, c), columnValues(kept, c), columnValues(rest, c)
			for i, v := range all {
				from := &b
				if keep[i] {
					from = &a
				}
				if got := (*from)[0]; got != v {
					t.Fatalf("row %d: %v, want %v", i, got, v)
				}
				*from = (*from)[1:]
			}
			if len(a)+len(b) > 0 {
				t.Fatal("rows that were not there")
			}
		}
	}
	if _, err := SelectRows(scoredTable(10), make([]bool, 9)); err == nil {
		t.Error("9 marks for 10 rows")
	}
}

func TestConcatAndSelectColumns(t *testing.T) {
	table := scoredTable(100)
	twice, err := Concat(table, table)
	if err != nil {
		t.Fatal(err)
	}
	if twice.Rows() != 200 || columnValues(twice, 0)[150] != columnValues(table, 0)[50] {
		t.Error("the rows are not one after the other")
	}
	two, err := SelectColumns(table, []string{"grade", "lead_id"})
	if err != nil {
		t.Fatal(err)
	}
	if two.Schema.Fields[1].Name != "lead_id" || columnValues(two, 1)[7] != columnValues(table, 0)[7] {
		t.Error("the columns are not those named")
	}
	if _, err := SelectColumns(table, []string{"lead_di"}); err == nil || !strings.Contains(err.Error(), `did you mean "lead_id"`) {
		t.Errorf("error %v", err)
	}
	if _, err := Concat(table, two); err == nil {
		t.Error("tables of different columns")
	}
	if _, err := Concat(); err == nil {
		t.Error("no tables")
	}
}

// small makes a table from cells; its batches have at most two rows.
func small(t *testing.T, fields []Field, rows ...[]Value) *Table {
	t.Helper()
	table := &Table{Schema: &Schema{Fields: fields}}
	for from := 0; from < len(rows); from += 2 {
		part := rows[from:min(from+2, len(rows))]
		columns := make([]Column, len(fields))
		for i, f := range fields {
			c := Column{Kind: f.Kind}
			for _, row := range part {
				switch v := row[i]; f.Kind {
				case Numeric, Boolean:
					x := v.Num
					if v.Missing() {
						x = math.NaN()
					}
					c.Numbers = append(c.Numbers, x)
				case Categorical:
					code := int32(-1)
					if !v.Missing() {
						code = int32(len(c.Levels))
						for k, l := range c.Levels {
							if l == v.Str {
								code = int32(k)
							}
						}
						if int(code) == len(c.Levels) {
							c.Levels = append(c.Levels, v.Str)
						}
					}
					c.Codes = append(c.Codes, code)
				case Time:
					at := v.Time
					if v.Missing() {
						at = MissingTime
					}
					c.Times = append(c.Times, at)
				case Text:
					c.Texts = append(c.Texts, v.Str)
				}
			}
			columns[i] = c
		}
		b, err := NewBatch(table.Schema, len(part), columns)
		if err != nil {
			t.Fatal(err)
		}
		table.Batches = append(table.Batches, b)
	}
	return table
}

func TestJoinAddsThePartnersCells(t *testing.T) {
	none := Value{}
	left := small(t, []Field{{Name: "mql_id", Kind: Categorical}, {Name: "origin", Kind: Categorical}},
		[]Value{Level("a"), Level("social")}, []Value{Level("b"), none}, []Value{none, Level("email")}, []Value{Level("c"), Level("social")}, []Value{Level("a"), none})
	right := small(t, []Field{{Name: "id", Kind: Text}, {Name: "won_date", Kind: Time}, {Name: "revenue", Kind: Numeric}, {Name: "lead_type", Kind: Categorical}, {Name: "note", Kind: Text}, {Name: "empty", Kind: Unknown}},
		[]Value{Words("c"), At(30), none, Level("x"), Words("n"), none}, []Value{Words("z"), At(1), Number(1), Level("y"), none, none}, []Value{Words("a"), At(10), Number(7), none, none, none}, []Value{none, At(1), Number(9), Level("y"), none, none})
	joined, report, err := Join(left, right, JoinOptions{LeftKey: "mql_id", RightKey: "id", Matched: "won"})
	if err != nil {
		t.Fatal(err)
	}
	if report != (JoinReport{Rows: 5, Matched: 3, Unmatched: 2}) {
		t.Errorf("report %+v", report)
	}
	want := map[string][]Value{
		"origin":    {Level("social"), none, Level("email"), Level("social"), none},
		"won_date":  {At(10), none, none, At(30), At(10)},
		"revenue":   {Number(7), none, none, none, Number(7)},
		"lead_type": {none, none, none, Level("x"), none},
		"note":      {none, none, none, Words("n"), none},
		"empty":     {none, none, none, none, none},
		"won":       {Bool(true), Bool(false), Bool(false), Bool(true), Bool(true)},
	}
	cell := cellsByName(joined)
	for name, values := range want {
		for i, v := range values {
			if cell[name][i] != v {
				t.Errorf("column %s row %d: %+v, want %+v", name, i+1, cell[name][i], v)
			}
		}
	}
	if len(joined.Schema.Fields) != 8 {
		t.Errorf("%d columns", len(joined.Schema.Fields))
	}
}

func TestJoinRefuses(t *testing.T) {
	fields := []Field{{Name: "id", Kind: Text}, {Name: "x", Kind: Numeric}}
	left := small(t, fields, []Value{Words("a"), Number(1)})
	twice := small(t, []Field{{Name: "key", Kind: Text}, {Name: "y", Kind: Numeric}}, []Value{Words("a"), Number(1)}, []Value{Words("b"), Number(2)}, []Value{Words("a"), Number(3)})
	for name, c := range map[string]struct {
		right *Table
		o     JoinOptions
		want  string
	}{
		"repeated key":  {twice, JoinOptions{LeftKey: "id", RightKey: "key"}, `"a"`},
		"clash":         {small(t, fields, []Value{Words("a"), Number(1)}), JoinOptions{LeftKey: "id", RightKey: "id"}, `"x"`},
		"matched clash": {small(t, fields), JoinOptions{LeftKey: "id", RightKey: "id", Columns: []string{}, Matched: "x"}, `"x"`},
		"no left key":   {twice, JoinOptions{LeftKey: "Id", RightKey: "key"}, `did you mean "id"`},
		"no right key":  {twice, JoinOptions{LeftKey: "id", RightKey: "id"}, `"id"`},
		"no column":     {twice, JoinOptions{LeftKey: "id", RightKey: "key", Columns: []string{"z"}}, `"z"`},
	} {
		if _, _, err := Join(left, c.right, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
