package model

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
)

const day = 24 * 3600e6

// always knows every column.
func always(Stage) bool { return true }

// same2 is one score for both stages.
func same2(score float64) [2]float64 { return [2]float64{score, score} }

// A lead walks up and down through the thresholds over time; whoever follows it remembers the stage and, where the answer says
// changed or the stage is another one, since when.
func TestALeadWalksThroughTheThresholds(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	p := Policy{MQL: StageRule{MinScore: 50, Leave: at(40), Stay: 7 * day}, SQL: StageRule{MinScore: 70, Leave: at(60), Stay: 3 * day}}
	before := Previous{}
	fired := map[Stage]int{}
	for _, step := range []struct {
		day   int64
		score float64
		hard  Stage
		want  Stage
		fires bool
	}{
		{0, 30, "", Nurture, false},
		{1, 49.9, "", Nurture, false},
		{2, 50, "", MQL, true},       // enters at exactly min_score
		{3, 45, "", MQL, false},      // in the band
		{4, 50, "", MQL, false},      // up again: it was never out
		{5, 12, "", MQL, false},      // far below, but the stay of a week is not over
		{8, 12, "", MQL, false},      // the last day of it
		{9, 40, "", MQL, false},      // over, and the score is at the lower limit
		{10, 39, "", Nurture, false}, // falls; nothing fires
		{11, 49, "", Nurture, false}, // from below the band holds nothing
		{12, 71, "", SQL, true},      // past MQL at once
		{13, 20, "", SQL, false},     // SQL's stay
		{15, 59, "", MQL, false},     // over: down to MQL, which does not fire again; its own stay of a week still runs
		{16, 70, "", SQL, true},      // a new rise
		{20, 61, "", SQL, false},     // in SQL's band
		{21, 61, Disqualify, Disqualify, true},
		{22, 61, Disqualify, Disqualify, false},
		{23, 61, "", MQL, true}, // back among the leads: it enters as a new one, and needs min_score
		{24, 30, SQL, SQL, true},
		{60, 45, "", MQL, false}, // from SQL into MQL's band, which a lead that was in SQL needs no more than
		{90, 30, "", Nurture, false},
	} {
		c := Case{Scores: same2(step.score), Hard: step.hard, Known: always, Previous: before, At: step.day * day}
		got := p.Decide(&c)
		changed := Entered(before.Stage, got)
		if got != step.want || changed != step.fires {
			t.Fatalf("day %d, score %v, before %q: %s changed %v, want %s changed %v", step.day, step.score, before.Stage, got, changed, step.want, step.fires)
		}
		if changed {
			fired[got]++
		}
		if got != before.Stage {
			before = Previous{Stage: got, Since: step.day * day}
		}
	}
	if fired[MQL] != 2 || fired[SQL] != 3 || fired[Disqualify] != 1 {
		t.Errorf("fired %v", fired)
	}
}

func anyPolicy(r *rand.Rand) Policy {
	rule := func() StageRule {
		s := StageRule{MinScore: float64(r.IntN(101))}
		if r.IntN(2) == 0 {
			leave := s.MinScore - float64(r.IntN(40))
			s.Leave = &leave
		}
		if r.IntN(2) == 0 {
			s.Stay = r.Int64N(20) * day
		}
		return s
	}
	return Policy{MQL: rule(), SQL: rule()}
}

func anyCase(r *rand.Rand) Case {
	c := Case{Scores: [2]float64{float64(r.IntN(101)), float64(r.IntN(101))}, At: r.Int64N(30) * day}
	if r.IntN(4) == 0 {
		c.Hard = []Stage{MQL, SQL, Disqualify}[r.IntN(3)]
	}
	if r.IntN(4) > 0 {
		c.Previous = Previous{Stage: Stages()[r.IntN(4)], Since: r.Int64N(30) * day}
	}
	known := r.IntN(4)
	c.Known = func(s Stage) bool { return known>>(s.rank()-1)&1 == 1 }
	return c
}

// A higher score never gives a lower stage, whatever was before, is required, or is asked for by a hard rule; and the stage that a lead was in
// never makes it lower.
func TestHigherScoresNeverGiveLowerStages(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for range 20000 {
		p, c := anyPolicy(r), anyCase(r)
		low := p.Decide(&c)
		better := c
		better.Scores[r.IntN(2)] += 30 * r.Float64()
		if high := p.Decide(&better); high.rank() < low.rank() {
			t.Fatalf("%+v: %+v gives %s, %+v gives %s", p, c, low, better, high)
		}
		if c.Previous.Stage == MQL || c.Previous.Stage == SQL {
			fresh := c
			fresh.Previous = Previous{}
			if p.Decide(&fresh).rank() > low.rank() {
				t.Fatalf("%+v: %+v gives %s, a new lead gets more", p, c, low)
			}
		}
		if below := p.below(&c); low == SQL && below.rank() >= low.rank() {
			t.Fatalf("without SQL a lead gets %s", below)
		}
	}
}

// Within the band between leave and min_score a lead stays where it is, whichever way the score goes: it never oscillates, and nothing
// fires.
func TestScoresWithinTheBandChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 6))
	for range 200 {
		leave, sqlLeave := 40.0, 65.0
		p := Policy{MQL: StageRule{MinScore: 60, Leave: &leave}, SQL: StageRule{MinScore: 80, Leave: &sqlLeave}}
		for _, start := range []Stage{Nurture, MQL} {
			before := Previous{Stage: start}
			for range 100 {
				c := Case{Scores: same2(40 + 19.99*r.Float64()), Known: always, Previous: before}
				if got := p.Decide(&c); got != start || Entered(before.Stage, got) {
					t.Fatalf("a score of %v takes %s to %s", c.Scores[0], start, got)
				}
			}
		}
		before := Previous{Stage: SQL}
		for range 100 {
			c := Case{Scores: same2(65 + 14.99*r.Float64()), Known: always, Previous: before}
			if got := p.Decide(&c); got != SQL {
				t.Fatalf("a score of %v takes SQL to %s", c.Scores[0], got)
			}
		}
	}
}

// A stay holds from the moment of entering up to, and not at, its end; without a moment it holds nothing.
func TestMinimumStayEnds(t *testing.T) {
	p := Policy{MQL: StageRule{MinScore: 50, Stay: 7 * day}, SQL: StageRule{MinScore: 101}}
	for _, c := range []struct {
		since, at int64
		want      Stage
	}{
		{0, 7*day - 1, MQL}, {0, 7 * day, Nurture}, {datasets.MissingTime, day, Nurture}, {0, datasets.MissingTime, Nurture}, {5 * day, 0, MQL},
	} {
		got := p.Decide(&Case{Known: func(Stage) bool { return false }, Previous: Previous{Stage: MQL, Since: c.since}, At: c.at})
		if got != c.want {
			t.Errorf("since %d, at %d: %s, want %s", c.since, c.at, got, c.want)
		}
	}
}

// What is said of a lead in a band, in its stay and with a target of its own, in both languages.
func TestBecauseOfPreviousStages(t *testing.T) {
	table := leads(t, 400, 1)
	a := fixture(t, table, features.Linear)
	leave := 35.0
	a.Blend = Blend{Method: BlendModel}
	set(a, "", nil)
	for f := range a.Targets[1].Effects {
		e := &a.Targets[1].Effects[f]
		clear(e.Table)
		e.Slope = 0
	}
	a.Targets[0].Intercept, a.Targets[1].Intercept = Logit(.16), Logit(.04) // 40 and 20
	a.Policy = Policy{MQL: StageRule{MinScore: 45, Leave: &leave}, SQL: StageRule{MinScore: 65, Target: "sql", Stay: 7 * day}}
	s := scorer(t, a)
	l := leadAt(table, 0)
	l.Values[3] = datasets.Bool(false)
	l.AsOf = time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC).UnixMicro()
	spanish, err := s.In(Spanish)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		previous Previous
		want     string
		es       string
		stage    Stage
		changed  bool
	}{
		{Previous{}, "score of sql 20.0 < 65 (SQL), 45.0 short|score 40.0 < 45 (MQL), 5.0 short", "puntuación de sql 20,0 < 65 (SQL), faltan 45,0|puntuación 40,0 < 45 (MQL), faltan 5,0", Nurture, false},
		{Previous{Stage: MQL}, "score of sql 20.0 < 65 (SQL), 45.0 short|score 40.0 ≥ 35 (MQL): stays MQL, which is entered at 45",
			"puntuación de sql 20,0 < 65 (SQL), faltan 45,0|puntuación 40,0 ≥ 35 (MQL): sigue en MQL, al que se entra con 45", MQL, false},
		{Previous{Stage: SQL, Since: l.AsOf - 2*day}, "score of sql 20.0 < 65 (SQL), 45.0 short|stays SQL until 14 March 2026, 00:00 UTC (minimum stay)",
			"puntuación de sql 20,0 < 65 (SQL), faltan 45,0|sigue en SQL hasta el 14 de marzo de 2026, 00:00 UTC (permanencia mínima)", SQL, false},
	} {
		l.Previous = c.previous
		x, err := s.Explain(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(x.Because, "|"); got != c.want || x.Stage != c.stage || x.Changed != c.changed {
			t.Errorf("%+v: %s changed %v because %s", c.previous, x.Stage, x.Changed, got)
		}
		if x, err = spanish.Explain(l, 1); err != nil || strings.Join(x.Because, "|") != c.es {
			t.Errorf("%+v: %v %s", c.previous, err, strings.Join(x.Because, "|"))
		}
	}
	l.Previous = Previous{Stage: SQL, Since: datasets.MissingTime}
	x, err := s.Explain(l, 1)
	if err != nil || len(x.Warnings) == 0 || !strings.Contains(x.Warnings[len(x.Warnings)-1], "previous.since: not given") {
		t.Errorf("%v, warnings %q", err, x.Warnings)
	}
}
