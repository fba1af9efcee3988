package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/datasets"
)

// expression makes a random expression of the shapes that are compiled to closures.
func (d dice) expression(depth int) string {
	pick := func(all ...string) string { return all[d.IntN(len(all))] }
	operator := pick("==", "!=", "<", "<=", ">", ">=")
	text, number := pick(`"ES"`, `"MX"`, `"E"`, `"S"`, `""`), pick("5.0", "-5.0", "0.0", "120.5", "1e300")
	moment := pick(`timestamp("2026-01-02T00:00:00Z")`, `timestamp("2026-01-02T03:04:05.000006+01:00")`, `as_of`)
	if depth > 0 {
		switch d.IntN(3) {
		case 0:
			return "!(" + d.expression(depth-1) + ")"
		case 1:
			parts := make([]string, 2+d.IntN(3))
			for i := range parts {
				parts[i] = "(" + d.expression(depth-1) + ")"
			}
			return strings.Join(parts, pick(" && ", " || "))
		}
	}
	switch d.IntN(16) {
	case 0, 1:
		return `lead["employees"] ` + operator + " " + number
	case 2:
		return number + " " + operator + ` lead.revenue`
	case 3:
		return `lead["employees"] ` + pick("<", "<=", ">", ">=") + " " + pick("5", "-5", "0", "9223372036854775807")
	case 4:
		return `lead["employees"] ` + operator + ` lead["revenue"]`
	case 5:
		return `lead["country"] ` + operator + " " + text
	case 6:
		return text + " " + operator + ` lead["lead_id"]`
	case 7:
		return `lead["country"] ` + operator + ` lead["lead_id"]`
	case 8:
		return `lead["created_at"] ` + operator + " " + moment
	case 9:
		return moment + " " + operator + ` lead["created_at"]`
	case 10:
		return pick(`lead["Do Not Email"]`, `lead["Do Not Email"] `+operator+pick(" true", " false"), "true", "false")
	case 11:
		return pick(`"country" in lead`, `has(lead.employees)`, `"fax" in lead`, `"Do Not Email" in lead`)
	case 12:
		return `lead["country"] in [` + strings.Join([]string{text, `"DE"`, `"FR"`}[:d.IntN(4)], ", ") + "]"
	case 13:
		return pick(`lead["employees"] in [`+number+", 7.0]", `lead.created_at in [timestamp("2026-01-02T00:00:00Z")]`, `lead["Do Not Email"] in [true]`)
	case 14:
		return `lead["country"].` + pick("contains", "startsWith", "endsWith") + "(" + text + ")"
	}
	return `lead["lead_id"].matches(` + pick(`"^E"`, `"(?i)s$"`, `""`, `"M|E"`) + ")"
}

// cells makes cells of testSchema, each missing now and then, and a moment.
func (d dice) cells() (cells []datasets.Value, asOf int64) {
	cells = []datasets.Value{
		datasets.Words([]string{"ES", "MX", "EEs"}[d.IntN(3)]), datasets.Level([]string{"ES", "MX", "DE"}[d.IntN(3)]),
		datasets.Number([]float64{5, -5, 0, math.Copysign(0, -1), 120.5, 1e300, 7, 1 << 63, math.NaN()}[d.IntN(9)]), datasets.Bool(d.IntN(2) == 0),
		datasets.At(1767312000_000000 + int64(d.IntN(3)-1)), {}, datasets.Number([]float64{5, -5, 0, 120.5}[d.IntN(4)]),
	}
	for i := range cells {
		if d.IntN(4) == 0 {
			cells[i] = datasets.Value{}
		}
	}
	return cells, []int64{datasets.MissingTime, 1767312000_000000, 1767319445_000006, math.MinInt64 + 1}[d.IntN(4)]
}

// differs compares the closures of an expression with cel-go's program on random leads.
func (d dice) differs(set *Set, c *celCondition) string {
	for range 12 {
		var native, general scratch
		native.set = set
		native.row, native.asOf = d.cells()
		general.set, general.row, general.asOf = set, native.row, native.asOf
		got, want := c.native(&native), c.run(&general)
		if got != want || got == failed && native.err.Error() != general.err.Error() {
			return fmt.Sprintf("%s of %v at %d: %d %v, cel-go says %d %v", c.text, native.row, native.asOf, got, native.err, want, general.err)
		}
	}
	return ""
}

func TestExpressionsOfCommonShapesAreWhatCELSays(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(1, 7))}
	for range 800 {
		text := d.expression(2)
		set, problems := Compile(celRule(t, text), testSchema())
		if problems != nil {
			t.Fatalf("%s: %v", text, problems)
		}
		c := set.cards[0].groups[0].rules[0].when.cel
		if c.native == nil {
			t.Errorf("%s is left to cel-go", text)
		} else if wrong := d.differs(set, c); wrong != "" {
			t.Error(wrong)
		}
	}
}

func TestOtherExpressionsAreLeftToCEL(t *testing.T) {
	for _, text := range []string{
		`lead["employees"] + 1.0 > 5.0`, `size(lead["country"]) > 1`, `lead["country"] == "ES" || as_of - lead["created_at"] > duration("24h")`,
		`lead["fax"] == "x"`, `["ES"].exists(c, c == lead["country"])`, `lead["country"].matches(lead["lead_id"])`, `1 == 2`,
		`lead["created_at"] < timestamp("2026-01-02T00:00:00.0000001Z")`, `lead["employees"] in [1.0, dyn(2)]`, `"E" in [lead["country"]]`,
		`lead["employees"] > 1.0 ? true : false`, `dyn(lead["employees"]) == 5`, `lead["employees"] > 5u`,
	} {
		set, problems := Compile(celRule(t, text), testSchema())
		if problems != nil {
			t.Errorf("%s: %v", text, problems)
		} else if set.cards[0].groups[0].rules[0].when.cel.native != nil {
			t.Errorf("%s is compiled to closures", text)
		}
	}
}

func FuzzExpression(f *testing.F) {
	d := dice{rand.New(rand.NewPCG(2, 7))}
	for range 40 {
		f.Add(d.expression(2), uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		set, problems := Compile(celRule(t, text), testSchema())
		if problems != nil {
			return
		}
		c := set.cards[0].groups[0].rules[0].when.cel
		if c.native == nil {
			return
		}
		if wrong := (dice{rand.New(rand.NewPCG(seed, 7))}).differs(set, c); wrong != "" {
			t.Error(wrong)
		}
	})
}
