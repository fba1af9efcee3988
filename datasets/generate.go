package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"
)

// GenerateOptions say what CRM history to make. The zero value makes 10,000 leads of the two
// years before 2026 with seed 0.
type GenerateOptions struct {
	// Leads is their number; 0 means 10,000.
	Leads int
	// Seed chooses the history. The same options give the same bytes.
	Seed uint64
	// Leads are created from Start on, and nothing is known that happened at End or later: leads
	// whose deal would close then are open. A zero End is 2026-01-01, a zero Start two years
	// before End, both UTC.
	Start, End time.Time
}

// OutcomeWindow is how long after its creation a generated lead is closed at the latest.
const OutcomeWindow = 90 * 24 * time.Hour

// History is a generated B2B CRM export with the model that it follows.
type History struct {
	// Leads has one row a lead, by time of creation. Up to owner the columns hold what is known at
	// created_at, counts of earlier events among them; then comes what was written down later:
	// mql_at, contract_value (which leaks: sales fills it in for the deals that are won, and
	// hardly ever else), closed_at and status (closed_won, closed_lost, open).
	Leads *Table
	// Events has one row an event, in the order of time: lead_id, occurred_at, event_type, amount.
	// Events go on after the lead was created, and more so for those that will be won: only those
	// before created_at are fair to know.
	Events *Table
	Truth  Truth
}

// Truth is the model that decided the outcomes: P(closed_won) = 1/(1+exp(−logit)), where logit
// is a sum over Coefficients of what is known at created_at.
type Truth struct {
	Coefficients []Coefficient
	// Logit and Probability of each lead, in the order of History.Leads.
	Logit, Probability []float64
}

// Coefficient is one true effect in log-odds.
type Coefficient struct {
	// Name is column=level, or the formula of what Value multiplies.
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Generate makes a CRM history: about one lead in ten is won, volume and base rate have their
// seasons, values are missing for reasons (small companies hide their revenue, bought lists
// never saw the web site), and one column leaks.
func Generate(o GenerateOptions) (*History, error) {
	if o.Leads == 0 {
		o.Leads = 10_000
	}
	if o.End.IsZero() {
		o.End = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if o.Start.IsZero() {
		o.Start = o.End.AddDate(-2, 0, 0)
	}
	const most = 50_000_000
	switch {
	case o.Leads < 0 || o.Leads > most:
		return nil, fmt.Errorf("generating a history: %d leads; want 1 to %d", o.Leads, most)
	case o.End.Sub(o.Start) < 24*time.Hour:
		return nil, fmt.Errorf("generating a history: it ends %s, less than a day after it starts %s", o.End.Format(time.DateOnly), o.Start.Format(time.DateOnly))
	case o.Start.UnixMicro() < firstMoment || o.End.UnixMicro() > lastMoment:
		return nil, fmt.Errorf("generating a history: want years 1 to 9999")
	}
	created := creations(&o)
	leads := make([]lead, o.Leads)
	each(o.Leads, func(i int) { leads[i].generate(&o, i, created[i]) })
	h := &History{Truth: Truth{Coefficients: coefficients()}}
	for i := range leads {
		h.Truth.Logit = append(h.Truth.Logit, leads[i].logit)
		h.Truth.Probability = append(h.Truth.Probability, probability(leads[i].logit))
	}
	ids := make([]string, len(leads))
	each(len(leads), func(i int) { ids[i] = fmt.Sprintf("L%07d", i+1) })
	h.Leads = leadTable(leads, ids)
	h.Events = eventTable(leads, ids)
	return h, nil
}

func probability(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }

// each calls f for 0 to n-1 on all cores, in blocks; f(i) must depend on i alone.
func each(n int, f func(int)) {
	const block = 1024
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += block {
		slots <- struct{}{}
		wait.Add(1)
		go func() {
			defer func() { <-slots; wait.Done() }()
			for i := from; i < min(from+block, n); i++ {
				f(i)
			}
		}()
	}
	wait.Wait()
}

// creations draws when leads are created, in order: twice as many a day at the end as at the
// start of two years, fewer in summer and around New Year, one in three on weekends, most in
// office hours.
func creations(o *GenerateOptions) []int64 {
	first, last := o.Start.UnixMicro(), o.End.UnixMicro()
	days := int((last - first + microsPerDay - 1) / microsPerDay)
	sum := make([]float64, days)
	total := 0.0
	for d := range sum {
		day := time.UnixMicro(first + int64(d)*microsPerDay).UTC()
		weight := 1 + float64(d)/730
		weight *= 1 + 0.25*math.Cos(2*math.Pi*(float64(day.YearDay())-120)/182.6)
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
			weight *= 0.35
		}
		total += weight
		sum[d] = total
	}
	d := newDraw(o.Seed, 0)
	created := make([]int64, o.Leads)
	for i := range created {
		day, _ := slices.BinarySearch(sum, d.uniform()*total)
		hour := 8 + 10*d.uniform()
		if d.chance(0.25) {
			hour = 24 * d.uniform()
		}
		at := first + int64(min(day, days-1))*microsPerDay + int64(hour*3600)*1_000_000
		created[i] = min(max(at, first), last-1_000_000)
	}
	slices.Sort(created)
	return created
}

// draw is a stream of random values for one lead. Only the bits of PCG are taken from the
// library, so that a seed means the same history in every version of Go.
type draw struct {
	pcg  *rand.PCG
	next float64 // second value of a normal pair
	have bool
}

func newDraw(seed, stream uint64) *draw { return &draw{pcg: rand.NewPCG(seed, stream)} }

// uniform returns a value in [0, 1).
func (d *draw) uniform() float64 { return float64(d.pcg.Uint64()>>11) / (1 << 53) }

func (d *draw) below(n int) int { return int(d.uniform() * float64(n)) }

func (d *draw) chance(p float64) bool { return d.uniform() < p }

// normal returns a standard normal value (Box and Muller).
func (d *draw) normal() float64 {
	if d.have {
		d.have = false
		return d.next
	}
	r, angle := math.Sqrt(-2*math.Log(1-d.uniform())), 2*math.Pi*d.uniform()
	d.next, d.have = r*math.Sin(angle), true
	return r * math.Cos(angle)
}

// count returns a Poisson value (Knuth); mean is small.
func (d *draw) count(mean float64) int {
	limit, product, n := math.Exp(-mean), d.uniform(), 0
	for product > limit {
		product *= d.uniform()
		n++
	}
	return n
}

// of chooses by weight.
func (d *draw) of(choices []choice) int {
	total := 0.0
	for i := range choices {
		total += choices[i].weight
	}
	return pickWeight(d.uniform()*total, len(choices), func(i int) float64 { return choices[i].weight })
}

func pickWeight(at float64, n int, weight func(int) float64) int {
	for i := range n - 1 {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return n - 1
}
