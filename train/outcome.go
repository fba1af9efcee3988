package train

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"leadscore/datasets"
)

// Outcomes are the labels of one target, a row each: 1 positive, 0 negative, -1 set aside.
type Outcomes struct {
	Target    Target
	Label     []int8
	Positives int
	Negatives int
	SetAside  int // neither positive nor negative, or missing; after mature also for the reasons of time

	horizon int64        // microseconds; 0: none
	at      []int64      // moment of each row's outcome until mature; nil: not known
	given   int          // place of the target that this one is conditional on; -1: none
	why     [reasons]int // how many rows are set aside for what
	each    []reason     // why each row is set aside, kept where it is not; nil without Config.KeepOutcomes
}

const (
	negative int8 = 0
	positive int8 = 1
	setAside int8 = -1
)

// readOutcomes finds the labels of a target. A value is positive or negative where it equals one of
// the configured texts (see sameValue). Without configured negatives the one other value that stands
// in the column is negative; two others are an error that asks, because an open deal is not a lost one.
func readOutcomes(t *datasets.Table, target Target) (*Outcomes, error) {
	at := fmt.Sprintf("reading target %q", target.Name)
	column := t.Schema.Index(target.Column)
	if column < 0 {
		return nil, fmt.Errorf("%s: no column %q in the leads%s", at, target.Column, didYouMean(datasets.Nearest(target.Column, columnNames(t.Schema))))
	}
	counts := levelCounts(t, column)
	if len(counts) == 0 {
		return nil, fmt.Errorf("%s: column %q is missing in every row", at, target.Column)
	}
	kinds := map[string]int8{}
	var others []string
	for _, c := range counts {
		switch {
		case anySame(c.level, target.Positive):
			kinds[c.level] = positive
		case anySame(c.level, target.Negative):
			kinds[c.level] = negative
		default:
			kinds[c.level] = setAside
			others = append(others, fmt.Sprintf("%q (%d rows)", c.level, c.rows))
		}
	}
	if len(target.Negative) == 0 {
		if len(others) > 1 && target.Horizon == "" { // with a horizon all of them mean: not won by then
			return nil, fmt.Errorf("%s: column %q has %d values beside the positive %s: %s; say which mean lost: `negative: [...]` (rows with any other value are set aside)",
				at, target.Column, len(others), quoted(target.Positive), atMost(others, 10))
		}
		for level, kind := range kinds {
			if kind == setAside && target.Horizon == "" {
				kinds[level] = negative
			}
		}
	}
	o := &Outcomes{Target: target, given: -1, Label: make([]int8, 0, t.Rows())}
	for _, b := range t.Batches {
		c := b.Column(column)
		labels := make([]int8, len(c.Levels))
		for i, level := range c.Levels {
			kind, seen := kinds[level]
			if !seen {
				kind = setAside
			}
			labels[i] = kind
		}
		for i := range b.Rows() {
			label := setAside
			if c.Kind == datasets.Categorical && c.Codes[i] >= 0 {
				label = labels[c.Codes[i]]
			}
			o.Label = append(o.Label, label)
			switch label {
			case positive:
				o.Positives++
			case negative:
				o.Negatives++
			default:
				o.SetAside++
			}
		}
	}
	if o.Positives == 0 || o.Negatives == 0 && target.Horizon == "" {
		var all []string
		for _, c := range counts {
			all = append(all, fmt.Sprintf("%q (%d rows)", c.level, c.rows))
		}
		return nil, fmt.Errorf("%s: column %q gives %d positives and %d negatives, and a model needs both; positive is %s, the column holds %s",
			at, target.Column, o.Positives, o.Negatives, quoted(target.Positive), atMost(all, 10))
	}
	return o, nil
}

// classes is the weight of the positives and of the negatives; weights are of the rows, nil: all 1.
func (o *Outcomes) classes(weights []float64) (won, lost float64) {
	for i, l := range o.Label {
		switch l {
		case positive:
			won += weightAt(weights, i)
		case negative:
			lost += weightAt(weights, i)
		}
	}
	return won, lost
}

// measurable refuses a file that lacks one of the classes, and says in a sentence where it has few of one.
func (o *Outcomes) measurable(weights []float64) (warning string, err error) {
	won, lost := o.classes(weights)
	switch {
	case won == 0 || lost == 0:
		return "", fmt.Errorf("target %q has %.6g positives and %.6g negatives, and to measure a model takes both%s", o.Target.Name, won, lost, o.lost())
	case min(won, lost) < MinPerClass:
		return fmt.Sprintf("target %q has %.6g positives and %.6g negatives here; of fewer than %d of either the figures say little: look at their intervals%s", o.Target.Name, won, lost, MinPerClass, o.lost()), nil
	}
	return "", nil
}

// enough refuses a target with too few of either class, unless that is allowed: then it says in a
// sentence what the small number costs. The half-width is that of the best case, an AUC of .75
// (Hanley & McNeil 1982, without the covariance terms of ties).
// weights are of the rows, nil: all 1.
func (o *Outcomes) enough(allow bool, weights []float64) (warning string, err error) {
	won, lost := o.classes(weights)
	if min(won, lost) >= MinPerClass {
		return "", nil
	}
	if won == 0 || lost == 0 {
		return "", fmt.Errorf("training: target %q has %.6g positives and %.6g negatives, and a model needs both%s", o.Target.Name, won, lost, o.lost())
	}
	few := fmt.Sprintf("target %q has %.6g positives and %.6g negatives; at least %d of each are wanted%s", o.Target.Name, won, lost, MinPerClass, o.lost())
	if !allow {
		return "", fmt.Errorf("training: %s: a hold-out of so few says nothing (--allow-small trains all the same)", few)
	}
	width := hanleyMcNeil(.75, max(1, int(won)/5), max(1, int(lost)/5))
	return few + fmt.Sprintf("; trained as asked, but an AUC of .75 on a fifth of them would have a 95 %% interval of about ±%.2f", width), nil
}

// lost tells for an error what rows were set aside for, "" where none was.
func (o *Outcomes) lost() string {
	var parts []string
	for r, n := range o.why {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, reasonWords[r].what))
		}
	}
	if parts == nil {
		return ""
	}
	return " (set aside: " + strings.Join(parts, ", ") + ")"
}

type levelCount struct {
	level string
	rows  int
}

// levelCounts counts the levels of a column, the most frequent first, then by name.
func levelCounts(t *datasets.Table, column int) []levelCount {
	total := map[string]int{}
	for _, b := range t.Batches {
		c := b.Column(column)
		if c.Kind != datasets.Categorical {
			continue
		}
		n := make([]int, len(c.Levels))
		for _, code := range c.Codes {
			if code >= 0 {
				n[code]++
			}
		}
		for i, k := range n {
			if k > 0 {
				total[c.Levels[i]] += k
			}
		}
	}
	counts := make([]levelCount, 0, len(total))
	for level, rows := range total {
		counts = append(counts, levelCount{level, rows})
	}
	sort.Slice(counts, func(i, j int) bool {
		a, b := counts[i], counts[j]
		return a.rows > b.rows || a.rows == b.rows && a.level < b.level
	})
	return counts
}

// sameValue compares a text of the file with one of the configuration: the same text, the same
// number (1 and 1.0) or the same word in another case (TRUE and true).
func sameValue(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

func anySame(level string, texts []string) bool {
	for _, t := range texts {
		if sameValue(level, t) {
			return true
		}
	}
	return false
}

func quoted(texts []string) string {
	q := make([]string, len(texts))
	for i, t := range texts {
		q[i] = strconv.Quote(t)
	}
	return strings.Join(q, ", ")
}

func atMost(texts []string, n int) string {
	if len(texts) > n {
		return strings.Join(texts[:n], ", ") + fmt.Sprintf(" and %d more", len(texts)-n)
	}
	return strings.Join(texts, ", ")
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", name)
}

// hanleyMcNeil is the half-width of the 95 % interval of an AUC measured on so many positives and
// negatives (Hanley & McNeil 1982, Radiology 143:29).
func hanleyMcNeil(auc float64, positives, negatives int) float64 {
	p, n := float64(positives), float64(negatives)
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	return 1.96 * math.Sqrt((auc*(1-auc)+(p-1)*(q1-auc*auc)+(n-1)*(q2-auc*auc))/(p*n))
}
