package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"leadscore/model"
	"leadscore/train"
)

// writeProposal writes the configuration with comments. It is text, not a marshalled struct: the
// comments are most of its use.
func writeProposal(w io.Writer, p *proposal) error {
	out := &printer{w: w}
	out.printf("# Proposed by `leadscore init` from %d leads. Every key that is not here has a default.\n", p.Rows)
	out.printf("version: 1\ndata:\n  leads:\n    path: %s\n", scalar(p.path))
	if p.ID != "" {
		out.printf("    id: %s\n", scalar(p.ID))
	}
	if p.AsOf != "" {
		out.printf("    as_of: %s   # the moment each row is a picture of; the hold-out is the latest rows\n", scalar(train.QuoteAsOf(p.AsOf)))
	} else {
		out.printf("    # as_of: a column with the moment each row is a picture of; then the hold-out is the latest rows\n")
	}
	if p.badRows == "skip" {
		out.printf("  bad_rows: skip   # unreadable rows are left out and counted; or fail\n")
	} else {
		out.printf("  bad_rows: fail   # or skip: leave unreadable rows out and count them\n")
	}
	out.printf("targets:\n  %s:\n    column: %s\n    positive: [%s]\n", targetName(p.Target), scalar(p.Target), scalars(p.Positive))
	if len(p.Negative) > 0 {
		out.printf("    negative: [%s]   # rows with any other value are set aside\n", scalars(p.Negative))
	}
	out.printf("features:\n")
	writeExclude(out, p.Suspects)
	out.printf("# The columns as they were read; correct one under features.columns: {NAME: {kind: ...}}.\n")
	for _, c := range p.Columns {
		out.printf("#   %-40s %-12s %5.1f %% missing", c.Name, c.Kind, 100*c.Missing)
		if c.Levels > 0 {
			out.printf(", %d distinct", c.Levels)
		}
		if c.Decided != "" {
			out.printf(" (not a number: %s)", oneLine(c.Decided))
		}
		out.printf("\n")
	}
	return out.err
}

// writeExclude proposes what to leave out, and says in comments what else the audit saw.
func writeExclude(out *printer, suspects []model.Suspect) {
	var excluded, others []model.Suspect
	for _, s := range suspects {
		if s.Exclude {
			excluded = append(excluded, s)
		} else if s.Column != "" {
			others = append(others, s)
		}
	}
	if len(excluded) == 0 {
		out.printf("  exclude: []\n")
	} else {
		out.printf("  # Suspected leaks: a column that people fill in after the outcome is known (or because of it)\n")
		out.printf("  # makes a model that is right about the past and useless for new leads. Delete a line to keep its column.\n")
		out.printf("  exclude:\n")
		for _, s := range excluded {
			out.printf("    - %s   # %s: %s: %s\n", scalar(s.Column), s.Severity, oneLine(s.Column), oneLine(train.AuditText(s)))
		}
	}
	if len(others) > 0 {
		out.printf("  # Look at these too: each is kept, and there may be nothing wrong with it.\n")
		for _, s := range others {
			out.printf("  #   %s: %s\n", oneLine(s.Column), oneLine(train.AuditText(s)))
		}
	}
}

var plainScalar = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// scalar writes a YAML scalar: plain where that is safe, else a JSON string, which YAML reads alike.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "yes", "no", "true", "false", "null", "on", "off", "y", "n":
	default:
		if plainScalar.MatchString(s) {
			return s
		}
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // an ampersand is read as it is
	if err := e.Encode(s); err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func scalars(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = scalar(s)
	}
	return strings.Join(q, ", ")
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// targetName makes a short name of an outcome's column.
func targetName(column string) string {
	name := strings.Trim(notWord.ReplaceAllString(strings.ToLower(column), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return "won"
	}
	return scalar(name)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
