package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// csvHead is what the beginning of a CSV file says about the rest.
type csvHead struct {
	delimiter byte
	names     []string
	body      int // offset of the first row
}

// delimiters are the ones that are looked for, the likelier first.
var delimiters = [...]byte{',', ';', '\t', '|'}

// readCSVHead finds the delimiter and the column names in the head of a file; final says that
// the file is not longer.
func readCSVHead(head []byte, final bool) (csvHead, error) {
	h := csvHead{body: skipBlankLines(head, 0)}
	if end := behindLine(head, h.body); end > 0 {
		// Excel's own way of saying it: a first line of sep=;
		if line := bytes.TrimRight(head[h.body:end], "\r\n"); len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") {
			h.delimiter = line[4]
			h.body = skipBlankLines(head, end)
		}
	}
	if h.delimiter == 0 {
		h.delimiter = detectDelimiter(head[h.body:], final)
	}
	f := csvText{delimiter: h.delimiter, width: len(head)}
	end, quoted := f.recordEnd(head, h.body)
	switch {
	case end < 0 && quoted && final:
		return h, errors.New("line 1: a quote is opened in the column names and never closed")
	case end < 0 && !final:
		return h, fmt.Errorf("the column names take more than %d KiB; this is not a file of leads", len(head)>>10)
	case end < 0:
		end = len(head)
	}
	var g grid
	g.reset(bytes.Clone(head[h.body:end]))
	if _, _, reason := f.record(&g, 0); reason != "" {
		return h, fmt.Errorf("the column names: %s", reason)
	}
	g.seal(nil)
	for _, c := range g.cells {
		h.names = append(h.names, strings.Clone(g.at(c)))
	}
	h.body = end
	return h, checkNames(h.names)
}

func skipBlankLines(buf []byte, pos int) int {
	for pos < len(buf) && (buf[pos] == '\n' || buf[pos] == '\r' && pos+1 < len(buf) && buf[pos+1] == '\n') {
		pos++
	}
	return pos
}

// detectDelimiter takes the delimiter that cuts the most records into as many fields as the first
// one has, weighed by how many those are; a comma when none cuts the first.
func detectDelimiter(head []byte, final bool) byte {
	const enough = 200 // records
	best, score := delimiters[0], 0
	for _, d := range delimiters {
		f := csvText{delimiter: d}
		var g grid
		g.reset(bytes.Clone(head))
		first, alike := 0, 0
		for pos, n := skipBlankLines(head, 0), 0; pos < g.length && n < enough; n++ {
			fields, end, reason := f.record(&g, pos)
			if end == g.length && !final && n > 0 {
				break // cut short
			}
			if n == 0 {
				first = fields
			}
			if reason == "" && fields == first {
				alike++
			}
			pos = skipBlankLines(head, end)
		}
		if s := alike * (first - 1); s > score {
			best, score = d, s
		}
	}
	return best
}

// checkNames reports every name that is empty, doubled or no text, all at once.
func checkNames(names []string) error {
	var problems []string
	first := make(map[string]int, len(names))
	doubled := make(map[string][]string)
	var order []string
	for i, n := range names {
		switch {
		case n == "":
			problems = append(problems, fmt.Sprintf("column %d has no name", i+1))
		case !utf8.ValidString(n) || strings.ContainsRune(n, 0):
			problems = append(problems, fmt.Sprintf("the name of column %d is no text: %s", i+1, Quoted(n)))
		}
		if at, ok := first[n]; ok && n != "" {
			if doubled[n] == nil {
				order = append(order, n)
				doubled[n] = []string{fmt.Sprint(at + 1)}
			}
			doubled[n] = append(doubled[n], fmt.Sprint(i+1))
		}
		if _, ok := first[n]; !ok {
			first[n] = i
		}
	}
	for _, n := range order {
		at := doubled[n]
		problems = append(problems, fmt.Sprintf("columns %s and %s are all named %s", strings.Join(at[:len(at)-1], ", "), at[len(at)-1], Quoted(n)))
	}
	if problems != nil {
		return errors.New("column names: " + strings.Join(problems, "; ") + "; each column needs a name of its own")
	}
	return nil
}
