package evaluate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The ways of choosing a cut-off: the words of model.Choice.By.
const (
	ByScore      = "score"       // it is given
	ByYouden     = "youden"      // the largest TPR − FPR (Youden 1950), the point of the KS statistic; the highest of equals
	ByTop        = "top"         // the best-scored Share of the leads, with all that tie with the last of them
	ByPrecision  = "precision"   // the lowest from which on at least Target of the leads convert
	ByCapacity   = "capacity"    // the lowest that selects at most so many leads
	ByCost       = "cost"        // where a contact pays by the probability: p·Win ≥ Contact
	ByNetBenefit = "net_benefit" // the largest sum of Win·conversions − Contact·selected; the highest of equals
)

// Cost is what contacting a lead costs and what a conversion is worth, in one unit. The zero value is none given.
type Cost struct{ Contact, Win float64 }

// Known reports whether costs are given.
func (c Cost) Known() bool { return c != Cost{} }

// Way is a way of choosing a cut-off. Only the fields that By names are looked at.
type Way struct {
	By     string
	Score  float64 // ByScore: 0 to 100
	Target float64 // ByPrecision: share of the selected leads that convert, 0 < Target < 1
	Share  float64 // ByTop and ByCapacity: of the leads, 0 < Share ≤ 1; 0 for ByCapacity: Leads in Per days
	Leads  float64 // ByCapacity: above 0
	Per    float64 // ByCapacity: days, one of those of a period in ParseCapacity
	Cost           // ByCost and ByNetBenefit: 0 < Contact < Win
}

// capacityForms ends the messages about a capacity.
const capacityForms = "want a number of leads per day, week or month, such as 50/day, or a share of the leads, such as 10%"

// daysOf are the periods of a capacity; a month is the twelfth part of 365.25 days.
var daysOf = map[string]float64{"day": 1, "week": 7, "month": 365.25 / 12}

// ParseCapacity reads a capacity: 50/day, 250/week, 1000/month, or 10%, a share of the leads, 0 < share ≤ 100.
func ParseCapacity(text string) (Way, error) {
	wrong := fmt.Errorf("%q is not a capacity; %s", text, capacityForms)
	if share, ok := strings.CutSuffix(text, "%"); ok {
		x, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(x > 0 && x <= 100) {
			return Way{}, wrong
		}
		return Way{By: ByCapacity, Share: x / 100}, nil
	}
	n, period, _ := strings.Cut(text, "/")
	x, err := strconv.Atoi(n)
	per, ok := daysOf[period]
	if err != nil || x < 1 || !ok {
		return Way{}, wrong
	}
	return Way{By: ByCapacity, Leads: float64(x), Per: per}, nil
}

// PerDay reports whether the way needs to know how many leads come in a day.
func (w Way) PerDay() bool { return w.By == ByCapacity && w.Share == 0 }

// Check returns all that is wrong with a way, or nil.
func (w Way) Check() error {
	var problems []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	switch w.By {
	case ByYouden:
	case ByScore:
		need(w.Score >= 0 && w.Score <= 100, "min_score %v is out of range; want 0 to 100", w.Score)
	case ByTop:
		need(w.Share > 0 && w.Share <= 1, "%v is not a share of the leads; want more than 0 and at most 1", w.Share)
	case ByPrecision:
		need(w.Target > 0 && w.Target < 1, "precision %v is not a share of the leads; want more than 0 and less than 1, such as 0.3", w.Target)
	case ByCapacity:
		perDay := w.Leads > 0 && !math.IsInf(w.Leads, 0) && w.Per > 0 && !math.IsInf(w.Per, 0)
		need(w.Share > 0 && w.Share <= 1 || w.Share == 0 && perDay, "%v leads in %v days or a share of %v is not a capacity; %s", w.Leads, w.Per, w.Share, capacityForms)
	case ByCost, ByNetBenefit:
		return w.Cost.Check()
	default:
		need(false, "unknown way %q to choose a cut-off; want %s", w.By,
			strings.Join([]string{ByScore, ByYouden, ByTop, ByPrecision, ByCapacity, ByCost, ByNetBenefit}, ", "))
	}
	return errors.Join(problems...)
}

// Check returns all that is wrong with costs, or nil.
func (c Cost) Check() error {
	var problems []error
	for _, amount := range []struct {
		name string
		x    float64
	}{{"contact", c.Contact}, {"win", c.Win}} {
		if !(amount.x > 0) || math.IsInf(amount.x, 0) {
			problems = append(problems, fmt.Errorf("%s %v is not an amount; want more than 0", amount.name, amount.x))
		}
	}
	if problems == nil && c.Contact >= c.Win {
		problems = append(problems, fmt.Errorf("a contact costs %v and a win is worth %v: no lead would be worth it; want contact below win", c.Contact, c.Win))
	}
	return errors.Join(problems...)
}

// String is the way as it stands in a configuration; "" for one that cannot stand there.
func (w Way) String() string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch w.By {
	case ByScore:
		return "min_score: " + number(w.Score)
	case ByPrecision:
		return "precision: " + number(w.Target)
	case ByCapacity:
		if w.Share > 0 {
			return "capacity: " + strconv.FormatFloat(100*w.Share, 'g', 12, 64) + "%"
		}
		for period, days := range daysOf {
			if w.Per == days {
				return "capacity: " + number(w.Leads) + "/" + period
			}
		}
	case ByCost, ByNetBenefit:
		return w.By + ": {contact: " + number(w.Contact) + ", win: " + number(w.Win) + "}"
	}
	return ""
}
