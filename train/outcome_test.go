package train

import (
	"context"
	"testing"
)

// tryRun trains on leads whose labels are replaced and returns the error.
func tryRun(t *testing.T, n int, labels func(i int) string, edit func(*Config)) error {
	t.Helper()
	leads := makeLeads(n, 11)
	for i := range leads {
		leads[i].label = labels(i)
	}
	c := config(writeLeads(t, leads))
	if edit != nil {
		edit(&c)
	}
	_, err := Run(context.Background(), c, nil)
	return err
}

func TestOutcomesThatCannotBeModelled(t *testing.T) {
	three := func(i int) string { return []string{"won", "lost", "open"}[i%3] }
	rare := func(i int) string {
		if i < 30 {
			return "won"
		}
		return "lost"
	}
	tests := []struct {
		name   string
		labels func(int) string
		edit   func(*Config)
		want   []string
	}{
		{"one class", func(int) string { return "won" }, nil, []string{"0 negatives", `"won" (900 rows)`}},
		{"no positive", func(int) string { return "lost" }, nil, []string{"0 positives", `positive is "won"`}},
		{"missing in every row", func(int) string { return "" }, nil, []string{"missing in every row"}},
		{"three values", three, nil, []string{"2 values beside", `"lost" (300 rows)`, `"open" (300 rows)`, "negative:"}},
		{"no such column", three, func(c *Config) { c.Targets[0].Column = "statos" }, []string{`"statos"`, `did you mean "status"`}},
		{"too few", rare, nil, []string{"30 positives", "at least 40", "--allow-small"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { mustContain(t, tryRun(t, 900, tt.labels, tt.edit), tt.want...) })
	}
	if err := tryRun(t, 900, three, func(c *Config) { c.Targets[0].Negative = []string{"lost"} }); err != nil {
		t.Errorf("three values with the negative named: %v", err)
	}
	if err := tryRun(t, 900, rare, func(c *Config) { c.AllowSmall = true }); err != nil {
		t.Errorf("few positives, allowed: %v", err)
	}
}

func TestSameValue(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true}, {"TRUE", "true", true}, {"won", "Won", true}, {"1", "true", false}, {"10", "1", false}, {"won", "won ", false},
	}
	for _, tt := range tests {
		if got := sameValue(tt.a, tt.b); got != tt.want {
			t.Errorf("sameValue(%q, %q) is %v", tt.a, tt.b, got)
		}
	}
}
