package api_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"leadscore/serve/api"
)

func ExampleAttributes() {
	lead, err := api.Attributes(map[string]any{
		"lead_id": "L-1", "employees": 120, "newsletter": true, "revenue": nil,
		"created_at": time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := json.Marshal(api.Request{Lead: lead})
	fmt.Println(string(body))
	_, err = api.Attributes(map[string]any{"visits": []int{1, 2}})
	fmt.Println(err)
	// Output:
	// {"lead":{"created_at":"2026-02-02T09:00:00Z","employees":120,"lead_id":"L-1","newsletter":true,"revenue":null}}
	// encoding "visits": []int is nested; want a text, a number, true, false, a time or nil
}

func TestAttributesRefusesAllThatIsWrong(t *testing.T) {
	text := "café"
	lead, err := api.Attributes(map[string]any{"city": &text, "share": .1, "big": int64(math.MaxInt64), "none": (*string)(nil)})
	if err != nil || string(lead["city"]) != `"café"` || string(lead["share"]) != "0.1" || string(lead["big"]) != "9223372036854775807" || string(lead["none"]) != "null" {
		t.Errorf("%s %v", lead, err)
	}
	lead, err = api.Attributes(map[string]any{"a": math.NaN(), "b": make(chan int), "c": struct{ X int }{1}, "d": "fine"})
	if lead != nil || err == nil {
		t.Fatal(lead, err)
	}
	for _, want := range []string{`encoding "a"`, "NaN", `encoding "b"`, `encoding "c": struct { X int } is nested`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	if lead, err := api.Attributes(nil); err != nil || lead == nil {
		t.Error("no attributes are a lead of which nothing is known, not no lead: ", lead, err)
	}
}
