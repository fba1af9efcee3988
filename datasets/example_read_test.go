package datasets_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"leadscore/datasets"
)

// A file as a spreadsheet saves it in Spain, and what its kinds were taken from.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "leads.csv")
	text := "id;ingresos;alta;origen\n1;1.250,5;31/01/2024;web\n2;;02/02/2024;feria\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, why := range table.Report.Inferred {
		fmt.Printf("%s: %v (line %d: %q)\n", why.Column, why.Kind, why.Line, why.Text)
	}
	fmt.Println(table.Batches[0].Value(1, 0).Num, table.Batches[0].Value(1, 1).Missing())
	// Output:
	// id: numeric (line 0: "")
	// ingresos: numeric (line 2: "1.250,5")
	// alta: time (line 2: "31/01/2024")
	// origen: categorical (line 2: "web")
	// 1250.5 true
}

// The text in a file, and the JSON in a request, are read by the same schema.
func ExampleSchema_Parse() {
	schema := &datasets.Schema{
		Fields: []datasets.Field{{Name: "revenue", Kind: datasets.Numeric, DecimalComma: true}},
		Nulls:  datasets.DefaultNulls,
	}
	fromFile, _ := schema.Parse(0, " 1.234,5 ")
	fromRequest, _ := schema.ParseJSON(0, []byte(`"1.234,5"`))
	asNumber, _ := schema.ParseJSON(0, []byte(`1234.5`))
	fmt.Println(fromFile.Num, fromRequest.Num, asNumber.Num)
	_, err := schema.Parse(0, "12 %")
	fmt.Println(err)
	// Output:
	// 1234.5 1234.5 1234.5
	// column "revenue": not a number: "12 %"; want digits with a decimal comma, such as 1234,5 or 1.234,5
}
