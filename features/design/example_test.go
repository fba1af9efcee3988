package design_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// Three leads with one number and one category of two levels; the last has a level that was never seen.
func ExampleMatrix_Sandwich() {
	x, err := design.NewMatrix(3,
		[]design.Dense{{Values: []float64{10, 20, 30}, Center: 20, Scale: 10}},
		[]design.Codes{{Levels: 2, U8: []uint8{0, 1, 2}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	gram := mat.NewSymDense(1+x.Cols(), nil)
	x.Sandwich(gram, []float64{1, 1, 1})
	fmt.Println(mat.Formatted(gram))
	// Output:
	// ⎡ 3   0   1   1⎤
	// ⎢ 0   2  -1   0⎥
	// ⎢ 1  -1   1   0⎥
	// ⎣ 1   0   0   1⎦
}
