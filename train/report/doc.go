// Package report lays out a model.Card for people: HTML (one self-contained file, no script, nothing
// loaded from elsewhere), Markdown, JSON and a compact table for a terminal. It computes nothing
// statistical; a figure that is not on the card is not in the report.
//
// The page is a view (view.go) that the three texts share, so that they cannot disagree: a recommendation of three
// sentences with notes (verdict.go), tables and, for HTML, plots. Its sections stand in the order in which people ask: what to
// do, the data with its months (datacard.go, months.go), accuracy and the comparison with rules (sections.go,
// measures.go), calibration (calibration.go), deciles, cut-offs and the decision curve (cutoffs.go), what drives
// conversion, segments and weak spots (segments.go), the leakage audit (audit.go), the drift of the hold-out (shifts.go) and
// what is needed to get the same model again. A part that the card does not have is left out with its heading, and so
// is a figure that an older card has as zeros (measured).
//
// Every word comes from one catalogue (catalogue.go and a file a subject and language); what a card quotes, such as column names
// and findings, is shown as it is.
//
// Of an additive model each effect has a figure with its table folded below: steps with a band for what
// has an order, bars for levels (shapes.go), a heat map for a pair (heatmap.go), the strongest first; the
// points card (points.go) follows. The number of figures is bounded, so that the page of 200
// features stays below 3 MB; what is left out is in metrics.json.
//
// The leakage audit (audit.go) writes its sentences from the figures of each check, so that they are in the page's language.
//
// Texts for a terminal are made on a screen (screen.go), which fits tables and lines to its width.
//
// DriftTerminal (drift.go) lays out a model.Drift by itself, for new leads that have no card.
//
// A model.Contest, which compares scorers, has a text for a terminal (contest_terminal.go), JSON and one sentence (contest.go).
//
// A model.Suggestion and a model.Replay have a text for a terminal each (suggestion.go, replay.go).
//
// The same card and options give the same bytes.
//
// Dependencies: gonum.org/v1/plot draws the plots and lays out their axes, so that no label is
// clipped; its SVG is made to scale and to follow the page's colours (svg.go).
// golang.org/x/text writes numbers as the reader's language does.
package report
