package rules

import (
	"fmt"
	"math"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
)

// half is how much of an answer has to be known, confidence × freshness, for its dimension to count as known and its veto to hold.
const half = 0.5

// framework is a compiled Framework.
type framework struct {
	name       string
	axis       axis
	decay      decay
	dimensions []dimension
}

type dimension struct {
	question  Question
	evidence  []evidence
	low, high float64 // the worst and the best share that an answer may have
}

type evidence struct {
	column     int    // −1: when decides
	answers    *table // of the rows' places
	outcomes   []outcome
	when       node
	driver     *node // the event that the answer is as old as; nil: none
	confidence float64
	sureness   int // column with the confidence; −1: none
	answered   int // column; −1: none
}

// outcome is what an answer means.
type outcome struct {
	share float64
	veto  bool
	cap   float64 // +Inf: none
}

// finding is what is known of one dimension.
type finding struct {
	by         *evidence // nil: nothing
	outcome    *outcome
	confidence float64
	fresh      float64 // 0 to 1: what age leaves
}

func (f *framework) run(x *scratch, t *sum) {
	before, bound := t.points, math.Inf(1)
	t.group = 0
	var boundBy *dimension
	var low, high float64
	var unknown []string
	dims := 0
	for i := range f.dimensions {
		d := &f.dimensions[i]
		found := d.find(x, &f.decay)
		known, weight := 0.0, d.question.Weight
		if found.by != nil {
			known = found.confidence * found.fresh
			raw := weight * found.outcome.share * found.confidence
			t.add(raw, f.name, d.question.Dimension, "rule", func() string { return d.show(x, &found) })
			if lost := onGrid(raw*found.fresh - raw); lost != 0 {
				t.add(lost, f.name, d.question.Dimension, "decay", f.decay.show)
			}
			if known >= half && found.outcome.veto {
				t.result.Hard = stageAbove(t.result.Hard, disqualify)
				if t.traced {
					t.add(0, f.name, d.question.Dimension, "hard", func() string { return disqualify + ": " + found.by.show(x) })
				}
			}
			if known >= half && found.outcome.cap < bound {
				bound, boundBy = found.outcome.cap, d
			}
		}
		low += weight * (1 - known) * d.low
		high += weight * (1 - known) * d.high
		if known >= half {
			continue
		}
		dims++
		t.result.Unknown++
		if open := weight * (1 - known); t.result.Next == nil || open > t.asked {
			t.result.Next, t.asked = &d.question, open
		}
		if t.traced {
			unknown = append(unknown, d.question.Dimension)
			if found.by == nil {
				t.add(0, f.name, d.question.Dimension, "rule", func() string { return "unknown" + d.why(x) + ": " + d.question.Text })
			}
		}
	}
	// Unknown parts count 0 in the lines, and may turn out between low and high.
	low, high = t.group+low, t.group+high
	if t.group > bound {
		t.land(before+bound, f.name, boundBy.question.Dimension, "cap", func() string { return "veto: framework at most " + showNumber(bound) })
	}
	low, high = min(low, bound, t.group), max(min(high, bound), t.group)
	if t.traced && dims > 0 {
		t.add(0, f.name, "", "rule", func() string {
			return fmt.Sprintf("%d of %d unknown (%s): %s now, %s if the answers are worst, %s if they are best",
				dims, len(f.dimensions), strings.Join(unknown, ", "), showPoints(t.group), showPoints(low), showPoints(high))
		})
	}
	t.result.Low += low - t.group
	t.result.High += high - t.group
}

const disqualify = "disqualify"

// stageAbove is the stage that goes before.
func stageAbove(a, b string) string {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// find looks for the answer to a dimension in its evidence.
func (d *dimension) find(x *scratch, age *decay) finding {
	for i := range d.evidence {
		e := &d.evidence[i]
		o := e.answer(x)
		if o == nil {
			continue
		}
		f := finding{by: e, outcome: o, confidence: e.confidence, fresh: 1}
		if e.sureness >= 0 {
			if v := &x.row[e.sureness]; !v.Missing() {
				f.confidence = v.Num
			}
			if !(f.confidence >= 0 && f.confidence <= 1) {
				continue
			}
		}
		since := int64(datasets.MissingTime)
		if e.answered >= 0 {
			v := &x.row[e.answered]
			if !v.Missing() && !features.Known(v.Time, x.asOf) {
				continue // as of that moment nobody had answered
			}
			if !v.Missing() {
				since = v.Time
			}
		} else if e.driver != nil {
			if times := x.happened(e.driver); len(times) > 0 {
				since = times[len(times)-1]
			}
		}
		if since != datasets.MissingTime && x.now != datasets.MissingTime {
			f.fresh = age.left(max(0, float64(x.now)-float64(since)))
		}
		return f
	}
	return finding{}
}

// answer returns what the evidence says; nil: nothing.
func (e *evidence) answer(x *scratch) *outcome {
	if e.column < 0 {
		if e.when.eval(x) != yes {
			return nil
		}
		return &e.outcomes[0]
	}
	place, ok := e.answers.lookUp(&x.row[e.column])
	if !ok {
		return nil
	}
	return &e.outcomes[int(place)]
}

// show writes what an answer was found in.
func (e *evidence) show(x *scratch) string {
	if e.column < 0 {
		return x.show(&e.when)
	}
	return x.set.schema.Fields[e.column].Name + " = " + showValue(x.row[e.column])
}

func (d *dimension) show(x *scratch, f *finding) string {
	s := fmt.Sprintf("%s: %s of %s", f.by.show(x), showNumber(f.outcome.share), showNumber(d.question.Weight))
	if f.confidence < 1 {
		s += ", confidence " + showNumber(f.confidence)
	}
	if f.confidence*f.fresh < half {
		s += "; counts as unknown, " + showPoints(100*f.confidence*f.fresh) + " % of it is known"
	}
	return s
}

// why says what stands in the evidence of a dimension and is no answer.
func (d *dimension) why(x *scratch) string {
	var b strings.Builder
	for i := range d.evidence {
		e := &d.evidence[i]
		text := ""
		switch {
		case e.column < 0:
			if e.when.eval(x) == failed {
				text = x.err.Error()
			}
		case x.row[e.column].Missing():
		case e.answer(x) == nil:
			text = e.show(x) + " is none of its answers"
		case e.answered >= 0 && !x.row[e.answered].Missing() && !features.Known(x.row[e.answered].Time, x.asOf):
			text = e.show(x) + " was answered later"
		default:
			text = fmt.Sprintf("%s = %s is no confidence between 0 and 1", x.set.schema.Fields[e.sureness].Name, showValue(x.row[e.sureness]))
		}
		if text != "" {
			b.WriteString(" (" + text + ")")
		}
	}
	return b.String()
}

// showPoints writes a number to two decimals, without zeros at its end.
func showPoints(x float64) string { return showNumber(math.Round(x*100)/100 + 0) }
