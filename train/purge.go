package train

import (
	"fmt"

	"leadscore/datasets"
)

// purge takes out what would let training see the hold-out. Training rows whose outcome's window reaches into the
// period of a hold-out chosen by time, a + h > cut, go because their labels tell of that period. The window is the
// primary target's here; other targets see to their own in trainReason. Then hold-out rows of a lead that still
// has training rows go, however the hold-out was chosen, so that no lead is on both sides.
//
// The other way round, to take the training rows of such a lead, was rejected: whether a lead has rows after the cut
// depends on how long it stayed open, so of the older leads those that closed soon would be left, and
// with a grid hardly a lost one among them. Whether it has training rows depends on when it was created alone.
func (d *data) purge() {
	d.cut, d.purged = datasets.MissingTime, nil
	if d.splitBy == "time" {
		for i, in := range d.holdout {
			if in && (d.cut == datasets.MissingTime || d.asOf[i] < d.cut) {
				d.cut = d.asOf[i]
			}
		}
	}
	mark := func(row int, why reason) {
		if d.purged == nil {
			d.purged = make([]reason, d.rows())
		}
		d.purged[row] = why
	}
	if h := d.outcomes[0].horizon; h > 0 && d.cut != datasets.MissingTime {
		for i, u := range d.used {
			if u && !d.holdout[i] && d.asOf[i]+h > d.cut {
				mark(i, windowReaches)
			}
		}
	}
	if d.lead == nil {
		return
	}
	trains := make([]bool, d.rows()) // by lead, whose numbers are those of rows
	for i, u := range d.used {
		if u && !d.holdout[i] && (d.purged == nil || d.purged[i] == kept) {
			trains[d.lead[i]] = true
		}
	}
	for i, in := range d.holdout {
		if in && trains[d.lead[i]] {
			d.holdout[i] = false
			mark(i, leadTrains)
		}
	}
}

// purgedText tells for an error how many rows were taken out, "" where none was.
func (d *data) purgedText() string {
	n := 0
	for _, why := range d.purged {
		if why != kept {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" after %d rows were purged", n)
}
