package train

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadscore/model/rules"
)

// AsOf says at which moments a lead is looked at. The zero value has none. As text it is one of
//
//	created_at                          the column's moment
//	created_at + 3d                     so much later (m, h, d or w)
//	first demo_request                  the lead's first event of that type in the event log
//	first demo_request + 1d
//	every 7d from created_at            column + k·7d for k = 0, 1, … while the lead is open (see grid)
//	every 7d from created_at for 90d    … and less than 90d after the column's moment
//
// A name in double quotes is taken as it is ("" within it is one quote): that is how a column is written whose
// name has a + or a quote in it, begins with the word first or every, or, in the longer forms, has spaces.
type AsOf struct {
	Column string // Time column; "" with Event
	Event  string // type of the event whose first moment it is; "" with Column
	Delay  int64  // microseconds after that, ≥ 0
	Every  int64  // microseconds between the rows of a lead; 0: one row a lead
	For    int64  // with Every: bound of the time after the column's moment; 0: none
}

// none reports whether there is no as-of moment.
func (a AsOf) none() bool { return a == AsOf{} }

// plain reports whether the moment stands in the leads as it is.
func (a AsOf) plain() bool { return a == AsOf{Column: a.Column} }

// derivedAsOf is the column of the moments that are not in the leads.
const derivedAsOf = "as_of"

// column is the column of the leads that holds the moment, "" without one.
func (a AsOf) column() string {
	if a.none() || a.plain() {
		return a.Column
	}
	return derivedAsOf
}

// AsOfError is an as-of text that cannot be read.
type AsOfError struct {
	Offset int // in characters, from 0
	Text   string
}

func (e *AsOfError) Error() string { return e.Text }

// asOfForms ends the messages of a form that is not known.
const asOfForms = `want COLUMN, COLUMN + 3d, first EVENT, first EVENT + 1d, or every 7d from COLUMN for 90d; a name with spaces or + stands in double quotes`

// ParseAsOf reads an as-of text; "" is none. The error is an *AsOfError.
func ParseAsOf(text string) (AsOf, error) {
	if text == "" {
		return AsOf{}, nil
	}
	words, err := asOfWords(text)
	if err != nil {
		return AsOf{}, err
	}
	p := &asOfParser{words: words, end: utf8.RuneCountInString(text)}
	switch {
	case len(words) == 0:
		return AsOf{}, &AsOfError{0, "the text is empty"}
	case p.is("every"):
		return p.grid()
	case p.is("first"):
		return p.event()
	case !strings.ContainsAny(text, `"+`): // a plain name may have spaces
		return AsOf{Column: strings.TrimSpace(text)}, nil
	}
	var a AsOf
	if a.Column, err = p.name("a column"); err != nil {
		return AsOf{}, err
	}
	if err := p.delay(&a); err != nil {
		return AsOf{}, err
	}
	return a, nil
}

// QuoteAsOf writes a column's name so that ParseAsOf reads it as that column.
func QuoteAsOf(column string) string {
	if a, err := ParseAsOf(column); err == nil && a == (AsOf{Column: column}) {
		return column
	}
	return `"` + strings.ReplaceAll(column, `"`, `""`) + `"`
}

// asOfWord is a word, a + or a name in quotes.
type asOfWord struct {
	text   string
	quoted bool
	at     int // offset in characters
}

func asOfWords(text string) (words []asOfWord, err error) {
	runes := []rune(text)
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case unicode.IsSpace(r):
			i++
		case r == '+':
			words = append(words, asOfWord{"+", false, i})
			i++
		case r == '"':
			w := asOfWord{quoted: true, at: i}
			var name strings.Builder
			for i++; ; i++ {
				if i == len(runes) {
					return nil, &AsOfError{w.at, `the quote is not closed; want "NAME"`}
				}
				if runes[i] == '"' {
					if i+1 == len(runes) || runes[i+1] != '"' {
						break
					}
					i++
				}
				name.WriteRune(runes[i])
			}
			i++
			if w.text = name.String(); strings.TrimSpace(w.text) == "" {
				return nil, &AsOfError{w.at, "the name in quotes is empty"}
			}
			words = append(words, w)
		default:
			start := i
			for i < len(runes) && !unicode.IsSpace(runes[i]) && runes[i] != '+' && runes[i] != '"' {
				i++
			}
			words = append(words, asOfWord{string(runes[start:i]), false, start})
		}
	}
	return words, nil
}

type asOfParser struct {
	words []asOfWord
	end   int // of the text, in characters
}

func (p *asOfParser) is(word string) bool {
	return len(p.words) > 0 && !p.words[0].quoted && p.words[0].text == word
}

func (p *asOfParser) here() int {
	if len(p.words) > 0 {
		return p.words[0].at
	}
	return p.end
}

func (p *asOfParser) fail(format string, args ...any) error {
	return &AsOfError{p.here(), fmt.Sprintf(format, args...)}
}

// name takes one name: a word, or anything in quotes.
func (p *asOfParser) name(what string) (string, error) {
	if len(p.words) == 0 || p.is("+") {
		return "", p.fail("want the name of %s here; %s", what, asOfForms)
	}
	name := p.words[0].text
	p.words = p.words[1:]
	return name, nil
}

func (p *asOfParser) span(after string) (int64, error) {
	if len(p.words) == 0 || p.words[0].quoted {
		return 0, p.fail("want a duration after %s, such as 3d", after)
	}
	micros, err := rules.Span(p.words[0].text)
	if err != nil {
		return 0, p.fail("%v", err)
	}
	p.words = p.words[1:]
	return micros, nil
}

// delay reads "+ 3d", if there is more, and the end.
func (p *asOfParser) delay(a *AsOf) (err error) {
	if p.is("+") {
		p.words = p.words[1:]
		if a.Delay, err = p.span("+"); err != nil {
			return err
		}
	}
	return p.done()
}

func (p *asOfParser) done() error {
	if len(p.words) > 0 {
		return p.fail("%q is one word too many; %s", p.words[0].text, asOfForms)
	}
	return nil
}

func (p *asOfParser) event() (a AsOf, err error) {
	p.words = p.words[1:]
	if a.Event, err = p.name("an event type"); err != nil {
		return AsOf{}, err
	}
	if err := p.delay(&a); err != nil {
		return AsOf{}, err
	}
	return a, nil
}

func (p *asOfParser) grid() (a AsOf, err error) {
	p.words = p.words[1:]
	if a.Every, err = p.span("every"); err != nil {
		return AsOf{}, err
	}
	if !p.is("from") {
		return AsOf{}, p.fail("want from and a column here, as in every 7d from created_at")
	}
	p.words = p.words[1:]
	if a.Column, err = p.name("a column"); err != nil {
		return AsOf{}, err
	}
	if p.is("for") {
		p.words = p.words[1:]
		if a.For, err = p.span("for"); err != nil {
			return AsOf{}, err
		}
	}
	if err := p.done(); err != nil {
		return AsOf{}, err
	}
	return a, nil
}
