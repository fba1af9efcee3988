package history

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

// Events are told as wanted, whether the log is in memory or in a file; of a lead with several rows each row has them.
func TestEventsOfTellsWhatIsWanted(t *testing.T) {
	var b strings.Builder
	b.WriteString("lead,at,type,via,amount,n\n")
	b.WriteString("a,2024-01-02,order,ads,5,1\na,2024-01-03,order,,,2\na,2024-01-01,visit,ads,7,3\nb,2024-01-05,order,web,9,4\nc,2024-01-05,order,ads,1,5\n")
	source := Source{Lead: "lead", At: "at", Type: "type", Channel: "via", Paths: []string{file(t, "e.csv", b.String())}}
	ids := []string{"a", "b", "c"}
	at := func(text string) int64 { return moment(t, text) }
	amount := func(x float64) []datasets.Property { return []datasets.Property{{Name: "amount", Value: x}} }
	a := []datasets.Event{{Type: "order", At: at("2024-01-02"), Channel: "ads", Values: amount(5)}, {Type: "order", At: at("2024-01-03")}}
	want := [][]datasets.Event{
		{{Type: "order", At: at("2024-01-05"), Channel: "ads", Values: amount(1)}}, a,
		{{Type: "order", At: at("2024-01-05"), Channel: "web", Values: amount(9)}}, a,
	}
	rows := []Moment{{Lead: 2, AsOf: at("2024-02-01")}, {Lead: 0, AsOf: at("2024-02-01")}, {Lead: 1, AsOf: at("2024-02-01")}, {Lead: 0, AsOf: at("2024-01-01")}}
	for name, o := range map[string]Options{"in memory": {}, "in a file": {Memory: 1}} {
		log, _, err := Read(t.Context(), source, ids, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := log.EventsOf(t.Context(), rows, Wanted{Types: []string{"order"}, Properties: []string{"amount"}, Channels: true})
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
		if _, err := log.EventsOf(t.Context(), rows, Wanted{Types: []string{"order"}, Properties: []string{"price"}}); err == nil || !strings.Contains(err.Error(), `"price"`) {
			t.Errorf("%s: a property that the log does not have: %v", name, err)
		}
		times := map[int]int{}
		if err := log.Each(t.Context(), rows, func(row int, events []datasets.Event) { times[row] = len(events) }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[int]int{0: 1, 1: 3, 2: 1, 3: 3}, times); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		closed(t, log)
	}
}
