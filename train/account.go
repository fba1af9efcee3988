package train

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/model"
)

// reason is why a row is not used. The first that holds is the one that counts.
type reason uint8

const (
	kept reason = iota
	// Of the row, whatever the target.
	rowTwice
	rowConflicting
	asOfMissing
	asOfFuture
	asOfLate
	// Of the row under one target.
	outcomeOpen
	outcomeFuture
	outcomeLate
	outcomeEarly
	outcomeImmature
	outcomeUntimed
	primaryUnknown
	// Once the hold-out is chosen.
	windowReaches
	leadTrains
	givenMissed

	reasons // their number
)

// reasonWords are the lines of the account, in its order.
var reasonWords = [reasons]struct{ what, text string }{
	rowTwice:        {"twice", "the lead's row is there twice, with the same outcome: kept once"},
	rowConflicting:  {"conflicting", "the lead has another row of the same moment with another outcome: left out as data.duplicates says"},
	asOfMissing:     {"no as-of", "the as-of moment is not known"},
	asOfFuture:      {"as-of in the future", "the as-of moment lies after the time of the training"},
	asOfLate:        {"as-of after the end", "the as-of moment lies at or after the end of the data"},
	outcomeOpen:     {"open", "the outcome is open: neither one of the positive nor one of the negative values"},
	outcomeFuture:   {"outcome in the future", "the outcome's time lies after the time of the training"},
	outcomeLate:     {"outcome after the end", "the outcome came at or after the end of the data"},
	outcomeEarly:    {"outcome before as-of", "the outcome came before the as-of moment"},
	outcomeImmature: {"immature", "the outcome's window was still open at the end of the data"},
	outcomeUntimed:  {"no outcome time", "converted, but when is not known"},
	primaryUnknown:  {"primary unknown", "the outcome of the primary target is not known"},
	windowReaches:   {"purged", "purged from training: the outcome's window reaches into the hold-out's period"},
	leadTrains:      {"purged, same lead", "purged from the hold-out: the lead has training rows"},
	givenMissed:     {"given not reached", "no training row of this model: the target that it is given did not convert"},
}

// account tells where each row of the file went for one target: what comes in ("read", "repeated") equals
// the sum of the other lines.
func (d *data) account(target int) []model.Count {
	o := d.outcomes[target]
	counts := o.why
	train, holdout := 0, 0
	for i, l := range o.Label {
		switch {
		case l == setAside: // counted in o.why
		case !d.used[i]:
			counts[primaryUnknown]++
		case d.holdout[i]:
			holdout++
		default:
			switch why := d.trainReason(target, i); why {
			case kept:
				train++
			default:
				counts[why]++
			}
		}
	}
	lines := []model.Count{{What: model.CountRead, Rows: d.rows() - d.repeated, Text: "rows of the file"}}
	if d.repeated > 0 {
		lines = append(lines, model.Count{What: model.CountRepeated, Rows: d.repeated, Text: "more rows of the same leads, at later as-of moments"})
	}
	for r, n := range counts {
		if n > 0 {
			lines = append(lines, model.Count{What: reasonWords[r].what, Rows: n, Text: reasonWords[r].text})
		}
	}
	return append(lines,
		model.Count{What: model.CountTrain, Rows: train, Text: "training rows"},
		model.Count{What: model.CountHoldout, Rows: holdout, Text: "hold-out rows"})
}

// trainReason tells why a row that is not in the hold-out does not train a target, whose label is known.
func (d *data) trainReason(target, row int) reason {
	if d.purged != nil && d.purged[row] != kept {
		return d.purged[row]
	}
	o := d.outcomes[target]
	if d.cut != datasets.MissingTime && o.horizon > 0 && d.asOf[row]+o.horizon > d.cut {
		return windowReaches
	}
	if o.given >= 0 && d.outcomes[o.given].Label[row] != positive {
		return givenMissed
	}
	return kept
}

// trains reports whether a row trains a target.
func (d *data) trains(target, row int) bool {
	return d.train[row] && d.outcomes[target].Label[row] != setAside && d.trainReason(target, row) == kept
}

// notes are the findings about time: what could not be purged, what lies in the future, and where the data ends.
func (d *data) history() (out []model.Finding) {
	say := func(reason, format string, args ...any) {
		out = append(out, model.Finding{Reason: reason, Text: fmt.Sprintf(format, args...)})
	}
	for _, o := range d.outcomes {
		if d.splitBy == "time" && o.horizon == 0 {
			say("not purged", "target %q has no horizon, so nothing can be purged: a training row may have an outcome that came in the hold-out's period", o.Target.Name)
		}
	}
	if p := d.period; p.future > 0 {
		say("future", "%d moments lie after the time of the training, %s; none of them is taken for the end of the data", p.future, moment(p.now))
	}
	if p := d.period; p.cutShort {
		say("future", "data.end lies after the time of the training, %s, which is taken for the end", moment(p.now))
	}
	if d.capped > 0 {
		say("grid", "%d leads were open for longer than %d rows of the grid; their later rows are left out", d.capped, mostRows)
	}
	if d.untimed > 0 {
		say("grid", "%d closed leads have no time of their outcome; each has the first row of the grid alone", d.untimed)
	}
	return append(out, d.duplicates...)
}
