package datasets_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"leadscore/datasets"
)

// A table is written in one format and read back from another.
func ExampleCreate() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	s := &datasets.Schema{Fields: []datasets.Field{{Name: "lead_id", Kind: datasets.Text}, {Name: "score", Kind: datasets.Numeric}}}
	b, err := datasets.NewBatch(s, 2, []datasets.Column{
		{Kind: datasets.Text, Texts: []string{"L1", "L2"}},
		{Kind: datasets.Numeric, Numbers: []float64{62.5, 17}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "scored.parquet")
	w, err := datasets.Create(path, s)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Write(b); err != nil {
		w.Abort()
		fmt.Println(err)
		return
	}
	_, err = os.Stat(path)
	fmt.Println("there before Close:", err == nil)
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	t, err := datasets.Read(context.Background(), path, datasets.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range t.Schema.Fields {
		fmt.Println(f.Name, f.Kind)
	}
	fmt.Println(t.Batches[0].Value(1, 0).Num)
	// Output:
	// there before Close: false
	// lead_id categorical
	// score numeric
	// 62.5
}

func ExampleGenerate() {
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: 5000, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	won, decided := h.Labels()
	wins, all := 0, 0
	for i := range won {
		if decided[i] {
			all++
		}
		if won[i] {
			wins++
		}
	}
	fmt.Printf("%d leads, %d with an outcome, %.0f %% of them won\n", len(won), all, 100*float64(wins)/float64(all))
	// Output:
	// 5000 leads, 4653 with an outcome, 11 % of them won
}
