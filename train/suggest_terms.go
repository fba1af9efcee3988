package train

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
)

// noRows stands for the weight of a code that no training row has: its points are those of the codes beside it.
const noRows = 1e-9

// termsOf lists the features of the primary target, and moves what pairs say of one side alone to that side.
func termsOf(a *model.Artifact) []term {
	all, t := a.Pipeline.Features(), &a.Targets[0]
	events := eventParts(a)
	terms := make([]term, len(all))
	for f := range all {
		terms[f] = term{feature: f, name: all[f].Name, effect: slices.Clone(t.Effects[f].Table), rows: weightsOfCodes(&t.Effects[f], len(t.Effects[f].Table)), reason: model.LeftSmall}
		if len(t.Effects[f].Positives) == len(t.Effects[f].Table) {
			terms[f].positives = t.Effects[f].Positives
		}
	}
	for f := range all {
		if all[f].Parents != nil {
			purify(a.Pipeline, f, terms)
		}
	}
	for f := range all {
		x := &terms[f]
		plain, ok := a.Pipeline.Plain(f)
		part, event := events[all[f].Column]
		switch {
		case all[f].Parents != nil:
			x.group = groupOf(all[all[f].Parents[0]].Column, false)
			if g := groupOf(all[all[f].Parents[1]].Column, false); g != "fit" {
				x.group = g
			}
			if m, ok := newPairMaker(a.Pipeline, f, events); ok {
				x.made = m
			} else {
				x.reason = model.LeftPair
			}
		case event:
			x.group = groupOf(part.Type, true)
			x.reason = model.LeftEvent
			if m, ok := newEventMaker(plain, part); ok {
				x.made, x.reason = m, model.LeftSmall
			}
		case !ok:
			x.reason = model.LeftDerived
		default:
			x.group = groupOf(all[f].Column, false)
			if plain.Linear && !x.cutLine(&plain, a.Reference, t.Effects[f].Slope, all[f].Name) {
				continue
			}
			if plain.Words || plain.Values != nil {
				x.made = &levelMaker{column: all[f].Column, plain: plain, feature: &all[f]}
			} else {
				x.made = &numberMaker{column: all[f].Column, edges: plain.Edges, missing: all[f].Missing}
				if plain.Linear {
					x.made = &numberMaker{column: all[f].Column, edges: plain.Edges, missing: len(plain.Edges) + 1}
				}
			}
		}
	}
	return terms
}

func weightsOfCodes(e *model.TermEffect, n int) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = 1
		if len(e.Rows) == n {
			out[k] = math.Max(noRows, float64(e.Rows[k]))
		}
	}
	return out
}

// purify moves the means of a pair's rows and columns, weighted by the training rows of its cells, to the tables of its sides (Lengerich
// et al. 2020, Purifying interaction effects with the functional ANOVA, AISTATS). The log-odds of a lead do not change, but for leads
// of which a side has no effect.
func purify(p *features.Pipeline, f int, terms []term) {
	const sweeps = 50
	pair, parents := &terms[f], p.Features()[f].Parents
	of := [2][]int{}
	_, left := p.Coarse(parents[0])
	_, right := p.Coarse(parents[1])
	n := [2]int{len(left), len(right)}
	for side := range 2 {
		of[side], _ = p.Coarse(parents[side])
	}
	for range sweeps {
		for side := range 2 {
			for k := range n[side] {
				sum, total := 0.0, 0.0
				each := func(do func(cell int)) {
					for j := range n[1-side] {
						if side == 0 {
							do(k*n[1] + j)
						} else {
							do(j*n[1] + k)
						}
					}
				}
				each(func(c int) {
					sum += float64(pair.rows[c] * pair.effect[c])
					total += pair.rows[c]
				})
				m := sum / total
				each(func(c int) { pair.effect[c] -= m })
				parent := &terms[parents[side]]
				for code := range parent.effect {
					if of[side][code] == k {
						parent.effect[code] += m
					}
				}
			}
		}
	}
}

// cutLine gives the line of a linear number steps, at the tenths of the training rows, and its missing cells a code behind them;
// false: nobody counted the rows, or the number has no slope.
func (t *term) cutLine(plain *features.Plain, r *model.Reference, slope float64, name string) bool {
	missing, rows := t.effect[1], t.rows[1]
	if r == nil || slope == 0 {
		t.effect, t.rows, t.positives = []float64{0, missing}, []float64{t.rows[0], rows}, nil
		return false
	}
	var z *model.Tally
	for i := range r.Numbers {
		if r.Numbers[i].Feature == name {
			z = &r.Numbers[i]
		}
	}
	if z == nil || len(z.Edges) == 0 {
		t.effect, t.rows, t.positives = []float64{0, missing}, []float64{t.rows[0], rows}, nil
		return false
	}
	present := t.effect[0]
	t.effect, t.rows, t.positives = nil, nil, nil
	last := len(z.Edges) - 1
	for k, n := range z.Rows {
		var at float64 // the middle of the bin; the open ones are taken for as wide as their neighbours
		switch {
		case last == 0:
			at = z.Edges[0] + []float64{-.8, .8}[k] // the means of the halves of a normal distribution
		case k == 0:
			at = z.Edges[0] - (z.Edges[1]-z.Edges[0])/2
		case k > last:
			at = z.Edges[last] + (z.Edges[last]-z.Edges[last-1])/2
		default:
			at = (z.Edges[k-1] + z.Edges[k]) / 2
		}
		t.effect, t.rows = append(t.effect, present+float64(slope*at)), append(t.rows, math.Max(noRows, float64(n)))
	}
	t.effect, t.rows = append(t.effect, missing), append(t.rows, rows)
	plain.Edges = nil
	for _, e := range z.Edges {
		plain.Edges = append(plain.Edges, plain.Number(e))
	}
	return rising(plain.Edges)
}

func rising(edges []float64) bool {
	for i := 1; i < len(edges); i++ {
		if !(edges[i] > edges[i-1]) {
			return false
		}
	}
	return true
}

// eventParts tells what the columns of event features are made of.
func eventParts(a *model.Artifact) map[string]history.Part {
	parts := map[string]history.Part{}
	if a.Events == nil || a.Events.Plan == nil {
		return parts
	}
	for i, f := range a.Events.Plan.Fields() {
		parts[f.Name] = a.Events.Plan.Part(i)
	}
	return parts
}

// Words in the names of columns and types of events that tell a group: what a lead does is engagement, and what says that it wants to buy
// is intent. All others are fit. A name that misleads costs no point: the group is where marketing reads the rule, and its axis.
var (
	intentWords     = []string{"demo", "trial", "pricing", "price", "quote", "contact", "origin", "source", "campaign", "channel", "referral", "request"}
	engagementWords = []string{"visit", "visits", "totalvisits", "page", "pages", "time", "session", "sessions", "click", "clicks", "open", "opens", "opened", "download", "downloads", "webinar", "activity", "views", "view", "email_opens", "engagement", "recency", "last"}
)

func groupOf(name string, event bool) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case has(intentWords):
		return "intent"
	case event || has(engagementWords):
		return "engagement"
	}
	return "fit"
}

// inList is a condition on values of a column: texts, numbers or a boolean.
func inList(column string, plain *features.Plain, levels []string, codes []int) rules.Condition {
	var in rules.Values
	for _, code := range codes {
		switch {
		case plain.Words:
			in = append(in, levels[code])
		case plain.Kind == datasets.Boolean:
			in = append(in, plain.Values[code] != 0)
		default:
			in = append(in, plain.Values[code])
		}
	}
	return rules.Condition{Field: column, In: in}
}

// orMissing widens a condition to leads without the value; nil: those alone.
func orMissing(column string, c *rules.Condition) rules.Condition {
	missing := rules.Condition{Field: column, Missing: true}
	if c == nil {
		return missing
	}
	return rules.Condition{Any: []rules.Condition{*c, missing}}
}

// span is the range of a number that the bins from first to last of so many edges hold: all of them, that it is known.
func numberRange(column string, edges []float64, first, last int) rules.Condition {
	c := rules.Condition{Field: column}
	if first > 0 {
		c.Above = &rules.Scalar{V: edges[first-1]}
	}
	if last < len(edges) {
		c.To = &rules.Scalar{V: edges[last]}
	}
	return c
}
