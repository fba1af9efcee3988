package datasets

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// lead is one generated lead before it becomes a row. Codes index the vocabularies, -1 is
// missing; NaN and MissingTime are missing.
type lead struct {
	created                                                   int64
	email, company                                            string
	title, size, industry, country, source, product           int32
	owner                                                     int32
	budget, revenue, visits, pages, seconds, newsletter, deal float64
	mql, closed                                               int64
	status                                                    int32
	events                                                    []event
	counts                                                    [7]float64 // of each event type before created
	logit                                                     float64
}

const (
	statusWon = iota
	statusLost
	statusOpen
)

var statuses = []string{"closed_won", "closed_lost", "open"}

type event struct {
	at     int64
	kind   int32
	amount float64
}

// generate draws lead i. Everything that the outcome depends on is drawn first, then the
// outcome, then what happens because of it.
func (l *lead) generate(o *GenerateOptions, i int, created int64) {
	d := newDraw(o.Seed, uint64(i)+1)
	l.created = created
	missing := math.NaN()

	l.industry, l.country, l.product = int32(d.of(industries)), int32(d.of(countries)), int32(d.of(products))
	l.owner = int32(d.below(len(owners)))
	l.size = int32(pickWeight(d.uniform()*100, len(companySizes), func(i int) float64 { return companySizes[i].weight }))
	l.source = int32(pickWeight(d.uniform()*100, len(sources), func(i int) float64 { return sources[i].weight }))
	l.title = int32(d.of(titles))
	class := d.of(emailClasses)
	if titles[l.title].effect == student && d.chance(0.8) {
		class = freeEmail
	}
	l.name(d, class)

	// Small companies keep their revenue to themselves.
	l.revenue = math.Round(math.Exp(companySizes[l.size].logRevenue+0.7*d.normal())/1000) * 1000
	if d.chance([]float64{0.55, 0.4, 0.25, 0.15, 0.1, 0.05, 0.05, 0.05}[l.size]) {
		l.revenue = missing
	}
	interest := d.normal() // what moves visits and events alike
	web := sources[l.source].web
	l.visits, l.pages, l.seconds = missing, missing, missing
	if web {
		l.visits = float64(1 + d.count(math.Exp(0.7+0.5*interest)))
		l.pages = math.Round(100*(1+math.Exp(0.6+0.3*interest+0.6*d.normal()))) / 100
		l.seconds = math.Round(math.Exp(4.6 + 0.6*interest + 0.8*d.normal()))
		if d.chance(0.12) {
			l.pages, l.seconds = 1, 0 // left at once
		}
	}
	l.newsletter = 0
	if d.chance(probability(-0.9 + 0.5*interest)) {
		l.newsletter = 1
	}
	// The budget question is put to those who seem interested.
	l.budget = missing
	if d.chance(probability(-0.7 + 0.8*interest)) {
		l.budget = 0
		if d.chance(0.4) {
			l.budget = 1
		}
	}
	if d.chance(0.07) {
		l.industry = -1
	}
	if d.chance(0.04) || !web && d.chance(0.25) {
		l.title = -1
	}
	l.before(d, web, interest)
	l.logit = l.score(class)

	l.outcome(o, d)
	l.after(o, d, interest)
}

func (l *lead) name(d *draw, class int) {
	first, second := companyFirst[d.below(len(companyFirst))], companySecond[d.below(len(companySecond))]
	number := ""
	if n := d.below(40); n > 20 {
		number = fmt.Sprintf(" %d", n)
	}
	l.company = first + " " + second + number + companyForms[d.below(len(companyForms))]
	var domain string
	switch class {
	case freeEmail:
		domain = freeDomains[d.below(len(freeDomains))]
	case disposableEmail:
		domain = disposableDomains[d.below(len(disposableDomains))]
	default:
		domain = slug(first+second+strings.TrimSpace(number)) + ".example"
	}
	l.email = fmt.Sprintf("%s.%s%d@%s", firstNames[d.below(len(firstNames))], lastNames[d.below(len(lastNames))], d.below(1000), domain)
}

// slug leaves the ASCII letters and digits.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

const (
	microsPerSecond = 1_000_000
	tracked         = 60 // days before creation from which events are known
)

// before draws the events of the 60 days before the lead was created, at least a second before.
func (l *lead) before(d *draw, web bool, interest float64) {
	for k := range eventTypes {
		t := &eventTypes[k]
		mean := t.before * math.Exp(0.6*interest-0.18)
		if !web {
			mean *= 0.25
		}
		for range d.count(mean) {
			ago := int64(tracked*86400*math.Pow(d.uniform(), 1.6)) + 1
			l.happened(d, k, l.created-ago*microsPerSecond)
			l.counts[k]++
		}
	}
}

func (l *lead) happened(d *draw, kind int, at int64) {
	e := event{at: at, kind: int32(kind), amount: math.NaN()}
	if amount := eventTypes[kind].amount; amount != nil && !d.chance(0.05) {
		e.amount = amount(d)
	}
	l.events = append(l.events, e)
}

// score is the truth.
func (l *lead) score(emailClass int) float64 {
	x := effectIntercept + emailClasses[emailClass].effect + companySizes[l.size].effect + countries[l.country].effect +
		sources[l.source].effect + products[l.product].effect
	if l.industry >= 0 {
		x += industries[l.industry].effect
	}
	if l.title >= 0 {
		x += titles[l.title].effect
	} else {
		x += effectTitleMissing
	}
	switch l.budget {
	case 1:
		x += effectBudgetYes
	case 0:
		x += effectBudgetNo
	}
	if math.IsNaN(l.revenue) {
		x += effectRevenueMissing
	} else {
		x += effectRevenue * math.Log(l.revenue/1e7)
	}
	if math.IsNaN(l.seconds) {
		x += effectNoWeb
	} else {
		x += effectTimeOnSite * math.Log1p(l.seconds/60)
		if l.pages > 8 {
			x += effectManyPages
		}
	}
	for k, n := range l.counts {
		x += eventTypes[k].effect * math.Log1p(n)
	}
	if l.counts[demoRequest] > 0 && l.budget == 1 {
		x += effectDemoAndBudget
	}
	return x + effectSeason*season(l.created)
}

func season(at int64) float64 {
	return math.Cos(2 * math.Pi * (float64(time.UnixMicro(at).UTC().YearDay()) - 305) / 365.25)
}

// outcome decides the deal and when what was written down.
func (l *lead) outcome(o *GenerateOptions, d *draw) {
	won := d.chance(probability(l.logit))
	// How long a deal takes does not depend on how it ends, so that the leads decided before the
	// end of the history are a fair sample of all.
	days := math.Exp(3.4 + 0.6*d.normal()) // median 30
	window := OutcomeWindow.Hours() / 24
	l.closed = l.created + int64(min(max(days, 1), window-1)*86400)*microsPerSecond
	l.mql = MissingTime
	if d.chance(probability(l.logit + 2)) {
		mql := l.created + int64(3*86400*-math.Log(1-d.uniform()))*microsPerSecond
		if mql < min(l.closed, o.End.UnixMicro()) {
			l.mql = mql
		}
	}
	l.deal = math.NaN()
	written := d.uniform()
	value := math.Round(math.Exp(8.2+0.9*d.normal())/10) * 10
	switch {
	case l.closed >= o.End.UnixMicro():
		l.status, l.closed = statusOpen, MissingTime
	case won:
		l.status = statusWon
		if written < 0.94 {
			l.deal = value
		}
	default:
		l.status = statusLost
		if written < 0.03 {
			l.deal = value // a contract went out and was not signed
		}
	}
}

// after draws the events from the lead's creation on: the form itself at that very moment, then
// what nurturing and selling bring, twice as much where the deal is won.
func (l *lead) after(o *GenerateOptions, d *draw, interest float64) {
	form := download
	if d.chance(0.2) {
		form = demoRequest
	}
	l.happened(d, form, l.created)
	until := min(l.created+int64(OutcomeWindow/time.Microsecond), o.End.UnixMicro())
	if l.closed != MissingTime {
		until = l.closed
	}
	if until <= l.created {
		return
	}
	for k := range eventTypes {
		mean := eventTypes[k].after * math.Exp(0.4*interest-0.08)
		if l.status == statusWon {
			mean *= 2
		}
		for range d.count(mean) {
			at := l.created + 1 + int64(float64(until-l.created-1)*math.Pow(d.uniform(), 1.5))
			l.happened(d, k, at-at%microsPerSecond+microsPerSecond)
		}
	}
}
