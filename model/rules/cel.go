package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/types"

	"leadscore/datasets"
)

const (
	// celCostLimit is the work that one evaluation of an expression that loops may do, in cel-go's
	// units (about one for each node visited and each ten characters compared): a list of
	// a thousand names passes, a loop within a loop within a loop does not.
	celCostLimit = 20_000
	celMaxSize   = 4096 // characters
	celMaxDepth  = 48   // recursion of the parser
	celMaxNodes  = 4000 // after macros are expanded
	celMaxRegex  = 1000 // instructions of a compiled regular expression
)

// The variables that an expression is rewritten to. A user cannot write such names.
const (
	cellPrefix  = "@c" // @c12 is the cell of column 12
	knownPrefix = "@k" // @k12 is whether it is known
	asOfName    = "as_of"
	leadName    = "lead"
)

// celCondition is a compiled expression.
type celCondition struct {
	text    string
	columns []int // read, ascending
	program cel.Program
	native  native // nil: program alone can evaluate it
}

func (c *celCondition) eval(x *scratch) truth {
	if c.native != nil {
		return c.native(x)
	}
	return c.run(x)
}

// run evaluates the program.
func (c *celCondition) run(x *scratch) truth {
	out, _, err := c.program.Eval(x)
	if err != nil {
		x.err = errors.New(strings.TrimPrefix(err.Error(), "operation cancelled: "))
		return failed
	}
	b, ok := out.(types.Bool)
	if !ok {
		x.err = fmt.Errorf("the expression is a %s, not true or false", out.Type().TypeName())
		return failed
	}
	return truthOf(bool(b))
}

// ResolveName implements cel.Activation: scratch is the variables of an expression.
func (x *scratch) ResolveName(name string) (any, bool) {
	if name == asOfName {
		if x.asOf == datasets.MissingTime {
			return types.WrapErr(errNoAsOf), true
		}
		return types.Timestamp{Time: time.UnixMicro(x.asOf).UTC()}, true
	}
	if len(name) < 3 || name[0] != '@' {
		return nil, false
	}
	i, err := strconv.Atoi(name[2:])
	if err != nil || i < 0 || i >= len(x.row) {
		return nil, false
	}
	v := &x.row[i]
	if name[1] == knownPrefix[1] {
		return types.Bool(!v.Missing()), true
	}
	switch v.Kind {
	case datasets.Numeric:
		return types.Double(v.Num), true
	case datasets.Boolean:
		return types.Bool(v.Num != 0), true
	case datasets.Categorical, datasets.Text:
		return types.String(v.Str), true
	case datasets.Time:
		return types.Timestamp{Time: time.UnixMicro(v.Time).UTC()}, true
	}
	return types.WrapErr(missingCell(x.set.schema, i)), true
}

var errNoAsOf = errors.New("as_of is not known")

func missingCell(s *datasets.Schema, column int) error {
	return fmt.Errorf("column %q is missing", s.Fields[column].Name)
}

// Parent implements cel.Activation.
func (x *scratch) Parent() cel.Activation { return nil }

// celCompiler is the environment that the expressions of one file share. The columns that an expression
// names become variables of their own, so that the checker knows the type of each: lead as
// a map would have one type for all.
type celCompiler struct {
	env *cel.Env
	err error
}

// parserLimits bound what is read before anything of it is understood.
func parserLimits() []cel.EnvOption {
	return []cel.EnvOption{
		cel.ParserExpressionSizeLimit(celMaxSize),
		cel.ParserRecursionLimit(celMaxDepth),
		cel.ParserErrorRecoveryLimit(1),
		cel.ExpressionNodeLimit(celMaxNodes),
	}
}

func newCELCompiler(s *datasets.Schema) *celCompiler {
	o := append(parserLimits(),
		cel.Variable(asOfName, cel.TimestampType),
		cel.CrossTypeNumericComparisons(true), // > 600 beside > 600.0
		cel.DefaultUTCTimeZone(true),
		cel.RegexProgramSizeLimit(celMaxRegex),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals()),
	)
	for i := range s.Fields {
		kind := cel.DynType // of a column without any value: reading it is an error in any case
		switch s.Fields[i].Kind {
		case datasets.Numeric:
			kind = cel.DoubleType
		case datasets.Boolean:
			kind = cel.BoolType
		case datasets.Categorical, datasets.Text:
			kind = cel.StringType
		case datasets.Time:
			kind = cel.TimestampType
		}
		n := strconv.Itoa(i)
		o = append(o, cel.Variable(cellPrefix+n, kind), cel.Variable(knownPrefix+n, cel.BoolType))
	}
	env, err := cel.NewEnv(o...)
	return &celCompiler{env: env, err: err}
}

// expression compiles a CEL condition.
func (c *compiler) expression(path, text string) *celCondition {
	if c.cel == nil {
		c.cel = newCELCompiler(c.schema)
	}
	if c.cel.err != nil {
		c.problem(path, "preparing CEL: %v", c.cel.err)
		return nil
	}
	at := func(offset int, format string, a ...any) {
		c.problems = append(c.problems, Problem{Path: path, Text: fmt.Sprintf(format, a...), Source: text, Offset: offset})
	}
	issues := func(iss *cel.Issues) bool {
		if iss.Err() == nil {
			return false
		}
		for _, e := range iss.Errors() {
			at(offset(text, e.Location), "%s", c.explain(e.Message))
			if strings.HasPrefix(e.Message, "Syntax error") {
				break // what follows is noise
			}
		}
		return true
	}
	parsed, iss := c.cel.env.Parse(text)
	if issues(iss) {
		return nil
	}
	r := &rewriter{c: c, tree: parsed.NativeRep(), problem: func(id int64, format string, a ...any) {
		at(offset(text, parsed.NativeRep().SourceInfo().GetStartLocation(id)), format, a...)
	}}
	if !r.rewrite() {
		return nil
	}
	checked, iss := c.cel.env.Check(parsed)
	if issues(iss) {
		return nil
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		at(0, "the expression is a %s; want one that is true or false", t)
		return nil
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if r.loops { // without a loop the work is at most the nodes of the expression
		options = append(options, cel.CostLimit(celCostLimit))
	}
	program, err := c.cel.env.Program(checked, options...)
	if err != nil {
		at(0, "%v", err)
		return nil
	}
	slices.Sort(r.columns)
	return &celCondition{text: text, columns: slices.Compact(r.columns), program: program, native: c.native(checked.NativeRep().Expr())}
}

// offset turns a line and column into the characters before it.
func offset(text string, l common.Location) int {
	n := 0
	for line := 1; line < l.Line(); line++ {
		head, rest, ok := strings.Cut(text, "\n")
		if !ok {
			break
		}
		n += len([]rune(head)) + 1
		text = rest
	}
	return n + max(0, l.Column())
}

// explain turns a message of cel-go into the words of this product.
func (c *compiler) explain(message string) string {
	message = strings.TrimSuffix(message, " (in container '')")
	if name, ok := strings.CutPrefix(message, "undeclared reference to '"); ok {
		name = strings.TrimSuffix(name, "'")
		names := make([]string, len(c.schema.Fields))
		for i := range names {
			names[i] = c.schema.Fields[i].Name
		}
		switch near := datasets.Nearest(name, append([]string{leadName, asOfName}, names...)); {
		case near == leadName || near == asOfName:
			message += fmt.Sprintf(" (did you mean %s?)", near)
		case near != "":
			message += fmt.Sprintf(" (did you mean %s[%q]?)", leadName, near)
		}
	}
	if strings.Contains(message, "double, int") || strings.Contains(message, "int, double") {
		message += "; write a number beside a numeric column with a point: 600.0"
	}
	return message
}
