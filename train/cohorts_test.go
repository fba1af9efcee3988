package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

func TestTrainingMeasuresByMonthAndSegment(t *testing.T) {
	path := writeLeads(t, makeLeads(1500, 71))
	c := config(path)
	c.Leads.AsOf, c.Split.Beside = "created_at", "none"
	r := run(t, c)
	card := r.Card.Targets["won"]
	rows := map[string]int{}
	last := ""
	for _, m := range card.Months {
		rows[m.Part] += m.Rows
		if m.Month+m.Part < last && m.Month <= last[:7] && m.Part != "holdout" {
			t.Errorf("month %s of %s comes after %s", m.Month, m.Part, last)
		}
		last = m.Month + m.Part
		if known := !math.IsNaN(float64(m.Expected)); known != (m.Part == "holdout") {
			t.Errorf("%s, %s: expected %v", m.Month, m.Part, m.Expected)
		}
	}
	if rows["train"] != card.Train.Rows || rows["holdout"] != card.Holdout.Rows {
		t.Errorf("months have %v rows; training has %d, the hold-out %d", rows, card.Train.Rows, card.Holdout.Rows)
	}
	if card.Months[0].Month != "2025-01" || card.Months[len(card.Months)-1].Month != "2025-12" {
		t.Errorf("months from %s to %s", card.Months[0].Month, card.Months[len(card.Months)-1].Month)
	}
	if got := segmentsOf(r.Card, "won"); !slices.Equal(got, []string{"source", "company_size"}) {
		t.Errorf("segments of %v", got)
	}
	rows["source"] = 0
	for _, s := range card.Segments {
		if s.Column == "source" {
			rows["source"] += s.Rows
		}
	}
	if rows["source"] != card.Holdout.Rows {
		t.Errorf("the segments of a column have %d rows of %d", rows["source"], card.Holdout.Rows)
	}
	if len(card.Benefit) != 99 || card.Scores["model"].Slope.Value == 0 {
		t.Errorf("%d points of the decision curve, slope %v", len(card.Benefit), card.Scores["model"].Slope)
	}

	// An evaluation of the same rows has the same figures; of the file only the hold-out has months.
	scorer, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(t.TempDir(), "newer.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	kept := lines[0]
	for _, l := range lines[1:] {
		if id, _, _ := strings.Cut(l, ","); slices.Contains(r.Holdout.IDs, id) {
			kept += l
		}
	}
	if err := os.WriteFile(newer, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Evaluate(context.Background(), scorer, newer, datasets.ReadOptions{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	months := slices.DeleteFunc(slices.Clone(card.Months), func(m model.Month) bool { return m.Part == "train" })
	for name, pair := range map[string][2]any{
		"segments": {again.Targets["won"].Segments, card.Segments}, "months": {again.Targets["won"].Months, months},
		"figures": {again.Targets["won"].Scores["model"], card.Scores["model"]}, "decision curve": {again.Targets["won"].Benefit, card.Benefit},
	} {
		got, errA := json.Marshal(pair[0])
		want, errB := json.Marshal(pair[1])
		if errA != nil || errB != nil || string(got) != string(want) {
			t.Errorf("%s: evaluated %s\nin training %s", name, got, want)
		}
	}
}

func TestSegmentsByHand(t *testing.T) {
	path := writeLeads(t, makeLeads(1500, 72))
	c := config(path)
	c.Features.Exclude = []string{"company_size"} // no feature, and yet of interest
	c.Segments = []string{"company_size"}
	if got := segmentsOf(run(t, c).Card, "won"); !slices.Equal(got, c.Segments) {
		t.Errorf("segments of %v", got)
	}
	c.Segments = []string{"source", "sorce", "visits", "status"}
	_, err := Run(context.Background(), c, nil)
	mustContain(t, err, `report.segments[1]: no column "sorce" in the leads (did you mean "source"?)`, `report.segments[2]: column "visits" is numeric`, `report.segments[3]: no column "status"`)
	var setting *SettingError
	if !errors.As(err, &setting) || len(setting.Problems) != 3 {
		t.Errorf("%#v", err)
	}
}

// TestSegmentsDoNotLookAtOutcomes: with other outcomes of the hold-out the same columns are chosen.
func TestSegmentsDoNotLookAtOutcomes(t *testing.T) {
	columns := func(flip bool) []string {
		d := prepared(t, config(writeLeads(t, makeLeads(600, 73))))
		if flip {
			for i, in := range d.holdout {
				if in {
					d.outcomes[0].Label[i] = positive + negative - d.outcomes[0].Label[i]
				}
			}
		}
		c := config("")
		p, _, err := d.fitFeatures(context.Background(), &c)
		if err != nil {
			t.Fatal(err)
		}
		keep := make([]int, 0, d.rows())
		for i := range d.heldOut.Rows() {
			keep = append(keep, i)
		}
		var names []string
		for _, s := range d.segmentColumns(p, keep) {
			names = append(names, s.Name)
		}
		return names
	}
	if a, b := columns(false), columns(true); !reflect.DeepEqual(a, b) || len(a) != 2 {
		t.Errorf("columns %v, with other outcomes %v", a, b)
	}
}

func TestSegmentWords(t *testing.T) {
	for name, want := range map[string]bool{
		"Lead Source": true, "leadSource": true, "LEAD_SOURCE": true, "Country": true, "countries": true, "company_size": true, "Sources": true, "City": true,
		"capacity": false, "Do Not Email": false, "estate": false, "resource": false, "": false,
	} {
		if got := namesSegment(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestClustersAreGroupsElseLeads(t *testing.T) {
	all := func(int) bool { return true }
	d := &data{used: make([]bool, 6)}
	if d.clusters(all) != nil {
		t.Error("rows of one lead each have clusters")
	}
	d.lead = []int32{0, 1, 0, 3, 1, 5}
	if got := d.clusters(func(row int) bool { return row > 0 }); !slices.Equal(got, []int32{1, 0, 3, 1, 5}) {
		t.Errorf("by lead: %v", got)
	}
	d.groups = []string{"b", "a", "b", "", "", ""}
	if got := d.clusters(all); !slices.Equal(got, []int32{1, 0, 1, 2 + 3, 2 + 1, 2 + 5}) {
		t.Errorf("by group: %v", got)
	}
}

// TestLeadsWithSeveralRowsAreClusters: a file with each lead at three moments is measured as surely as one with each lead once.
func TestLeadsWithSeveralRowsAreClusters(t *testing.T) {
	leads := makeLeads(500, 74)
	var thrice []lead
	for _, l := range leads {
		for k := range 3 {
			l.created = fmt.Sprintf("2025-%02d-01T00:00:00Z", k+1)
			thrice = append(thrice, l)
		}
	}
	c := config(writeLeads(t, thrice))
	c.Leads.AsOf, c.Split.By, c.Split.Beside = "created_at", "random", "none"
	card := run(t, c).Card.Targets["won"]
	got := card.Scores["model"].Brier
	// A hundred leads: the standard error of a mean of losses with a standard deviation of some .2 is .02, not .012.
	if se := (got.Upper - got.Lower) / 2 / 1.96; se < .014 {
		t.Errorf("standard error of the Brier score %.4f of %d rows of a third as many leads", se, card.Holdout.Rows)
	}
}
