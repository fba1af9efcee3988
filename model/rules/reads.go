package rules

import "strings"

// Reads returns a function that says whether a condition of the file may look at a column: a column of
// which it says no can be left unread. It errs on the side of yes: an expression counts as reading every
// column whose name stands anywhere in it, and with an escape in it, which can spell any name, all columns. The
// leads of the file's tests count too. A nil file reads nothing.
func (f *File) Reads() func(column string) bool {
	fields := map[string]bool{}
	var expressions []string
	all := false
	f.visit(func(_ string, c *Condition) {
		if c.Field != "" {
			fields[c.Field] = true
		}
		if c.CEL != "" {
			expressions = append(expressions, c.CEL)
			all = all || strings.Contains(c.CEL, `\`)
		}
	}, func(e *Evidence) {
		fields[e.Field], fields[e.Answered] = true, true
		if e.Confidence != nil {
			if column, ok := e.Confidence.V.(string); ok {
				fields[column] = true
			}
		}
	})
	if f != nil {
		for _, t := range f.Tests {
			for column := range t.Lead {
				fields[column] = true
			}
		}
	}
	return func(column string) bool {
		if all || fields[column] {
			return true
		}
		for _, e := range expressions {
			if strings.Contains(e, column) {
				return true
			}
		}
		return false
	}
}

// visit calls condition for each condition of the file and its place, those within others too, and evidence for each evidence of a
// framework.
func (f *File) visit(condition func(path string, c *Condition), evidence func(e *Evidence)) {
	if f == nil {
		return
	}
	var visit func(path string, c *Condition)
	visit = func(path string, c *Condition) {
		condition(path, c)
		for i := range c.All {
			visit(Index(path+".all", i), &c.All[i])
		}
		for i := range c.Any {
			visit(Index(path+".any", i), &c.Any[i])
		}
		if c.Not != nil {
			visit(path+".not", c.Not)
		}
	}
	for at, card := range f.Scorecards {
		path := Index("scorecards", at)
		for k, g := range card.Groups {
			for i := range g.Rules {
				visit(Index(Index(path+".groups", k)+".rules", i)+".when", &g.Rules[i].When)
			}
		}
		for at, framework := range card.Frameworks {
			for i := range framework.Dimensions {
				for k := range framework.Dimensions[i].Evidence {
					e := &framework.Dimensions[i].Evidence[k]
					evidence(e)
					if e.When != nil {
						visit(Index(Index(Index(path+".frameworks", at)+".dimensions", i)+".evidence", k)+".when", e.When)
					}
				}
			}
		}
		for i := range card.Hard {
			visit(Index(path+".hard", i)+".when", &card.Hard[i].When)
		}
	}
}
