package model

import "bytes"

// flatWidth is the longest object that stands on one line.
const flatWidth = 100

// layOut indents compact JSON for reading and for line-wise diffs: a list of plain values stands on one
// line whatever its length (a table of effects is one line), and so does a short object of plain values;
// everything else opens up by two spaces. json.Indent, which gives every number a line, was rejected:
// it makes tables unreadable and the file three times as long.
func layOut(compact []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(compact) + len(compact)/4)
	depth := 0
	newline := func() {
		out.WriteByte('\n')
		for range depth {
			out.WriteString("  ")
		}
	}
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		switch c {
		case '"':
			end := skipString(compact, i)
			out.Write(compact[i:end])
			i = end - 1
		case '{', '[':
			if end := flatEnd(compact, i); end > 0 && (c == '[' || end-i <= flatWidth) {
				out.Write(compact[i:end])
				i = end - 1
				continue
			}
			out.WriteByte(c)
			depth++
			newline()
		case '}', ']':
			depth--
			newline()
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			newline()
		case ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// flatEnd returns the end of the list or object that opens at i if it holds plain values only, else 0.
func flatEnd(b []byte, i int) int {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '"':
			j = skipString(b, j) - 1
		case '{', '[':
			return 0
		case '}', ']':
			return j + 1
		}
	}
	return 0
}

// skipString returns the position after the string that opens at i.
func skipString(b []byte, i int) int {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(b)
}
