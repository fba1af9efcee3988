package features

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

const (
	// coarseBins is the number of bins of a number on a side of a pair, missing not counted.
	coarseBins = 6
	// finerBins is that number where Pipeline.Finer asks for more.
	finerBins = 16
	// coarseLevel is the fewest training rows of a level with a coarse code of its own.
	coarseLevel = 20
	// largestPair is the greatest number of cells of a pair.
	largestPair = 1 << 20
	// noCoarse is the coarse code of what has no effect.
	noCoarse = math.MaxUint32
)

// coarse groups the codes of a feature for its side of a pair: a pair is looked up from codes that are
// known already, never from the cells of the row. The bins are runs of the fine ones, so
// their edges are among the fine edges.
type coarse struct {
	Of     []int    `json:"of"`     // the coarse code of each code, then of "no effect"; −1 is no effect
	Levels []string `json:"levels"` // name of each coarse code
}

// fits reports whether the groups are those of a feature with n levels.
func (c *coarse) fits(n int) bool {
	if len(c.Of) != n+1 || len(c.Levels) == 0 {
		return false
	}
	for _, k := range c.Of {
		if k < -1 || k >= len(c.Levels) {
			return false
		}
	}
	return true
}

// lookup returns the coarse code by code.
func (c *coarse) lookup() []uint32 {
	out := make([]uint32, len(c.Of))
	for i, k := range c.Of {
		out[i] = noCoarse
		if k >= 0 {
			out[i] = uint32(k)
		}
	}
	return out
}

// coarse groups bins into at most limit runs; a bin of one value that holds more than 5 %
// of the rows with a value stays alone where the limit allows.
func (b *bins) coarse(limit int, missing float64, show func(float64) string) *coarse {
	total := 0.0
	for _, n := range b.rows {
		total += n
	}
	cuts := cut(b.rows, limit, func(k int) bool { return b.single[k] && b.rows[k]*massShare > total })
	var wide bins
	c := &coarse{}
	from := 0
	for g, to := range append(cuts, len(b.rows)) {
		if to < len(b.rows) {
			wide.edges = append(wide.edges, b.edges[to-1])
		}
		wide.low, wide.rows = append(wide.low, b.low[from]), append(wide.rows, 0)
		wide.single = append(wide.single, to-from == 1 && b.single[from])
		for range to - from {
			c.Of = append(c.Of, g)
		}
		from = to
	}
	c.Levels = wide.names(show)
	if missing > 0 {
		c.Of = append(c.Of, len(c.Levels))
		c.Levels = append(c.Levels, "missing")
	}
	c.Of = append(c.Of, -1)
	return c
}

// coarse groups levels: with no order, those of fewer than coarseLevel rows join "other", and so do
// levels never seen; ordered ones (the first so many) join their neighbours, as bins do. It returns nil
// where a single group is left.
func (l *learned) coarse(ordered int) *coarse {
	c := &coarse{}
	rest := -1 // coarse code of other
	if ordered > 0 {
		cuts := cut(l.rows[:l.own], coarseBins, func(int) bool { return false })
		from := 0
		for g, to := range append(cuts, l.own) {
			name := l.levels[from]
			if to-from > 1 {
				name += " – " + l.levels[to-1]
			}
			c.Levels = append(c.Levels, name)
			for range to - from {
				c.Of = append(c.Of, g)
			}
			from = to
		}
	} else {
		for k := range l.own {
			if l.rows[k] < coarseLevel {
				c.Of = append(c.Of, -1)
				continue
			}
			c.Of = append(c.Of, len(c.Levels))
			c.Levels = append(c.Levels, l.levels[k])
		}
	}
	if l.other >= 0 {
		c.Of = append(c.Of, -1)
	}
	if slices.Contains(c.Of, -1) {
		rest = len(c.Levels)
		c.Levels = append(c.Levels, unlike(l.levels[:l.own], "other"))
		for k := range c.Of {
			if c.Of[k] < 0 {
				c.Of[k] = rest
			}
		}
	}
	if l.missing >= 0 {
		c.Of = append(c.Of, len(c.Levels))
		c.Levels = append(c.Levels, l.levels[l.missing])
	}
	if len(c.Levels) < 2 {
		return nil
	}
	c.Of = append(c.Of, rest)
	return c
}

// Coarse returns how the codes of feature f are grouped on a side of a pair: of[code] is the coarse
// code of code (of[len(Levels)] that of "no effect"), −1 is no effect, and levels are the names of the coarse
// codes. Both are nil where the feature cannot be part of a pair: in the Linear encoding, and
// of a pair itself. They are shared, not to be changed.
func (p *Pipeline) Coarse(f int) (of []int, levels []string) {
	if c := p.fitted[f].Coarse; c != nil {
		return c.Of, c.Levels
	}
	return nil, nil
}

// Finer returns a pipeline whose features of the given names stand on their sides of pairs with at most 16 bins
// instead of 6, and reports whether that is finer for any of them: it is not for features without bins, with
// few of them, or that are finer already. p, which does not change, has no pairs and came from Fit: a pipeline
// that was read from a file knows of one grouping only.
func (p *Pipeline) Finer(names []string) (*Pipeline, bool, error) {
	all := slices.Clone(p.fitted)
	some := false
	for i := range all {
		f := &all[i]
		if f.Form == formPair {
			return nil, false, fmt.Errorf("refining the sides of pairs: the pipeline has the pair %s already", f.Name)
		}
		if f.finer != nil && slices.Contains(names, f.Name) {
			f.Coarse, f.finer, some = f.finer, nil, true
		}
	}
	out, err := newPipeline(p.encoding, p.asOfName, all)
	if err != nil {
		return nil, false, fmt.Errorf("refining the sides of pairs: %w", err)
	}
	if p.schema != nil {
		if err := out.Bind(p.schema); err != nil {
			return nil, false, err
		}
	}
	return out, some, nil
}

// WithPairs returns a pipeline with a feature for each pair added behind those of p, which does not
// change. The code of a pair (a, b) is a.coarse·nb + b.coarse with nb the coarse levels of b. A side is
// named by its feature, or by its column where one feature comes of that. Pairs need the Additive
// encoding. All that is wrong is in the one error.
func (p *Pipeline) WithPairs(pairs [][2]string) (*Pipeline, error) {
	if p.encoding != Additive {
		return nil, errors.New("adding pairs: pairs need the additive encoding")
	}
	var problems []error
	all := slices.Clone(p.fitted)
	for _, pair := range pairs {
		a, errA := p.side(pair[0])
		b, errB := p.side(pair[1])
		if err := errors.Join(errA, errB); err != nil {
			problems = append(problems, err)
			continue
		}
		fa, fb := &p.fitted[a], &p.fitted[b]
		f := fitted{Feature: Feature{Name: fa.Name + " × " + fb.Name, Other: -1, Missing: -1, Parents: []int{a, b}},
			Kind: datasets.Unknown, Read: readPair, Form: formPair}
		cells := len(fa.Coarse.Levels) * len(fb.Coarse.Levels)
		twice := slices.ContainsFunc(all, func(g fitted) bool {
			return g.Form == formPair && (slices.Equal(g.Parents, []int{a, b}) || slices.Equal(g.Parents, []int{b, a}))
		})
		switch {
		case a == b:
			problems = append(problems, fmt.Errorf("adding pairs: %q is paired with itself", fa.Name))
			continue
		case twice:
			problems = append(problems, fmt.Errorf("adding pairs: %s is there already", f.Name))
			continue
		case cells > largestPair:
			problems = append(problems, fmt.Errorf("adding pairs: %s has %s cells; at most %s are allowed", f.Name, countText(cells), countText(largestPair)))
			continue
		}
		for _, x := range fa.Coarse.Levels {
			for _, y := range fb.Coarse.Levels {
				f.Levels = append(f.Levels, x+" × "+y)
			}
		}
		all = append(all, f)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	out, err := newPipeline(p.encoding, p.asOfName, all)
	if err != nil {
		return nil, fmt.Errorf("adding pairs: %w", err)
	}
	if p.schema != nil {
		if err := out.Bind(p.schema); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// side finds the feature that one side of a pair names.
func (p *Pipeline) side(name string) (int, error) {
	found := -1
	var names, candidates []string
	for i := range p.fitted {
		f := &p.fitted[i]
		if f.Coarse == nil {
			if f.Name == name {
				return 0, fmt.Errorf("adding pairs: %q cannot be part of a pair", name)
			}
			continue
		}
		names = append(names, f.Name)
		if f.Name == name {
			return i, nil
		}
		if f.Column == name {
			found, candidates = i, append(candidates, f.Name)
		}
	}
	switch {
	case len(candidates) == 1:
		return found, nil
	case len(candidates) > 1:
		return 0, fmt.Errorf("adding pairs: column %q has several features; name one of %q", name, candidates)
	}
	hint := ""
	if n := datasets.Nearest(name, names); n != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", n)
	}
	return 0, fmt.Errorf("adding pairs: there is no feature %q%s", name, hint)
}
