package history

// Part is what a column of a plan is made of, for those who tell of it in other words than Describe.
type Part struct {
	Measure  string // count, days, trend, sum, last, recency, decayed, first_touch, gap.mean, gap.last, gap.max, share, channel.first, channel.last
	Type     string // of the events; "": all types together
	Property string // of sum and last
	Channel  string // of share
	Window   int64  // microseconds; 0: the column looks at all events before the as-of moment
}

// measureNames are the names of measures, in their order.
var measureNames = [...]string{count: "count", days: "days", trend: "trend", sum: "sum", last: "last", recency: "recency", decayed: "decayed",
	firstTouch: "first_touch", gapMean: "gap.mean", gapLast: "gap.last", gapMax: "gap.max", share: "share", firstChannel: "channel.first", lastChannel: "channel.last"}

// Part returns what column i is made of, in the order of Fields.
func (p *Plan) Part(i int) Part {
	c := &p.columns[i]
	d := Part{Measure: measureNames[c.measure]}
	ofType := func(slot int32) {
		if slot > 0 {
			d.Type = p.learned.Types[slot-1].Name
		}
	}
	switch c.measure {
	case count, days, trend, sum, share:
		d.Window = p.learned.Windows[c.window]
	}
	switch c.measure {
	case sum, last:
		pair := p.pairs[c.slot]
		ofType(pair.kind + 1)
		d.Property = p.learned.Properties[pair.property]
	case share:
		d.Channel = p.learned.Channels[c.slot]
	case firstChannel, lastChannel:
	default:
		ofType(c.slot)
	}
	return d
}
