package history_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"leadscore/datasets"
	"leadscore/features/history"
)

func Example() {
	dir, err := os.MkdirTemp("", "events")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "events.csv")
	if err := os.WriteFile(path, []byte("lead,at,type,seconds\n"+
		"a,2026-03-01,price_page,30\na,2026-03-20T10:00:00Z,price_page,90\na,2026-03-31,price_page,5\nb,2026-01-05,price_page,1\n"), 0o600); err != nil {
		panic(err)
	}

	ctx := context.Background()
	log, _, err := history.Read(ctx, history.Source{Paths: []string{path}, Lead: "lead", At: "at", Type: "type"}, []string{"a", "b"}, history.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = log.Close() }()
	asOf := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC).UnixMicro()
	rows := []history.Moment{{Lead: 0, AsOf: asOf}, {Lead: 1, AsOf: asOf}}
	plan, err := history.Learn(ctx, log, rows, nil, history.Spec{MinLeads: 1})
	if err != nil {
		panic(err)
	}
	columns, err := plan.Columns(ctx, log, rows, 0)
	if err != nil {
		panic(err)
	}

	// Online the same lead comes with its events.
	event := datasets.Event{Type: "price_page", At: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).UnixMicro(), Values: []datasets.Property{{Name: "seconds", Value: 1}}}
	online := make([]datasets.Value, len(columns))
	var scratch history.Scratch
	plan.Row([]datasets.Event{event}, asOf, online, &scratch)
	for i, d := range plan.Describe() {
		switch d.Name {
		case "price_page.count.30d", "price_page.seconds.sum.30d", "price_page.recency":
			fmt.Println(d.Name, columns[i].Value(0), columns[i].Value(1), online[i])
		}
	}
	// Output:
	// price_page.count.30d 2 0 0
	// price_page.recency 10.583333333333334 85 85
	// price_page.seconds.sum.30d 120 0 0
}
