package glm

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"leadscore/features/design"
)

func oneColumn(t *testing.T, x, y []float64) *Problem {
	t.Helper()
	m, err := design.NewMatrix(len(x), []design.Dense{{Values: x, Scale: 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Problem{X: m, Y: y}
}

func TestSeparatedClassesHaveNoOptimum(t *testing.T) {
	complete := oneColumn(t, []float64{1, 2, 3, 4, 5, 6}, []float64{0, 0, 0, 1, 1, 1})
	quasi := oneColumn(t, []float64{1, 2, 3, 3, 5, 6}, []float64{0, 0, 0, 1, 1, 1})
	level := unweighted(t) // a level whose rows are all won
	level.Y = slices.Clone(level.Y)
	level.X.Blocks()[1].Each(func(i int, code uint32) {
		if code == 2 {
			level.Y[i] = 1
		}
	})
	for name, p := range map[string]*Problem{"complete": complete, "quasi-complete": quasi, "one level": level} {
		r, err := Ridge(t.Context(), p, 0, Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != Separated || !r.Status.Early() {
			t.Errorf("%s: status %v", name, r.Status)
		}
		if err := r.Status.Err(); err == nil || !strings.Contains(err.Error(), "penalty above 0") || !errors.Is(err, ErrEarly) {
			t.Errorf("%s: error %v does not say what to do", name, err)
		}
		want := 0
		if name == "one level" {
			want = level.X.BlockStart(1) + 2
		}
		if !slices.Contains(r.Diverging, want) {
			t.Errorf("%s: columns %v diverge, want %d", name, r.Diverging, want)
		}
		if r := fit(t, p, 1e-3, Settings{}); r.Status != Converged {
			t.Errorf("%s: status %v with a penalty", name, r.Status)
		}
	}
}

func TestNearlySeparatedClassesHaveAnOptimum(t *testing.T) {
	// 40 rows a side, one of each on the wrong one: η = ±log 39.
	var x, y []float64
	for i := range 80 {
		side := float64(i % 2)
		x, y = append(x, 2*side-1), append(y, side)
	}
	y[0], y[1] = 1, 0
	r := fit(t, oneColumn(t, x, y), 0, Settings{})
	if math.Abs(r.Coef[0]-math.Log(39)) > 1e-9 {
		t.Errorf("coefficient %v, want log 39", r.Coef[0])
	}
}

func TestOneClassIsSeparatedWhateverThePenalty(t *testing.T) {
	r, err := Ridge(t.Context(), oneColumn(t, []float64{1, 2, 3}, []float64{1, 1, 1}), 1, Settings{})
	if err != nil || r.Status != Separated {
		t.Errorf("%v, %v", r, err)
	}
}

func TestNumbersTooLargeAreAnError(t *testing.T) {
	if _, err := Ridge(t.Context(), oneColumn(t, []float64{1e200, 2, 3e300, -1e308}, []float64{0, 1, 0, 1}), 1, Settings{}); !errors.Is(err, errRange) {
		t.Errorf("error %v", err)
	}
}

func TestIterationLimitIsEarly(t *testing.T) {
	r, err := Ridge(t.Context(), fixture(t), 1, Settings{MaxIterations: 1})
	if err != nil || r.Status != IterationLimit || r.Iterations != 1 || r.Status.Err() == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAliasedColumnsAreTheLastOfTheirBlocks(t *testing.T) {
	p := unweighted(t)
	r := fit(t, p, 0, Settings{Covariance: true})
	if want := []int{p.X.BlockStart(0) + 3, p.X.BlockStart(1) + 5}; !slices.Equal(r.Aliased, want) {
		t.Errorf("aliased %v, want %v", r.Aliased, want)
	}
	if want := float64(1 + 3 + 3 + 5); r.DF != want {
		t.Errorf("degrees of freedom %v, want %v", r.DF, want)
	}
	if small := fit(t, p, 50, Settings{Covariance: true}); !(small.DF > 1 && small.DF < r.DF) {
		t.Errorf("degrees of freedom %v with a penalty", small.DF)
	}
}

func TestCancelledContextStopsTheFit(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := fixture(t)
	if _, err := Ridge(ctx, p, 1, Settings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Ridge: %v", err)
	}
	if _, err := CrossValidate(ctx, p, make([]uint8, 320), 2, nil, Settings{}); err == nil {
		t.Error("CrossValidate: no error")
	}
}

func TestProblemsAreNamed(t *testing.T) {
	x := unweighted(t).X
	n := x.Rows()
	with := func(v []float64, i int, bad float64) []float64 {
		v = slices.Clone(v)
		v[i] = bad
		return v
	}
	y := make([]float64, n)
	for want, p := range map[string]*Problem{
		"no design matrix":           {},
		"3 outcomes for 320 rows":    {X: x, Y: y[:3]},
		"row 4: outcome 2":           {X: x, Y: with(y, 4, 2)},
		"row 5: outcome NaN":         {X: x, Y: with(y, 5, math.NaN())},
		"row 6: weight -1":           {X: x, Y: y, Weight: with(y, 6, -1)},
		"row 7: weight +Inf":         {X: x, Y: y, Weight: with(y, 7, math.Inf(1))},
		"all weights are zero":       {X: x, Y: y, Weight: y},
		"row 8: offset NaN":          {X: x, Y: y, Offset: with(y, 8, math.NaN())},
		"1 offsets for 320 rows":     {X: x, Y: y, Offset: y[:1]},
		"2 weights for 320 rows":     {X: x, Y: y, Weight: y[:2]},
		"more than a number can hol": {X: x, Y: y, Weight: with(with(y, 0, 1e308), 1, 1e308)},
	} {
		if _, err := Ridge(t.Context(), p, 1, Settings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	for _, lambda := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := Ridge(t.Context(), fixture(t), lambda, Settings{}); err == nil {
			t.Errorf("penalty %v is taken", lambda)
		}
	}
	if _, err := Ridge(t.Context(), fixture(t), 1, Settings{Start: []float64{1}}); err == nil {
		t.Error("a start of one number is taken")
	}
}
