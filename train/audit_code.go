package train

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/train/evaluate"
)

const (
	auditBins    = 20    // of a number or a time, with equally many training rows
	auditHeavy   = .05   // share of the values from which one has a bin of its own
	auditSorted  = 4_000 // training rows whose values say where bins end
	auditOrdered = 8_000 // rows on which order is looked at
)

// code codes a column: 0 is missing, then come levels or bins. A moment after as-of is missing, as it is for features.
func (a *auditing) code(column int) evaluate.AuditColumn {
	f := &a.table.Schema.Fields[column]
	if f.Kind == datasets.Categorical {
		return a.codeLevels(column)
	}
	c := evaluate.AuditColumn{Name: f.Name, Time: f.Kind == datasets.Time}
	var values []float64
	if c.Time {
		values, c.Later = a.moments(column)
	} else {
		values = make([]float64, 0, len(a.learn))
		for b, places := range a.places {
			numbers := a.table.Batches[b].Column(column).Numbers
			for _, i := range places {
				values = append(values, numbers[i])
			}
		}
	}
	edges := auditEdges(values, a.learn)
	c.Codes = make([]uint32, len(values))
	for i, x := range values {
		if x == x {
			c.Codes[i] = 1 + below(edges, x)
		}
	}
	c.Levels = len(edges) + 2
	c.Level = func(code uint32) string { return binName(edges, code, c.Time) }
	if f.Kind == datasets.Numeric {
		c.Order = &evaluate.AuditOrder{}
		for i := 0; i < len(values); i += stride(len(values), auditOrdered) {
			c.Order.Rows, c.Order.Values = append(c.Order.Rows, i), append(c.Order.Values, values[i])
		}
	}
	return c
}

func stride(n, most int) int { return max(1, (n+most-1)/most) }

// below counts the edges ≤ x.
func below(edges []float64, x float64) uint32 {
	low, high := 0, len(edges)
	for low < high {
		if mid := (low + high) / 2; edges[mid] <= x {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return uint32(low)
}

// auditEdges learns from training rows where bins begin; the first has none. A value of 5 % of the rows and more has a bin to
// itself: it begins at the value and the next one at the next number above.
func auditEdges(values []float64, learn []bool) []float64 {
	var known []float64
	for i := 0; i < len(values); i += stride(len(values), auditSorted) {
		if x := values[i]; learn[i] && x == x {
			known = append(known, x)
		}
	}
	slices.Sort(known)
	n := len(known)
	var edges []float64
	for q := 1; q < auditBins; q++ {
		if n > 0 {
			edges = append(edges, known[q*n/auditBins])
		}
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && known[to] == known[from] {
			to++
		}
		if float64(to-from) >= auditHeavy*float64(n) {
			edges = append(edges, known[from], math.Nextafter(known[from], math.Inf(1)))
		}
		from = to
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// binName names a bin by its ends, the upper one not in it, or by its one value.
func binName(edges []float64, code uint32, moments bool) string {
	show := func(x float64) string {
		if moments {
			return datasets.At(int64(x)).String()
		}
		return strconv.FormatFloat(x, 'g', 6, 64)
	}
	k := int(code) - 1
	switch {
	case len(edges) == 0:
		return "any value"
	case k == 0:
		return "below " + show(edges[0])
	case k == len(edges):
		if k > 1 && edges[k-1] == math.Nextafter(edges[k-2], math.Inf(1)) {
			return "above " + show(edges[k-2])
		}
		return "from " + show(edges[k-1])
	case edges[k] == math.Nextafter(edges[k-1], math.Inf(1)):
		return show(edges[k-1])
	}
	return show(edges[k-1]) + " to " + show(edges[k])
}

// moments reads a column of times, without those after as-of, and counts the ones that lie too late.
func (a *auditing) moments(column int) ([]float64, []evaluate.Later) {
	values := make([]float64, 0, len(a.learn))
	asOf := evaluate.Later{Kind: model.CheckAfterAsOf, Than: a.rows.Name}
	end := evaluate.Later{Kind: model.CheckAfterEnd, Than: a.endOf}
	at := 0
	for b, places := range a.places {
		times := a.table.Batches[b].Column(column).Times
		for _, i := range places {
			t, moment := times[i], int64(datasets.MissingTime)
			if a.asOf != nil {
				moment = a.asOf[at]
			}
			x := math.NaN()
			if features.Known(t, moment) {
				x = float64(t)
			}
			values = append(values, x)
			if t != datasets.MissingTime {
				if moment != datasets.MissingTime {
					asOf.Of++
					if !features.Known(t, moment) {
						asOf.Rows++
					}
				}
				if a.end != nil && a.end[at] != datasets.MissingTime {
					end.Of++
					if !features.Before(t, a.end[at]) {
						end.Rows++
					}
				}
			}
			at++
		}
	}
	return values, []evaluate.Later{asOf, end}
}

// codeLevels codes words. Those that stand in one row only share a code: nothing can be learnt from one row.
func (a *auditing) codeLevels(column int) evaluate.AuditColumn {
	c := evaluate.AuditColumn{Name: a.table.Schema.Fields[column].Name, Codes: make([]uint32, 0, len(a.learn))}
	names, rows := []string{""}, []int{0}
	codes := map[string]uint32{}
	var levels []string
	var moved []uint32 // codes of the present dictionary's levels; 0: not met
	for b, places := range a.places {
		cells := a.table.Batches[b].Column(column)
		if len(cells.Levels) > 0 && (len(cells.Levels) != len(levels) || &cells.Levels[0] != &levels[0]) {
			levels, moved = cells.Levels, make([]uint32, len(cells.Levels))
		}
		for _, i := range places {
			k := cells.Codes[i]
			code := uint32(0)
			if k >= 0 {
				if code = moved[k]; code == 0 {
					text := levels[k]
					if code = codes[text]; code == 0 {
						code = uint32(len(names))
						codes[text] = code
						names, rows = append(names, text), append(rows, 0)
					}
					moved[k] = code
				}
			}
			rows[code]++
			c.Codes = append(c.Codes, code)
		}
	}
	c.Order = a.alphabet(c.Codes, names)

	final := make([]uint32, len(names))
	kept := []string{""}
	single := uint32(0)
	for code := 1; code < len(names); code++ {
		if rows[code] > 1 {
			final[code] = uint32(len(kept))
			kept = append(kept, names[code])
			continue
		}
		if single == 0 {
			single = uint32(len(kept))
			kept = append(kept, "a text of its own")
		}
		final[code] = single
	}
	for i, code := range c.Codes {
		c.Codes[i] = final[code]
	}
	c.Levels = len(kept)
	c.Level = func(code uint32) string { return kept[code] }
	return c
}

// alphabet is the order of words that are nearly all different, else nil.
func (a *auditing) alphabet(codes []uint32, names []string) *evaluate.AuditOrder {
	o := &evaluate.AuditOrder{Words: true}
	var met []uint32
	for i := 0; i < len(codes); i += stride(len(codes), auditOrdered) {
		if codes[i] > 0 {
			o.Rows, met = append(o.Rows, i), append(met, codes[i])
		}
	}
	distinct := slices.Clone(met)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	if len(met) == 0 || len(distinct) < len(met) {
		return nil
	}
	slices.SortFunc(distinct, func(x, y uint32) int { return strings.Compare(names[x], names[y]) })
	rank := make(map[uint32]float64, len(distinct))
	addresses := 0
	for k, code := range distinct {
		rank[code] = float64(k)
		if strings.Contains(names[code], "@") {
			addresses++
		}
	}
	o.Address = 2*addresses > len(distinct)
	for _, code := range met {
		o.Values = append(o.Values, rank[code])
	}
	return o
}
