package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"leadscore/model"
	"leadscore/train"
)

// loud are the reasons of findings that a user should read now; the rest are counted and stand in the report.
var loud = []string{"small", "too good", "prior", "log", "absent", "future", "duplicates", "grid", "beside", "chain", "threshold", "in training", "in training?", "blend", "baseline", "unseen event"}

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

// warnOfLeaks warns of suspected leaks, a few by name, and counts what else the audit would have looked at.
func warnOfLeaks(w io.Writer, suspects []model.Suspect) {
	const named = 5
	leaks := 0
	for _, s := range suspects {
		if s.Severity != model.SuspectedLeak {
			continue
		}
		if leaks++; leaks <= named {
			warn(w, "suspected leak: %s: %s", s.Column, train.AuditText(s))
		}
	}
	if leaks > 0 {
		more := ""
		if leaks > named {
			more = fmt.Sprintf("%d more suspected leaks are in the report; ", leaks-named)
		}
		warn(w, "%swhat people fill in after the outcome is known belongs under features.exclude", more)
	}
	if n := len(suspects) - leaks; n > 0 {
		_, _ = fmt.Fprintf(w, "leakage audit: %d to look at (the report says which and why)\n", n)
	}
}

// sayAudit tells every suspect in a line.
func sayAudit(out *printer, suspects []model.Suspect) {
	for _, s := range suspects {
		column := s.Column
		if column == "" {
			column = "the rows"
		}
		out.printf("  %s: %s: %s\n", s.Severity, column, train.AuditText(s))
	}
}
