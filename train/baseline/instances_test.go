package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sjwhitworth/golearn/base"

	"leadscore/datasets"
)

// batches makes a table of one row a slice of values, cut after the given rows, so that the dictionaries differ.
func batches(t *testing.T, fields []datasets.Field, rows [][]datasets.Value, cuts ...int) *datasets.Table {
	t.Helper()
	s := &datasets.Schema{Fields: fields}
	table := &datasets.Table{Schema: s}
	from := 0
	for _, to := range append(cuts, len(rows)) {
		columns := make([]datasets.Column, len(fields))
		for c := range fields {
			if fields[c].Kind != datasets.Unknown {
				columns[c] = datasets.ColumnOf(fields[c].Kind, to-from, func(row int) datasets.Value { return rows[from+row][c] })
			}
		}
		b, err := datasets.NewBatch(s, to-from, columns)
		if err != nil {
			t.Fatal(err)
		}
		table.Batches = append(table.Batches, b)
		from = to
	}
	return table
}

func cells(t *datasets.Table) [][]datasets.Value {
	var rows [][]datasets.Value
	for _, b := range t.Batches {
		for i := range b.Rows() {
			row := make([]datasets.Value, len(t.Schema.Fields))
			b.Row(i, row)
			rows = append(rows, row)
		}
	}
	return rows
}

// bits compares numbers by their bits: −0 is not 0.
var bits = cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })

var everyKind = []datasets.Field{
	{Name: "number", Kind: datasets.Numeric},
	{Name: "word", Kind: datasets.Categorical},
	{Name: "yes", Kind: datasets.Boolean},
	{Name: "moment", Kind: datasets.Time},
	{Name: "text", Kind: datasets.Text},
	{Name: "nothing", Kind: datasets.Unknown},
}

func everyKindRows(n int) ([][]datasets.Value, []bool) {
	rng := rand.New(rand.NewPCG(1, 1))
	rows, label := make([][]datasets.Value, n), make([]bool, n)
	for i := range rows {
		rows[i] = []datasets.Value{
			datasets.Number(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(40)-20))),
			datasets.Level([]string{"a", "ä", "\xff", "a b", "true", "0"}[rng.IntN(6)]),
			datasets.Bool(rng.IntN(2) == 0),
			datasets.At(rng.Int64N(2*exactTime) - exactTime),
			datasets.Words(fmt.Sprint("id ", rng.IntN(n))),
			{},
		}
		for c := range rows[i] {
			if rng.IntN(5) == 0 {
				rows[i][c] = datasets.Value{}
			}
		}
		label[i] = rng.IntN(3) == 0
	}
	rows[0][0], rows[1][0], rows[2][0] = datasets.Number(math.Copysign(0, -1)), datasets.Number(math.MaxFloat64), datasets.Number(math.SmallestNonzeroFloat64)
	rows[0][3], rows[1][3] = datasets.At(exactTime), datasets.At(-exactTime)
	return rows, label
}

// Table gives back what Instances took, to the bit, whatever the kind and the batches; and a view gives its rows in its order.
func TestInstancesAndBack(t *testing.T) {
	rows, label := everyKindRows(200)
	table := batches(t, everyKind, rows, 50, 50, 120)
	grid, err := Instances(table, "outcome", label)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Table(grid, table.Schema)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, cells(back), bits, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	labels, err := Labels(grid)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(label, labels); diff != "" {
		t.Error(diff)
	}
	order := rand.New(rand.NewPCG(2, 1)).Perm(200)[:77]
	view := base.NewInstancesViewFromVisible(grid, order, grid.AllAttributes())
	if back, err = Table(view, table.Schema); err != nil {
		t.Fatal(err)
	}
	if labels, err = Labels(view); err != nil {
		t.Fatal(err)
	}
	for i, row := range cells(back) {
		if diff := cmp.Diff(rows[order[i]], row, bits); diff != "" || labels[i] != label[order[i]] {
			t.Fatalf("row %d of the view is not row %d: %s", i+1, order[i]+1, diff)
		}
	}
}

// golearn reads the cells as what they are.
func TestGolearnReadsInstances(t *testing.T) {
	table := batches(t, everyKind, [][]datasets.Value{
		{datasets.Number(2.5), datasets.Level("a"), datasets.Bool(true), datasets.At(7), datasets.Words("x"), {}},
		{{}, {}, {}, {}, {}, {}},
	})
	grid, err := Instances(table, "won", []bool{true, false})
	if err != nil {
		t.Fatal(err)
	}
	if got := base.GetClass(grid, 0) + ", " + base.GetClass(grid, 1); got != "converted, not converted" {
		t.Errorf("the classes are %s", got)
	}
	read := func(name string, row int) string {
		a := base.GetAttributeByName(grid, name)
		spec, err := grid.GetAttribute(a)
		if err != nil {
			t.Fatal(err)
		}
		return a.GetStringFromSysVal(grid.Get(spec, row))
	}
	for name, want := range map[string][2]string{"number": {"2.50", "NaN"}, "word": {"a", ""}, "yes": {"true", ""}, "moment": {"7.00", "NaN"}, "text": {"x", ""}} {
		if got := [2]string{read(name, 0), read(name, 1)}; got != want {
			t.Errorf("%s: golearn reads %q, want %q", name, got, want)
		}
	}
	// The values of a Boolean stand in one order, whichever came first, so that two tables have equal attributes.
	if diff := cmp.Diff([]string{"", "false", "true"}, base.GetAttributeByName(grid, "yes").(*base.CategoricalAttribute).GetValues()); diff != "" {
		t.Error(diff)
	}
	if base.GetAttributeByName(grid, "nothing") != nil {
		t.Error("a column without a cell is an attribute")
	}
}

func TestInstancesRefuseWhatTheyCannotHold(t *testing.T) {
	rows, label := everyKindRows(10)
	rows[6][3] = datasets.At(exactTime + 1)
	fields := append([]datasets.Field(nil), everyKind...)
	fields[5].Name = "word"
	_, err := Instances(batches(t, fields, rows), "number", label[:9])
	for _, want := range []string{"9 labels for 10 rows", `column "number": the name stands for`, `column "word": the name`, `column "moment": row 7: 2255-06-05T`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q in it", err, want)
		}
	}
	if _, err := Instances(nil, "won", nil); err == nil {
		t.Error("no table gives instances")
	}
}

func TestTableRefusesOtherInstances(t *testing.T) {
	grid := base.NewDenseInstances()
	class := addClass(grid, "won")
	specs := map[string]base.AttributeSpec{}
	for _, name := range []string{"infinite", "fraction", "late", "a word"} {
		specs[name] = grid.AddAttribute(base.NewFloatAttribute(name))
	}
	specs["perhaps"] = grid.AddAttribute(categorical("perhaps", []string{"perhaps"}))
	if err := allocate(grid, class, []bool{true}); err != nil {
		t.Fatal(err)
	}
	grid.Set(specs["infinite"], 0, base.PackFloatToBytes(math.Inf(1)))
	grid.Set(specs["fraction"], 0, base.PackFloatToBytes(.5))
	grid.Set(specs["late"], 0, base.PackFloatToBytes(1e17))
	_, err := Table(grid, &datasets.Schema{Fields: []datasets.Field{
		{Name: "infinite", Kind: datasets.Numeric}, {Name: "fraction", Kind: datasets.Time}, {Name: "late", Kind: datasets.Time},
		{Name: "a word", Kind: datasets.Categorical}, {Name: "perhaps", Kind: datasets.Boolean}, {Name: "won", Kind: datasets.Categorical},
	}})
	for _, want := range []string{
		`column "infinite": row 1: +Inf is no numeric value`, `column "fraction": row 1: 0.50 is no time value`, `column "late": row 1`,
		`column "a word": the attribute is a *base.FloatAttribute; the schema says categorical`, `column "perhaps": row 1: perhaps is no boolean value`,
		`column "won": the instances have no such attribute`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q in it", err, want)
		}
	}
	if _, err := Table(nil, nil); err == nil {
		t.Error("no instances give a table")
	}
	if err := grid.RemoveClassAttribute(class.GetAttribute()); err != nil {
		t.Fatal(err)
	}
	if _, err := Labels(grid); err == nil || !strings.Contains(err.Error(), "0 class attributes") {
		t.Errorf("instances without a class: %v", err)
	}
}
