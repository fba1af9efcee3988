package baseline

import (
	"math"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"
	"gonum.org/v1/gonum/stat/distuv"
)

// significance is the level of the test that stops the tree.
const significance = .01

// splitRule is the RuleGenerator of golearn's ID3: it splits on the column of the largest information gain among those whose
// independence of the outcome Pearson's χ² rejects at 1 %, and on none where there is no such column. That is how ID3 was
// published (Quinlan 1986, "Induction of decision trees", §5); golearn's own rules never stop, and they sum over maps and list columns from
// maps, so that columns of equal gain win in turn. Its pruning was rejected: it goes by accuracy, which a tree without a
// single branch maximises where few leads convert, and draws its rows from a generator that cannot be seeded.
type splitRule struct {
	columns []base.Attribute
	counts  [][2]int // a level each; scratch
}

var _ trees.RuleGenerator = (*splitRule)(nil)

func newSplitRule(columns []base.Attribute) *splitRule { return &splitRule{columns: columns} }

// GenerateSplitRule returns nil where the node is a leaf. The first column wins among equals.
func (s *splitRule) GenerateSplitRule(f base.FixedDataGrid) *trees.DecisionTreeRule {
	class, err := classSpec(f)
	if err != nil {
		panic(err)
	}
	_, rows := f.Size()
	labels := make([]uint64, rows)
	for i := range labels {
		labels[i] = base.UnpackBytesToU64(f.Get(class, i))
	}
	best, split := 0., base.Attribute(nil)
	for _, column := range s.columns {
		spec, err := f.GetAttribute(column)
		if err != nil {
			continue // an ancestor split on it
		}
		levels := len(column.(*base.CategoricalAttribute).GetValues())
		if cap(s.counts) < levels {
			s.counts = make([][2]int, levels)
		}
		s.counts = s.counts[:levels]
		clear(s.counts)
		for i, label := range labels {
			s.counts[base.UnpackBytesToU64(f.Get(spec, i))][label]++
		}
		if gain, p := informative(s.counts); p <= significance && gain > best {
			best, split = gain, column
		}
	}
	if split == nil {
		return nil
	}
	return &trees.DecisionTreeRule{SplitAttr: split}
}

// informative returns the information gain (in nats) of a table of levels by class, and the p value of Pearson's χ² with one
// degree of freedom less than there are levels with rows. Gain is 0 and p is 1 where one level or one class has all rows.
func informative(counts [][2]int) (gain, p float64) {
	var total [2]int
	levels := 0
	for _, n := range counts {
		total[0] += n[0]
		total[1] += n[1]
		if n[0]+n[1] > 0 {
			levels++
		}
	}
	if levels < 2 || total[0] == 0 || total[1] == 0 {
		return 0, 1
	}
	rows := float64(total[0] + total[1])
	chi := 0.
	for _, n := range counts {
		level := float64(n[0] + n[1])
		if level == 0 {
			continue
		}
		for class := range n {
			expected, observed := level*float64(total[class])/rows, float64(n[class])
			chi += (observed - expected) * (observed - expected) / expected
			if observed > 0 {
				gain += float64(observed / rows * math.Log(observed/expected))
			}
		}
	}
	return gain, distuv.ChiSquared{K: float64(levels - 1)}.Survival(chi)
}
