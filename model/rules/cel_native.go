package rules

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"

	"leadscore/datasets"
)

// native is an expression of a common shape as closures over a lead's cells: what cel-go's program comes to, the texts of its errors
// too, without its allocations (BenchmarkScore tells the time).
type native func(x *scratch) truth

// native compiles a checked expression whose columns are variables: comparisons of columns, as_of and literals, in with a list of
// literals, whether a column is known, searches in texts, and what &&, || and ! make of these. Nil: it is of another shape, and cel-go
// evaluates all of it.
func (c *compiler) native(e ast.Expr) native {
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().(types.Bool); ok {
			return func(*scratch) truth { return truthOf(bool(b)) }
		}
	case ast.IdentKind:
		if i, ok := variable(e, knownPrefix); ok {
			return func(x *scratch) truth { return truthOf(!x.row[i].Missing()) }
		}
		if o := c.operand(e); o != nil && o.kind == datasets.Boolean {
			return o.test(func(v *datasets.Value) bool { return v.Num != 0 })
		}
	case ast.CallKind:
		return c.nativeCall(e.AsCall())
	}
	return nil
}

func (c *compiler) nativeCall(call ast.CallExpr) native {
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.LogicalNot:
		if kid := c.native(args[0]); kid != nil {
			return func(x *scratch) truth { return not(kid(x)) }
		}
	case operators.LogicalAnd:
		return c.decided(args, no)
	case operators.LogicalOr:
		return c.decided(args, yes)
	case operators.In:
		return c.listed(args[0], args[1])
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return c.compared(name, args)
	case overloads.Contains, overloads.StartsWith, overloads.EndsWith, overloads.Matches:
		return c.searched(call)
	}
	return nil
}

func not(t truth) truth {
	switch t {
	case no:
		return yes
	case yes:
		return no
	}
	return failed
}

// decided is && (by no) and || (by yes): the first part that decides does, whatever failed before it; else what failed first is the
// error.
func (c *compiler) decided(args []ast.Expr, by truth) native {
	kids := make([]native, len(args))
	for i, arg := range args {
		if kids[i] = c.native(arg); kids[i] == nil {
			return nil
		}
	}
	return func(x *scratch) truth {
		var err error
		for _, kid := range kids {
			switch kid(x) {
			case by:
				return by
			case failed:
				if err == nil {
					err = x.err
				}
			}
		}
		if err != nil {
			x.err = err
			return failed
		}
		return not(by)
	}
}

// operand is a column, as_of or a literal.
type operand struct {
	kind    datasets.Kind // Text for Categorical too
	column  int           // asOfColumn, noColumn
	literal datasets.Value
	absent  error // what reading it where it is missing comes to
}

const (
	noColumn   = -1
	asOfColumn = -2
)

// operand reads a part of an expression; nil: it is something else.
func (c *compiler) operand(e ast.Expr) *operand {
	o := &operand{column: noColumn}
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.Double:
			o.literal = datasets.Number(float64(v))
		case types.Int: // cel-go too compares it with a column, which is a double, as a double
			o.literal = datasets.Number(float64(v))
		case types.String:
			o.literal = datasets.Words(string(v))
		case types.Bool:
			o.literal = datasets.Bool(bool(v))
		default:
			return nil
		}
		o.kind = o.literal.Kind
	case ast.IdentKind:
		if e.AsIdent() == asOfName {
			o.kind, o.column, o.absent = datasets.Time, asOfColumn, errNoAsOf
			return o
		}
		i, ok := variable(e, cellPrefix)
		if !ok {
			return nil
		}
		o.column, o.absent = i, missingCell(c.schema, i)
		switch o.kind = c.schema.Fields[i].Kind; o.kind {
		case datasets.Unknown:
			return nil
		case datasets.Categorical:
			o.kind = datasets.Text
		}
	case ast.CallKind:
		call := e.AsCall()
		if call.FunctionName() != overloads.TypeConvertTimestamp || call.Args()[0].Kind() != ast.LiteralKind {
			return nil
		}
		text, ok := call.Args()[0].AsLiteral().(types.String)
		if !ok {
			return nil
		}
		at, ok := text.ConvertToType(types.TimestampType).(types.Timestamp)
		if !ok || at.Nanosecond()%int(time.Microsecond) != 0 { // finer than a cell
			return nil
		}
		o.kind, o.literal = datasets.Time, datasets.At(at.UnixMicro())
	default:
		return nil
	}
	return o
}

// variable is the column that a variable stands for.
func variable(e ast.Expr, prefix string) (column int, ok bool) {
	if e.Kind() != ast.IdentKind {
		return 0, false
	}
	n, ok := strings.CutPrefix(e.AsIdent(), prefix)
	if !ok {
		return 0, false
	}
	column, err := strconv.Atoi(n)
	return column, err == nil
}

// cell is the operand of a lead, nil: it is missing, and x.err says so.
func (o *operand) cell(x *scratch) *datasets.Value {
	v := &o.literal
	switch o.column {
	case noColumn:
		return v
	case asOfColumn:
		x.moment = datasets.Value{}
		if x.asOf != datasets.MissingTime {
			x.moment = datasets.At(x.asOf)
		}
		v = &x.moment
	default:
		v = &x.row[o.column]
	}
	if v.Missing() {
		x.err = o.absent
		return nil
	}
	return v
}

// test is a condition on what is not missing.
func (o *operand) test(holds func(v *datasets.Value) bool) native {
	return func(x *scratch) truth {
		v := o.cell(x)
		if v == nil {
			return failed
		}
		return truthOf(holds(v))
	}
}

// accepted are the orders for which a comparison holds: left below right, equal, above, and NaN among them, which is not equal to
// anything, nor below or above it.
var accepted = map[string][4]bool{
	operators.Equals:        {1: true},
	operators.NotEquals:     {0: true, 2: true, 3: true},
	operators.Less:          {0: true},
	operators.LessEquals:    {0: true, 1: true},
	operators.Greater:       {2: true},
	operators.GreaterEquals: {1: true, 2: true},
}

// compared compares two operands of one kind, of which one is no literal.
func (c *compiler) compared(operator string, args []ast.Expr) native {
	left, right := c.operand(args[0]), c.operand(args[1])
	if left == nil || right == nil || left.kind != right.kind || left.column == noColumn && right.column == noColumn {
		return nil
	}
	accepted, kind := accepted[operator], left.kind
	return func(x *scratch) truth {
		a := left.cell(x)
		if a == nil {
			return failed
		}
		b := right.cell(x)
		if b == nil {
			return failed
		}
		return truthOf(accepted[order(kind, a, b)])
	}
}

// order is 0 where a is below b, 1 where they are equal, 2 where it is above, 3 where one is NaN.
func order(kind datasets.Kind, a, b *datasets.Value) int {
	switch kind {
	case datasets.Text:
		return strings.Compare(a.Str, b.Str) + 1
	case datasets.Time:
		return cmp.Compare(a.Time, b.Time) + 1
	}
	switch {
	case a.Num < b.Num:
		return 0
	case a.Num == b.Num:
		return 1
	case a.Num > b.Num:
		return 2
	}
	return 3
}

// listed is in with a list of literals of the operand's kind.
func (c *compiler) listed(of, in ast.Expr) native {
	o := c.operand(of)
	if o == nil || o.column == noColumn || in.Kind() != ast.ListKind || len(in.AsList().OptionalIndices()) > 0 {
		return nil
	}
	var values []datasets.Value
	for _, e := range in.AsList().Elements() {
		v := c.operand(e)
		if v == nil || v.column != noColumn || v.kind != o.kind {
			return nil
		}
		values = append(values, v.literal)
	}
	if len(values) == 0 {
		return func(*scratch) truth { return no } // the cell is not even looked at
	}
	one := list(0, o.kind, values)
	return o.test(one.holds)
}

// searched is a search for a literal in a text.
func (c *compiler) searched(call ast.CallExpr) native {
	if !call.IsMemberFunction() || len(call.Args()) != 1 {
		return nil
	}
	o, what := c.operand(call.Target()), c.operand(call.Args()[0])
	if o == nil || what == nil || o.kind != datasets.Text || what.kind != datasets.Text || o.column == noColumn || what.column != noColumn {
		return nil
	}
	text := what.literal.Str
	switch call.FunctionName() {
	case overloads.Contains:
		return o.test(func(v *datasets.Value) bool { return strings.Contains(v.Str, text) })
	case overloads.StartsWith:
		return o.test(func(v *datasets.Value) bool { return strings.HasPrefix(v.Str, text) })
	case overloads.EndsWith:
		return o.test(func(v *datasets.Value) bool { return strings.HasSuffix(v.Str, text) })
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return o.test(func(v *datasets.Value) bool { return pattern.MatchString(v.Str) })
}
