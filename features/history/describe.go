package history

import (
	"fmt"

	"leadscore/datasets"
)

// Description is an entry of the data dictionary.
type Description struct {
	Name    string        `json:"name"`
	Kind    datasets.Kind `json:"kind"`
	Meaning string        `json:"meaning"`          // a sentence
	Unit    string        `json:"unit,omitempty"`   // events, days, …; "" where it has none or that of the property
	Window  string        `json:"window,omitempty"` // 30d: the 30 days before the as-of moment; "" is all time before it
}

// Describe returns what each column means, in the order of Fields.
func (p *Plan) Describe() []Description {
	all := make([]Description, len(p.columns))
	for i, f := range p.Fields() {
		c := &p.columns[i]
		d := Description{Name: f.Name, Kind: f.Kind}
		span := p.learned.Windows[c.window]
		switch c.measure {
		case count, days, trend, sum, share:
			d.Window = spanText(span)
		}
		d.Meaning, d.Unit = p.meaning(c, d.Window)
		all[i] = d
	}
	return all
}

func (p *Plan) meaning(c *column, window string) (meaning, unit string) {
	events, event := "events of any type", "event"
	var property string
	switch {
	case c.measure == sum || c.measure == last:
		q := p.pairs[c.slot]
		property = fmt.Sprintf("%q of %q events", p.learned.Properties[q.property], p.learned.Types[q.kind].Name)
	case c.measure != share && c.slot > 0:
		name := p.learned.Types[c.slot-1].Name
		events, event = fmt.Sprintf("%q events", name), fmt.Sprintf("%q event", name)
	}
	const daysUnit = "days"
	switch c.measure {
	case count:
		return fmt.Sprintf("How many %s lie in the %s before the as-of moment.", events, window), "events"
	case days:
		return fmt.Sprintf("On how many days (UTC) of the %s before the as-of moment there were %s.", window, events), daysUnit
	case trend:
		return fmt.Sprintf("How many more %s lie in the %s before the as-of moment than in the %[2]s before those.", events, window), "events"
	case sum:
		return fmt.Sprintf("The sum of %s in the %s before the as-of moment; 0 where there are none.", property, window), ""
	case last:
		return fmt.Sprintf("The latest known %s before the as-of moment; of several at one moment the largest.", property), ""
	case recency:
		return fmt.Sprintf("The time from the last %s to the as-of moment; missing where there was none.", event), daysUnit
	case decayed:
		return fmt.Sprintf("How many %s there were before the as-of moment, where one counts half when it is %s old.", events, spanText(p.learned.HalfLife)), "events"
	case firstTouch:
		return "The time from the first event to the as-of moment; missing where there was none.", daysUnit
	case gapMean:
		return "The mean time between an event and the next, before the as-of moment; missing below two events.", daysUnit
	case gapLast:
		return "The time between the last two events before the as-of moment; missing below two events.", daysUnit
	case gapMax:
		return "The longest time between an event and the next, before the as-of moment; missing below two events.", daysUnit
	case share:
		return fmt.Sprintf("The share of channel %q among the events with a known channel in the %s before the as-of moment; missing where there are none.", p.learned.Channels[c.slot], window), "share"
	case firstChannel:
		return fmt.Sprintf("The channel of the first event that has one; %q is one without columns of its own.", p.other), ""
	default:
		return fmt.Sprintf("The channel of the last event before the as-of moment that has one; %q is one without columns of its own.", p.other), ""
	}
}
