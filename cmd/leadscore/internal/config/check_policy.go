package config

import (
	"strings"

	"leadscore/train/evaluate"
)

// ways are the keys of the ways to choose a threshold.
const ways = "precision, capacity, cost and net_benefit"

// checkStage checks a stage; timed is whether the leads have as-of moments.
func (d *decoder) checkStage(path string, s *stage, timed bool) {
	found := []string{}
	if s.MinScore != nil && s.Enter != nil {
		d.problem(path+".enter", "this is another name of min_score, which is here too; want one of them")
	}
	if m, key := s.entry(); m != nil {
		found = append(found, key)
		if m.number != nil {
			d.within(path+"."+key, m.number, 0, 100)
		}
		if c := m.choice; c != nil {
			d.checkChoice(path+"."+key, c, timed)
			if keys := c.keys(); len(keys) != 1 {
				d.problem(path+"."+key, "want one of %s; found %d", ways, len(keys))
			}
		}
	}
	c := s.beside()
	if keys := c.keys(); len(keys) > 0 {
		found = append(found, keys...)
		d.checkChoice(path, &c, timed)
	}
	if len(found) > 1 {
		d.problem(path, "want one of min_score, %s; found %s", ways, strings.Join(found, " and "))
	}
	d.names(path+".required", s.Required)
}

// checkDeciding checks what holds a lead in a stage, and the target that decides it.
func (d *decoder) checkDeciding(f *file, path string, s *stage) {
	d.within(path+".leave", s.Leave, 0, 100)
	m, key := s.entry()
	if s.Leave != nil && m != nil && m.number != nil && *s.Leave > *m.number && d.has(path+".leave") {
		d.problem(path+".leave", "%v is above %s, %v: a lead would leave the stage as it enters it; want at most that", *s.Leave, key, *m.number)
	}
	if s.Stay != nil {
		d.span(path+".stay", *s.Stay)
	}
	if s.Target == nil || !d.has(path+".target") {
		return
	}
	var names []string
	for i := range f.Targets {
		t := &f.Targets[i]
		names = append(names, t.name)
		if t.name != *s.Target {
			continue
		}
		if via := value(t.Via); via != "" && via != "none" && (m == nil || m.number == nil) {
			d.problem(path+".target", "%s is via %s, and its cut-off cannot be chosen; want a number as min_score, or via: none", t.name, via)
		}
		return
	}
	if len(names) > 0 {
		d.oneOf(path+".target", s.Target, names...)
	}
}

// entry is the threshold that is given and the name that it has there; nil: none is.
func (s *stage) entry() (*minScore, string) {
	if s.MinScore == nil && s.Enter != nil {
		return s.Enter, "enter"
	}
	return s.MinScore, "min_score"
}

// beside is what stands beside min_score.
func (s *stage) beside() choice { return choice{s.Precision, s.Capacity, s.Cost, s.NetBenefit} }

// keys returns which ways to choose are there.
func (c *choice) keys() (keys []string) {
	for _, k := range []struct {
		name  string
		there bool
	}{{"precision", c.Precision != nil}, {"capacity", c.Capacity != nil}, {"cost", c.Cost != nil}, {"net_benefit", c.NetBenefit != nil}} {
		if k.there {
			keys = append(keys, k.name)
		}
	}
	return keys
}

func (d *decoder) checkChoice(path string, c *choice, timed bool) {
	if p := path + ".precision"; c.Precision != nil && d.has(p) && !(*c.Precision > 0 && *c.Precision < 1) {
		d.problem(p, "%v is not a share of leads; want more than 0 and less than 1", *c.Precision)
	}
	if p := path + ".capacity"; c.Capacity != nil && d.has(p) {
		if w, err := evaluate.ParseCapacity(*c.Capacity); err != nil {
			d.problem(p, "%v", err)
		} else if w.PerDay() && !timed {
			d.problem(p, "how many leads come a day is told from their as-of moments; want data.leads.as_of, or a share of the leads, such as 10%%")
		}
	}
	for _, k := range []struct {
		path string
		cost *cost
	}{{path + ".cost", c.Cost}, {path + ".net_benefit", c.NetBenefit}} {
		if k.cost != nil {
			d.checkCost(k.path, k.cost)
		}
	}
}

func (d *decoder) checkCost(path string, c *cost) {
	for _, k := range []struct {
		path string
		x    float64
	}{{path + ".contact", c.Contact}, {path + ".win", c.Win}} {
		if d.has(k.path) && !(k.x > 0) {
			d.problem(k.path, "%v is not an amount; want more than 0", k.x)
		}
	}
	if d.has(path) && d.has(path+".contact") && d.has(path+".win") && c.Contact >= c.Win {
		d.problem(path, "a contact costs %v and a win is worth %v: no lead would be worth it; want contact below win", c.Contact, c.Win)
	}
}

// way is how the threshold is to be chosen; nil: it is a number, or auto.
func (s *stage) way() *evaluate.Way {
	c := s.beside()
	if m, _ := s.entry(); m != nil && m.choice != nil {
		c = *m.choice
	}
	switch {
	case c.Precision != nil:
		return &evaluate.Way{By: evaluate.ByPrecision, Target: *c.Precision}
	case c.Capacity != nil:
		if w, err := evaluate.ParseCapacity(*c.Capacity); err == nil { // checked by checkChoice
			return &w
		}
	case c.Cost != nil:
		return &evaluate.Way{By: evaluate.ByCost, Cost: evaluate.Cost(*c.Cost)}
	case c.NetBenefit != nil:
		return &evaluate.Way{By: evaluate.ByNetBenefit, Cost: evaluate.Cost(*c.NetBenefit)}
	}
	return nil
}
