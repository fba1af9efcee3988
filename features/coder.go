package features

import (
	"errors"
	"fmt"
	"math"

	"leadscore/datasets"
)

// form says how a number or word becomes a Cell.
type form uint8

const (
	formLinear form = iota // number → z, code 0 present, 1 missing
	formBins               // number → code of its bin
	formValues             // number → code of that very number
	formLevels             // word → code of its level
	formPair               // codes of two features → code of their cell
)

var formNames = [...]string{"linear", "bins", "values", "levels", "pair"}

// MarshalText writes the form's name.
func (f form) MarshalText() ([]byte, error) { return []byte(formNames[f]), nil }

// UnmarshalText reads the form's name.
func (f *form) UnmarshalText(b []byte) error {
	for i, n := range formNames {
		if n == string(b) {
			*f = form(i)
			return nil
		}
	}
	return fmt.Errorf("unknown form %q", b)
}

// fitted is a feature as Fit learned it and as the artifact keeps it. compile makes of it what
// encodes; Fit and the artifact's reader go through the same compile, so that a pipeline
// read back is the pipeline that was fitted.
type fitted struct {
	Feature
	Kind datasets.Kind `json:"kind"` // of the column, as it was read; unknown for a pair
	Read reading       `json:"read"`
	Form form          `json:"form"`

	Clip         []float64 `json:"clip,omitempty"`          // linear: [low, high] in units of the column
	Log          bool      `json:"log,omitempty"`           // linear: sign(x)·log(1+|x|) after the clip
	Center       float64   `json:"center,omitempty"`        // linear: mean of the training rows that have a value
	Scale        float64   `json:"scale,omitempty"`         // linear: see standardise
	MissingShare float64   `json:"missing_share,omitempty"` // linear: of the training rows
	Edges        []float64 `json:"edges,omitempty"`         // bins: bin k holds edge k−1 < x ≤ edge k
	Values       []float64 `json:"values,omitempty"`        // values: code k is Values[k]
	Coarse       *coarse   `json:"coarse,omitempty"`        // additive: for pairs

	finer *coarse // what Finer puts in the place of Coarse; nil where there is nothing finer, or it is not known
}

// own is the number of levels that are words or values of their own: all but other and missing.
func (f *fitted) own() int {
	n := len(f.Levels)
	if f.Other >= 0 {
		n--
	}
	if f.Missing >= 0 {
		n--
	}
	return n
}

// coder is a fitted feature ready to encode. It never changes after Bind.
type coder struct {
	read   reading
	form   form
	column int  // position in the bound schema; −1 for a pair
	isAsOf bool // the column is the as-of one
	kind   datasets.Kind

	none    uint32 // "no effect": the number of levels
	missing uint32 // code of a missing cell; none where training had no missing cell
	other   uint32 // code of a word or value without a level; none where training merged none

	scaler           // linear
	search []float64 // bins, values: padded with +Inf to 2^k − 1 numbers
	count  int       // of numbers in search that are not padding
	levels map[string]uint32

	parents [2]int
	coarse  [2][]uint32 // of the parents
	width   uint32      // coarse codes of the second parent
}

// number codes a number; NaN is missing.
func (c *coder) number(x float64) Cell {
	if c.form == formLinear {
		t := c.value(x)
		if math.IsNaN(t) {
			return Cell{Code: c.missing}
		}
		return Cell{Z: c.z(t)}
	}
	return Cell{Code: c.numberCode(x)}
}

// numberCode codes a number of a form other than linear.
func (c *coder) numberCode(x float64) uint32 {
	if math.IsNaN(x) {
		return c.missing
	}
	i := below(c.search, x)
	if c.form == formValues && (i >= c.count || c.search[i] != x) {
		return c.other
	}
	return uint32(i)
}

// word codes a word; "" is missing.
func (c *coder) word(s string) uint32 {
	if s == "" {
		return c.missing
	}
	if code, ok := c.levels[s]; ok {
		return code
	}
	return c.other
}

// wordOf codes the text of a cell, "" where it is missing or no text.
func (c *coder) wordOf(v *datasets.Value) uint32 {
	if v.Kind != datasets.Categorical && v.Kind != datasets.Text || v.Str == "" {
		return c.missing
	}
	return c.word(c.read.word(v.Str))
}

// pair codes the cell of two features' codes.
func (c *coder) pair(a, b uint32) uint32 {
	a, b = c.coarse[0][a], c.coarse[1][b]
	if a == noCoarse || b == noCoarse {
		return c.none
	}
	return a*c.width + b
}

// below returns how many of the sorted numbers are less than x, which is not NaN. Their count is
// 2^k − 1 (see padded); the search has k steps and no branch that depends on the data, for bins
// hold equally many rows and a branch would be guessed wrong every other time.
func below(sorted []float64, x float64) int {
	i := 0
	for h := (len(sorted) + 1) / 2; h > 0; h >>= 1 {
		step := 0
		if sorted[i+h-1] < x {
			step = 1
		}
		i += h & -step
	}
	return i
}

// padded returns the numbers followed by +Inf up to the next length 2^k − 1.
func padded(sorted []float64) []float64 {
	n := 1
	for n-1 < len(sorted) {
		n *= 2
	}
	out := make([]float64, n-1)
	for i := copy(out, sorted); i < len(out); i++ {
		out[i] = math.Inf(1)
	}
	return out
}

var errNotFit = errors.New("is not what fitting makes")

// compile checks feature i of what was learned, so that no row can reach beyond its tables, and
// makes it ready to encode.
func compile(all []fitted, i int, asOf string) (coder, error) {
	f := &all[i]
	c := coder{read: f.Read, form: f.Form, kind: f.Kind, column: -1, isAsOf: f.Read.isTime() && f.Column == asOf}
	bad := func(what string) (coder, error) { return coder{}, fmt.Errorf("%s %w", what, errNotFit) }
	n := len(f.Levels)
	if n == 0 || uint64(n) > math.MaxInt32 {
		return bad("the number of levels")
	}
	if !f.Read.accepts(f.Kind) {
		return bad(fmt.Sprintf("%v column read as %s", f.Kind, readingNames[f.Read]))
	}
	if f.Read == readAge && asOf == "" {
		return bad("an age without an as-of column")
	}
	if (f.Form == formPair) != (f.Read == readPair) || (f.Form == formLevels) != f.Read.isWord() ||
		(f.Form == formPair) != (f.Column == "") || (f.Form == formPair) != (len(f.Parents) > 0) || (f.Form == formLinear) != f.Linear {
		return bad("the form")
	}
	if f.Missing != -1 && f.Missing != n-1 || f.Other != -1 && f.Other != f.own() || f.Ordered < 0 || f.Ordered > n {
		return bad("the code of missing or other")
	}
	if f.Monotone != "" && f.Monotone != "increasing" && f.Monotone != "decreasing" {
		return bad("monotone")
	}
	if f.Form != formLinear && (len(f.Clip) > 0 || f.Log || f.Center != 0 || f.Scale != 0 || f.MissingShare != 0) ||
		f.Form != formBins && len(f.Edges) > 0 || f.Form != formValues && len(f.Values) > 0 {
		return bad("a setting of another form")
	}
	c.none = uint32(n)
	c.missing, c.other = c.none, c.none
	if f.Missing >= 0 {
		c.missing = uint32(f.Missing)
	}
	if f.Other >= 0 {
		c.other = uint32(f.Other)
	}
	if f.Coarse != nil {
		if f.Form == formPair || f.Form == formLinear || !f.Coarse.fits(n) {
			return bad("the coarse codes")
		}
	}
	switch f.Form {
	case formLinear:
		var ok bool
		if c.scaler, ok = newScaler(f); !ok || n != 2 || f.Missing != 1 || f.Other != -1 {
			return bad("the scale")
		}
	case formBins:
		if !rising(f.Edges) || f.own() != len(f.Edges)+1 || f.Other != -1 {
			return bad("the edges")
		}
		c.search, c.count = padded(f.Edges), len(f.Edges)
	case formValues:
		if !rising(f.Values) || f.own() != len(f.Values) {
			return bad("the values")
		}
		c.search, c.count = padded(f.Values), len(f.Values)
	case formLevels:
		own := f.own()
		c.levels = make(map[string]uint32, own)
		for k, s := range f.Levels[:own] {
			if _, twice := c.levels[s]; twice || s == "" {
				return bad(fmt.Sprintf("the level %q", s))
			}
			c.levels[s] = uint32(k)
		}
	case formPair:
		if len(f.Parents) != 2 || f.Parents[0] == f.Parents[1] || f.Missing != -1 || f.Other != -1 {
			return bad("the parents")
		}
		for k, parent := range f.Parents {
			if parent < 0 || parent >= i || all[parent].Coarse == nil {
				return bad("the parents")
			}
			c.parents[k] = parent
			c.coarse[k] = all[parent].Coarse.lookup()
		}
		a, b := all[f.Parents[0]].Coarse, all[f.Parents[1]].Coarse
		c.width = uint32(len(b.Levels))
		if n != len(a.Levels)*len(b.Levels) {
			return bad("the number of levels")
		}
	}
	return c, nil
}

// rising reports whether the numbers are finite and each is greater than the one before.
func rising(xs []float64) bool {
	for i, x := range xs {
		if !finite(x) || i > 0 && xs[i-1] >= x {
			return false
		}
	}
	return true
}
