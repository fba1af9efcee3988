package train

import (
	"math"
	"slices"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

func (r *replay) counts() model.ReplayRows {
	var leads, labelled, positives, undated float64
	low, high := int64(math.MaxInt64), int64(datasets.MissingTime)
	for i := range r.rows {
		w := weightAt(r.weights, i)
		leads += w
		if l := r.labelAt(i); l != setAside {
			labelled += w
			if l == positive {
				positives += w
			}
		}
		if at := momentAt(r.asOf, i); at != datasets.MissingTime {
			low, high = min(low, at), max(high, at)
		} else if r.asOf != nil {
			undated += w
		}
	}
	c := model.ReplayRows{Leads: rounded(leads), Labelled: rounded(labelled), Positives: rounded(positives), Undated: rounded(undated)}
	if high != datasets.MissingTime {
		c.From, c.To = time.UnixMicro(low).UTC().Format(time.RFC3339), time.UnixMicro(high).UTC().Format(time.RFC3339)
		c.Days = int(dayOf(high)-dayOf(low)) + 1
	}
	return c
}

func (r *replay) labelAt(row int) int8 {
	if r.label == nil {
		return setAside
	}
	return r.label[row]
}

// tallyOf counts the rows for which in is true, as a side selects them.
type tallyOf struct{ leads, selected, selectedKnown, selectedWon, known, won float64 }

func (t *tallyOf) add(w float64, label int8, selected bool) {
	t.leads += w
	if selected {
		t.selected += w
	}
	if label == setAside {
		return
	}
	t.known += w
	if selected {
		t.selectedKnown += w
	}
	if label == positive {
		t.won += w
		if selected {
			t.selectedWon += w
		}
	}
}

func (r *replay) side(s *replaySide, days int, in func(row int) bool) model.ReplaySide {
	out := model.ReplaySide{Name: s.name, Scale: s.scale, MQLFrom: model.Figure(s.policy.MQL.MinScore), SQLFrom: model.Figure(s.policy.SQL.MinScore)}
	if math.IsInf(s.policy.SQL.MinScore, 1) {
		out.SQLFrom = model.Figure(math.NaN())
	}
	nan := math.NaN()
	out.AUC = model.Estimate{Value: nan, Lower: nan, Upper: nan}
	var by [len(replayStages)]float64
	var t tallyOf
	for i := range r.rows {
		if in(i) {
			by[s.stage[i]] += weightAt(r.weights, i)
			t.add(weightAt(r.weights, i), r.labelAt(i), s.selects(i))
		}
	}
	volume := func(stage model.Stage, n float64) model.Volume {
		v := model.Volume{Stage: stage, Leads: rounded(n), PerDay: model.Figure(nan)}
		if days > 0 {
			v.PerDay = model.Figure(n / float64(days))
		}
		return v
	}
	for i, n := range by {
		out.Stages = append(out.Stages, volume(replayStages[i], n))
	}
	out.Selected = volume("", t.selected)
	out.Precision, out.Recall = evaluate.Wilson(t.selectedWon, t.selectedKnown), evaluate.Wilson(t.selectedWon, t.won)
	return out
}

func (r *replay) months() []model.ReplayMonth {
	type month struct {
		of      [2]tallyOf
		in, out float64
	}
	by := map[string]*month{}
	for i, at := range r.asOf {
		name := ""
		if at != datasets.MissingTime {
			name = time.UnixMicro(at).UTC().Format("2006-01")
		}
		m := by[name]
		if m == nil {
			m = &month{}
			by[name] = m
		}
		w := weightAt(r.weights, i)
		for k, s := range r.sides {
			m.of[k].add(w, r.labelAt(i), s.selects(i))
		}
		switch r.moves(i) {
		case 1:
			m.in += w
		case -1:
			m.out += w
		}
	}
	names := make([]string, 0, len(by))
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []model.ReplayMonth
	for _, name := range names {
		m := by[name]
		side := func(t *tallyOf) model.ReplayMonthSide {
			return model.ReplayMonthSide{Selected: rounded(t.selected), Precision: evaluate.Wilson(t.selectedWon, t.selectedKnown), Recall: evaluate.Wilson(t.selectedWon, t.won)}
		}
		out = append(out, model.ReplayMonth{
			Month: name, Leads: rounded(m.of[0].leads), Labelled: rounded(m.of[0].known), Positives: rounded(m.of[0].won),
			Current: side(&m.of[0]), New: side(&m.of[1]), In: rounded(m.in), Out: rounded(m.out),
		})
	}
	return out
}
