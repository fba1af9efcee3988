package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"leadscore/model"
)

// loud are the reasons of findings that a user should read now; the rest are counted and stand in the report.
var loud = []string{"small", "too good", "suspected leak", "prior", "absent", "future", "duplicates", "grid", "beside", "chain"}

// sayFindings warns of what matters and counts what was left out.
func sayFindings(w io.Writer, findings []model.Finding) {
	counts := map[string]int{}
	var order []string
	for _, f := range findings {
		if slices.Contains(loud, f.Reason) {
			warn(w, "%s", f.Text)
			continue
		}
		if f.Column == "" { // of no column: the report has it
			continue
		}
		if counts[f.Reason] == 0 {
			order = append(order, f.Reason)
		}
		counts[f.Reason]++
	}
	if len(order) == 0 {
		return
	}
	parts := make([]string, len(order))
	for i, reason := range order {
		parts[i] = fmt.Sprintf("%d %s", counts[reason], reason)
	}
	_, _ = fmt.Fprintf(w, "columns: %s (the report says which and why)\n", strings.Join(parts, ", "))
}
