package train

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
	"leadscore/train/glm"
)

// TestCentredIntercept: beside an eliminated category the variance of a row that is in none of its levels is that of the
// same linear function of the other coefficients, the category's mean being one of them and a noise.
func TestCentredIntercept(t *testing.T) {
	const companies, regions, rows = 1030, 7, 9000
	rng := rand.New(rand.NewPCG(1, 11))
	firm, region, y, share := make([]uint32, rows), make([]uint32, rows), make([]float64, rows), make([]float64, regions)
	for i := range firm {
		firm[i] = uint32(min(rng.IntN(companies), rng.IntN(companies)))
		region[i] = firm[i] % regions
		share[region[i]] += 1.0 / rows
		if rng.Float64() < .2+.1*float64(region[i]) {
			y[i] = 1
		}
	}
	x, err := design.NewMatrix(rows, nil, []design.Codes{design.MakeCodes(companies, firm), design.MakeCodes(regions, region)})
	if err != nil {
		t.Fatal(err)
	}
	blocks := []glm.Block{{Start: 0, Size: companies, Lambda: 2, Fixed: true}, {Start: companies, Size: regions, Lambda: 2, Fixed: true}}
	s := glm.AdditiveSettings{KeepAll: true}
	s.Covariance = true
	fit, err := glm.Additive(t.Context(), &glm.Problem{X: x, Y: y}, blocks, s)
	if err != nil {
		t.Fatal(err)
	}
	e := fit.Eliminated
	if e == nil {
		t.Fatal("nothing was eliminated")
	}
	c := newCentred(e.Outer)
	c.levels = &apart{0, e}
	c.term(1)
	for code := range regions {
		c.code(code, 1+code, 1, share[code])
	}
	c.done()
	for code := range regions {
		f := mat.NewVecDense(1+regions, append([]float64(nil), e.Mean...))
		f.SetVec(0, 1+f.AtVec(0))
		f.SetVec(1+code, 1+f.AtVec(1+code))
		want := mat.Inner(f, e.Outer, f) + e.Noise
		got := c.at(0, 0) + 2*c.at(0, 1+code) + c.at(1+code, 1+code)
		if math.Abs(got-want) > 1e-6*want {
			t.Errorf("region %d: variance %v, want %v", code, got, want)
		}
	}
	// A company is in one region, which is what the artifact keeps of it: the region's column and its weight.
	levels := c.pack().Levels
	each := len(levels.Kept) / companies
	for company := range companies {
		column, weight := -1, uint16(0)
		for at := company * each; at < (company+1)*each; at += 4 {
			if w := binary.LittleEndian.Uint16(levels.Kept[at+2:]); w > weight {
				column, weight = int(binary.LittleEndian.Uint16(levels.Kept[at:])), w
			}
		}
		if weight > 0 && column != 1+company%regions {
			t.Fatalf("company %d: column %d, want %d", company, column, 1+company%regions)
		}
	}
}
