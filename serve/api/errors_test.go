package api

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestEachCodeHasAnError reads the two lists of constants: CodeX has ErrX, made of CodeX, and the other way round.
func TestEachCodeHasAnError(t *testing.T) {
	constants := func(file, prefix string) map[string]string {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		ast.Inspect(parsed, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			if name, ok := strings.CutPrefix(v.Names[0].Name, prefix); ok {
				found[name] = ""
				if call, ok := v.Values[0].(*ast.CallExpr); ok {
					found[name] = fmt.Sprint(call.Args[0])
				}
			}
			return true
		})
		return found
	}
	codes, sentinels := constants("problem.go", "Code"), constants("errors.go", "Err")
	if len(codes) < 25 || len(codes) != len(sentinels) {
		t.Errorf("%d codes and %d errors", len(codes), len(sentinels))
	}
	for name := range codes {
		if sentinels[name] != "Code"+name {
			t.Errorf("Code%s: Err%s is made of %q", name, name, sentinels[name])
		}
	}
}

func TestProblemIsItsCode(t *testing.T) {
	p := fmt.Errorf("scoring a lead: %w", &Problem{Status: 404, Code: CodeUnknownModel})
	for target, want := range map[error]bool{
		ErrUnknownModel: true, ErrNotFound: false, ErrorCode("unknown"): false, ErrorCode(""): false, errors.New("unknown_model"): false,
	} {
		if errors.Is(p, target) != want {
			t.Errorf("errors.Is with %q is %v", target, !want)
		}
	}
	if errors.Is(&Problem{Status: 502}, ErrorCode("")) {
		t.Error("a problem without a code is one of none")
	}
	if row := (Row{Error: &Problem{Code: CodeInvalidValue}}); !errors.Is(row.Error, ErrInvalidValue) {
		t.Error("a row's error is not its code")
	}
	if row := (Row{Answer: &Answer{}}); errors.Is(row.Error, ErrInvalidValue) {
		t.Error("no error has a code")
	}
}
