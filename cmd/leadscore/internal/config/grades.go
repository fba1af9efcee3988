package config

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"leadscore/model"
	"leadscore/train"
)

// grades are the cut-offs of the rules' axes: auto, or a mapping of the axes.
type grades struct {
	Fit        *cuts `json:"fit,omitempty"`
	Engagement *cuts `json:"engagement,omitempty"`
}

func (g *grades) decode(d *decoder, n ast.Node, path string) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		d.object(n, path, reflect.ValueOf(g).Elem())
		return
	}
	if !isAuto(n) {
		d.wrong(n, path, "auto, or a mapping such as {fit: [75, 50, 25], engagement: [60, 40, 20]}")
	}
}

// cuts are the cut-offs of one axis; nil is auto.
type cuts []float64

func (c *cuts) decode(d *decoder, n ast.Node, path string) {
	if isAuto(n) {
		return
	}
	if _, ok := n.(*ast.SequenceNode); !ok {
		d.wrong(n, path, "auto, or a list of three numbers that fall, such as [75, 50, 25]")
		return
	}
	d.list(n, path, reflect.ValueOf((*[]float64)(c)).Elem())
}

func (d *decoder) checkGrades(f *file) {
	g := f.Policy.Grades
	if g == nil || !d.has("policy.grades") {
		return
	}
	if f.Rules == nil {
		d.problem("policy.grades", "the grades are of the rules' axes; name their file under rules")
	}
	for _, axis := range []struct {
		path string
		cuts *cuts
	}{{"policy.grades.fit", g.Fit}, {"policy.grades.engagement", g.Engagement}} {
		if axis.cuts == nil || *axis.cuts == nil || !d.has(axis.path) {
			continue
		}
		list := *axis.cuts
		if len(list) != model.AxisCuts {
			d.problem(axis.path, "want %d numbers, the points that the best three grades begin at; found %d", model.AxisCuts, len(list))
			continue
		}
		for i := 1; i < len(list); i++ {
			if list[i] >= list[i-1] {
				d.problem(axis.path, "%v comes after %v; want numbers that fall, the best grade's first", list[i], list[i-1])
				break
			}
		}
	}
}

func (g *grades) train() *train.GradesConfig {
	if g == nil {
		return nil
	}
	return &train.GradesConfig{Fit: value(g.Fit), Engagement: value(g.Engagement)}
}
