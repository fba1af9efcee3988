package baseline

import (
	"fmt"
	"strconv"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"
)

// padding names an attribute of one value. golearn's InferID3Tree stops where two attributes are left, which are the class and
// the last feature, and so never splits on the last one; beside a padding it does.
const padding = "padding"

// evidence is what the m of the m-estimate times the rate of conversion is: the estimate of a leaf weighs its own rows as much
// as the node above it when about ten conversions would be expected among them (Zadrozny & Elkan 2001, "Learning and making
// decisions when costs and probabilities are both unknown", §4.1).
const evidence = 10

// tree is golearn's ID3 tree with a probability in each node.
type tree struct {
	layout layout
	root   *node
}

// node is a node of the tree. A row whose level no training row had there stops at the node.
type node struct {
	p        float64
	column   int
	children map[uint32]*node // nil: a leaf
}

func fitTree(r *Rows) (*tree, error) {
	grid, attributes, err := levelled(r)
	if err != nil {
		return nil, err
	}
	id3 := trees.NewID3DecisionTreeFromRule(0, newSplitRule(attributes))
	if err := id3.Fit(grid); err != nil {
		return nil, err
	}
	rows, converted := len(r.Label), id3.Root.ClassDist[Converted]
	rate := float64(converted) / float64(rows)
	root, err := probabilities(id3.Root, attributes, rate, evidence/rate)
	if err != nil {
		return nil, err
	}
	return &tree{layout: newLayout(r), root: root}, nil
}

// levelled makes instances with a CategoricalAttribute a column, whose values are the codes in digits, the class and the padding. It
// returns the attributes in the order of the columns.
func levelled(r *Rows) (*base.DenseInstances, []base.Attribute, error) {
	grid := base.NewDenseInstances()
	class := addClass(grid, outcome)
	specs, attributes := make([]base.AttributeSpec, len(r.Columns)), make([]base.Attribute, len(r.Columns))
	for c := range r.Columns {
		values := make([]string, r.Columns[c].Levels)
		for level := range values {
			values[level] = strconv.Itoa(level)
		}
		attributes[c] = categorical(strconv.Itoa(c), values)
		specs[c] = grid.AddAttribute(attributes[c])
	}
	grid.AddAttribute(categorical(padding, []string{""}))
	if err := allocate(grid, class, r.Label); err != nil {
		return nil, nil, err
	}
	var cell [8]byte
	for c := range r.Columns {
		for i, code := range r.Columns[c].Codes {
			base.PackU64ToBytesInline(uint64(code), cell[:])
			grid.Set(specs[c], i, cell[:])
		}
	}
	return grid, attributes, nil
}

// probabilities turns golearn's node and all below it into ours. A node's probability is the m-estimate towards the node
// above, (converted + m·above)/(rows + m), from the root down (m-branch smoothing: Ferri, Flach & Hernández-Orallo 2003,
// "Improving the AUC of probabilistic estimation trees"); never 0 or 1. The bare share of a leaf was rejected: a leaf of two
// leads says 0, ½ or 1, and ranks above one of a hundred.
func probabilities(from *trees.DecisionTreeNode, attributes []base.Attribute, above, m float64) (*node, error) {
	rows := 0
	for _, n := range from.ClassDist {
		rows += n
	}
	to := &node{p: (float64(from.ClassDist[Converted]) + float64(m*above)) / (float64(rows) + m)}
	if from.Children == nil {
		return to, nil
	}
	column, err := strconv.Atoi(from.SplitRule.SplitAttr.GetName())
	if err != nil || column < 0 || column >= len(attributes) {
		return nil, fmt.Errorf("golearn split on %q, which is no column", from.SplitRule.SplitAttr.GetName())
	}
	to.column, to.children = column, make(map[uint32]*node, len(from.Children))
	for value, child := range from.Children {
		level, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("golearn split on value %q, which is no level", value)
		}
		if to.children[uint32(level)], err = probabilities(child, attributes, to.p, m); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// Probabilities gives the estimate of the deepest node that a row reaches. golearn's own prediction sends a level that a node
// has not seen to a child that the iteration of a map happens to end on.
func (t *tree) Probabilities(rows Rows) ([]float64, error) {
	if err := t.layout.suits(&rows); err != nil {
		return nil, fmt.Errorf("scoring with %s: %w", treeName, err)
	}
	p := make([]float64, rows.len())
	for i := range p {
		at := t.root
		for at.children != nil {
			next, ok := at.children[rows.Columns[at.column].Codes[i]]
			if !ok {
				break
			}
			at = next
		}
		p[i] = at.p
	}
	return p, nil
}

var _, _ Model = (*naiveBayes)(nil), (*tree)(nil)
