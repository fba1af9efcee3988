package train

import (
	"fmt"

	"leadscore/datasets"
	"leadscore/model"
)

// leastCompared is the fewest positives and negatives, by rows, that may be left of a hold-out without the rows that the champion
// was trained on; of fewer all rows are compared, and a note says that they flatter the champion.
const leastCompared = MinPerClass

// unseen tells which hold-out rows both models can be compared on, and notes what is wrong with them. Where the champion was
// trained on some, those stay that are known not to be among them. Of a sampled sketch they are as few as the sketch speaks of,
// but as good a sample of the hold-out's unseen rows as any, since digests are random.
func unseen(g *model.Gate, h *Holdout, champion *model.Artifact) func(row int) bool {
	t := champion.TrainedRows
	every := func(int) bool { return true }
	found, err := digestHoldout(champion, h.Leads)
	if err != nil {
		g.Note("it cannot be told whether %s was trained on some of these hold-out rows, which would flatter it: %v", g.Champion, err)
		return every
	}
	seen, n := t.Look(found), 0
	if seen.Looked == 0 {
		g.Note("it cannot be told whether %s was trained on some of these hold-out rows, which would flatter it: its sample of the training rows speaks of none of them", g.Champion)
		return every
	}
	g.Trained = &n
	text := seenText(seen, g.Champion)
	if text == "" {
		return every
	}
	n = rounded(seen.InTraining())
	told := t.Tell(found)
	left := map[bool]int{}
	for i, won := range h.Labels {
		if told[i] == model.NotTrained {
			left[won]++
		}
	}
	if min(left[true], left[false]) < leastCompared {
		g.Note("hold-out: %s, which flatters it; too few are left that it surely did not see (%d converted, %d did not), so all are compared", text, left[true], left[false])
		return every
	}
	g.Note("hold-out: %s; the comparison is made on the %d that it surely did not see", text, left[true]+left[false])
	return func(row int) bool { return told[row] == model.NotTrained }
}

// digestHoldout digests the rows of a hold-out as those of a training were. Columns that the hold-out lacks or reads as another
// kind would give other digests of the same rows, so they are an error.
func digestHoldout(a *model.Artifact, leads *datasets.Table) ([]model.RowDigest, error) {
	t := a.TrainedRows
	if t == nil {
		return nil, fmt.Errorf("it has no digests of its training rows (an older leadscore made it)")
	}
	for _, name := range t.Columns {
		k, was := leads.Schema.Index(name), a.Schema.Fields[a.Schema.Index(name)].Kind
		if k < 0 || leads.Schema.Fields[k].Kind == datasets.Unknown {
			return nil, fmt.Errorf("its training rows are known by column %q, which this training did not read", name)
		}
		if is := leads.Schema.Fields[k].Kind; is != was {
			return nil, fmt.Errorf("its training rows are known by column %q as %v, which is %v now", name, was, is)
		}
	}
	all := make([]bool, leads.Rows())
	for i := range all {
		all[i] = true
	}
	return digests(t, leads, all)
}
