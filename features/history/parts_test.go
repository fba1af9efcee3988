package history

import (
	"strings"
	"testing"
)

// The parts of each column make up its name again.
func TestPartsMakeTheName(t *testing.T) {
	p := testPlan(t, learned{Windows: []int64{day, 30 * day}, HalfLife: day, Properties: []string{"amount"},
		Types: []learnedType{{"demo", []int32{0}}, {"visit", nil}}, Channels: []string{"ads"}})
	for i, f := range p.Fields() {
		part := p.Part(i)
		stem := part.Type
		if stem == "" {
			stem = "events"
		}
		var name []string
		switch part.Measure {
		case "sum", "last":
			name = []string{stem, part.Property, part.Measure}
		case "share":
			name = []string{"channel", part.Channel, part.Measure}
		case "channel.first", "channel.last":
			name = []string{part.Measure}
		default:
			name = []string{stem, part.Measure}
		}
		if part.Window > 0 {
			name = append(name, spanText(part.Window))
		}
		if got := strings.Join(name, "."); got != f.Name {
			t.Errorf("column %q is made of %+v, which is %q", f.Name, part, got)
		}
	}
}
