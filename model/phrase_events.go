package model

import (
	"strconv"

	"leadscore/datasets"
	"leadscore/features/history"
)

// event appends what a column of events says. level is the name of the bin that the value lies in, "" without bins; where the
// value itself is not known, as on a side of a pair, the bin is all that is told.
func (w *words) event(b []byte, p *history.Part, value datasets.Value, level string) []byte {
	if p.Measure == "channel.first" || p.Measure == "channel.last" {
		if !value.Missing() {
			level = value.Str
		}
		return w.append(b, "event."+p.Measure, level)
	}
	x, known := value.Num, !value.Missing()
	read, shown := w.readAbout, w.about
	switch p.Measure {
	case "count", "days":
		read, shown = w.readNumber, w.number
	case "share":
		read, shown = w.readShare, w.percent
	}
	quantity := func() string {
		if !known {
			return w.bin(level, "quantity", read)
		}
		return w.within(shown(x), level, read)
	}
	span := func() string { return w.span(p.Window) }
	switch p.Measure {
	case "count":
		if known && x == 0 {
			return w.append(b, "event.count.none", w.events(p, 2), span())
		}
		return w.append(b, "event.count", quantity(), w.events(p, x), span())
	case "days":
		switch {
		case known && x == 0:
			return w.append(b, "event.days.none", w.events(p, 2), span())
		case known && x == 1:
			return w.append(b, "event.day", w.events(p, 2), quantity(), span())
		}
		return w.append(b, "event.days", w.events(p, 2), quantity(), span())
	case "trend":
		switch {
		case !known:
			return w.append(b, "event.trend", w.events(p, 2), span(), quantity())
		case x == 0:
			return w.append(b, "event.trend.same", w.events(p, 2), span())
		case x < 0:
			return w.append(b, "event.trend.less", w.number(-x), w.events(p, -x), span())
		}
		return w.append(b, "event.trend.more", w.number(x), w.events(p, x), span())
	case "sum":
		return w.append(b, "event.sum", p.Property, w.events(p, 2), span(), quantity())
	case "last":
		return w.append(b, "event.last", p.Property, w.events(p, 2), quantity())
	case "recency":
		return w.append(b, "event.recency", w.events(p, 1), quantity())
	case "decayed":
		return w.append(b, "event.decayed", w.events(p, 2), quantity())
	case "share":
		return w.append(b, "event.share", quantity(), span(), p.Channel)
	}
	return w.append(b, "event."+p.Measure, quantity()) // first_touch and the gaps
}

// eventMissing appends why a column of events has no value: the lead lacks the events that it tells of.
func (w *words) eventMissing(b []byte, p *history.Part) []byte {
	switch p.Measure {
	case "recency":
		return w.append(b, "event.recency.none", w.an(p))
	case "last", "sum":
		return w.append(b, "event.last.none", p.Property, w.events(p, 2))
	case "share":
		return w.append(b, "event.share.none", w.span(p.Window))
	case "channel.first", "channel.last":
		return w.append(b, "event.channel.none")
	case "first_touch":
		return w.append(b, "event.first_touch.none")
	case "gap.mean", "gap.last", "gap.max":
		return w.append(b, "event.gap.none")
	}
	return w.append(b, "event.count.none", w.events(p, 2), w.span(p.Window)) // a count is never missing
}

func (w *words) readShare(text string) (string, bool) {
	x, err := strconv.ParseFloat(text, 64)
	return w.percent(x), err == nil
}

// events names n events of the column's type.
func (w *words) events(p *history.Part, n float64) string {
	key := "events"
	if n == 1 {
		key = "event"
	}
	if p.Type == "" {
		return w.T(key)
	}
	return w.T(key+".of", p.Type)
}

// an names one event of the column's type.
func (w *words) an(p *history.Part) string {
	if p.Type == "" {
		return w.T("an")
	}
	return w.T("an.of", p.Type)
}
