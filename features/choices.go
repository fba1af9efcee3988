package features

import (
	"math"
	"slices"

	"leadscore/datasets"
)

// Choice is a value that a column could take, and the code of the feature that asks for it.
type Choice struct {
	Value datasets.Value
	Code  uint32
}

// Choices are values that would give feature f other codes than a cell has: one for each code, in the order of the codes.
//
//	bins    the value nearest to the present one that lies in the bin, as short a number as there is: just above
//	        its lower end, or at its upper end, whichever is nearer; of a missing cell the one just above the lower end
//	values  the value
//	levels  the word, as training saw it
//	linear  the mean and up to two standard deviations from it, in steps of a half
//
// What no value of the column stands for has none: rare levels that share a code, missing cells, and what is derived from
// words and times (there a sample, see Samples, is the best that can be given).
func (p *Pipeline) Choices(f int, present datasets.Value) []Choice {
	fit := &p.fitted[f]
	now := math.NaN()
	if present.Kind == datasets.Numeric || present.Kind == datasets.Boolean {
		now = present.Num
	}
	var out []Choice
	add := func(code int, v datasets.Value) { out = append(out, Choice{v, uint32(code)}) }
	number := func(x float64) datasets.Value { return datasets.Value{Kind: fit.Kind, Num: x + 0} }
	switch {
	case fit.Read == readWord:
		for code, word := range fit.Levels[:fit.own()] {
			add(code, datasets.Value{Kind: fit.Kind, Str: word})
		}
	case fit.Read != readNumber:
	case fit.Form == formValues:
		for code, x := range fit.Values {
			add(code, number(x))
		}
	case fit.Form == formBins:
		for code := range fit.own() {
			low, high := math.Inf(-1), math.Inf(1)
			if code > 0 {
				low = fit.Edges[code-1]
			}
			if code < len(fit.Edges) {
				high = fit.Edges[code]
			}
			if x, ok := inside(low, high, now); ok {
				add(code, number(x))
			}
		}
	case fit.Form == formLinear:
		last := math.NaN()
		for step := -4; step <= 4; step++ {
			x := fit.Center + float64(float64(step)/2*fit.Scale)
			if fit.Log {
				x = math.Copysign(math.Expm1(math.Abs(x)), x)
			}
			if len(fit.Clip) == 2 {
				x = min(max(x, fit.Clip[0]), fit.Clip[1])
			}
			if x = brief([]float64{x})[0]; finite(x) && x != last {
				add(0, number(x))
				last = x
			}
		}
	}
	return out
}

// inside returns a short number with low < x ≤ high, as near to now as there is; NaN is no present value.
func inside(low, high, now float64) (x float64, ok bool) {
	switch {
	case low < now && now <= high:
		return now, true
	case math.IsInf(low, -1) && math.IsInf(high, 1): // the only bin
		return 0, true
	case high < now || math.IsInf(low, -1):
		return short(low, high, func(step float64) float64 { return math.Floor(high/step) * step })
	}
	return short(low, high, func(step float64) float64 { return math.Floor(low/step)*step + step })
}

// short tries ever finer steps, whole numbers first, until one is within: a person can only be asked for a number that can
// be said.
func short(low, high float64, at func(step float64) float64) (float64, bool) {
	for digits := range 13 {
		step := math.Pow(10, float64(digits))
		x := at(1 / step)
		x = math.Round(x*step) / step // 3 · 0.1 is 0.3
		if finite(x) && low < x && x <= high {
			return x, true
		}
	}
	if finite(high) {
		return high, true
	}
	x := math.Nextafter(low, math.Inf(1))
	return x, finite(x) && low < x
}

// samples are texts for the columns from which something is derived, one at least of each class that a person would fill in.
var samples = map[reading][]string{
	readEmail:      {"name@company.example", "name@gmail.com", "name@university.edu"},
	readSeniority:  {"Owner", "Chief Executive Officer", "Vice President of Sales", "Director of Marketing", "Sales Manager", "Senior Engineer", "Analyst", "Student"},
	readDepartment: {"Vice President of Sales", "Director of Marketing", "Senior Engineer", "Finance Manager", "HR Manager", "Operations Manager"},
	readSize:       {"1-10", "11-50", "51-200", "201-500", "501-1000", "1001-5000", "5001-10000"},
}

// Samples are texts such as the column of feature f could hold where it is derived from them; nil where it is not.
func (p *Pipeline) Samples(f int) []datasets.Value {
	fit := &p.fitted[f]
	var out []datasets.Value
	for _, text := range samples[fit.Read] {
		out = append(out, datasets.Value{Kind: fit.Kind, Str: text})
	}
	return slices.Clip(out)
}

// Above is a short number above x, such as a person would name.
func Above(x float64) datasets.Value {
	above, ok := inside(x, math.Inf(1), math.NaN())
	if !ok {
		return datasets.Value{}
	}
	return datasets.Number(above)
}
