package features

import (
	"math"
	"slices"

	"leadscore/datasets"
)

// Plain is how the codes of a feature follow from the cell of one column by itself, for those who write the same down as conditions.
// One of Words, Values, Edges and Linear is set; the codes of rare and missing cells are those of Feature.
type Plain struct {
	Kind   datasets.Kind // of the column
	Own    int           // codes but other and missing
	Words  bool          // code k is the text Feature.Levels[k]
	Values []float64     // code k is this number; 0 and 1 of a boolean
	Edges  []float64     // code k holds Edges[k−1] < x ≤ Edges[k]; nil and Own 1: any number
	Linear bool          // the number has a z and no codes: see Number

	center, scale float64
	clip          []float64
	log           bool
}

// Plain returns the reading of feature f, and false where no condition on a cell says the same: pairs, and what is derived from
// texts and times. It is not to be changed.
func (p *Pipeline) Plain(f int) (Plain, bool) {
	fit := &p.fitted[f]
	out := Plain{Kind: fit.Kind, Own: fit.own()}
	switch {
	case fit.Read == readWord:
		out.Words = true
	case fit.Read != readNumber:
		return Plain{}, false
	case fit.Form == formValues:
		out.Values = slices.Clip(fit.Values)
	case fit.Form == formBins:
		out.Edges = slices.Clip(fit.Edges)
	case fit.Form == formLinear:
		out.Linear, out.center, out.scale, out.clip, out.log = true, fit.Center, fit.Scale, fit.Clip, fit.Log
	}
	return out, true
}

// Number returns the number of the column that stands for z, of a Linear feature; beyond a clip, the end of the clip.
func (p *Plain) Number(z float64) float64 {
	x := float64(z*p.scale) + p.center
	if p.log {
		x = math.Copysign(math.Expm1(math.Abs(x)), x)
	}
	if len(p.clip) == 2 {
		x = min(max(x, p.clip[0]), p.clip[1])
	}
	return x
}
