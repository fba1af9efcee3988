package rules

import (
	"strconv"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// columnIn reports whether an expression is lead["Column"], lead.column, "Column" in lead or has(lead.column), which
// column it names, where, and whether it only asks if that is known.
func columnIn(e ast.Expr) (column string, place ast.Expr, asksKnown, ok bool) {
	text := func(e ast.Expr) (string, bool) {
		if e.Kind() != ast.LiteralKind {
			return "", false
		}
		s, ok := e.AsLiteral().(types.String)
		return string(s), ok
	}
	switch e.Kind() {
	case ast.CallKind:
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case operators.Index:
			if name, ok := text(args[1]); ok && isLead(args[0]) {
				return name, args[1], false, true
			}
		case operators.In:
			if name, ok := text(args[0]); ok && isLead(args[1]) {
				return name, args[0], true, true
			}
		}
	case ast.SelectKind:
		if s := e.AsSelect(); isLead(s.Operand()) {
			return s.FieldName(), s.Operand(), s.IsTestOnly(), true
		}
	}
	return "", nil, false, false
}

func isLead(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == leadName }

// celColumns returns the columns that an expression names, as far as it can be read without a schema.
func celColumns(expression string) (columns []string) {
	env, err := cel.NewEnv(parserLimits()...)
	if err != nil {
		return nil // compiling the expression says so too
	}
	parsed, iss := env.Parse(expression)
	if iss.Err() != nil {
		return nil
	}
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if column, _, _, ok := columnIn(e); ok {
			columns = append(columns, column)
		}
	}))
	return columns
}

// rewriter turns the columns in an expression into variables.
type rewriter struct {
	c       *compiler
	tree    *ast.AST
	problem func(id int64, format string, a ...any)
	columns []int
	loops   bool
	bad     bool
}

func (r *rewriter) rewrite() bool {
	fac := ast.NewExprFactory()
	// A node is seen before its parts, and a rewritten one has none.
	ast.PreOrderVisit(r.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if column, place, asksKnown, ok := columnIn(e); ok {
			i, known := r.c.columns[column]
			if !known {
				r.bad = true
				r.problem(place.ID(), "%s", unknownColumn(r.c.schema, column))
				e.SetKindCase(fac.NewLiteral(e.ID(), types.True)) // reported once, not its parts again
				return
			}
			prefix := cellPrefix
			if asksKnown {
				prefix = knownPrefix
			}
			r.columns = append(r.columns, i)
			e.SetKindCase(fac.NewIdent(e.ID(), prefix+strconv.Itoa(i)))
			return
		}
		switch e.Kind() {
		case ast.ComprehensionKind:
			r.loops = true
			if l := e.AsComprehension(); l.IterVar() == leadName || l.IterVar2() == leadName {
				r.bad = true
				r.problem(e.ID(), "%s is the lead and cannot be a name of your own", leadName)
			}
		case ast.IdentKind:
			if e.AsIdent() == leadName {
				r.bad = true
				r.problem(e.ID(), "%s needs the name of a column in quotes, as in %s[\"Country\"]", leadName, leadName)
			}
		}
	}))
	return !r.bad
}
