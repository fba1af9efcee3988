package report

import (
	"fmt"
	"html/template"
	"sort"

	"leadscore/model"
)

// page is a report before it is HTML or Markdown: sections of blocks, in the order in which they are read.
type page struct {
	Words    *words
	Title    string
	Subtitle string
	Sections []section
}

// section is a part of the page with a heading.
type section struct {
	ID, Nav, Heading, Intro string // Nav is the short name in the contents
	Blocks                  []block
}

// block is one thing in a section; what is empty is left out.
type block struct {
	Heading string
	Lead    string // a sentence below the heading
	Verdict *verdict
	Table   *table // beside the figures, where there are both and room
	Fold    string // with a table: what opens it; such a table may be long
	Figures []figure
	Legend  []swatch // of pictures in the table
	Aside   []string // paragraphs beside the figures
	Text    string   // to be read as it is, letter by letter
	Note    string

	FigureFold string // what opens the figures; "": they stand open
}

// table is a table with Left columns of text and then columns of numbers.
type table struct {
	Head []string // nil: none
	Left int
	Rows [][]cell
}

// cell is a figure or a text; Small is set beneath it in small type.
type cell struct {
	Main, Small string
	SVG         template.HTML // a picture instead of Main; texts show Main
	Foreign     bool          // English text from the card, whatever the page's language
}

func text(s string) cell { return cell{Main: s} }

// figure is a plot with its legend.
type figure struct {
	Title, Note string
	SVG         template.HTML
	Legend      []swatch
	Table       *table // the plot's figures, folded
	Fold        string // what opens the table
}

// swatch explains a colour of a plot.
type swatch struct {
	Class, Text string // Class: s1 … s4, h1 … h9, ink, muted; a dashed line with "dash"
}

// targetView is one conversion model with what its sections need.
type targetView struct {
	name  string
	card  *model.TargetCard
	many  bool // there are several targets: headings say which
	of    int  // targets that share the page, at least 1
	words *words
}

// targets returns the targets of a card, the primary one first, the others by name.
func targets(c *model.Card, w *words) []targetView {
	var out []targetView
	for name, t := range c.Targets {
		if t != nil {
			out = append(out, targetView{name: name, card: t, words: w, many: len(c.Targets) > 1, of: len(c.Targets)})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if first, second := out[i].name == c.Primary, out[j].name == c.Primary; first != second {
			return first
		}
		return out[i].name < out[j].name
	})
	return out
}

// scorerOrder is the order in which the usual scorers are told; others follow by name.
var scorerOrder = map[string]int{"model": 1, "rules": 2, "blend": 3}

// scorers returns the names of the scorers of a target in the order in which they are told.
func (t targetView) scorers() []string {
	var names []string
	for name := range t.card.Scores {
		names = append(names, name)
	}
	rank := func(name string) int {
		if r, ok := scorerOrder[name]; ok {
			return r
		}
		return len(scorerOrder) + 1
	}
	sort.Slice(names, func(i, j int) bool {
		if a, b := rank(names[i]), rank(names[j]); a != b {
			return a < b
		}
		return names[i] < names[j]
	})
	return names
}

// main is the scorer that deciles and calibration are about: the model, or what there is.
func (t targetView) main() (model.Metrics, bool) {
	if m, ok := t.card.Scores["model"]; ok {
		return m, true
	}
	for _, name := range t.scorers() {
		return t.card.Scores[name], true
	}
	return model.Metrics{}, false
}

// heading adds the target's name where there are several.
func (t targetView) heading(s string) string {
	if !t.many {
		return s
	}
	return s + " · " + t.words.T("target", t.name)
}

// build lays a card out. Plots are drawn only for HTML.
func build(c *model.Card, o Options, plots bool) (*page, error) {
	w, err := o.words()
	if err != nil {
		return nil, err
	}
	ts := targets(c, w)
	title := o.Title
	if title == "" && len(ts) > 0 {
		title = ts[0].name
	}
	p := &page{Words: w, Title: w.T("title", title), Subtitle: w.T("subtitle")}
	do := section{ID: "do", Nav: w.T("nav.do"), Heading: w.T("do.heading")}
	for _, t := range ts {
		b := block{Verdict: t.verdict()}
		if t.many {
			b.Heading = w.T("target", t.name)
		}
		do.Blocks = append(do.Blocks, b)
	}
	data, err := dataSection(c, ts, w, plots)
	if err != nil {
		return nil, err
	}
	p.Sections = append(p.Sections, do, data)
	for i, t := range ts {
		if err := p.add(i, t, plots, t.accuracy, t.comparison, t.calibration, t.deciles, t.thresholds, t.drivers, t.points, t.segments); err != nil {
			return nil, err
		}
	}
	if s := auditSection(c, w); s.ID != "" {
		p.Sections = append(p.Sections, s)
	}
	for i, t := range ts {
		if err := p.add(i, t, plots, t.drift); err != nil {
			return nil, err
		}
	}
	p.Sections = append(p.Sections, repeatSection(c, ts, w))
	return p, nil
}

// add appends the sections of target i, those that are not empty; with several targets they say whose they are.
func (p *page) add(i int, t targetView, plots bool, sections ...func(bool) (section, error)) error {
	for _, of := range sections {
		s, err := of(plots)
		if err != nil {
			return err
		}
		if s.ID == "" {
			continue
		}
		s.Heading = t.heading(s.Heading)
		if t.many {
			if i > 0 {
				s.ID = fmt.Sprintf("%s-%d", s.ID, i+1)
			}
			s.Nav += " · " + t.name
		}
		p.Sections = append(p.Sections, s)
	}
	return nil
}
