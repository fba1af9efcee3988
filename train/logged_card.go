package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// joinedLog is the predictions that count, a row each, with their outcomes.
type joinedLog struct {
	*data
	options *LogOptions
	scan    *logScan
	rows    []*logged
	late    int // answered after the outcome, as of a moment before it
}

// momentColumn is the column that the moments of the predictions are in; an exporter would hardly have named one so.
const momentColumn = "as of the prediction"

// join labels the predictions as training labels leads: outcomes before the prediction, or in the future, are none, and with a horizon those
// within it count.
func (o *LogOptions) join(ctx context.Context, outcomes *datasets.Table, s *logScan) (*joinedLog, error) {
	j := &joinedLog{options: o, scan: s}
	keep := make([]bool, len(s.found))
	for row, x := range s.found {
		if keep[row] = x != nil; keep[row] {
			j.rows = append(j.rows, x)
			if s.until[row] != datasets.MissingTime && x.at > s.until[row] {
				j.late++
			}
		}
	}
	if len(j.rows) == 0 {
		return nil, o.nothing(s)
	}
	table, err := datasets.SelectRows(outcomes, keep)
	if err != nil {
		return nil, err
	}
	moments := datasets.ColumnOf(datasets.Time, len(j.rows), func(row int) datasets.Value { return datasets.At(j.rows[row].moment) })
	if table, err = datasets.Replace(table, []datasets.Field{{Name: momentColumn, Kind: datasets.Time}}, []datasets.Column{moments}); err != nil {
		return nil, err
	}
	c := Config{Name: o.Name, Leads: Leads{ID: o.ID, AsOf: QuoteAsOf(momentColumn)}, Targets: o.Targets, Measured: true, Duplicates: DropDuplicates, Now: o.Now, Workers: o.Workers}.withDefaults()
	if end := o.latest(outcomes); end != datasets.MissingTime && o.horizons() {
		c.End = time.UnixMicro(end + 1).UTC() // the file tells outcomes up to here, of whatever leads
	}
	if j.data, err = label(ctx, table, &c); err != nil {
		return nil, err
	}
	if j.data.rows() != len(j.rows) {
		return nil, fmt.Errorf("labelling %d predictions gave %d rows", len(j.rows), j.data.rows())
	}
	j.holdout, j.train, j.splitBy = j.used, make([]bool, j.data.rows()), "file"
	return j, nil
}

func (o *LogOptions) horizons() bool {
	return slices.ContainsFunc(o.Targets, func(t Target) bool { return t.Horizon != "" })
}

// latest is the latest moment of an outcome that is not in the future; MissingTime: none is known.
func (o *LogOptions) latest(outcomes *datasets.Table) int64 {
	latest := int64(datasets.MissingTime)
	for _, t := range o.Targets {
		at := outcomes.Schema.Index(t.At)
		if at < 0 || outcomes.Schema.Fields[at].Kind != datasets.Time {
			continue
		}
		for _, b := range outcomes.Batches {
			for _, when := range b.Column(at).Times {
				if o.Now.IsZero() || when <= o.Now.UnixMicro() {
					latest = max(latest, when)
				}
			}
		}
	}
	return latest
}

// evaluate measures all predictions, and those of each version.
func (j *joinedLog) evaluate(outcomes *datasets.Table) (*LogEvaluation, error) {
	report := outcomes.Report
	e := &LogEvaluation{Card: j.card(report), Versions: []LogVersion{}}
	e.BadRows += j.scan.bad
	say := func(reason, format string, args ...any) {
		e.Findings = append(e.Findings, model.Finding{Reason: reason, Text: fmt.Sprintf(format, args...)})
	}
	if j.late > 0 {
		say("log", "%d of the predictions were answered after the outcome of their lead, as of a moment before it: they hold if the lead was sent as it was then", j.late)
	}
	if j.options.Targets[0].At == "" {
		say("log", "the outcomes have no times: whether a prediction was made before the outcome of its lead cannot be told")
	}
	if n := outcomes.Rows() - len(j.rows); n > 0 {
		say("log", "%d of the %d rows of the outcomes have no prediction that counts", n, outcomes.Rows())
	}
	if j.scan.bad > 0 {
		say("log", "%d rows of the log could not be read and were left out", j.scan.bad)
	}
	var seen []string
	for _, x := range j.rows {
		if key := x.version + "@" + x.digest; !slices.Contains(seen, key) {
			seen = append(seen, key)
			e.Versions = append(e.Versions, LogVersion{Version: x.version, Digest: x.digest, Targets: map[string]*model.TargetCard{}, Notes: []string{}})
		}
	}
	for i, t := range j.outcomes {
		card, err := j.measure(i, func(*logged) bool { return true })
		if err != nil {
			if i == 0 {
				return nil, fmt.Errorf("evaluating target %q: %w", t.Target.Name, err)
			}
			say("log", "target %q is not measured: %v", t.Target.Name, err)
			continue
		}
		card.Account = j.account(i)
		e.Targets[t.Target.Name] = card
		for k := range e.Versions {
			v := &e.Versions[k]
			of, err := j.measure(i, func(x *logged) bool { return x.version == v.Version && x.digest == v.Digest })
			if err != nil {
				v.Notes = append(v.Notes, fmt.Sprintf("target %q is not measured: %v", t.Target.Name, err))
				continue
			}
			v.Targets[t.Target.Name] = of
		}
	}
	return e, nil
}

// account tells where each prediction of the log went for a target.
func (j *joinedLog) account(target int) []model.Count {
	lines := []model.Count{{What: model.CountLogged, Rows: j.scan.rows, Text: "predictions of the log"}}
	for r, n := range j.scan.why {
		if n > 0 {
			lines = append(lines, model.Count{What: logWords[r].what, Rows: n, Text: logWords[r].text})
		}
	}
	missing := 0 // of the target, in the answers of other versions
	k := slices.Index(j.scan.targets, j.outcomes[target].Target.Name)
	for row, x := range j.rows {
		if j.holdout[row] && j.outcomes[target].Label[row] != setAside && math.IsNaN(x.probabilities[k]) {
			missing++
		}
	}
	if missing > 0 {
		lines = append(lines, model.Count{What: "target missing", Rows: missing, Text: "the version that answered has no such target"})
	}
	for _, c := range j.data.account(target) {
		switch c.What {
		case model.CountRead: // those are the predictions that are not in the lines above
			continue
		case model.CountHoldout:
			c.Rows -= missing
		}
		lines = append(lines, c)
	}
	return lines
}

// measure evaluates the predictions of a target that in lets through and whose outcome is known. A target that a version lacks is left out there.
func (j *joinedLog) measure(target int, in func(*logged) bool) (*model.TargetCard, error) {
	k := slices.Index(j.scan.targets, j.outcomes[target].Target.Name)
	var labels []bool
	var p, points, chance, score, blended, asScore []float64
	var months []evaluate.Month
	ruled, own := true, j.options.Model != nil
	var sample model.Sample
	low, high := int64(math.MaxInt64), int64(datasets.MissingTime)
	for row, x := range j.rows {
		l := j.outcomes[target].Label[row]
		if !j.holdout[row] || l == setAside || !in(x) || math.IsNaN(x.probabilities[k]) {
			continue
		}
		labels, months = append(labels, l == positive), append(months, monthOf(x.moment))
		p, asScore = append(p, x.probabilities[k]), append(asScore, model.ScoreOf(x.probabilities[k]))
		points, chance = append(points, x.ruleScore), append(chance, x.ruleChance)
		score, blended = append(score, x.score), append(blended, x.blended)
		ruled = ruled && !math.IsNaN(x.ruleScore)
		own = own && x.digest == j.options.Model.Digest
		sample.Rows++
		if l == positive {
			sample.Positives++
		}
		low, high = min(low, x.moment), max(high, x.moment)
	}
	if sample.Positives == 0 || sample.Positives == sample.Rows {
		return nil, fmt.Errorf("of %d predictions with a known outcome %d converted, and to measure takes both", sample.Rows, sample.Positives)
	}
	sample.From, sample.To = moment(low), moment(high)
	scorers := []evaluate.Scorer{{Name: "model", Score: p, Probability: p}}
	if k == 0 && ruled {
		scorers = append(scorers, evaluate.Scorer{Name: "rules", Score: points, Probability: chance}, evaluate.Scorer{Name: "blend", Score: score, Probability: blended})
	}
	cuts := j.options.cuts(func(of string) []float64 {
		if of == "" {
			return score
		}
		if of == j.outcomes[target].Target.Name {
			return asScore
		}
		return nil
	})
	card, err := evaluate.Card(labels, scorers, score, evaluate.Options{Seed: 1, Workers: j.options.Workers, Months: months, Cuts: cuts})
	if err != nil {
		return nil, err
	}
	card.Split, card.Holdout = "file", sample
	if own {
		card.BaseRate = j.options.Model.Targets[targetIndex(j.options.Model, j.scan.targets[k])].BaseRate
	}
	return card, nil
}

// cuts are the policy's cut-offs as the model at hand has them; none without one. of is the scores of a target, "": the score itself; nil: not those.
func (o *LogOptions) cuts(of func(target string) []float64) (cuts []evaluate.Cut) {
	if o.Model == nil {
		return nil
	}
	for _, c := range []struct {
		stage model.Stage
		rule  model.StageRule
	}{{model.MQL, o.Model.Policy.MQL}, {model.SQL, o.Model.Policy.SQL}} {
		if scores := of(c.rule.Target); scores != nil {
			cuts = append(cuts, evaluate.Cut{Stage: string(c.stage), Target: c.rule.Target, Score: c.rule.MinScore, Of: scores})
		}
	}
	return cuts
}
