package dense

import "golang.org/x/sys/cpu"

// fused says that the processor has 256-bit registers and fused multiply-add (Intel from 2013, AMD from 2015 on).
var fused = cpu.X86.HasAVX2 && cpu.X86.HasFMA

//go:noescape
func fused4x8(k int, a *float64, rowStep, step int, b, c *float64)

func multiplyAdd(c, a, b *tile, transposed bool, terms int) {
	if !fused {
		multiplyAddPlain(c, a, b, transposed, terms)
		return
	}
	rowStep, step := 8*size, 8
	if transposed {
		rowStep, step = step, rowStep
	}
	for j := 0; j < size; j += 8 {
		for i := 0; i < size; i += 4 {
			first := i * size
			if transposed {
				first = i
			}
			fused4x8(terms, &a[first], rowStep, step, &b[j], &c[i*size+j])
		}
	}
}
