package design

// MatVec sets dst = X·coef, without an intercept. dst has one entry a row, coef one a column.
func (m *Matrix) MatVec(dst, coef []float64) {
	NewKernel(m, 0).MatVec(dst, 0, coef)
}

// TMatVec sets dst = X′v. dst has one entry a column, v one a row.
func (m *Matrix) TMatVec(dst, v []float64) {
	sums := make([]float64, 1+m.cols)
	NewKernel(m, 0).TMatVec(sums, v)
	copy(dst, sums[1:])
}

// Means returns the mean of each column as the operations see it, weighted by w (nil: all 1): of a
// standardised dense column with its missing values at zero, of a level its share of the rows. With
// a total weight of zero all are NaN.
func (m *Matrix) Means(w []float64) []float64 {
	if w == nil {
		w = make([]float64, m.rows)
		for i := range w {
			w[i] = 1
		}
	}
	sums := make([]float64, 1+m.cols)
	NewKernel(m, 0).TMatVec(sums, w)
	for j := range m.cols {
		sums[1+j] /= sums[0]
	}
	return sums[1:]
}

// MatVec sets dst = intercept + X·coef for all rows.
func (k *Kernel) MatVec(dst []float64, intercept float64, coef []float64) {
	sums := make([]float64, 1+k.m.cols)
	k.Pass(All(k.m.rows), intercept, coef, func(lo, hi int, eta []float64) float64 {
		copy(dst[lo:hi], eta)
		return 0
	}, sums)
}

// TMatVec sets sums[0] = Σ vᵢ and sums[1+j] = Σ xᵢⱼvᵢ over all rows.
func (k *Kernel) TMatVec(sums, v []float64) {
	k.Pass(All(k.m.rows), 0, make([]float64, k.m.cols), func(lo, hi int, eta []float64) float64 {
		copy(eta, v[lo:hi])
		return 0
	}, sums)
}
