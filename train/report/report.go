package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"leadscore/model"
)

// Options say how a card is laid out; the zero value is the documented default.
type Options struct {
	Lang   string // en | es; "": en
	Title  string // of the page; "": the first target's name
	Colour bool   // Terminal: ANSI colours
	Width  int    // Terminal: columns; 0: 100
}

// Languages lists the languages that a report can be written in; the first is the default.
func Languages() []string { return []string{"en", "es"} }

// HasLanguage reports whether a report can be written in lang; "" is the default.
func HasLanguage(lang string) bool { return lang == "" || slices.Contains(Languages(), lang) }

// JSON writes the card itself, indented: metrics.json.
func JSON(w io.Writer, c *model.Card) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("writing the card as JSON: %w", err)
	}
	return nil
}

// words returns the catalogue of the options' language.
func (o Options) words() (*words, error) {
	if !HasLanguage(o.Lang) {
		return nil, fmt.Errorf("writing the report: unknown language %q; want %s", o.Lang, strings.Join(Languages(), " or "))
	}
	return newWords(o.Lang), nil
}
