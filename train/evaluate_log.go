package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// LogOptions say what predictions of a log are held against.
type LogOptions struct {
	Name    string          // of the model; predictions of others are left out
	Targets []Target        // names are those of the log; the first is the primary one
	ID      string          // column of the outcomes that has the leads' ids
	Salt    []byte          // ids of the log are model.HashID of it and the lead's; nil: they are the leads'
	Pick    string          // of several predictions of a lead: first ("") or last, of those before its outcome
	Model   *model.Artifact // the policy's cut-offs are told by it; nil: they are not told

	Nulls      []string                  // of the outcomes; nil: datasets.DefaultNulls
	Force      map[string]datasets.Field // of the outcomes, by column; others are inferred
	Zone       string                    // of times of outcomes that name none
	BadRows    datasets.BadRows          // of both
	MaxBadRows int
	Workers    int
	Now        time.Time // outcomes after it are in the future; zero: none is
}

// LogOptionsOf takes from a model what its training knew of the outcomes.
func LogOptionsOf(a *model.Artifact) LogOptions {
	o := LogOptions{Name: a.Name, ID: a.ID, Model: a, Nulls: a.Schema.Nulls}
	for _, t := range a.Targets {
		o.Targets = append(o.Targets, Target{Name: t.Name, Column: t.Outcome.Column, Positive: t.Outcome.Positive, Negative: t.Outcome.Negative, At: t.Outcome.At, Horizon: t.Outcome.Horizon})
	}
	return o
}

// LogOptions takes from a configuration what it says of the outcomes.
func (c Config) LogOptions() LogOptions {
	c = c.withDefaults()
	return LogOptions{Name: c.Name, ID: c.Leads.ID, Targets: c.Targets, Nulls: c.Nulls, Force: c.Force, Zone: c.Zone, BadRows: c.BadRows, MaxBadRows: c.MaxBadRows}
}

// LogEvaluation is the card of logged predictions: of all versions of the model together, as they were answered, and of each by itself.
type LogEvaluation struct {
	*model.Card
	Versions []LogVersion `json:"versions"`
}

// LogVersion is the predictions of one version of the model.
type LogVersion struct {
	Version string                       `json:"version"`
	Digest  string                       `json:"digest"`
	Targets map[string]*model.TargetCard `json:"targets"` // those that could be measured
	Notes   []string                     `json:"notes"`   // why the others could not
}

// EvaluateLog measures logged predictions by outcomes that came later. log is a file or a folder of files as the server writes them; path is a file
// with a row a lead: its id, its outcomes and, where the targets name it, when they came. The prediction of a lead that counts was made for a moment
// (its as-of, or else when it was answered) not after the outcome; the account of each target says of every prediction where it went.
func EvaluateLog(ctx context.Context, log, path string, o LogOptions) (*LogEvaluation, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	files, err := datasets.Expand(log)
	if err != nil {
		return nil, fmt.Errorf("reading the prediction log: %w", err)
	}
	outcomes, err := o.readOutcomes(ctx, path)
	if err != nil {
		return nil, err
	}
	s, err := o.scan(outcomes)
	if err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", path, err)
	}
	for _, f := range files {
		left := o.MaxBadRows
		if left > 0 {
			left = max(1, left-s.bad)
		}
		if err := s.file(ctx, f, datasets.ReadOptions{BadRows: o.BadRows, MaxBadRows: left, Workers: o.Workers}); err != nil {
			return nil, err
		}
		if o.MaxBadRows > 0 && s.bad > o.MaxBadRows {
			return nil, fmt.Errorf("reading the prediction log: %d rows cannot be read; at most %d may be skipped", s.bad, o.MaxBadRows)
		}
	}
	joined, err := o.join(ctx, outcomes, s)
	if err != nil {
		return nil, fmt.Errorf("evaluating %s on %s: %w", log, path, err)
	}
	return joined.evaluate(outcomes)
}

func (o *LogOptions) check() error {
	var problems []error
	if o.Name == "" || len(o.Targets) == 0 {
		problems = append(problems, errors.New("evaluating a prediction log: want the model's name and a target"))
	}
	if o.ID == "" {
		problems = append(problems, errors.New("evaluating a prediction log: predictions belong to leads by their id; name its column in the outcomes (--id)"))
	}
	if o.Pick != "" && o.Pick != "first" && o.Pick != "last" {
		problems = append(problems, fmt.Errorf("evaluating a prediction log: of several predictions of a lead %q counts; want first or last", o.Pick))
	}
	return errors.Join(problems...)
}

// readOutcomes reads the columns of ids and outcomes. Targets whose column the file lacks go, the primary one must be there.
func (o *LogOptions) readOutcomes(ctx context.Context, path string) (*datasets.Table, error) {
	names, err := datasets.Names(path)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, o.ID) {
		return nil, fmt.Errorf("reading %s: no column %q, the leads' ids (--id names another)%s", path, o.ID, didYouMean(datasets.Nearest(o.ID, names)))
	}
	force := map[string]datasets.Field{}
	maps.Copy(force, o.Force)
	force[o.ID] = datasets.Field{Name: o.ID, Kind: datasets.Text}
	wanted := []string{o.ID}
	var targets []Target
	for i, t := range o.Targets {
		if !slices.Contains(names, t.Column) {
			if i == 0 {
				return nil, fmt.Errorf("reading %s: %w%s", path, &noOutcomeError{t.Column, t.Name}, didYouMean(datasets.Nearest(t.Column, names)))
			}
			continue
		}
		if t.At != "" && !slices.Contains(names, t.At) {
			if t.Horizon != "" {
				return nil, fmt.Errorf("reading %s: no column %q, the time of the outcome of target %q, which counts for %s", path, t.At, t.Name, t.Horizon)
			}
			t.At = ""
		}
		t.Via, t.Prior = "", 0
		targets = append(targets, t)
		force[t.Column] = datasets.Field{Name: t.Column, Kind: datasets.Categorical}
		wanted = append(wanted, t.Column)
		if t.At != "" {
			wanted = append(wanted, t.At)
		}
	}
	o.Targets = targets
	skip := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(wanted, name) })
	for _, name := range skip {
		delete(force, name)
	}
	table, err := datasets.Read(ctx, path, datasets.ReadOptions{Nulls: o.Nulls, Force: force, Zone: o.Zone, Skip: skip, BadRows: o.BadRows, MaxBadRows: o.MaxBadRows, Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	slices.Sort(wanted)
	report := table.Report
	table, err = datasets.SelectColumns(table, slices.Compact(wanted))
	if err == nil {
		table.Report = report
	}
	return table, err
}

// scan prepares the search for predictions of the leads of a table.
func (o *LogOptions) scan(t *datasets.Table) (*logScan, error) {
	s := &logScan{model: o.Name, last: o.Pick == "last", read: o.BadRows, row: make(map[string]int, t.Rows()), found: make([]*logged, t.Rows()), others: map[string]int{}}
	for _, target := range o.Targets {
		s.targets = append(s.targets, target.Name)
	}
	primary, err := readOutcomes(t, o.Targets[0])
	if err != nil {
		return nil, err
	}
	s.until = make([]int64, 0, t.Rows())
	id, at := t.Schema.Index(o.ID), t.Schema.Index(o.Targets[0].At)
	if at >= 0 && t.Schema.Fields[at].Kind != datasets.Time && t.Schema.Fields[at].Kind != datasets.Unknown {
		return nil, fmt.Errorf("reading target %q: column %q (its `at`) is %v, want time", o.Targets[0].Name, o.Targets[0].At, t.Schema.Fields[at].Kind)
	}
	first := map[string]string{} // the cells of a lead's first row
	for _, b := range t.Batches {
		for i := range b.Rows() {
			row, until := len(s.until), int64(datasets.MissingTime)
			if at >= 0 && primary.Label[row] != setAside {
				if v := b.Value(at, i); !v.Missing() {
					until = v.Time
				}
			}
			s.until = append(s.until, until)
			lead := b.Value(id, i).Str
			if lead == "" {
				continue
			}
			all := fmt.Sprint(cellsOf(b, i))
			key := lead
			if o.Salt != nil {
				key = model.HashID(o.Salt, lead)
			}
			switch before, twice := first[lead]; {
			case !twice:
				first[lead], s.row[key] = all, row
			case before != all:
				s.row[key] = -1
			}
		}
	}
	return s, nil
}

func cellsOf(b *datasets.Batch, row int) []datasets.Value {
	cells := make([]datasets.Value, len(b.Schema().Fields))
	b.Row(row, cells)
	return cells
}

// nothing says why no prediction could be held against an outcome.
func (o *LogOptions) nothing(s *logScan) error {
	var parts []string
	for r, n := range s.why {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d: %s", n, logWords[r].text))
		}
	}
	hint := ""
	switch {
	case s.rows == 0:
		parts = []string{"it is empty"}
	case s.why[logOtherModel] == s.rows:
		hint = fmt.Sprintf("; asked for is model %s, target %s; the log has %s", o.Name, o.Targets[0].Name, strings.Join(slices.Sorted(maps.Keys(s.others)), "; "))
	case o.Salt == nil && s.hashed > 0:
		hint = "; the log's ids look hashed: --log-salt names the file with the salt"
	case o.Salt != nil && s.hashed == 0:
		hint = "; the log's ids are not hashed: leave out --log-salt"
	}
	return fmt.Errorf("no prediction of the log can be measured (%s%s)", strings.Join(parts, ", "), hint)
}
