package train

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

const (
	// mostSegmentColumns is the most columns that the hold-out is told apart by unasked.
	mostSegmentColumns = 8
	// mostSegmentValues is the most different values that such a column has.
	mostSegmentValues = 50
)

// segmentWords are what funnel reports are cut by. A column with one of them in its name comes before others.
var segmentWords = []string{
	"source", "channel", "origin", "medium", "campaign", "country", "region", "state", "city", "territory",
	"market", "industry", "sector", "segment", "size", "employee", "product", "partner", "language",
}

// SettingError is a setting that does not fit the data; the caller knows where in the configuration it stands.
type SettingError struct{ Problems []rules.Problem }

func (e *SettingError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Path + ": " + p.Text
	}
	return "checking the configuration against the leads: " + strings.Join(lines, "; ")
}

// checkSegments checks the columns that Config.Segments names.
func checkSegments(names []string, s *datasets.Schema) error {
	var problems []rules.Problem
	for i, name := range names {
		text := ""
		if at := s.Index(name); at < 0 {
			text = fmt.Sprintf("no column %q in the leads%s", name, didYouMean(datasets.Nearest(name, columnNames(s))))
		} else if k := s.Fields[at].Kind; !tellsApart(k) {
			text = fmt.Sprintf("column %q is %v; want a categorical or boolean one", name, k)
		}
		if text != "" {
			problems = append(problems, rules.Problem{Path: rules.Index("report.segments", i), Text: text})
		}
	}
	if problems != nil {
		return &SettingError{problems}
	}
	return nil
}

func tellsApart(k datasets.Kind) bool { return k == datasets.Categorical || k == datasets.Boolean }

// segmentsOf returns the columns that a card was told apart by, in its order.
func segmentsOf(c *model.Card, target string) (names []string) {
	if c == nil || c.Targets[target] == nil {
		return nil
	}
	for _, s := range c.Targets[target].Segments {
		if len(names) == 0 || names[len(names)-1] != s.Column {
			names = append(names, s.Column)
		}
	}
	return names
}

// segmentColumns returns what to tell the kept rows of the hold-out apart by; keep are places among its rows. It is what
// d.segments names, of which a file may lack some. Else it is at most eight of the categorical and boolean columns that the model uses and that
// have 2 to 50 values in these rows: first those whose name has one of the segmentWords, in the order of the file, then the
// others, those first whose rows are spread the most evenly (Simpson's index 1 − Σ share²). Outcomes are not looked at.
func (d *data) segmentColumns(p *features.Pipeline, keep []int) []evaluate.Column {
	table := d.heldOut
	if table == nil {
		var err error
		if table, err = datasets.SelectRows(d.leads, d.holdout); err != nil {
			return nil // as many marks as rows: it cannot fail
		}
	}
	if d.segments != nil {
		var out []evaluate.Column
		for _, name := range d.segments {
			if j := table.Schema.Index(name); j >= 0 && tellsApart(table.Schema.Fields[j].Kind) {
				out = append(out, segmentColumn(table, j, keep))
			}
		}
		return out
	}
	type candidate struct {
		evaluate.Column
		named  bool
		spread float64
	}
	var found []candidate
	for j, f := range table.Schema.Fields {
		if !tellsApart(f.Kind) || !p.Uses(f.Name) {
			continue
		}
		c := candidate{Column: segmentColumn(table, j, keep), named: namesSegment(f.Name)}
		counts := map[int32]float64{}
		for _, code := range c.Codes {
			counts[code]++
		}
		if len(counts) < 2 || len(counts) > mostSegmentValues {
			continue
		}
		squares := 0.0 // whole numbers: their order is irrelevant
		for _, n := range counts {
			squares += n * n
		}
		c.spread = -squares
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		switch {
		case a.named != b.named:
			if a.named {
				return -1
			}
			return 1
		case a.named:
			return 0
		}
		return cmp.Compare(b.spread, a.spread)
	})
	var out []evaluate.Column
	for _, c := range found[:min(len(found), mostSegmentColumns)] {
		out = append(out, c.Column)
	}
	return out
}

// namesSegment reports whether one of the words of a column's name, or its singular, is a segment word.
func namesSegment(name string) bool {
	start := true
	var words strings.Builder // leadSource and lead_source as "lead source"
	for _, r := range name {
		if !unicode.IsLetter(r) {
			words.WriteByte(' ')
			start = true
			continue
		}
		if unicode.IsUpper(r) && !start {
			words.WriteByte(' ')
		}
		start = unicode.IsUpper(r) // SOURCE is one word
		words.WriteRune(unicode.ToLower(r))
	}
	for _, w := range strings.Fields(words.String()) {
		if slices.Contains(segmentWords, w) || slices.Contains(segmentWords, strings.TrimSuffix(w, "s")) ||
			slices.Contains(segmentWords, strings.TrimSuffix(w, "ies")+"y") {
			return true
		}
	}
	return false
}

// segmentColumn codes a column of the hold-out. Of a boolean column the values are false and true.
func segmentColumn(t *datasets.Table, column int, keep []int) evaluate.Column {
	c := evaluate.Column{Name: t.Schema.Fields[column].Name, Codes: make([]int32, 0, len(keep))}
	if t.Schema.Fields[column].Kind == datasets.Boolean {
		c.Levels = []string{"false", "true"}
	}
	place := map[string]int32{}
	at, next := 0, 0 // row of the hold-out; of keep
	for _, b := range t.Batches {
		cells := b.Column(column)
		moved := make([]int32, len(cells.Levels)) // code + 1 of the batch's levels
		for ; next < len(keep) && keep[next] < at+b.Rows(); next++ {
			i := keep[next] - at
			code := int32(-1)
			switch {
			case cells.Kind == datasets.Boolean:
				if x := cells.Numbers[i]; x == 0 || x == 1 {
					code = int32(x)
				}
			case cells.Codes[i] >= 0:
				k := cells.Codes[i]
				if moved[k] == 0 {
					text := cells.Levels[k]
					known, ok := place[text]
					if !ok {
						known = int32(len(c.Levels))
						place[text] = known
						c.Levels = append(c.Levels, text)
					}
					moved[k] = known + 1
				}
				code = moved[k] - 1
			}
			c.Codes = append(c.Codes, code)
		}
		at += b.Rows()
	}
	return c
}
