package train

import (
	"context"
	"fmt"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
)

// data is the leads of a run with their labels and their split.
type data struct {
	leads          *datasets.Table // without the columns of outcomes: no feature can see one; nil once spent (see fitLinear)
	heldOut        *datasets.Table // the hold-out's rows of leads; nil where the hold-out is the whole file
	outcomes       []*Outcomes     // by target; the first is the primary one
	outcomeColumns []string
	raw            *datasets.Table // those columns, in the batches of leads; nil without Config.KeepOutcomes
	changed        []string        // columns of leads that came from the changes
	form           AsOf
	asOf           []int64 // nil without as-of
	lead           []int32 // rows with the same number are of one lead; nil: every row is a lead of its own
	period         period
	repeated       int // rows that a grid added
	capped         int // leads with more rows in the grid than mostRows
	untimed        int // closed leads of which a grid does not know when
	duplicates     []model.Finding
	cut            int64     // first moment of the hold-out; MissingTime where it was not chosen by time
	purged         []reason  // why a row is neither in training nor in the hold-out, see purge; nil: no row is purged
	ids            int       // column of leads; -1 without
	used           []bool    // rows whose primary outcome is known
	weights        []float64 // of the rows of leads, all above 0; nil: all 1
	offsets        []float64 // of the rows of leads, in log-odds; nil: none
	numbers        []int     // of the rows in the file, from 1; nil: none is left out
	groups         []string  // of the rows, where split by group; nil: the folds may part any rows
	train, holdout []bool    // of them
	splitBy        string
	quick          bool // fitted to be measured alone: no covariance
	keep           bool // leads are needed after the last fit
	findings       []model.Finding
	segments       []string // columns to tell the hold-out apart by; nil: segmentColumns chooses

	log       *eventLog        // nil without one
	rowsOfLog []history.Moment // of leads
	events    *history.Plan    // that made columns of leads; nil: none

	ruleEvents [][]datasets.Event // of each row, what the rules ask for; nil: none do
}

func (c Config) withDefaults() Config {
	if c.Split.By == "" {
		c.Split.By = "random"
		if c.Leads.AsOf != "" {
			c.Split.By = "time"
		}
	}
	if c.Split.Holdout == 0 {
		c.Split.Holdout = .2
	}
	if c.Split.Seed == 0 {
		c.Split.Seed = 1
	}
	if c.Model.Kind == "" {
		c.Model.Kind = "additive"
	}
	if c.Model.Folds == 0 {
		c.Model.Folds = 5
	}
	if c.Model.Seed == 0 {
		c.Model.Seed = 1
	}
	if c.Name == "" && len(c.Targets) > 0 {
		c.Name = c.Targets[0].Name
	}
	return c
}

// readOptions reads ids as text (007 stays 007), outcomes by level, and everything else as inferred or
// as the configuration forces.
func (c *Config) readOptions() datasets.ReadOptions {
	force := map[string]datasets.Field{}
	for name, f := range c.Force {
		force[name] = f
	}
	if c.Leads.ID != "" {
		force[c.Leads.ID] = datasets.Field{Name: c.Leads.ID, Kind: datasets.Text}
	}
	for _, t := range c.Targets {
		force[t.Column] = datasets.Field{Name: t.Column, Kind: datasets.Categorical}
	}
	if c.Leads.Weight != "" {
		force[c.Leads.Weight] = datasets.Field{Name: c.Leads.Weight, Kind: datasets.Numeric, DecimalComma: c.Force[c.Leads.Weight].DecimalComma}
	}
	if c.Leads.Offset != "" {
		force[c.Leads.Offset] = datasets.Field{Name: c.Leads.Offset, Kind: datasets.Numeric, DecimalComma: c.Force[c.Leads.Offset].DecimalComma, Required: true}
	}
	return datasets.ReadOptions{Nulls: c.Nulls, Force: force, Skip: c.unread(), Zone: c.Zone, BadRows: c.BadRows, MaxBadRows: c.MaxBadRows, Workers: c.Workers}
}

// unread is the excluded columns that nothing else asks for: they are not parsed, and the artifact's schema
// has them without a kind.
func (c *Config) unread() []string {
	wanted := map[string]bool{c.Leads.ID: true, c.Split.Group: true, c.Leads.Weight: true, c.Leads.Offset: true}
	if form, err := ParseAsOf(c.Leads.AsOf); err == nil { // else label says what is wrong
		wanted[form.Column] = true
	}
	for name := range c.Force { // somebody cares how it is read
		wanted[name] = true
	}
	for _, t := range c.Targets {
		wanted[t.Column], wanted[t.At] = true, true
	}
	for _, stage := range []StageConfig{c.Policy.MQL, c.Policy.SQL} {
		for _, name := range stage.Required {
			wanted[name] = true
		}
	}
	for _, name := range c.Segments {
		wanted[name] = true
	}
	ruled := c.Rules.Reads()
	var names []string
	for _, name := range c.Features.Exclude {
		if !wanted[name] && !ruled(name) {
			names = append(names, name)
		}
	}
	return names
}

// label takes the outcomes out of the table, makes a row of each lead and as-of moment, and checks that
// there are enough of both classes.
func label(ctx context.Context, t *datasets.Table, c *Config) (*data, error) {
	d := &data{ids: -1, cut: datasets.MissingTime, period: newPeriod(c)}
	var err error
	if d.form, err = ParseAsOf(c.Leads.AsOf); err != nil {
		return nil, fmt.Errorf("reading data.leads.as_of: %w", err)
	}
	fileRows := t.Rows()
	if t, d.weights, d.numbers, err = weigh(t, c.Leads.Weight); err != nil {
		return nil, err
	}
	if err := d.readTargets(t, c); err != nil {
		return nil, err
	}
	if c.Leads.ID != "" {
		if d.ids = d.leads.Schema.Index(c.Leads.ID); d.ids < 0 {
			return nil, fmt.Errorf("reading the leads: no column %q (data.leads.id)", c.Leads.ID)
		}
	}
	if err := d.makeRows(ctx, c); err != nil {
		return nil, err
	}
	if c.Leads.Offset != "" {
		if err := d.readOffsets(c.Leads.Offset); err != nil {
			return nil, err
		}
	}
	for _, o := range d.outcomes {
		enough := func(weights []float64) (string, error) { return o.enough(c.AllowSmall, weights) }
		if c.Measured {
			enough = o.measurable
		}
		warning, err := enough(d.weights)
		if err != nil {
			return nil, err
		}
		if warning != "" {
			d.findings = append(d.findings, model.Finding{Column: o.Target.Column, Reason: "small", Text: warning})
		}
	}
	d.used = make([]bool, len(d.outcomes[0].Label))
	for i, l := range d.outcomes[0].Label {
		d.used[i] = l != setAside
	}
	if d.weights != nil {
		d.findings = append(d.findings, d.weightFinding(c.Leads.Weight, fileRows))
	}
	return d, nil
}

// readTargets reads the outcomes as they stand in the file, and takes their columns out of the leads.
func (d *data) readTargets(t *datasets.Table, c *Config) error {
	if len(c.Targets) == 0 {
		return fmt.Errorf("training: no target; name one under `targets`")
	}
	outcome := map[string]bool{}
	if c.Deals != nil { // whether there is a deal is an outcome, target or not
		outcome[c.Deals.Matched] = true
	}
	for _, target := range c.Targets {
		o, err := readOutcomes(t, target)
		if err != nil {
			return err
		}
		if err := o.readTimes(t, d.form); err != nil {
			return err
		}
		if err := d.chain(o); err != nil {
			return err
		}
		d.outcomes = append(d.outcomes, o)
		outcome[target.Column] = true
		if target.At != "" {
			outcome[target.At] = true
		}
	}
	var names []string
	for _, f := range t.Schema.Fields {
		if outcome[f.Name] {
			d.outcomeColumns = append(d.outcomeColumns, f.Name)
		} else if f.Name != c.Leads.Weight {
			names = append(names, f.Name)
		}
	}
	var err error
	if c.KeepOutcomes {
		if d.raw, err = datasets.SelectColumns(t, d.outcomeColumns); err != nil {
			return err
		}
	}
	d.leads, err = datasets.SelectColumns(t, names)
	return err
}

func (d *data) rows() int { return len(d.used) }

// split divides the rows with a known primary outcome into training and hold-out.
func (d *data) split(s Split) (err error) {
	primary := d.outcomes[0]
	positives := make([]bool, d.rows())
	for i, l := range primary.Label {
		positives[i] = l == positive
	}
	switch s.By {
	case "random":
		d.holdout, err = datasets.StratifiedLeadSplit(positives, d.lead, d.used, s.Holdout, s.Seed)
	case "time":
		if d.asOf == nil {
			return fmt.Errorf("splitting by time: data.leads.as_of names no column")
		}
		d.holdout, err = datasets.TimeSplit(d.asOf, d.used, d.weights, s.Holdout)
	case "group":
		column := d.leads.Schema.Index(s.Group)
		if column < 0 {
			return fmt.Errorf("splitting by group: no column %q (split.group) in the leads", s.Group)
		}
		d.groups = groups(d.leads, column)
		d.holdout, err = datasets.GroupSplit(d.groups, d.used, d.weights, s.Holdout, s.Seed)
	default:
		return fmt.Errorf("splitting: unknown split.by %q; want time, random or group", s.By)
	}
	if err != nil {
		return err
	}
	d.splitBy = s.By
	d.purge()
	d.train = make([]bool, d.rows())
	var train, hold [2]int
	for i, u := range d.used {
		switch {
		case !u:
		case d.holdout[i]:
			hold[primary.Label[i]]++
		case d.purged == nil || d.purged[i] == kept:
			d.train[i] = true
			train[primary.Label[i]]++
		}
	}
	if min(train[0], train[1], hold[0], hold[1]) == 0 {
		return fmt.Errorf("splitting by %s: training has %d positives and %d negatives, the hold-out %d and %d%s; each side needs both (try another split.holdout or split.by)",
			s.By, train[1], train[0], hold[1], hold[0], d.purgedText())
	}
	d.heldOut, err = datasets.SelectRows(d.leads, d.holdout)
	return err
}

// forgetIDs makes the ids of leads missing; heldOut keeps its own. They are told of the hold-out alone, and
// the texts of ten million ids are as much memory as three numeric columns.
func (d *data) forgetIDs() error {
	if d.ids < 0 {
		return nil
	}
	most := 0
	for _, b := range d.leads.Batches {
		most = max(most, b.Rows())
	}
	blank := make([]string, most)
	without := &datasets.Table{Schema: d.leads.Schema, Report: d.leads.Report}
	for _, b := range d.leads.Batches {
		columns := make([]datasets.Column, len(d.leads.Schema.Fields))
		for i := range columns {
			columns[i] = *b.Column(i)
		}
		columns[d.ids].Texts = blank[:b.Rows()]
		nb, err := datasets.NewBatch(d.leads.Schema, b.Rows(), columns)
		if err != nil {
			return err
		}
		without.Batches = append(without.Batches, nb)
	}
	d.leads = without
	return nil
}

func (d *data) note(notes []features.Note) {
	for _, n := range notes {
		d.findings = append(d.findings, model.Finding(n))
	}
}

// sample describes the rows that train a target, or with held those of its hold-out.
func (d *data) sample(target int, held bool) model.Sample {
	var s model.Sample
	rows, positives := 0.0, 0.0
	low, high := int64(datasets.MissingTime), int64(datasets.MissingTime)
	for i, l := range d.outcomes[target].Label {
		if l == setAside || held && !d.holdout[i] || !held && !d.trains(target, i) {
			continue
		}
		rows += weightAt(d.weights, i)
		if l == positive {
			positives += weightAt(d.weights, i)
		}
		if d.asOf == nil || d.asOf[i] == datasets.MissingTime {
			continue
		}
		if low == datasets.MissingTime || d.asOf[i] < low {
			low = d.asOf[i]
		}
		high = max(high, d.asOf[i])
	}
	s.Rows, s.Positives = rounded(rows), rounded(positives)
	if low != datasets.MissingTime {
		s.From, s.To = time.UnixMicro(low).UTC().Format(time.RFC3339), time.UnixMicro(high).UTC().Format(time.RFC3339)
	}
	return s
}

func (d *data) card(r *datasets.ReadReport) *model.Card {
	c := &model.Card{Targets: map[string]*model.TargetCard{}, Rows: d.rows(), SetAside: d.outcomes[0].SetAside, Findings: append(d.findings, d.history()...), Primary: d.outcomes[0].Target.Name}
	if r != nil {
		c.BadRows, c.Digest = r.BadTotal, r.Digest
	}
	return c
}

// times returns the as-of column; it must be of kind time and known in every row.
func times(t *datasets.Table, name string) ([]int64, error) {
	column := t.Schema.Index(name)
	if column < 0 {
		all := make([]string, len(t.Schema.Fields))
		for i, f := range t.Schema.Fields {
			all[i] = f.Name
		}
		return nil, fmt.Errorf("reading the leads: no column %q (data.leads.as_of)%s", name, didYouMean(datasets.Nearest(name, all)))
	}
	if k := t.Schema.Fields[column].Kind; k != datasets.Time {
		return nil, fmt.Errorf("reading the leads: column %q (data.leads.as_of) is %v, want time", name, k)
	}
	at := make([]int64, 0, t.Rows())
	for _, b := range t.Batches {
		at = append(at, b.Column(column).Times...)
	}
	return at, nil
}

// groups names the group of each row: the text of the cell, "" where it is missing.
func groups(t *datasets.Table, column int) []string {
	g := make([]string, 0, t.Rows())
	for _, b := range t.Batches {
		for i := range b.Rows() {
			g = append(g, b.Value(column, i).String())
		}
	}
	return g
}
