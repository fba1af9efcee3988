// Package history turns a log of what leads did into columns of a snapshot table. A training row is a lead
// as it was known at an as-of moment, and only the events before that moment count: features.Before decides, strictly.
//
//	log, report, err := history.Read(ctx, source, leads, history.Options{}) // the files, sorted by lead
//	plan, err := history.Learn(ctx, log, rows, training, history.Spec{})    // which types get columns
//	columns, err := plan.Columns(ctx, log, rows, 0)                         // the table
//	plan.Row(events, asOf, values, &scratch)                                // one lead, online: the same bits
//
// # Columns
//
// TYPE is "events", which is all events, or a type with columns of its own; a window of w is [as-of − w, as-of), written 30d,
// 36h, 90m, 45s or 1500000us.
//
//	TYPE.count.30d           events in the window
//	TYPE.days.30d            days (UTC) of the window with an event
//	TYPE.trend.30d           events in the window less those in the window of the same length before it
//	TYPE.recency             days since the last event; missing: there was none
//	TYPE.decayed             events, each counting ½^(age / half-life)
//	TYPE.PROPERTY.sum.30d    sum of a property in the window; 0 where no event has it; missing beyond what a number holds
//	TYPE.PROPERTY.last       its latest known value; of several at one moment the largest; missing: there was none
//	events.first_touch       days since the first event
//	events.gap.mean .last .max  days between an event and the next: mean, the latest, the longest; missing below two events
//	channel.first, .last     channel of the first, the last event that has one; at one moment the more frequent channel
//	channel.NAME.share.90d   share among the events of the window with a channel; missing where there are none
//
// Days are of 24 hours and may be fractions, but for TYPE.days. The names of types, channels and properties stand in the columns' names
// as they are; where that makes one name of two columns, the later has " (2)" behind it. A count is never missing.
//
// Where the as-of moment is missing, nothing is known to be later: all events count, and ages and windows count back from the latest
// event, which lies in every window.
//
// # How many columns there are
//
// A type has 3w + 2 columns for w windows, a property of a type w + 1, a channel w, and all events together 3w + 6. Only types, channels and properties that at
// least Spec.MinLeads training leads had before their as-of moment have columns, the most frequent 50, 10 and (of each
// type) 5 of them. Learn looks at nothing else: no event of a lead that is not in training, none after its moment. The events of other types
// count in "events", other channels are "other". With the default windows that is at most 15 + 32 + 50·(11 + 20) columns; twelve types
// with one property each and five channels have 212. A plan of more than 100,000 is refused. Columns that are constant in
// training are for features.Fit to drop.
//
// # Sameness
//
// Neither the order of the events, nor the files they come in, the number of goroutines or the memory changes a bit. The events of a lead are
// summed from the latest to the first, those at one moment in the order of their properties. An event whose id the lead has had already counts once (see Read), so that a log
// may be delivered twice. Row sorts what it is given and then runs the code of Columns (sweep.go).
//
// # Size
//
// Read parts the events by ranges of leads into records of 16 bytes, 8 more for each property and 8 for the id. What goes beyond
// half of Options.Memory is written to a temporary file; then each range is sorted by itself. A lead's events must fit in
// memory, all others need not. Time grows with the number of events, and with that of rows times columns.
// Texts are kept as codes: a column of types or channels with more than 65,535 distinct values is an error, as are more than 32 properties.
// Ids are compared by a hash of 64 bits, seeded anew in each process, so that nobody can make two that collide.
package history
