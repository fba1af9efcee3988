package evaluate

import (
	"math"

	"leadscore/model"
)

const (
	fewestOfLevel = 10   // rows of a level that is looked at
	honestOdds    = 20.0 // by which an honest level may move the odds
	alarmOneClass = 1e-3
)

// oneClass finds levels, bins, single values, missing and "any value" whose rows have one outcome only. That a level of n rows
// is all positive has probability qⁿ by chance. With q the base rate each strong honest level would be named: of
// students, or of a bought list, hardly one buys. So q has twenty times the base odds, or a twentieth of them
// for a level that is all negative, which is more than honest attributes do (3.0 in log-odds; between the best and
// the worst job title of the generator lie 2.6). The p value is corrected for the levels of at least
// 10 rows, both ways; p < .001 fires. With a low base rate levels that never convert say almost nothing.
func (t *counts) oneClass(c *AuditColumn) (model.AuditCheck, bool) {
	check := model.AuditCheck{Kind: model.CheckOneClass, P: 1}
	var all [2]float64
	looked := 1 // any value
	for i := range t.cells {
		n := t.cells[i].both()
		all[0], all[1] = all[0]+n[0], all[1]+n[1]
		if n[0]+n[1] >= fewestOfLevel {
			looked++
		}
	}
	if all[0] == 0 || all[1] == 0 || looked < 3 {
		return check, false
	}
	logOdds := math.Log(all[1] / all[0])
	pure := func(n [2]float64) (class int, p float64) {
		rows := n[0] + n[1]
		odds := -logOdds // of the class that the level has alone
		if n[1] > 0 {
			class, odds = 1, logOdds
		}
		if rows < fewestOfLevel || n[1-class] > 0 {
			return class, 1
		}
		return class, corrected(-rows*model.Log1pExp(-(odds+math.Log(honestOdds))), 2*looked)
	}
	name := func(n [2]float64, class int, level string) {
		check.Rows, check.Shares, check.Level = int(n[0]+n[1]), []float64{float64(class)}, level
	}
	total := 0.0
	for i := range t.cells {
		n := t.cells[i].both()
		class, p := pure(n)
		if p >= alarmOneClass {
			continue
		}
		total += n[0] + n[1]
		check.Levels++
		check.P = math.Min(check.P, p)
		if int(n[0]+n[1]) > check.Rows {
			level := model.MissingLevel
			if i > 0 {
				level = c.Level(uint32(i))
			}
			name(n, class, level)
		}
	}
	if missing := t.cells[0].both(); missing[0]+missing[1] > 0 {
		n := [2]float64{all[0] - missing[0], all[1] - missing[1]}
		if class, p := pure(n); p < alarmOneClass {
			total, check.Levels, check.P = n[0]+n[1], 1, p
			name(n, class, model.AnyValue)
		}
	}
	if check.Levels == 0 {
		return check, false
	}
	share := total / (all[0] + all[1])
	check.Figure = model.Estimate{Value: share, Lower: nan, Upper: nan}
	check.Of = int(all[0] + all[1])
	check.Text = sayOneClass(&check)
	return check, true
}

// both adds up training and hold-out.
func (x *cell) both() [2]float64 {
	return [2]float64{x.class[0][0] + x.class[1][0], x.class[0][1] + x.class[1][1]}
}
