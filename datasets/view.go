package datasets

import (
	"strings"
	"unsafe"
)

// view sees bytes as a string without a copy. The bytes must not change while the string is
// used, and whoever keeps the string, or a piece of it, clones it. Reading a file this way
// spares one copy and one allocation a cell.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// trim takes away the spaces around a value, in the sense of unicode.IsSpace, at little cost
// for the common value that has none.
func trim(s string) string {
	if len(s) > 0 {
		if a, z := s[0], s[len(s)-1]; a > ' ' && a < 0x80 && z > ' ' && z < 0x80 {
			return s
		}
	}
	return strings.TrimSpace(s)
}
