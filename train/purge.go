package train

import (
	"fmt"

	"leadscore/datasets"
)

// purge finds the rows on the training side that must not train: those whose outcome's window reaches into the
// period of a hold-out chosen by time, a + h > cut, because their labels tell of that period; and those of a lead
// with rows in the hold-out, however that was chosen. The window is the primary target's here; other
// targets see to their own in trainReason.
func (d *data) purge() {
	d.cut, d.purged = datasets.MissingTime, nil
	if d.splitBy == "time" {
		for i, in := range d.holdout {
			if in && (d.cut == datasets.MissingTime || d.asOf[i] < d.cut) {
				d.cut = d.asOf[i]
			}
		}
	}
	held := map[int32]bool{}
	if d.lead != nil {
		for i, in := range d.holdout {
			if in {
				held[d.lead[i]] = true
			}
		}
	}
	mark := func(row int, why reason) {
		if d.purged == nil {
			d.purged = make([]reason, d.rows())
		}
		d.purged[row] = why
	}
	h := d.outcomes[0].horizon
	for i, u := range d.used {
		switch {
		case !u || d.holdout[i]:
		case d.lead != nil && held[d.lead[i]]:
			mark(i, leadHeldOut)
		case h > 0 && d.cut != datasets.MissingTime && d.asOf[i]+h > d.cut:
			mark(i, windowReaches)
		}
	}
}

// purgedText tells for an error how many rows were purged, "" where none was.
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
	return fmt.Sprintf(" after %d training rows were purged", n)
}
