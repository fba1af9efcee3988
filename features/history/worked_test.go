package history

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"leadscore/datasets"
)

// The columns of testdata/worked.csv as testdata/worked.py works them out from their definitions: 30 events of ten leads, each
// column a line, each lead (ann, bob, cem, dee, eva, fay, gus, hal, ida, joe) a value; - is missing. All leads are seen as of 2024-03-31, gus
// without an as-of moment. What to look at: ann has an event that is exactly 7 days old (in the window), and one a second older; bob has one
// at the very as-of moment (out) and one after; cem has none; dee has an id three times; eva has two at
// one moment, twice; fay and joe have a type and a channel too rare for columns; hal's trend is negative; an amount of ida is
// missing.
const worked = `
events.count.7d      3 1 0 1 2 2 2 1 3 0
events.count.30d     4 1 0 2 4 2 3 2 4 0
events.days.7d       2 1 0 1 1 2 2 1 3 0
events.days.30d      3 1 0 2 2 2 3 2 4 0
events.trend.7d      2 1 0 0 2 2 1 0 3 0
events.trend.30d     4 1 0 2 4 2 3 -1 4 0
events.recency       0.75 0.041666666666666664 - 2 2.5 2 0 6 3 100
events.decayed       3.3294563962536841 0.99793918835683437 0 1.4057236642639066 2.4919848369277844 1.7260590202715447 2.6246452493267975 1.4910925744932941 2.7130173594103257 0.0070759661270617686
events.first_touch   7.0000115740740743 0.041666666666666664 - 14 20.5 4 8 59 28 100
events.gap.mean      2.0833371913580248 - - 12 6 2 4 13.25 8.3333333333333339 -
events.gap.last      0.25 - - 12 0 2 1 5 1 -
events.gap.max       6 - - 12 18 2 7 46.666666666666664 23 -
channel.first        mail mail - ads mail other ads mail - other
channel.last         ads mail - mail mail mail ads ads - other
channel.mail.share.7d 0.33333333333333331 1 - 1 0.5 0.5 0 0 - -
channel.mail.share.30d 0.33333333333333331 1 - 0.5 0.5 0.5 0 0 - -
channel.ads.share.7d 0.66666666666666663 0 - 0 0.5 0 1 1 - -
channel.ads.share.30d 0.66666666666666663 0 - 0.5 0.5 0 1 1 - -
visit.count.7d       3 0 0 1 0 1 1 1 0 0
visit.count.30d      4 0 0 1 2 1 2 2 0 0
visit.days.7d        2 0 0 1 0 1 1 1 0 0
visit.days.30d       3 0 0 1 1 1 2 2 0 0
visit.trend.7d       2 0 0 1 0 1 0 0 0 0
visit.trend.30d      4 0 0 1 2 1 2 -1 0 0
visit.recency        0.75 - - 2 20.5 2 1 6 - 100
visit.decayed        3.3294563962536841 0 0 0.90572366426390671 0.7248298554327145 0.90572366426390671 1.6246452493267975 1.4910925744932941 0 0.0070759661270617686
order.count.7d       0 1 0 0 2 0 1 0 3 0
order.count.30d      0 1 0 1 2 0 1 0 4 0
order.days.7d        0 1 0 0 1 0 1 0 3 0
order.days.30d       0 1 0 1 1 0 1 0 4 0
order.trend.7d       0 1 0 -1 2 0 1 0 3 0
order.trend.30d      0 1 0 1 2 0 1 0 4 0
order.recency        - 0.041666666666666664 - 14 2.5 - 0 - 3 -
order.decayed        0 0.99793918835683437 0 0.5 1.7671549814950698 0 1 0 2.7130173594103257 0
order.amount.sum.7d  0 10 0 0 13 0 100 0 -2.75 0
order.amount.sum.30d 0 10 0 20 13 0 100 0 -1.25 0
order.amount.last    - 10 - 20 8 - 100 - -3 -
`

func TestWorkedExample(t *testing.T) {
	leads := []string{"ann", "bob", "cem", "dee", "eva", "fay", "gus", "hal", "ida", "joe"}
	log, report, err := Read(t.Context(), Source{
		Paths: []string{filepath.Join("testdata", "worked.csv")}, Lead: "lead", At: "at", Type: "type", ID: "id", Channel: "channel",
	}, leads, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, log)
	if report.Events != 30 || report.Kept != 28 || report.Duplicates != 2 {
		t.Errorf("report: %+v", report)
	}
	rows := make([]Moment, len(leads))
	for i, lead := range leads {
		rows[i] = Moment{int32(i), moment(t, "2024-03-31")}
		if lead == "gus" {
			rows[i].AsOf = datasets.MissingTime
		}
	}
	plan, err := Learn(t.Context(), log, rows, nil, Spec{Windows: []int64{7 * day, 30 * day}, MinLeads: 3})
	if err != nil {
		t.Fatal(err)
	}
	columns, err := plan.Columns(t.Context(), log, rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(worked), "\n")
	if len(lines) != len(columns) {
		t.Fatalf("%d columns, want %d", len(columns), len(lines))
	}
	for i, f := range plan.Fields() {
		words := strings.Fields(lines[i])
		if f.Name != words[0] {
			t.Errorf("column %d is %q, want %q", i, f.Name, words[0])
		}
		for row, want := range words[1:] {
			v := columns[i].Value(row)
			switch {
			case want == "-" && v.Missing(), f.Kind == datasets.Categorical && v.Str == want:
				continue
			case f.Kind == datasets.Numeric && !v.Missing():
				x, err := strconv.ParseFloat(want, 64)
				if err == nil && math.Abs(v.Num-x) <= 1e-14*math.Abs(x) && !(v.Num == 0 && math.Signbit(v.Num)) {
					continue
				}
			}
			t.Errorf("%s of %s is %q, want %s", f.Name, leads[row], v, want)
		}
	}
}

func moment(t *testing.T, text string) int64 {
	t.Helper()
	v, err := (&datasets.Field{Kind: datasets.Time}).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v.Time
}

func closed(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
