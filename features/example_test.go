package features_test

import (
	"fmt"
	"math"

	"leadscore/datasets"
	"leadscore/features"
)

// Fit learns on training rows what Row then makes of a lead.
func Example() {
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "visits", Kind: datasets.Numeric},
		{Name: "country", Kind: datasets.Categorical},
	}}
	batch, err := datasets.NewBatch(schema, 6, []datasets.Column{
		{Kind: datasets.Numeric, Numbers: []float64{0, 2, 4, math.NaN(), 3, 1}},
		{Kind: datasets.Categorical, Levels: []string{"DE", "FR", "PE"}, Codes: []int32{0, 1, 0, 1, 0, 2}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	table := &datasets.Table{Schema: schema, Batches: []*datasets.Batch{batch}}
	pipeline, _, err := features.Fit(table, nil, features.Spec{MinLevel: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	lead := []datasets.Value{datasets.Number(4), datasets.Level("PE")}
	cells := make([]features.Cell, len(pipeline.Features()))
	pipeline.Row(lead, datasets.MissingTime, cells)
	for f, feature := range pipeline.Features() {
		fmt.Printf("%s = %s: %q, z = %.3f\n", feature.Name, pipeline.Describe(f, lead, datasets.MissingTime), feature.Levels[cells[f].Code], cells[f].Z)
	}
	// Output:
	// visits = 4: "present", z = 1.549
	// country = PE: "other", z = 0.000
}
