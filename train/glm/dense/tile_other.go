//go:build !amd64

package dense

func multiplyAdd(c, a, b *tile, transposed bool, terms int) {
	multiplyAddPlain(c, a, b, transposed, terms)
}
