package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"leadscore/model"
)

// mostRows is the most rows of a folded table that Markdown shows; of a longer one it shows rows at
// equal steps, the first and the last among them.
const mostRows = 20

// Markdown writes the card as report.md: the page's sentences and tables without its plots.
func Markdown(w io.Writer, c *model.Card, o Options) error {
	p, err := build(c, o, false)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n", inline(p.Title), inline(p.Subtitle))
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n## %s\n", inline(s.Heading))
		if s.Intro != "" {
			fmt.Fprintf(&b, "\n%s\n", inline(s.Intro))
		}
		for _, x := range s.Blocks {
			if x.Heading != "" {
				fmt.Fprintf(&b, "\n### %s\n", inline(x.Heading))
			}
			if x.Lead != "" {
				fmt.Fprintf(&b, "\n%s\n", inline(x.Lead))
			}
			if v := x.Verdict; v != nil {
				fmt.Fprintf(&b, "\n**%s**\n\n", inline(v.Badge))
				for _, sentence := range v.Sentences {
					fmt.Fprintf(&b, "%s\n\n", inline(sentence))
				}
				for _, sentence := range v.Notes {
					fmt.Fprintf(&b, "- %s\n", inline(sentence))
				}
			}
			if x.Table != nil && len(x.Table.Rows) > 0 {
				writeTable(&b, x.Table, x.Fold != "")
			}
			if x.Text != "" {
				writeText(&b, inline(x.Fold), x.Text)
			}
			if x.Note != "" {
				fmt.Fprintf(&b, "\n%s\n", inline(x.Note))
			}
		}
	}
	fmt.Fprintf(&b, "\n---\n%s\n", inline(p.Words.T("footer")))
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func writeTable(b *bytes.Buffer, t *table, folded bool) {
	// Markdown has no table without a head: an empty one stands for it.
	b.WriteString("\n|")
	for i := range t.Rows[0] {
		h := ""
		if i < len(t.Head) {
			h = t.Head[i]
		}
		fmt.Fprintf(b, " %s |", inline(h))
	}
	b.WriteString("\n|")
	for i := range t.Rows[0] {
		if t.IsLeft(i) {
			b.WriteString(" --- |")
		} else {
			b.WriteString(" ---: |")
		}
	}
	b.WriteString("\n")
	shown := len(t.Rows)
	if folded {
		shown = min(shown, mostRows)
	}
	for k := range shown {
		i := k
		if shown < len(t.Rows) && shown > 1 {
			i = k * (len(t.Rows) - 1) / (shown - 1)
		}
		b.WriteString("|")
		for _, c := range t.Rows[i] {
			s := inline(c.Main)
			if c.Small != "" {
				s += " (" + inline(c.Small) + ")"
			}
			fmt.Fprintf(b, " %s |", s)
		}
		b.WriteString("\n")
	}
}

// writeText writes a text as it is, between fences longer than any run of backticks in it.
func writeText(b *bytes.Buffer, heading, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n%s\n\n%s\n%s\n%s\n", heading, fence, strings.TrimRight(text, "\n"), fence)
}

// plain escapes what would be markup in a line or a cell of Markdown; names come from data.
var plain = strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "&", "&amp;", "`", "\\`", "*", "\\*", "_", "\\_",
	"[", "\\[", "]", "\\]", "#", "\\#", "\r\n", " ", "\n", " ", "\r", " ")

func inline(s string) string { return plain.Replace(s) }
