package history

import (
	"fmt"
	"slices"
	"strconv"

	"leadscore/datasets"
)

// Report says what the logs held. Each event is counted once: in the first of NoLead, UnknownLead, NoTime, Future,
// NoType and Duplicates that holds for it, else in Kept.
type Report struct {
	Files       []File   `json:"files"`
	Events      int      `json:"events"`       // rows that could be read
	Kept        int      `json:"kept"`         // of these, what the columns are made of
	NoLead      int      `json:"no_lead"`      // no lead is named
	UnknownLead int      `json:"unknown_lead"` // a lead that is none of the given ones
	NoTime      int      `json:"no_time"`
	Future      int      `json:"future"` // at or after Source.Until
	NoType      int      `json:"no_type"`
	Duplicates  int      `json:"duplicates"` // an id that the lead has had already
	BadRows     int      `json:"bad_rows"`   // rows that could not be read, under datasets.SkipBadRows
	First       int64    `json:"first"`      // of the kept events, microseconds since 1970 UTC; datasets.MissingTime: there are none
	Last        int64    `json:"last"`
	Types       []string `json:"types"`      // by name
	Channels    []string `json:"channels"`   // by name
	Properties  []string `json:"properties"` // by name
	// Zones says how the moments are written: with a zone of their own, or without. In Parquet and Arrow files rows are counted.
	Zones datasets.ZoneCount `json:"zones"`
	// Examples are the leads of the first five events (of Duplicates: the first five leads) of each sort.
	Examples Examples `json:"examples"`
}

// File is one file of a log.
type File struct {
	Path   string            `json:"path"`
	Digest string            `json:"digest"` // sha256 of its bytes, hex
	Rows   int               `json:"rows"`
	Bad    []datasets.BadRow `json:"bad,omitempty"` // the first 20
	bad    int
}

// Examples name leads of events that were left out, by the reason.
type Examples struct {
	UnknownLead []string `json:"unknown_lead,omitempty"`
	NoTime      []string `json:"no_time,omitempty"`
	Future      []string `json:"future,omitempty"`
	NoType      []string `json:"no_type,omitempty"`
	Duplicates  []string `json:"duplicates,omitempty"`
}

const mostExamples = 5

// Notes says in sentences what was left out and why; nil where nothing was.
func (r *Report) Notes() []string {
	var notes []string
	note := func(n int, what string, leads []string) {
		if n == 0 {
			return
		}
		s := fmt.Sprintf("%d events were left out: %s", n, what)
		for i, lead := range leads {
			if i == 0 {
				s += " (lead "
			} else {
				s += ", "
			}
			s += strconv.Quote(lead)
		}
		if len(leads) > 0 {
			if n > len(leads) {
				s += ", …"
			}
			s += ")"
		}
		notes = append(notes, s)
	}
	note(r.NoLead, "they name no lead", nil)
	note(r.UnknownLead, "their lead is not among the leads", r.Examples.UnknownLead)
	note(r.NoTime, "they have no time", r.Examples.NoTime)
	note(r.Future, "they lie after the end of the data", r.Examples.Future)
	note(r.NoType, "they have no type", r.Examples.NoType)
	note(r.Duplicates, "an event of the same lead with the same id came before", r.Examples.Duplicates)
	note(r.BadRows, "their rows cannot be read", nil)
	return notes
}

// tally is what one batch of the log held. Its order is that of the files.
type tally struct {
	order                                               int
	events, noLead, unknownLead, noTime, future, noType int
	examples                                            Examples
}

func example(to *[]string, lead string) {
	if len(*to) < mostExamples {
		*to = append(*to, string([]byte(lead))) // a batch is not kept for the name of a lead
	}
}

// add enters the batches, in the order of the files.
func (r *Report) add(tallies []tally) {
	slices.SortFunc(tallies, func(a, b tally) int { return a.order - b.order })
	for i := range tallies {
		t := &tallies[i]
		r.Events += t.events
		r.NoLead += t.noLead
		r.UnknownLead += t.unknownLead
		r.NoTime += t.noTime
		r.Future += t.future
		r.NoType += t.noType
		for _, e := range []struct{ to, from *[]string }{
			{&r.Examples.UnknownLead, &t.examples.UnknownLead}, {&r.Examples.NoTime, &t.examples.NoTime},
			{&r.Examples.Future, &t.examples.Future}, {&r.Examples.NoType, &t.examples.NoType},
		} {
			for _, lead := range *e.from {
				example(e.to, lead)
			}
		}
	}
}
