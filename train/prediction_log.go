package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
)

// logged is one prediction of a log.
type logged struct {
	moment, at int64 // that the lead was scored at, and when that was done
	version    string
	digest     string

	probabilities []float64 // of each of the wanted targets; NaN: the model had no such target
	ruleScore     float64   // NaN: it had no rules
	ruleChance    float64
	score         float64
	blended       float64 // NaN: the blend's method gives no probability
}

// The reasons for which predictions are left out before their outcomes are looked at, in the order of the account.
const (
	logOtherModel = iota
	logNoLead
	logUnknown
	logAmbiguous
	logLate
	logAnother
	logReasons // their number
)

var logWords = [logReasons]struct{ what, text string }{
	logOtherModel: {"another model", "the prediction is of another model"},
	logNoLead:     {"no lead", "the prediction has no lead id: nothing tells its outcome"},
	logUnknown:    {"lead unknown", "the lead is not in the file of outcomes"},
	logAmbiguous:  {"lead ambiguous", "the lead is in the file of outcomes more than once, with different outcomes"},
	logLate:       {"after the outcome", "the prediction was made for a moment after the outcome"},
	logAnother:    {"another prediction", "another prediction of the lead is the one that is measured"},
}

// logScan picks from a log one prediction for each lead of a file of outcomes. Its memory grows with that file, not with the log.
type logScan struct {
	model   string // name
	targets []string
	last    bool             // of several predictions of a lead: the last; else the first
	row     map[string]int   // of the file of outcomes, by what stands in the log for the id; -1: ambiguous
	until   []int64          // by row: moment of the outcome; MissingTime: not known, or open
	read    datasets.BadRows // what happens to rows that make no sense

	found  []*logged // by row; nil: none
	rows   int
	why    [logReasons]int
	others map[string]int
	bad    int
	hashed int // ids that look like hashes
}

// logColumns are the columns that are read; the log has more.
func logColumns() *datasets.Schema {
	all := model.LogSchema()
	s := &datasets.Schema{Nulls: all.Nulls}
	for _, name := range []string{model.LogTime, model.LogLeadID, model.LogAsOf, model.LogModel, model.LogVersion, model.LogDigest, model.LogTarget, model.LogProbability,
		model.LogProbabilities, model.LogRuleScore, model.LogRuleChance, model.LogBlended, model.LogScore} {
		s.Fields = append(s.Fields, all.Fields[all.Index(name)])
	}
	return s
}

// logRow is a row of a log, its cells by name.
type logRow struct {
	batch *datasets.Batch
	row   int
}

func (c logRow) value(name string) datasets.Value {
	return c.batch.Value(c.batch.Schema().Index(name), c.row)
}

func (c logRow) moment(name string) int64 {
	if v := c.value(name); !v.Missing() {
		return v.Time
	}
	return datasets.MissingTime
}

// number is NaN where the cell is missing.
func (c logRow) number(name string) float64 {
	if v := c.value(name); !v.Missing() {
		return v.Num
	}
	return math.NaN()
}

// file reads one file of the log.
func (s *logScan) file(ctx context.Context, path string, o datasets.ReadOptions) (err error) {
	o.Schema = logColumns()
	r, err := datasets.Open(ctx, path, o)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // read only
	for n := 0; ; {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n == 0 {
			if err := wholeLog(path, r.Report().Absent); err != nil {
				return err
			}
		}
		for row := range b.Rows() {
			n++
			if err := s.prediction(logRow{b, row}); err != nil {
				if s.read == datasets.FailOnBadRows {
					return fmt.Errorf("reading %s: row %d: %w", path, n, err)
				}
				s.bad++
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	s.bad += r.Report().BadTotal
	return wholeLog(path, r.Report().Absent)
}

// wholeLog refuses a file that is no log.
func wholeLog(path string, absent []string) error {
	if len(absent) == 0 {
		return nil
	}
	return fmt.Errorf("reading %s: it is no prediction log: it has no column %s", path, strings.Join(absent, ", "))
}

// prediction takes one row. A row with an error makes no sense, and is not counted.
func (s *logScan) prediction(c logRow) error {
	x := &logged{moment: c.moment(model.LogAsOf), at: c.moment(model.LogTime), score: c.number(model.LogScore), blended: c.number(model.LogBlended),
		ruleScore: c.number(model.LogRuleScore), ruleChance: c.number(model.LogRuleChance)}
	x.version, x.digest = c.value(model.LogVersion).Str, c.value(model.LogDigest).Str
	name := c.value(model.LogModel).Str
	switch {
	case x.at == datasets.MissingTime:
		return fmt.Errorf("column %q is missing; want when it was made", model.LogTime)
	case name == "":
		return fmt.Errorf("column %q is missing; want the name of the model", model.LogModel)
	}
	if name != s.model || c.value(model.LogTarget).Str != s.targets[0] {
		s.rows++
		s.why[logOtherModel]++
		s.others[name+", target "+c.value(model.LogTarget).Str]++
		return nil
	}
	if err := s.figures(c, x); err != nil {
		return err
	}
	if x.moment == datasets.MissingTime {
		x.moment = x.at
	}
	s.rows++
	s.keep(c.value(model.LogLeadID).Str, x)
	return nil
}

// figures reads the probabilities and checks all that is measured.
func (s *logScan) figures(c logRow, x *logged) error {
	share := func(column string, p float64, must bool) error {
		if math.IsNaN(p) && !must || p >= 0 && p <= 1 {
			return nil
		}
		return fmt.Errorf("column %q: %v is no probability; want a number from 0 to 1", column, p)
	}
	primary := c.number(model.LogProbability)
	problems := []error{share(model.LogProbability, primary, true), share(model.LogRuleChance, x.ruleChance, false), share(model.LogBlended, x.blended, false)}
	if !(x.score >= 0 && x.score <= 100) {
		problems = append(problems, fmt.Errorf("column %q: %v is no score; want a number from 0 to 100", model.LogScore, x.score))
	}
	by := map[string]*float64{}
	if text := c.value(model.LogProbabilities).Str; text != "" {
		if err := json.Unmarshal([]byte(text), &by); err != nil {
			problems = append(problems, fmt.Errorf("column %q: not a JSON object of probabilities by target", model.LogProbabilities))
		}
	}
	x.probabilities = make([]float64, len(s.targets))
	for i, name := range s.targets {
		x.probabilities[i] = math.NaN()
		if p := by[name]; p != nil {
			problems = append(problems, share(model.LogProbabilities, *p, false))
			x.probabilities[i] = *p
		}
	}
	x.probabilities[0] = primary
	return errors.Join(problems...)
}

// keep takes a prediction where it is the one of its lead that counts.
func (s *logScan) keep(id string, x *logged) {
	if len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" {
		s.hashed++
	}
	row, known := s.row[id]
	switch {
	case id == "":
		s.why[logNoLead]++
		return
	case !known:
		s.why[logUnknown]++
		return
	case row < 0:
		s.why[logAmbiguous]++
		return
	case s.until[row] != datasets.MissingTime && x.moment > s.until[row]:
		s.why[logLate]++
		return
	}
	before := s.found[row]
	if before != nil {
		s.why[logAnother]++
		earlier := x.moment < before.moment || x.moment == before.moment && x.at < before.at
		later := x.moment > before.moment || x.moment == before.moment && x.at > before.at
		if s.last && !later || !s.last && !earlier {
			return
		}
	}
	s.found[row] = x
}
