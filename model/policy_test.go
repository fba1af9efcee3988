package model

import "testing"

func TestPolicyDecides(t *testing.T) {
	p := Policy{MQL: StageRule{MinScore: 40}, SQL: StageRule{MinScore: 70}}
	const neither, mqlOnly, sqlOnly, both = 0, 1, 2, 3 // whose required columns are known
	for _, c := range []struct {
		score float64
		hard  Stage
		known int
		want  Stage
	}{
		{39.9, "", both, Nurture},
		{40, "", both, MQL},
		{69.9, "", both, MQL},
		{70, "", both, SQL},
		{70, "", mqlOnly, MQL},
		{70, "", sqlOnly, SQL},
		{70, "", neither, Nurture},
		{40, "", sqlOnly, Nurture},
		{100, Disqualify, both, Disqualify},
		{0, SQL, neither, SQL},
		{0, MQL, neither, MQL},
		{70, MQL, both, SQL},
		{70, MQL, mqlOnly, MQL},
	} {
		known := func(s Stage) bool { return s == SQL && c.known&sqlOnly != 0 || s == MQL && c.known&mqlOnly != 0 }
		if got := p.Decide(&Case{Scores: [2]float64{c.score, c.score}, Hard: c.hard, Known: known}); got != c.want {
			t.Errorf("score %v, hard %q, known %b: %s, want %s", c.score, c.hard, c.known, got, c.want)
		}
	}
}

func TestPolicyIsMonotoneInScore(t *testing.T) {
	rank := map[Stage]int{Nurture: 0, MQL: 1, SQL: 2}
	for _, p := range []Policy{
		{MQL: StageRule{MinScore: 40}, SQL: StageRule{MinScore: 70}},
		{MQL: StageRule{MinScore: 70}, SQL: StageRule{MinScore: 40}},
		{MQL: StageRule{MinScore: -5}, SQL: StageRule{MinScore: 101}},
	} {
		for known := range 4 {
			for _, hard := range []Stage{"", MQL, SQL} {
				stage, grade := 0, "D"
				for score := 0.0; score <= 100; score += .5 {
					s := p.Decide(&Case{Scores: [2]float64{score, score}, Hard: hard, Known: func(s Stage) bool { return known>>rank[s]&1 == 1 || known>>1 == rank[s] }})
					if rank[s] < stage {
						t.Fatalf("%+v, known %b, hard %q: score %v falls to %s", p, known, hard, score, s)
					}
					g := p.Grade([2]float64{score, score})
					if g > grade {
						t.Fatalf("%+v: score %v falls to grade %s", p, score, g)
					}
					stage, grade = rank[s], g
				}
			}
		}
	}
}

func TestGrade(t *testing.T) {
	p := Policy{MQL: StageRule{MinScore: 40}, SQL: StageRule{MinScore: 70}}
	for score, want := range map[float64]string{70: "A", 69.99: "B", 40: "B", 39.99: "C", 20: "C", 19.99: "D", 0: "D"} {
		if got := p.Grade([2]float64{score, score}); got != want {
			t.Errorf("grade of %v: %s, want %s", score, got, want)
		}
	}
}
