package model

import (
	"fmt"
	"math"
	"strings"
)

// The metrics and the tests of a Gate.
const (
	GateAUC     = "auc"
	GateLogLoss = "log_loss"

	GateWorse       = "worse"        // refused where the data show that the challenger is worse by more than the margin
	GateNonInferior = "non_inferior" // promoted only where the data show that it is not
)

// Gate is the judgement of a new version, the challenger, before it takes the place of the promoted one, the champion, on
// the challenger's hold-out. It is kept as gate.json in the run directory, never in model.json, whose bytes
// do not depend on which champion there was.
type Gate struct {
	Passed   bool     `json:"passed"`
	Reasons  []string `json:"reasons"`            // why it did not; none: it passed
	Notes    []string `json:"notes,omitempty"`    // what a reader should know of the comparison
	Target   string   `json:"target"`             // primary target of the challenger
	Champion string   `json:"champion,omitempty"` // version in the registry; "": there was none, and only the minima count
	Rows     int      `json:"rows"`               // of the hold-out that both were compared on; of weighted rows the rounded weight; 0: no comparison
	Trained  *int     `json:"trained_on"`         // hold-out rows that the champion was trained on, an estimate where it keeps a sample of digests; a note says what became of them; null: it cannot be told

	Metric string  `json:"metric"` // auc | log_loss, of the model's probability
	Test   string  `json:"test"`   // worse | non_inferior
	Margin float64 `json:"margin"` // in the metric's own unit, ≥ 0

	ChallengerValue Figure   `json:"challenger_value"` // of the metric on these rows
	ChampionValue   Figure   `json:"champion_value"`
	Difference      Estimate `json:"difference"` // challenger − champion, paired, 95 %
	// P is one-sided: of worse, how often chance alone shows as much harm beyond the margin as these rows do; of
	// non_inferior, how often a challenger worse by just the margin looks as good as this one. NaN: no comparison.
	P Figure `json:"p"`

	MinAUC *float64 `json:"min_auc,omitempty"` // nil: not demanded
	MaxECE *float64 `json:"max_ece,omitempty"`
	AUC    Figure   `json:"auc"` // of the challenger on its whole hold-out: what MinAUC and MaxECE are held against
	ECE    Figure   `json:"ece"`
}

// gateLevel is how seldom chance alone may decide, one-sided.
const gateLevel = .05

// Refuse adds a reason why the gate is not met.
func (g *Gate) Refuse(format string, args ...any) {
	g.Reasons = append(g.Reasons, fmt.Sprintf(format, args...))
	g.Passed = false
}

// Note adds a note.
func (g *Gate) Note(format string, args ...any) {
	g.Notes = append(g.Notes, fmt.Sprintf(format, args...))
}

// Judge sets P from Difference and refuses by the test. With h the harm, by how much the champion is better, and its standard error s,
//
//	worse         z = (h − margin)/s     refused where 1 − Φ(z) < 5 %
//	non_inferior  z = (margin − h)/s     refused unless 1 − Φ(z) < 5 %
//
// Without any noise (s = 0, as of two equal models) the difference itself decides; a harm of just the margin is not
// beyond it. s is read from the arm of the interval on the side that the test looks at.
//
// Rejected as the default: non_inferior, the test of clinical trials. It puts the burden on the data: on 1,848 hold-out rows of real
// leads the AUCs of an additive and a linear model differ with a standard error of .0036, and at that a challenger that is as good as the
// champion would be refused three times in five at a margin of .005, so that people would turn the gate off, or serve stale
// models. worse lets through what the rows cannot tell apart, and Sentence says how much that could be. Many small steps down
// can pass it one by one: who retrains often demands a MinAUC too. Rows are taken as independent, as by every interval of the card.
func (g *Gate) Judge() {
	const z95 = 1.959963984540054
	d := g.Difference
	harm, toGood, toBad := -d.Value, (d.Upper-d.Value)/z95, (d.Value-d.Lower)/z95
	if g.Metric == GateLogLoss { // less is better
		harm, toGood, toBad = d.Value, (d.Value-d.Lower)/z95, (d.Upper-d.Value)/z95
	}
	beyond, s := harm-g.Margin, toGood
	if g.Test == GateNonInferior {
		beyond, s = -beyond, toBad
	}
	switch {
	case s > 0:
		g.P = Figure(math.Erfc(beyond/s/math.Sqrt2) / 2)
	case g.Test == GateNonInferior && beyond >= 0, g.Test != GateNonInferior && beyond > 0:
		g.P = 0
	default:
		g.P = 1
	}
	if math.IsNaN(beyond) || math.IsNaN(s) {
		g.P = Figure(math.NaN())
	}
	p := float64(g.P)
	name := g.metricName()
	switch {
	case math.IsNaN(p):
		g.Refuse("the difference of the %s has no interval on these rows, so that nobody can tell which is better", name)
	case g.Test == GateNonInferior && p >= gateLevel:
		g.Refuse("the rows do not show that it is not worse than %s by more than %v: %s %s (p %s)", g.Champion, g.Margin, name, g.difference(), pText(p))
	case g.Test != GateNonInferior && p < gateLevel:
		g.Refuse("it is worse than %s by more than %v: %s %s (p %s)", g.Champion, g.Margin, name, g.difference(), pText(p))
	}
}

// Demand refuses a challenger below the minima. They are held against the values of the hold-out, not against the ends of
// their intervals: the value is what people read on the card, and a small hold-out would fail by its size alone. A
// value that could not be computed meets no demand.
func (g *Gate) Demand() {
	if m := g.MinAUC; m != nil && !(float64(g.AUC) >= *m) {
		g.Refuse("its AUC of %.4f on the hold-out is below gate.min_auc, %v", float64(g.AUC), *m)
	}
	if m := g.MaxECE; m != nil && !(float64(g.ECE) <= *m) {
		g.Refuse("its calibration error (ECE) of %.4f on the hold-out is above gate.max_ece, %v", float64(g.ECE), *m)
	}
}

// Sentence tells the comparison in a line; "" where there was none.
func (g *Gate) Sentence() string {
	if g.Rows == 0 {
		return ""
	}
	text := fmt.Sprintf("%s %.4f, champion %s %.4f on the same %d hold-out rows: %s", g.metricName(), float64(g.ChallengerValue), g.Champion, float64(g.ChampionValue), g.Rows, g.difference())
	worst := -g.Difference.Lower
	if g.Metric == GateLogLoss {
		worst = g.Difference.Upper
	}
	if g.Passed && worst > g.Margin {
		text += fmt.Sprintf("; these rows do not exclude that it is worse by up to %.4f", worst)
	}
	return text
}

func (g *Gate) metricName() string {
	if g.Metric == GateLogLoss {
		return "log loss"
	}
	return "AUC"
}

func (g *Gate) difference() string {
	minus := func(s string) string { return strings.ReplaceAll(s, "-", "−") }
	return minus(fmt.Sprintf("%+.4f (%+.4f to %+.4f)", g.Difference.Value, g.Difference.Lower, g.Difference.Upper))
}

func pText(p float64) string {
	if p < .001 {
		return "below 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
