package train

import (
	"fmt"
	"math"
	"sort"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// Suspect is a column that may have been filled in after the outcome.
type Suspect struct {
	Column   string
	AUC      float64 // of the column alone, on rows that did not teach its rates
	Presence float64 // AUC of "is filled in" alone, folded to ≥ .5
	Text     string  // the evidence in a sentence
}

// Limits of the audit: a column that alone tells the classes apart this well, or fairly well while
// its presence also does, is suspected. Honest columns of real funnels reach about .76 (time on site).
const (
	suspectAUC      = .85
	suspectWithGaps = .75
	suspectPresence = .60
)

// Audit names the columns that may leak the outcome. Each column is scored alone: the conversion rate of
// its levels (numbers and times in 20 quantile bins, missing a level too), shrunk to the base rate, learnt on the
// even rows and applied to the odd ones and the other way round, so that an id-like column gains nothing.
func Audit(t *datasets.Table, target Target, skip ...string) ([]Suspect, error) {
	o, err := readOutcomes(t, target)
	if err != nil {
		return nil, err
	}
	pass := map[string]bool{target.Column: true, target.At: true}
	for _, s := range skip {
		pass[s] = true
	}
	var found []Suspect
	for j, f := range t.Schema.Fields {
		if pass[f.Name] || f.Kind == datasets.Unknown || f.Kind == datasets.Text {
			continue
		}
		s, err := auditColumn(t, j, o)
		if err != nil {
			return nil, err
		}
		if s.AUC >= suspectAUC || s.AUC >= suspectWithGaps && s.Presence >= suspectPresence {
			found = append(found, s)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].AUC > found[j].AUC })
	return found, nil
}

func auditColumn(t *datasets.Table, column int, o *Outcomes) (Suspect, error) {
	s := Suspect{Column: t.Schema.Fields[column].Name}
	codes, levels := auditCodes(t, column)
	var labels []bool
	var kept []int
	var presence []float64
	for i, l := range o.Label {
		if l == setAside {
			continue
		}
		labels = append(labels, l == positive)
		kept = append(kept, codes[i])
		filled := 0.0
		if codes[i] > 0 {
			filled = 1
		}
		presence = append(presence, filled)
	}
	const prior = 5 // rows of the base rate that a level starts with
	base := float64(o.Positives) / float64(o.Positives+o.Negatives)
	var won, seen [2][]float64
	for h := range 2 {
		won[h], seen[h] = make([]float64, levels), make([]float64, levels)
	}
	for i, c := range kept {
		seen[i%2][c]++
		if labels[i] {
			won[i%2][c]++
		}
	}
	score := make([]float64, len(kept))
	for i, c := range kept {
		h := 1 - i%2
		score[i] = (won[h][c] + prior*base) / (seen[h][c] + prior)
	}
	alone, err := evaluate.AUC(evaluate.Sample{Label: labels, Score: score})
	if err != nil {
		return s, err
	}
	known, err := evaluate.AUC(evaluate.Sample{Label: labels, Score: presence})
	if err != nil {
		return s, err
	}
	s.AUC, s.Presence = alone.Value, known.Value
	filled := s.Presence > .5
	s.Presence = math.Max(s.Presence, 1-s.Presence)
	s.Text = fmt.Sprintf("alone it tells converted leads from others with an AUC of %.2f", s.AUC)
	if s.Presence >= suspectPresence {
		word := "missing"
		if filled {
			word = "filled in"
		}
		s.Text += fmt.Sprintf(", and whether it is %s alone with %.2f", word, s.Presence)
	}
	return s, nil
}

// auditCodes codes a column: 0 missing, then levels or bins.
func auditCodes(t *datasets.Table, column int) (codes []int, levels int) {
	const bins = 20
	codes = make([]int, 0, t.Rows())
	kind := t.Schema.Fields[column].Kind
	if kind == datasets.Categorical {
		index := map[string]int{}
		for _, b := range t.Batches {
			c := b.Column(column)
			local := make([]int, len(c.Levels))
			for i, l := range c.Levels {
				if _, ok := index[l]; !ok {
					index[l] = len(index) + 1
				}
				local[i] = index[l]
			}
			for _, code := range c.Codes {
				if code < 0 {
					codes = append(codes, 0)
				} else {
					codes = append(codes, local[code])
				}
			}
		}
		return codes, len(index) + 1
	}
	var all, known []float64
	for _, b := range t.Batches {
		for i := range b.Rows() {
			v, x := b.Value(column, i), math.NaN()
			if !v.Missing() {
				x = v.Num
				if kind == datasets.Time {
					x = float64(v.Time)
				}
				known = append(known, x)
			}
			all = append(all, x)
		}
	}
	sort.Float64s(known)
	var edges []float64
	for q := 1; q < bins && len(known) > 0; q++ {
		e := known[q*len(known)/bins]
		if len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	for _, x := range all {
		code := 0
		if !math.IsNaN(x) {
			code = 1 + sort.SearchFloat64s(edges, math.Nextafter(x, math.Inf(1))) // edges ≤ x
		}
		codes = append(codes, code)
	}
	return codes, len(edges) + 2
}

// Finding tells a suspect as the card does.
func (s Suspect) Finding() model.Finding {
	return model.Finding{Column: s.Column, Reason: "suspected leak", Text: s.Text + "; if people fill it in after contact, exclude it"}
}
