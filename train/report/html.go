package report

import (
	"bytes"
	_ "embed" // the page's template and style sheet
	"fmt"
	"html/template"
	"io"

	"leadscore/model"
)

//go:embed report.html.tmpl
var pageTemplate string

//go:embed report.css
var pageStyle string

// HTML writes the card as one self-contained page: no script, nothing loaded from elsewhere, plots
// inline, light and dark by the reader's preference.
func HTML(w io.Writer, c *model.Card, o Options) error {
	p, err := build(c, o, true)
	if err != nil {
		return err
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"t":     p.Words.T,
		"style": func() template.CSS { return template.CSS(pageStyle) },
	}).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("reading the report's template: %w", err)
	}
	// A page that fails half-way must not be half written.
	var buf bytes.Buffer
	if err := t.Execute(&buf, p); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if _, err := w.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// Language returns the page's language tag.
func (p *page) Language() string { return p.Words.lang }

// IsPair reports whether the block's figures have something beside them.
func (b block) IsPair() bool {
	return len(b.Figures) > 0 && b.FigureFold == "" && (b.Table != nil && b.Fold == "" || len(b.Aside) > 0)
}

// IsLeft reports whether column i of the table is text.
func (t *table) IsLeft(i int) bool { return i < t.Left }
