package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/train"
)

// writeDictionary writes a data dictionary as Markdown.
func writeDictionary(w io.Writer, file string, d *train.Dictionary) error {
	out := &printer{w: w}
	out.printf("# %s\n\n%d rows of %d leads, %d columns.\n\n", cell(file), d.Rows, d.Leads, len(d.Columns))
	out.printf("**Moment.** %s", cell(d.Moment))
	if d.AsOf != "" {
		out.printf(" Configured as `%s`.", strings.NewReplacer("`", "'", "\n", " ").Replace(d.AsOf))
	}
	out.printf("\n\n")
	if d.End != "" {
		out.printf("**End of the data.** %s. %s\n\n", d.End, d.EndText)
	}
	out.printf("**Split.** %s Train %d rows, holdout %d, none %d.\n", cell(d.Split.Meaning), d.Split.Train, d.Split.Holdout, d.Split.None)
	for _, t := range d.Targets {
		out.printf("\n## Target %s\n\n%s\n\n| rows | | |\n| ---: | --- | --- |\n", cell(t.Name), cell(t.Meaning))
		for _, line := range t.Account {
			out.printf("| %d | %s | %s |\n", line.Rows, cell(line.What), cell(line.Text))
		}
	}
	out.printf("\n## Columns\n\n| name | role | kind | unit | window | missing | from | meaning |\n| --- | --- | --- | --- | --- | ---: | --- | --- |\n")
	for _, c := range d.Columns {
		out.printf("| %s | %s | %s | %s | %s | %s | %s | %s |\n", cell(c.Name), c.Role, c.Kind, cell(c.Unit), c.Window, percent(c.Missing), cell(c.From), cell(columnMeaning(c)))
	}
	if len(d.LeftOut) > 0 {
		out.printf("\n## Columns of the leads that are not in the table\n\n| name | why |\n| --- | --- |\n")
		for _, c := range d.LeftOut {
			out.printf("| %s | %s |\n", cell(c.Name), cell(c.Meaning))
		}
	}
	if len(d.Notes) > 0 {
		out.printf("\n## Notes\n\n")
		for _, note := range d.Notes {
			out.printf("- %s\n", cell(note))
		}
	}
	return out.err
}

// columnMeaning is the meaning with the levels and whether models see the column.
func columnMeaning(c train.DictionaryColumn) string {
	text := c.Meaning
	if c.Excluded {
		text += " Excluded from the features (features.exclude)."
	}
	if c.Kind == datasets.Categorical && len(c.Levels) > 0 {
		quoted := make([]string, len(c.Levels))
		for i, l := range c.Levels {
			quoted[i] = strconv.Quote(l)
		}
		text += " Levels: " + strings.Join(quoted, ", ")
		if more := c.Distinct - len(c.Levels); more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		text += "."
	} else if c.Distinct > 0 {
		text += fmt.Sprintf(" %d levels, each of few rows.", c.Distinct)
	}
	return text
}

// percent writes a share; what is not 0 never looks like it, and what is not all neither.
func percent(share float64) string {
	switch {
	case share > 0 && share < .001:
		return "<0.1 %"
	case share > .999 && share < 1:
		return ">99.9 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// cell escapes a text from a file for a table or a paragraph of Markdown: one line, no markup.
func cell(text string) string {
	return markdownEscapes.Replace(strings.Join(strings.Fields(text), " "))
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`)
