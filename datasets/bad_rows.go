package datasets

import (
	"fmt"
	"strings"
)

// BadRowsError says that a file has rows that cannot be read and the policy does not allow them.
type BadRowsError struct {
	Path  string
	Bad   []BadRow // the first 20
	Total int      // bad rows in the file
	Rows  int      // all rows in the file
	Limit int      // MaxBadRows of SkipBadRows; 0 under FailOnBadRows
}

func (e *BadRowsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "reading %s: %s of %d", e.Path, count(e.Total, "bad row"), e.Rows)
	if e.Limit > 0 {
		fmt.Fprintf(&b, ", more than the %d allowed", e.Limit)
	}
	b.WriteString("; nothing was read: ")
	for i, r := range e.Bad {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "line %d: %s", r.Line, r.Reason)
	}
	if more := e.Total - len(e.Bad); more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// addBad enters the bad rows of a chunk that begins behind the given number of lines.
func (r *ReadReport) addBad(bad []BadRow, total, lines int) {
	for _, b := range bad {
		if len(r.Bad) == maxBadListed {
			break
		}
		r.Bad = append(r.Bad, BadRow{b.Line + lines, b.Reason})
	}
	r.BadTotal += total
}

// refused applies the policy to a complete report.
func (r *ReadReport) refused(o *ReadOptions) error {
	e := &BadRowsError{Path: r.Path, Bad: r.Bad, Total: r.BadTotal, Rows: r.Rows + r.BadTotal}
	switch {
	case r.BadTotal == 0:
		return nil
	case o.BadRows == FailOnBadRows:
		return e
	case o.MaxBadRows > 0 && r.BadTotal > o.MaxBadRows:
		e.Limit = o.MaxBadRows
		return e
	}
	return nil
}
