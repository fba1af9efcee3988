package train

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// AuditOptions say what Audit leaves out and how it splits; the zero value is the documented default.
type AuditOptions struct {
	ID      string   // column that names a lead: not audited, but no lead may stand on both sides; "": none
	AsOf    string   // Time column; "": the rows are split at random
	Exclude []string // columns that are no features
	Workers int      // 0: GOMAXPROCS; the result does not depend on it
}

// Audit looks for columns that leak the outcome, before there is a configuration: with a hold-out of a fifth of the
// rows with an outcome, the latest ones where there is an as-of column, else at random.
func Audit(t *datasets.Table, target Target, o AuditOptions) ([]model.Suspect, *model.Audit, error) {
	c := Config{Leads: Leads{ID: o.ID, AsOf: o.AsOf}, Targets: []Target{target}, AllowSmall: true, Workers: o.Workers}.withDefaults()
	c.Features.Exclude = o.Exclude
	d, err := label(context.Background(), t, &c)
	if err != nil {
		return nil, nil, err
	}
	if err = d.split(c.Split); err != nil && c.Split.By == "time" { // one moment, gaps in as-of, or one class at the end: no reason to see nothing
		c.Split.By = "random"
		err = d.split(c.Split)
	}
	if err != nil {
		return nil, nil, err
	}
	return d.audit(&c)
}

// mostAudited bounds the rows that the statistics are about. Of more a fixed sample is taken, by a hash of the row's
// number: 30,000 rows place an AUC to about ±.02, and the statistics cost the same at any size. Duplicates are
// looked for among all training rows.
const mostAudited = 30_000

// auditing is what the columns of one audit share.
type auditing struct {
	table  *datasets.Table
	rows   evaluate.AuditRows
	places [][]int32 // by batch: the rows that are read
	learn  []bool    // of the rows read: whether they are training rows
	end    []int64   // of the rows read, the outcome's time; nil: not known
	endOf  string
	asOf   []int64 // of the rows read; nil: not known
}

// audit audits the primary target on the training and hold-out rows; the outcome's time is compared with other times.
func (d *data) audit(c *Config) ([]model.Suspect, *model.Audit, error) {
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	a := d.auditing()
	skip := append([]string{c.Leads.ID, d.form.column()}, c.Features.Exclude...)
	var columns []int
	for j, f := range d.leads.Schema.Fields {
		if f.Kind != datasets.Unknown && f.Kind != datasets.Text && !slices.Contains(skip, f.Name) {
			columns = append(columns, j)
		}
	}
	coded := make([]evaluate.AuditColumn, len(columns))
	each(workers, len(columns), func(k int) { coded[k] = a.code(columns[k]) })
	suspects, audit, err := evaluate.Audit(a.rows, coded, workers)
	if err != nil {
		return nil, nil, err
	}
	audit.Of = d.rows()

	ids := map[string]bool{}
	for _, s := range suspects {
		for _, check := range s.Checks {
			ids[s.Column] = ids[s.Column] || check.Kind == model.CheckID
		}
	}
	columns = slices.DeleteFunc(columns, func(j int) bool { return ids[d.leads.Schema.Fields[j].Name] })
	both := d.acrossSplit(columns, workers)
	audit.Equal, audit.EqualOf = both.Equal, both.Compared
	return append(suspects, both.Check()...), audit, nil
}

func (d *data) auditing() *auditing {
	a := &auditing{table: d.leads}
	primary := d.outcomes[0]
	n := d.rows()
	if primary.at != nil {
		a.endOf = primary.Target.At
	}
	a.rows.ByTime = d.splitBy == "time"
	row := 0
	for _, batch := range d.leads.Batches {
		var places []int32
		for i := range batch.Rows() {
			if audited(row, n) {
				places = append(places, int32(i))
				a.rows.Class = append(a.rows.Class, primary.Label[row])
				a.rows.Holdout = append(a.rows.Holdout, d.holdout[row])
				a.learn = append(a.learn, d.train[row])
				if d.asOf != nil {
					a.asOf = append(a.asOf, d.asOf[row])
					at := math.NaN()
					if d.asOf[row] != datasets.MissingTime {
						at = float64(d.asOf[row])
					}
					a.rows.AsOf = append(a.rows.AsOf, at)
				}
				if primary.at != nil {
					a.end = append(a.end, primary.at[row])
				}
			}
			row++
		}
		a.places = append(a.places, places)
	}
	if d.asOf != nil {
		a.rows.Name = d.form.column()
	}
	return a
}

// audited reports whether a row of n is read: each of up to mostAudited, else those whose hash is low.
func audited(row, n int) bool {
	if n <= mostAudited {
		return true
	}
	return float64(mix(uint64(row))>>11)/(1<<53) < float64(mostAudited)/float64(n)
}

// mix is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// AuditText tells a suspect in one line, after its column: its two strongest checks.
func AuditText(s model.Suspect) string {
	text := ""
	for i, c := range s.Checks {
		if i == 2 {
			return fmt.Sprintf("%s (%d more in the report)", text, len(s.Checks)-2)
		}
		if i > 0 {
			text += "; "
		}
		text += c.Text
	}
	return text
}
