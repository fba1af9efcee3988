package model

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

func TestEffectsAddUpToTheLogit(t *testing.T) {
	table := leads(t, 400, 1)
	for _, e := range encodings {
		a := fixture(t, table, e)
		s := scorer(t, a)
		for i, l := range everyLead(leads(t, 200, 5)) {
			x, err := s.Explain(l, 4)
			if err != nil {
				t.Fatal(err)
			}
			sum, points := x.Baseline, 0.0
			for _, line := range x.Effects {
				sum += line.Effect
			}
			for _, line := range x.Trace {
				points += line.Points
			}
			if math.Abs(sum-x.Logits[0]) > 1e-12 {
				t.Fatalf("%s lead %d: baseline and effects give %v, the logit is %v", e, i, sum, x.Logits[0])
			}
			if points != x.RuleScore {
				t.Fatalf("%s lead %d: the trace gives %v, the rule score is %v", e, i, points, x.RuleScore)
			}
			if len(x.Effects) != len(a.Pipeline.Features()) {
				t.Fatalf("%s lead %d: %d effects", e, i, len(x.Effects))
			}
			for k, r := range x.Reasons {
				if !slices.Contains(x.Effects, r) {
					t.Fatalf("%s lead %d: the reason %+v is no effect", e, i, r)
				}
				if k > 0 && math.Abs(r.Effect) > math.Abs(x.Reasons[k-1].Effect) {
					t.Fatalf("%s lead %d: reason %d is stronger than the one before", e, i, k)
				}
			}
			for _, sign := range []float64{-1, 1} {
				told, all, weakest := 0, 0, math.Inf(1)
				for _, r := range x.Reasons {
					if r.Effect*sign > 0 {
						told, weakest = told+1, math.Abs(r.Effect)
					}
				}
				for _, line := range x.Effects {
					if line.Effect*sign <= 0 {
						continue
					}
					all++
					if math.Abs(line.Effect) > weakest && !slices.Contains(x.Reasons, line) {
						t.Fatalf("%s lead %d: %+v is stronger than the last reason of its sign and is none", e, i, line)
					}
				}
				if told != min(4, all) {
					t.Fatalf("%s lead %d: %d reasons of %d effects of sign %v", e, i, told, all, sign)
				}
			}
		}
	}
}

// The average lead has no reasons: over the training rows each feature's effects cancel.
func TestEffectsAverageToNothing(t *testing.T) {
	table := leads(t, 400, 1)
	s := scorer(t, fixture(t, table, features.Additive))
	mean := make([]float64, len(s.features))
	for _, l := range everyLead(table) {
		x, err := s.Explain(l, 0)
		if err != nil {
			t.Fatal(err)
		}
		for f := range x.Effects {
			mean[f] += x.Effects[f].Effect / 400
		}
	}
	for f, m := range mean {
		if math.Abs(m) > 1e-12 {
			t.Errorf("effects of %s average to %v over the training rows", s.features[f].Name, m)
		}
	}
}

func everyLead(table *datasets.Table) []*Lead {
	all := make([]*Lead, table.Rows())
	for i := range all {
		all[i] = leadAt(table, i)
	}
	return all
}

// set makes a feature the only one that counts, with known figures.
func set(a *Artifact, feature string, change func(f *features.Feature, e *TermEffect)) {
	for f := range a.Pipeline.Features() {
		e := &a.Targets[0].Effects[f]
		clear(e.Table)
		e.Slope, e.Mean = 0, 0
		if a.Pipeline.Features()[f].Name == feature {
			change(&a.Pipeline.Features()[f], e)
		}
	}
}

func TestReasonsInWords(t *testing.T) {
	table := leads(t, 400, 1)
	for _, c := range []struct {
		name     string
		encoding features.Encoding
		feature  string
		column   int
		value    datasets.Value
		want     string // a regular expression
	}{
		{"a level", features.Linear, "source", 1, datasets.Level("web"), `^source is web: 92 % of 718 such leads converted, average 30 %$`},
		{"missing", features.Linear, "source", 1, datasets.Value{}, `^source is missing: 92 % of 718 such leads converted, average 30 %$`},
		{"a bin", features.Additive, "visits", 2, datasets.Number(7), `^visits is 7( \(.+\))?: 92 % of 718 such leads converted, average 30 %$`},
		{"derived", features.Linear, "email.domain_class", 6, datasets.Level("x@gmail.com"), `^email \(domain class\) is free: 92 % of 718 such leads converted, average 30 %$`},
		{"a high number", features.Linear, "visits", 2, datasets.Number(90), `^visits is 90, far above average, and higher values convert more often: odds × [\d,.e+]+$`},
		{"an average number", features.Linear, "visits", 2, datasets.Number(5), `^visits is 5, about average, and higher values convert more often: odds × [01]\.\d+$`},
		{"a missing number", features.Linear, "visits", 2, datasets.Value{}, `^visits is missing: 92 % of 718 such leads converted, average 30 %$`},
	} {
		a := fixture(t, table, c.encoding)
		set(a, c.feature, func(f *features.Feature, e *TermEffect) {
			for code := range e.Table {
				e.Table[code], e.Rows[code], e.Positives[code] = 1.5, 718, 661
			}
			if f.Linear {
				e.Slope, e.Table[0] = .8, 0
			}
		})
		l := leadAt(table, 0)
		l.Values[c.column] = c.value
		x, err := scorer(t, a).Explain(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Reasons) != 1 || x.Reasons[0].Feature != c.feature || !regexp.MustCompile(c.want).MatchString(x.Reasons[0].Text) {
			t.Errorf("%s: %+v, want %s", c.name, x.Reasons, c.want)
		}
		wantValue := "missing"
		if !c.value.Missing() {
			wantValue = c.value.String()
		}
		if x.Reasons[0].Value != wantValue {
			t.Errorf("%s: the value is told as %q, want %q", c.name, x.Reasons[0].Value, wantValue)
		}
	}
}

func TestBecause(t *testing.T) {
	table := leads(t, 400, 1)
	base := leadAt(table, 0)
	base.Values[1], base.Values[2], base.Values[3] = datasets.Level("web"), datasets.Number(1), datasets.Bool(false)
	base.Values[6], base.Values[7] = datasets.Level("a@acme.example"), datasets.Level("CEO")
	for _, c := range []struct {
		name     string
		p        float64 // the model's probability
		mql, sql float64
		change   func(*Lead)
		stage    Stage
		want     string
	}{
		{"below both", .04, 45, 65, nil, Nurture, `score 20.0 < 65 (SQL), 45.0 short|score 20.0 < 45 (MQL), 25.0 short`},
		{"MQL", .25, 45, 65, nil, MQL, `score 50.0 < 65 (SQL), 15.0 short|score 50.0 ≥ 45 (MQL)`},
		{"SQL", .49, 45, 65, nil, SQL, `score 70.0 ≥ 65 (SQL)|email is known (required for SQL)|title is known (required for SQL)`},
		{"email missing", .49, 45, 65, func(l *Lead) { l.Values[6] = datasets.Value{} }, MQL,
			`score 70.0 ≥ 65 (SQL)|email is missing (required for SQL)|title is known (required for SQL)|score 70.0 ≥ 45 (MQL)`},
		{"just below", .25, 50.004, 65, nil, Nurture, `score 50.0 < 65 (SQL), 15.0 short|score 50.0 < 50.004 (MQL), 0.004 short`},
		{"just below, rounded up", .2499, 50, 65, nil, Nurture, `score 50.0 < 65 (SQL), 15.0 short|score 49.99 < 50 (MQL), 0.01 short`},
		{"disqualified", .49, 45, 65, func(l *Lead) { l.Values[3] = datasets.Bool(true) }, Disqualify, `hard rule "no mail": disqualify: do_not_email`},
	} {
		a := fixture(t, table, features.Linear)
		set(a, "", nil)
		a.Targets[0].Intercept, a.Blend, a.Policy.MQL.MinScore, a.Policy.SQL.MinScore = Logit(c.p), Blend{Method: BlendModel}, c.mql, c.sql
		l := &Lead{Values: slices.Clone(base.Values), AsOf: base.AsOf}
		if c.change != nil {
			c.change(l)
		}
		x, err := scorer(t, a).Explain(l, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(x.Because, "|"); x.Stage != c.stage || got != c.want && (c.stage != Disqualify || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s because %s, want %s because %s", c.name, x.Stage, got, c.stage, c.want)
		}
		if len(x.Reasons) != 0 {
			t.Errorf("%s: reasons without effects: %+v", c.name, x.Reasons)
		}
	}
}

func TestWarnings(t *testing.T) {
	table := leads(t, 400, 1)
	a := fixture(t, table, features.Linear)
	set(a, "source", func(f *features.Feature, e *TermEffect) { e.Table[0], e.Table[1] = 1, -1 })
	s := scorer(t, a)
	for name, c := range map[string]struct {
		column int
		value  datasets.Value
		want   string
	}{
		"missing and matters":       {1, datasets.Value{}, `"source" is missing: scored as missing`},
		"missing and does not":      {2, datasets.Value{}, ``},
		"known":                     {1, datasets.Level("web"), ``},
		"missing and not a feature": {0, datasets.Value{}, ``},
		"unseen, where no code is":  {1, datasets.Level("television"), `"source": training has not seen "television": scored without it`},
	} {
		l := leadAt(table, 0)
		l.Values[1] = datasets.Level("web")
		l.Values[c.column] = c.value
		x, err := s.Explain(l, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(x.Warnings, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
