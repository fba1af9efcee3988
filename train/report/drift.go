package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"leadscore/model"
)

const (
	// driftRows is the most features that the terminal shows; the rest are those that moved least.
	driftRows = 12
	// driftSparks is the most blocks of a line of sparks: neighbouring bins share one where there are more.
	driftSparks = 10
	// leastName is the width below which names are not cut: then columns go, the last first.
	leastName = 16
)

// DriftTerminal writes how far new leads are from those of training: a row for the probability and one for each of the
// features that moved most, with the shares of their bins, then, and now, as sparks; then sentences. limit is the PSI that is held to
// be too much.
func DriftTerminal(w io.Writer, d *model.Drift, limit float64, o Options) error {
	words, err := o.words()
	if err != nil {
		return err
	}
	v, b := driftView{words, d}, newScreen(o)
	v.table(b)
	b.list(v.sentences(limit))
	return b.flush(w, "writing the drift")
}

type driftView struct {
	*words
	drift *model.Drift
}

// rank names a rank in the catalogue's language, with its colour; "" where nothing was measured.
func (v driftView) rank(rank string) (name, tone string) {
	switch rank {
	case model.ShiftStable:
		return v.T("drift.rank.stable"), "32"
	case model.ShiftMoved:
		return v.T("drift.rank.moved"), "33"
	case model.ShiftShifted:
		return v.T("drift.rank.shifted"), "31"
	}
	return noFigure, ""
}

func (v driftView) psi(x model.Figure) string { return v.Num(float64(x), 3) }

// table writes the score and the features, the greatest shift first.
func (v driftView) table(b *screen) {
	d := v.drift
	fmt.Fprintln(b, b.paint("1", v.T("drift.summary", v.Int(d.Rows), v.Int(d.Reference))))
	b.WriteString("\n")
	grid := [][]string{{"", v.T("drift.psi"), "", v.T("drift.training"), v.T("drift.new"), v.T("drift.missing"), v.T("drift.unknown")}}
	tones := []string{"2"}
	row := func(name string, s *model.Shift, missing, unknown string) {
		rank, tone := v.rank(s.Rank)
		old, now := driftLine(s.Bins)
		grid = append(grid, []string{name, v.psi(s.PSI), rank, old, now, missing, unknown})
		if s.Rank == model.ShiftStable {
			tone = ""
		}
		tones = append(tones, tone)
	}
	row(v.T("drift.score"), &d.Score, "", "")
	shown := min(len(d.Features), driftRows)
	for i := range shown {
		f := &d.Features[i]
		missing, unknown := "", ""
		if f.MissingOld > 0 || f.MissingNew > 0 {
			missing = v.T("drift.change", v.Pct(f.MissingOld, 1), v.Pct(f.MissingNew, 1))
		}
		if f.Unknown > 0 {
			unknown = v.Pct(f.Unknown, 1)
		}
		row(f.Feature, &f.Shift, missing, unknown)
		if f.Calendar {
			grid[len(grid)-1][2], tones[len(tones)-1] = v.T("drift.calendar"), ""
		}
	}
	for {
		over := gridWidth(grid) - b.width
		if over <= 0 {
			break
		}
		name := columnWidths(grid)[0]
		if name-over >= leastName || len(grid[0]) <= 3 {
			for i := range grid {
				grid[i][0] = cutText(grid[i][0], max(name-over, 1))
			}
			break
		}
		for i := range grid {
			grid[i] = grid[i][:len(grid[i])-1]
		}
	}
	b.grid(grid, func(row int) string { return tones[row] })
	if rest := len(d.Features) - shown; rest > 0 && !d.Features[shown].Calendar {
		fmt.Fprintln(b, b.paint("2", v.T("drift.more", v.Int(rest), v.psi(d.Features[shown].PSI))))
	}
	b.WriteString("\n")
}

// driftLine draws the shares of the bins before and now on one scale.
func driftLine(bins []model.ShiftBin) (old, now string) {
	n := min(len(bins), driftSparks)
	if n == 0 {
		return "", ""
	}
	a, z := make([]float64, n), make([]float64, n)
	for i, b := range bins {
		a[i*n/len(bins)] += b.Old
		z[i*n/len(bins)] += b.New
	}
	top := 0.0
	for k := range a {
		top = math.Max(top, math.Max(a[k], z[k]))
	}
	return sparks(a, top), sparks(z, top)
}

// sentences say what moved, what to expect of the model, and what is beyond the limit.
func (v driftView) sentences(limit float64) (out []string) {
	d := v.drift
	moved, shifted, calendar := 0, 0, 0
	for i := range d.Features {
		switch f := &d.Features[i]; {
		case f.Calendar:
			calendar++
		case f.Rank == model.ShiftMoved:
			moved++
		case f.Rank == model.ShiftShifted:
			shifted++
		}
	}
	switch {
	case shifted > 0:
		out = append(out, v.T("drift.says.shifted", v.Int(len(d.Features)-calendar), v.Int(shifted), v.Int(moved)))
	case moved > 0:
		out = append(out, v.T("drift.says.moved", v.Int(len(d.Features)-calendar), v.Int(moved)))
	case len(d.Score.Bins) == 1: // bins are joined until chance alone does not move them
		out = append(out, v.T("drift.says.few", v.Int(d.Rows)))
	case d.Score.Rank != model.ShiftMoved && d.Score.Rank != model.ShiftShifted:
		out = append(out, v.T("drift.says.nothing"))
	}
	switch d.Score.Rank {
	case model.ShiftMoved, model.ShiftShifted:
		rank, _ := v.rank(d.Score.Rank)
		out = append(out, v.T("drift.says.score", rank, v.psi(d.Score.PSI)))
	case "":
		out = append(out, v.T("drift.says.old"))
	}
	if calendar > 0 {
		out = append(out, v.T("drift.says.calendar"))
	}
	for i := range d.Features {
		if f := &d.Features[i]; len(f.NewLevels) > 0 && !f.Calendar {
			out = append(out, v.T("drift.levels", f.Feature, strings.Join(f.NewLevels, ", ")))
		}
	}
	switch {
	case !finite(float64(d.ExpectedAUC)):
	case !finite(float64(d.Training)):
		out = append(out, v.T("drift.says.auc.alone", v.Num(float64(d.ExpectedAUC), 3), v.Pct(float64(d.MeanScore), 1)))
	default:
		out = append(out, v.T("drift.says.auc", v.Num(float64(d.ExpectedAUC), 3), v.Num(float64(d.Training), 3)),
			v.T("drift.says.mean", v.Pct(float64(d.MeanScore), 1), v.Pct(float64(d.MeanTrained), 1)))
	}
	bound := v.Num(limit, 2)
	over := d.Beyond(limit)
	if len(over) == 0 {
		return append(out, v.T("drift.says.within", bound))
	}
	names := make([]string, len(over))
	for i, x := range over {
		name := x.Feature
		if name == "" {
			name = v.T("drift.score")
		}
		names[i] = v.T("drift.excess", name, v.psi(x.PSI))
	}
	return append(out, v.T("drift.says.beyond", bound, strings.Join(names, ", ")))
}
