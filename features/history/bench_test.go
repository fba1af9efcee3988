package history

import (
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
)

func BenchmarkRow(b *testing.B) {
	p := testPlan(b, learned{
		Windows: []int64{7 * day, 30 * day, 90 * day}, HalfLife: 14 * day, Properties: []string{"amount"},
		Types: []learnedType{{"visit", nil}, {"order", []int32{0}}, {"call", nil}}, Channels: []string{"ads", "mail"},
	})
	r := rand.New(rand.NewPCG(1, 1))
	var events []datasets.Event
	for range 50 {
		events = append(events, datasets.Event{
			Type: []string{"visit", "order", "call", "other"}[r.IntN(4)], Channel: []string{"", "ads", "mail"}[r.IntN(3)],
			At: r.Int64N(100 * day), Values: []datasets.Property{{Name: "amount", Value: r.Float64()}},
		})
	}
	dst := make([]datasets.Value, len(p.Fields()))
	var s Scratch
	b.ReportAllocs()
	for b.Loop() {
		p.Row(events, 100*day, dst, &s)
	}
}

// BenchmarkColumns makes the columns of 20,000 leads from a million events in memory, read and sorted before.
func BenchmarkColumns(b *testing.B) {
	const leads, each = 20_000, 50
	r := rand.New(rand.NewPCG(1, 1))
	log := &Log{leads: leads, types: []string{"call", "order", "visit"}, channels: []string{"ads", "mail"}, properties: []string{"amount"}, perPart: leads / 100, file: &spillFile{}}
	for range 100 {
		p := part{starts: []uint32{0}, values: make([][]float64, 1)}
		for range log.perPart {
			at := int64(0)
			for range each {
				at += r.Int64N(4 * day)
				p.times, p.kinds, p.values[0] = append(p.times, at), append(p.kinds, uint32(r.IntN(3))<<16|uint32(r.IntN(2))), append(p.values[0], r.Float64())
			}
			p.starts = append(p.starts, uint32(len(p.times)))
		}
		log.parts = append(log.parts, p)
	}
	rows := make([]Moment, leads)
	for i := range rows {
		rows[i] = Moment{int32(i), 100 * day}
	}
	plan, err := Learn(b.Context(), log, rows, nil, Spec{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := plan.Columns(b.Context(), log, rows, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(leads*each*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
