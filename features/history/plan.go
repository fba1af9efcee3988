package history

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"leadscore/datasets"
)

// Plan is the columns that Learn chose. It is immutable, shared by goroutines, and JSON in the artifact.
type Plan struct {
	learned learned

	bounds     []uint64 // ages that part the buckets, rising
	windows    [][2]int // of each window: the buckets within it, and within it and the one before
	typeAt     map[string]int32
	channelAt  map[string]int32
	other      string // the level of channels that have none of their own
	propertyAt map[string]int32
	used       []int32 // properties that a type has a column of, rising
	usedAt     []int32 // of each property: its place among used; −1: it has none
	pairFrom   []int32 // of each type: the first of its pairs; the last one is their number
	pairs      []pair
	columns    []column
}

// learned is what Learn found, and the JSON of a plan.
type learned struct {
	Windows    []int64       `json:"windows"`              // microseconds
	HalfLife   int64         `json:"half_life"`            // microseconds
	Properties []string      `json:"properties,omitempty"` // all of the log, by name: they order events that share an id
	Types      []learnedType `json:"types,omitempty"`
	Channels   []string      `json:"channels,omitempty"`
}

type learnedType struct {
	Name       string  `json:"name"`
	Properties []int32 `json:"properties,omitempty"` // places in learned.Properties, rising
}

// pair is a property of a type.
type pair struct{ kind, property int32 }

// measure is what a column says of the events before the as-of moment.
type measure uint8

const (
	count measure = iota
	days
	trend
	sum
	last
	recency
	decayed
	firstTouch
	gapMean
	gapLast
	gapMax
	share
	firstChannel
	lastChannel
)

// column is one column of a plan.
type column struct {
	name    string
	measure measure
	slot    int32 // 0: all events; i+1: type i. Of sum and last the pair, of share the channel
	window  int32
}

// newPlan compiles what was learned, or says why Learn cannot have learned it.
func newPlan(l learned) (*Plan, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	p := &Plan{learned: l, bounds: boundaries(l.Windows), typeAt: map[string]int32{}, channelAt: map[string]int32{}, propertyAt: map[string]int32{}}
	for _, w := range l.Windows {
		inner, _ := slices.BinarySearch(p.bounds, uint64(w))
		outer, _ := slices.BinarySearch(p.bounds, 2*uint64(w))
		p.windows = append(p.windows, [2]int{inner + 1, outer + 1})
	}
	for i, name := range l.Properties {
		p.propertyAt[name] = int32(i)
	}
	for i, name := range l.Channels {
		p.channelAt[name] = int32(i)
	}
	p.other = "other"
	for slices.Contains(l.Channels, p.other) {
		p.other = "(" + p.other + ")"
	}
	for i, t := range l.Types {
		p.typeAt[t.Name] = int32(i)
		p.pairFrom = append(p.pairFrom, int32(len(p.pairs)))
		for _, property := range t.Properties {
			p.pairs = append(p.pairs, pair{int32(i), property})
			p.used = append(p.used, property)
		}
	}
	p.pairFrom = append(p.pairFrom, int32(len(p.pairs)))
	slices.Sort(p.used)
	p.used = slices.Compact(p.used)
	p.usedAt = make([]int32, len(l.Properties))
	for i := range p.usedAt {
		p.usedAt[i] = -1
	}
	for i, property := range p.used {
		p.usedAt[property] = int32(i)
	}
	p.name()
	return p, nil
}

// check returns every reason why this is no work of Learn, joined.
func (l *learned) check() error {
	problems := []error{checkSpans(l.Windows, l.HalfLife)}
	names := func(what string, list []string, most int) {
		if len(list) > most {
			problems = append(problems, fmt.Errorf("%s: %d of them; want at most %d", what, len(list), most))
		}
		seen := map[string]bool{}
		for _, n := range list {
			if n == "" || !utf8.ValidString(n) || seen[n] {
				problems = append(problems, fmt.Errorf("%s: the name %q is empty, no UTF-8, or taken", what, n))
			}
			seen[n] = true
		}
	}
	names("properties", l.Properties, mostProperties)
	if !slices.IsSorted(l.Properties) {
		problems = append(problems, errors.New("properties: want them by name"))
	}
	names("channels", l.Channels, mostChannels)
	kinds := make([]string, len(l.Types))
	pairs := 0
	for i, t := range l.Types {
		kinds[i] = t.Name
		pairs += len(t.Properties)
		for k, property := range t.Properties {
			if property < 0 || int(property) >= len(l.Properties) || k > 0 && property <= t.Properties[k-1] {
				problems = append(problems, fmt.Errorf("type %q: property %d; want places among the %d properties, rising", t.Name, property, len(l.Properties)))
			}
		}
	}
	names("types", kinds, mostTypes)
	w := len(l.Windows)
	if n := 8 + (1+len(kinds))*(3*w+2) + pairs*(w+1) + len(l.Channels)*w; n > mostColumns {
		problems = append(problems, fmt.Errorf("%d columns; want at most %d", n, mostColumns))
	}
	return errors.Join(problems...)
}

// name lists the columns. Their names are made of those of types, properties and channels as they are; where that gives a name twice,
// the later column has " (2)" behind it.
func (p *Plan) name() {
	taken := map[string]bool{}
	add := func(m measure, slot, window int, name string) {
		for i, plain := 2, name; taken[name]; i++ {
			name = plain + " (" + strconv.Itoa(i) + ")"
		}
		taken[name] = true
		p.columns = append(p.columns, column{name, m, int32(slot), int32(window)})
	}
	each := func(m measure, slot int, stem string) {
		for w, span := range p.learned.Windows {
			add(m, slot, w, stem+"."+spanText(span))
		}
	}
	group := func(slot int, name string) {
		each(count, slot, name+".count")
		each(days, slot, name+".days")
		each(trend, slot, name+".trend")
		add(recency, slot, 0, name+".recency")
		add(decayed, slot, 0, name+".decayed")
	}
	group(0, "events")
	add(firstTouch, 0, 0, "events.first_touch")
	add(gapMean, 0, 0, "events.gap.mean")
	add(gapLast, 0, 0, "events.gap.last")
	add(gapMax, 0, 0, "events.gap.max")
	if len(p.learned.Channels) > 0 {
		add(firstChannel, 0, 0, "channel.first")
		add(lastChannel, 0, 0, "channel.last")
		for i, name := range p.learned.Channels {
			each(share, i, "channel."+name+".share")
		}
	}
	for i, t := range p.learned.Types {
		group(i+1, t.Name)
		for k, property := range t.Properties {
			stem := t.Name + "." + p.learned.Properties[property]
			at := int(p.pairFrom[i]) + k
			each(sum, at, stem+".sum")
			add(last, at, 0, stem+".last")
		}
	}
}

func (c *column) categorical() bool { return c.measure == firstChannel || c.measure == lastChannel }

// Fields returns the name and the kind of each column, in order.
func (p *Plan) Fields() []datasets.Field {
	fields := make([]datasets.Field, len(p.columns))
	for i := range p.columns {
		c := &p.columns[i]
		fields[i] = datasets.Field{Name: c.name, Kind: datasets.Numeric}
		if c.categorical() {
			fields[i].Kind = datasets.Categorical
		}
	}
	return fields
}

// level returns the level of a channel's place.
func (p *Plan) level(place int) string {
	if place < len(p.learned.Channels) {
		return p.learned.Channels[place]
	}
	return p.other
}
