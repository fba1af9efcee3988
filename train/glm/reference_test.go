package glm

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/features/design"
)

// referenceJob is a problem of the shape of the reference data: 10 numbers, three of them with
// 10 % missing and an indicator of it, all standardised, and 10 categories of 2 to 400 levels with
// shares that fall off like 1/rank^0.8. The numbers are not those of the file, the work is the same.
func referenceJob(t testing.TB, rows int) *Problem {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	eta := make([]float64, rows)
	for i := range eta {
		eta[i] = -3
	}
	var dense []design.Dense
	for j := range 10 {
		mean, deviation := 0.0, 1.0
		if j%2 == 1 {
			mean, deviation = 3, math.Sqrt(6)
		}
		values, missing := make([]float64, rows), make([]float64, rows)
		for i := range values {
			x := r.NormFloat64()
			if j%2 == 1 {
				x = 2*r.ExpFloat64() + x*x // gamma of shape 1.5 and scale 2
			}
			values[i] = x
			eta[i] += .35 * math.Pow(-1, float64(j)) * (x - mean) / deviation
			if j < 3 && r.Float64() < .1 {
				values[i], missing[i] = math.NaN(), 1
			}
		}
		dense = append(dense, standardised(values))
		if j < 3 {
			dense = append(dense, standardised(missing))
		}
	}
	var blocks []design.Codes
	for _, levels := range []int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400} {
		cumulative, effect := make([]float64, levels), make([]float64, levels)
		sum := 0.0
		for l := range levels {
			sum += math.Pow(float64(l+1), -.8)
			cumulative[l], effect[l] = sum, .5*r.NormFloat64()
		}
		codes := make([]uint32, rows)
		for i := range codes {
			u, l := r.Float64()*sum, 0
			for cumulative[l] < u {
				l++
			}
			codes[i] = uint32(l)
			eta[i] += effect[l]
		}
		blocks = append(blocks, design.MakeCodes(levels, codes))
	}
	y := make([]float64, rows)
	for i, v := range eta {
		if r.Float64() < 1/(1+math.Exp(-v)) {
			y[i] = 1
		}
	}
	x, err := design.NewMatrix(rows, dense, blocks)
	if err != nil {
		t.Fatal(err)
	}
	return &Problem{X: x, Y: y}
}

func standardised(values []float64) design.Dense {
	n, mean, square := 0.0, 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			n++
			mean += v
		}
	}
	mean /= n
	for _, v := range values {
		if !math.IsNaN(v) {
			square += (v - mean) * (v - mean)
		}
	}
	return design.Dense{Values: values, Center: mean, Scale: math.Sqrt(square / n)}
}

func BenchmarkRidgeReference(b *testing.B) {
	p := referenceJob(b, 500000)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Ridge(b.Context(), p, 1, Settings{})
		if err != nil || r.Status != Converged {
			b.Fatal(r, err)
		}
		b.ReportMetric(float64(r.Iterations), "steps")
		b.ReportMetric(float64(r.Curvatures), "hessians")
	}
}

func BenchmarkCrossValidateReference(b *testing.B) {
	p := referenceJob(b, 500000)
	folds := make([]uint8, p.X.Rows())
	for i := range folds {
		folds[i] = uint8(i % 5)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := CrossValidate(b.Context(), p, folds, 5, nil, Settings{})
		if err != nil || r.Status != Converged {
			b.Fatal(r, err)
		}
	}
}
