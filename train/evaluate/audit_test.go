package evaluate

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"leadscore/model"
)

// auditRows are leads of which a fifth converts, a tenth is open, and the hold-out is random; as-of is the row's number.
func auditRows(n int, seed uint64) (AuditRows, *rand.Rand) {
	rng := rand.New(rand.NewPCG(seed, 9))
	r := AuditRows{Name: "created"}
	for i := range n {
		class := int8(0)
		switch u := rng.Float64(); {
		case u < .1 && i > n/2:
			class = -1
		case u < .28:
			class = 1
		}
		r.Class, r.Holdout, r.AsOf = append(r.Class, class), append(r.Holdout, rng.IntN(4) == 0), append(r.AsOf, float64(i))
	}
	return r, rng
}

// column codes the rows by f; 0 is missing.
func column(r AuditRows, levels int, f func(i int) uint32) AuditColumn {
	c := AuditColumn{Name: "c", Levels: levels, Level: func(code uint32) string { return string(rune('a' + code)) }}
	for i := range r.Class {
		c.Codes = append(c.Codes, f(i))
	}
	return c
}

func kinds(t *testing.T, r AuditRows, c AuditColumn) ([]string, *model.Suspect, *model.Audit) {
	t.Helper()
	suspects, a, err := Audit(r, []AuditColumn{c}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(suspects) == 0 {
		return nil, nil, a
	}
	var out []string
	for _, x := range suspects[0].Checks {
		out = append(out, x.Kind)
		if x.Text == "" {
			t.Errorf("%s has no sentence", x.Kind)
		}
	}
	slices.Sort(out)
	return out, &suspects[0], a
}

func TestEachCheckFiresOnItsOwnSign(t *testing.T) {
	r, rng := auditRows(6000, 1)
	late := slices.Clone(r.Holdout)
	order := &AuditOrder{}
	for i := range r.Class {
		order.Rows, order.Values = append(order.Rows, i), append(order.Values, float64(7000-i))
	}
	noise := func(n int) uint32 { return uint32(1 + rng.IntN(n)) }
	tests := []struct {
		name     string
		f        func(i int) uint32
		change   func(c *AuditColumn)
		want     []string
		severity string
	}{
		{"noise", func(int) uint32 { return noise(5) }, nil, nil, ""},
		{"constant", func(int) uint32 { return 1 }, nil, nil, ""},
		{"all missing", func(int) uint32 { return 0 }, nil, nil, ""},
		{"honest", func(i int) uint32 { // conversion 2.5 times as likely
			if r.Class[i] == 1 && rng.IntN(2) == 0 {
				return 2
			}
			return noise(2)
		}, nil, nil, ""},
		{"written for winners", func(i int) uint32 {
			if r.Class[i] == 1 && rng.IntN(20) > 0 || r.Class[i] == 0 && rng.IntN(20) == 0 {
				return noise(3)
			}
			return 0
		}, nil, []string{model.CheckAlone, model.CheckOpen, model.CheckPresence}, model.SuspectedLeak},
		{"says the outcome", func(i int) uint32 {
			if r.Class[i] == 1 && rng.IntN(20) > 0 || rng.IntN(20) == 0 {
				return 2
			}
			return 1
		}, nil, []string{model.CheckAlone}, model.SuspectedLeak},
		{"a form that hints", func(i int) uint32 {
			if r.Class[i] == 1 && rng.IntN(3) > 0 || rng.IntN(3) == 0 {
				return 1
			}
			return 0
		}, nil, []string{model.CheckPresence}, model.LookAtIt},
		{"written when closed", func(i int) uint32 {
			if r.Class[i] >= 0 && rng.IntN(2) == 0 {
				return noise(3)
			}
			return 0
		}, nil, []string{model.CheckOpen}, model.SuspectedLeak},
		{"emptied when closed", func(i int) uint32 {
			if r.Class[i] >= 0 && rng.IntN(2) == 0 {
				return 0
			}
			return noise(3)
		}, nil, nil, ""},
		{"a form that is new", func(i int) uint32 { // among the young leads, and so among the open ones
			if i > 4500 {
				return noise(3)
			}
			return 0
		}, nil, nil, ""},
		{"a form that was given up", func(i int) uint32 { // filled in for known leads more often, but not for those of the same age
			if i < 4500 {
				return noise(3)
			}
			return 0
		}, nil, nil, ""},
		{"one level won", func(i int) uint32 {
			if r.Class[i] == 1 && rng.IntN(12) == 0 {
				return 4
			}
			return noise(3)
		}, nil, []string{model.CheckOneClass}, model.SuspectedLeak},
		{"backwards", func(int) uint32 { return noise(5) }, func(c *AuditColumn) { c.Order = order }, []string{model.CheckID, model.CheckTime}, model.LookAtIt},
		{"other leads", func(i int) uint32 {
			if late[i] && rng.IntN(2) == 0 {
				return 2
			}
			return 1
		}, nil, []string{model.CheckShift}, model.LookAtIt},
		{"too late", func(int) uint32 { return noise(5) }, func(c *AuditColumn) {
			c.Later = []Later{{model.CheckAfterAsOf, "created", 50, 900}, {model.CheckAfterEnd, "closed", 9, 9}}
		}, []string{model.CheckAfterAsOf}, model.LookAtIt},
	}
	for _, tt := range tests {
		c := column(r, 6, tt.f)
		if tt.change != nil {
			tt.change(&c)
		}
		got, s, _ := kinds(t, r, c)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: checks %v fired, want %v", tt.name, got, tt.want)
			continue
		}
		if s != nil && s.Severity != tt.severity {
			t.Errorf("%s: %s, want %s", tt.name, s.Severity, tt.severity)
		}
	}
}

// In a split by time a column of times differs by design: it is told apart and not named.
func TestShiftOfTimesIsExpectedInASplitByTime(t *testing.T) {
	r, _ := auditRows(4000, 2)
	r.ByTime = true
	for i := range r.Holdout {
		r.Holdout[i] = i >= 3000
	}
	c := column(r, 11, func(i int) uint32 { return uint32(1 + i/400) })
	if got, _, _ := kinds(t, r, c); !slices.Equal(got, []string{model.CheckShift}) {
		t.Errorf("a category that follows time: %v fired, want shift", got)
	}
	c.Time = true
	got, _, a := kinds(t, r, c)
	if len(got) > 0 || !a.Columns[0].Expected || a.Columns[0].Shift.Value < .95 {
		t.Errorf("a column of times: %v fired, %+v; want its shift told as expected", got, a.Columns[0])
	}
	if a.Shift.Value != .5 {
		t.Errorf("together %v; what is expected has no part in it", a.Shift)
	}
}

// What is learnt on some rows is measured on others: noise of 1,500 levels tells nothing, neither the outcome nor the split.
func TestRareLevelsGainNothing(t *testing.T) {
	r, rng := auditRows(6000, 6)
	got, _, a := kinds(t, r, column(r, 1500, func(int) uint32 { return uint32(rng.IntN(1500)) }))
	if c := a.Columns[0]; len(got) > 0 || c.Shift.Value > .53 || c.Alone.Value > .53 || a.Shift.Value > .53 {
		t.Errorf("%v fired; %+v", got, c)
	}
}

// The AUC from counts is that of the rows.
func TestAuditFiguresAreThoseOfTheRows(t *testing.T) {
	r, rng := auditRows(3000, 3)
	c := column(r, 8, func(i int) uint32 { return uint32(max(0, rng.IntN(8)-int(r.Class[i]))) })
	a := &audit{AuditRows: r, columns: 1}
	a.prepare()
	counted := a.count(&c)
	got, _ := counted.alone()
	rate, rows, won := make([]float64, 8), make([]float64, 8), make([]float64, 8)
	for i, k := range c.Codes {
		if r.Class[i] >= 0 && !r.Holdout[i] {
			rows[k]++
			won[k] += float64(r.Class[i])
		}
	}
	for k := range rate {
		rate[k] = (won[k] + prior*counted.base) / (rows[k] + prior)
	}
	var s Sample
	for i, k := range c.Codes {
		if r.Class[i] >= 0 && r.Holdout[i] {
			s.Label, s.Score = append(s.Label, r.Class[i] == 1), append(s.Score, rate[k])
		}
	}
	want, err := AUC(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []float64{got.Figure.Value - want.Value, got.Figure.Lower - want.Lower, got.Figure.Upper - want.Upper} {
		if math.Abs(d) > 1e-12 {
			t.Fatalf("%+v from counts, %+v from rows", got.Figure, want)
		}
	}
}

func TestAuditDoesNotDependOnWorkersOrTheOrderOfColumns(t *testing.T) {
	r, rng := auditRows(2000, 4)
	var columns []AuditColumn
	for j := range 12 {
		c := column(r, 9, func(i int) uint32 { return uint32(rng.IntN(4) + int(r.Class[i]+1)*(j%3)) })
		c.Name = string(rune('A' + j))
		columns = append(columns, c)
	}
	s1, a1, err := Audit(r, columns, 1)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(columns)
	s2, a2, err := Audit(r, columns, 4)
	if err != nil {
		t.Fatal(err)
	}
	a2.Shift = a1.Shift // a sum in another order
	if len(s1) == 0 || !reflect.DeepEqual(forget(s1), forget(s2)) || !reflect.DeepEqual(a1.Columns, a2.Columns) {
		t.Errorf("%+v\n%+v", s1, s2)
	}
}

// forget makes NaN, which equals nothing, a number.
func forget(all []model.Suspect) []model.Suspect {
	for i := range all {
		for j := range all[i].Checks {
			e := &all[i].Checks[j].Figure
			if math.IsNaN(e.Lower) {
				e.Lower, e.Upper = 0, 0
			}
		}
	}
	return all
}

func TestAuditRefusesWhatDoesNotFit(t *testing.T) {
	r, _ := auditRows(100, 5)
	if _, _, err := Audit(AuditRows{}, nil, 1); err == nil {
		t.Error("no rows were audited")
	}
	if _, _, err := Audit(r, []AuditColumn{{Name: "short", Codes: make([]uint32, 3), Levels: 1}}, 1); err == nil {
		t.Error("three codes for a hundred rows were audited")
	}
	if _, _, err := Audit(r, []AuditColumn{column(r, 2, func(int) uint32 { return 2 })}, 1); err == nil {
		t.Error("a code beyond the levels was audited")
	}
}

func TestSpearmanWithTies(t *testing.T) {
	// scipy.stats.spearmanr([1, 2, 2, 3, 10], [5, 1, 4, 4, 9]) says 0.28947…
	if got, want := spearman([]float64{1, 2, 2, 3, 10}, []float64{5, 1, 4, 4, 9}), 0.2894736842105264; math.Abs(got-want) > 1e-15 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := spearman([]float64{1, 1, 1}, []float64{1, 2, 3}); got != 0 {
		t.Errorf("a constant correlates by %v", got)
	}
}

func TestDuplicatesAreNamedWhereRowsAreRich(t *testing.T) {
	for _, tt := range []struct {
		d    Duplicates
		want []string
	}{
		{Duplicates{Compared: 1000, Equal: 9, Same: 1}, nil},
		{Duplicates{Compared: 1000, Equal: 10, Same: 1}, []string{model.CheckDuplicates}},
		{Duplicates{Compared: 1000, Equal: 900, Repeated: 500, Same: 1}, nil},
	} {
		var got []string
		for _, s := range tt.d.Check() {
			got = append(got, s.Checks[0].Kind)
			if s.Exclude || s.Severity != model.LookAtIt {
				t.Errorf("%+v: %+v", tt.d, s)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.d, got, tt.want)
		}
	}
}
