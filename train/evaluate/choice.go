package evaluate

import (
	"fmt"
	"math"
	"strconv"
	"sync"

	"leadscore/model"
)

// Nothing is the cut-off that no score of 0 to 100 reaches.
const Nothing = 101

// fewestSelected is the fewest leads (by weight) whose rate of conversion counts for ByPrecision: of fewer
// it says little, and a handful of best scores that all converted would promise any precision.
const fewestSelected = 30

// fewestDays is the shortest period that tells how many leads come a day: a week has its working days and its weekend.
const fewestDays = 7

// Population is what the rows of a sample stand for. The zero value is the rows themselves, at moments that nobody knows.
type Population struct {
	// Days is the length of the period in which the leads came; 0: not known.
	Days float64
	// Leads is how many leads came in that period for each row of the sample, where others were held out or have no
	// outcome yet: those are taken to score like the rows. 0: 1.
	Leads float64
	// Odds is the factor from the odds of conversion among the rows to those among all leads, where a file was
	// subsampled by outcome: exp of the log-odds that train adds for a prior. The class that was not thinned out is
	// taken to be whole. 0: 1.
	Odds float64
	// Pending is the log-odds that the probabilities behind the scores are still to be moved by; ByCost alone needs it.
	Pending float64
}

// classes returns what a positive and a negative row weigh among all leads; the smaller is 1.
func (p Population) classes() (pos, neg float64) {
	switch {
	case p.Odds == 0:
		return 1, 1
	case p.Odds > 1:
		return p.Odds, 1
	}
	return 1, 1 / p.Odds
}

// perRow is how many leads a row stands for.
func (p Population) perRow() float64 {
	if p.Leads == 0 {
		return 1
	}
	return p.Leads
}

// timed reports whether the period is long enough to speak of leads a day.
func (p Population) timed() bool { return p.Days >= fewestDays }

// CheckDays returns why leads a day cannot be told, or nil.
func (p Population) CheckDays() error {
	switch {
	case p.timed():
		return nil
	case p.Days == 0:
		return fmt.Errorf("the leads have no as-of moments, so nobody knows how many come a day; want data.leads.as_of, or a share of the leads, such as 10%%")
	}
	return fmt.Errorf("the leads come from %v days by their as-of moments; want %d days at least to tell how many come a day, or a share of the leads, such as 10%%", p.Days, fewestDays)
}

// Cutoffs are the cut-offs of a sample: one for each distinct score. It never changes.
type Cutoffs struct {
	levels     []level   // from the highest score down, in leads: selected and pos by the classes of the population
	rows       []float64 // selected rows, by their own weight; nil: as many as leads
	pos, total float64   // of the lowest level
	population Population
	pools      func() []pool // made when first asked for: no target changes them
	probable   bool          // scores are 100·√p of probabilities
}

// NewCutoffs sorts a sample. Scores are 0–100; with a Probability they must be model.ScoreOf of it, which ByCost relies on.
func NewCutoffs(s Sample, p Population) (*Cutoffs, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("choosing a cut-off: %w", err)
	}
	c := &Cutoffs{population: p, probable: s.Probability != nil}
	wp, wn := p.classes()
	var pos, rows float64
	add := func(score, p, n float64) {
		pos, rows = pos+p, rows+p+n
		c.levels = append(c.levels, level{score: score, selected: wp*pos + wn*(rows-pos), pos: wp * pos})
		if wp != wn {
			c.rows = append(c.rows, rows)
		}
	}
	if s.Weight != nil {
		t := arrange(s.Label, s.Weight, s.Score)
		t.by(0).groups(t.weight, add)
	} else {
		keys := s.ranked()
		distinct := 1
		for k := range keys[1:] {
			if keys[k].key != keys[k+1].key {
				distinct++
			}
		}
		c.levels = make([]level, 0, distinct) // of millions of scores growing would take twice the memory
		s.groups(keys, add)
	}
	last := c.levels[len(c.levels)-1]
	c.pos, c.total = last.pos, last.selected
	c.pools = sync.OnceValue(c.pooled)
	return c, nil
}

// Rate is the share of the leads that convert.
func (c *Cutoffs) Rate() float64 { return c.pos / c.total }

// ranked is the rows by falling score.
func (s Sample) ranked() []ranked {
	keys := make([]ranked, len(s.Score))
	for i, x := range s.Score {
		keys[i] = ranked{key: ^keyOf(x), row: int32(i), positive: s.Label[i]}
	}
	return sortHalves(keys)
}

// groups is view.groups for rows of weight 1: their counts are exact in any order, so that only the score is sorted. The labels
// have been sorted with it, for to look at rows in the order of their scores is to wait for memory.
func (s Sample) groups(keys []ranked, f func(score, pos, neg float64)) {
	var pos, neg float64
	for k, it := range keys {
		if it.positive {
			pos++
		} else {
			neg++
		}
		if k+1 == len(keys) || keys[k+1].key != it.key {
			f(numberOf(^it.key), pos, neg)
			pos, neg = 0, 0
		}
	}
}

// Cutoff is a chosen cut-off.
type Cutoff struct {
	By     string
	Score  float64 // score ≥ Score is selected: the shortest decimal that selects the same rows; Nothing where none is
	Lowest float64 // the lowest score that is selected; NaN where none is, or where no row was looked at
	Met    bool    // whether what was asked can be reached
	Note   string  // what a reader should know of it; "": nothing
}

// Choose chooses a cut-off.
//
// ByPrecision looks at the pooled curve: the rate of conversion by score, made to rise with the score by pooling
// neighbours (Ayer et al. 1955). Candidates are the lower ends of its pools that select 30 leads or more; there
// the selected leads convert at exactly the rate of the curve, and from one candidate to the next higher that
// rate never falls. The lowest that reaches the target is taken, so a higher target never has a lower cut-off, and
// a lucky handful at the top decides nothing. Rejected: the lowest cut-off of the raw curve, which jumps wherever a
// few rows cross the target by chance, and a lower confidence bound, which asks for more than it says.
//
// ByCapacity takes the lowest cut-off whose leads are at most the capacity; leads that tie with the first one beyond
// stay out. ByCost is analytic and looks at no row, so it stays the same with every retrain; of scores without a probability it is
// ByNetBenefit, and By says so. A precision that nothing reaches, best scores that tie beyond the capacity and costs
// that no lead is worth give Nothing, which is not Met.
func (c *Cutoffs) Choose(w Way) (Cutoff, error) {
	if err := w.Check(); err != nil {
		return Cutoff{}, fmt.Errorf("choosing a cut-off: %w", err)
	}
	switch w.By {
	case ByScore:
		return Cutoff{By: ByScore, Score: w.Score, Lowest: nan, Met: true}, nil
	case ByYouden:
		return c.best(ByYouden, func(l level) float64 { return l.pos/c.pos - (l.selected-l.pos)/(c.total-c.pos) }), nil
	case ByTop:
		i := 0
		for i < len(c.levels)-1 && c.levels[i].selected < w.Share*c.total {
			i++
		}
		return c.at(i, ByTop), nil
	case ByPrecision:
		return c.precision(w.Target), nil
	case ByCapacity:
		return c.capacity(w)
	case ByCost:
		if c.probable {
			p := model.Sigmoid(model.Logit(w.Contact/w.Win) - c.population.Pending)
			return Cutoff{By: ByCost, Score: math.Ceil(model.ScoreOf(p)*100-1e-9) / 100, Lowest: nan, Met: true}, nil
		}
		cut := c.netBenefit(w.Cost)
		cut.Note = "the score is no probability, so the cut-off is that of the largest net benefit" + prefixed("; ", cut.Note)
		return cut, nil
	}
	return c.netBenefit(w.Cost), nil
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// at is the cut-off that selects level i and all above.
func (c *Cutoffs) at(i int, by string) Cutoff {
	below := math.Inf(-1)
	if i+1 < len(c.levels) {
		below = c.levels[i+1].score
	}
	return Cutoff{By: by, Score: shortest(below, c.levels[i].score), Lowest: c.levels[i].score, Met: true}
}

// best is the cut-off with the largest value, the highest of equals.
func (c *Cutoffs) best(by string, value func(level) float64) Cutoff {
	best, at := math.Inf(-1), 0
	for i, l := range c.levels {
		if v := value(l); v > best {
			best, at = v, i
		}
	}
	return c.at(at, by)
}

func (c *Cutoffs) netBenefit(cost Cost) Cutoff {
	gain := func(l level) float64 { return float64(cost.Win*l.pos) - float64(cost.Contact*l.selected) }
	cut := c.best(ByNetBenefit, gain)
	for _, l := range c.levels {
		if gain(l) > 0 {
			return cut
		}
	}
	return Cutoff{By: ByNetBenefit, Score: Nothing, Lowest: nan, Note: "no cut-off earns more than it costs"}
}

func (c *Cutoffs) capacity(w Way) (Cutoff, error) {
	most := w.Share * c.total
	if w.PerDay() {
		if err := c.population.CheckDays(); err != nil {
			return Cutoff{}, fmt.Errorf("choosing a cut-off by %s: %w", w, err)
		}
		most = w.Leads / w.Per * c.population.Days / c.population.perRow()
	}
	most += 1e-12 * c.total // 10 % of 1,000 weights of .1 are their hundred
	last := -1
	for last+1 < len(c.levels) && c.levels[last+1].selected <= most {
		last++
	}
	if last >= 0 {
		return c.at(last, ByCapacity), nil
	}
	return Cutoff{By: ByCapacity, Score: Nothing, Lowest: nan,
		Note: fmt.Sprintf("the best-scored leads are %s with one score, and the capacity is %s of these leads", short(c.levels[0].selected), short(most))}, nil
}

// rowsAt is the weight of the rows that level i selects.
func (c *Cutoffs) rowsAt(i int) float64 {
	if c.rows == nil {
		return c.levels[i].selected
	}
	return c.rows[i]
}

// pool is neighbouring levels that share a rate.
type pool struct {
	last               int // level
	selected, positive float64
}

// pooled is the rate of conversion by score, made to rise with it (see Choose).
func (c *Cutoffs) pooled() []pool {
	var pools []pool
	before := level{}
	for i, l := range c.levels {
		p := pool{i, l.selected - before.selected, l.pos - before.pos}
		before = l
		for n := len(pools) - 1; n >= 0 && p.positive*pools[n].selected > pools[n].positive*p.selected; n-- {
			p.selected, p.positive = p.selected+pools[n].selected, p.positive+pools[n].positive
			pools = pools[:n]
		}
		pools = append(pools, p)
	}
	return pools
}

func (c *Cutoffs) precision(target float64) Cutoff {
	first, found := -1, -1
	for _, p := range c.pools() {
		if c.rowsAt(p.last) < fewestSelected {
			continue
		}
		if first < 0 {
			first = p.last
		}
		if l := c.levels[p.last]; l.pos >= target*l.selected*(1-1e-12) {
			found = p.last
		}
	}
	if found >= 0 {
		return c.at(found, ByPrecision)
	}
	cut := Cutoff{By: ByPrecision, Score: Nothing, Lowest: nan, Note: fmt.Sprintf("there are fewer than %d leads, too few to tell a precision", fewestSelected)}
	if first >= 0 {
		l, nearest := c.levels[first], c.at(first, ByPrecision)
		cut.Note = fmt.Sprintf("not reached: the highest precision of %d leads or more is %s, of the %s leads with a score of at least %s", fewestSelected,
			strconv.FormatFloat(l.pos/l.selected, 'f', 3, 64), short(c.rowsAt(first)), strconv.FormatFloat(nearest.Score, 'f', -1, 64))
	}
	return cut
}

// short writes a weight.
func short(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
