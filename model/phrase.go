package model

import (
	"math"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
)

// subject is a feature as its sentences begin, made once a language.
type subject struct {
	kind  subjectKind
	label string        // of the feature, for people
	part  *history.Part // of event features
	sides [2][]string   // of a pair: the coarse levels of its sides
	other [2]int        // of a pair: the coarse code of rare levels, −1 none
}

type subjectKind uint8

const (
	isLevel   subjectKind = iota // a category, or a number of which each value is its own
	isClass                      // read from an e-mail address or a job title
	isBoolean                    // yes or no
	isNumber                     // bins, or a straight line
	isSize                       // a number that was read from a text
	isWeekday
	isMonth
	isHour
	isDay
	isAge
	isEvent
	isPair
)

// timeKinds are the parts of a time, by what they add to the name of the column.
var timeKinds = map[string]subjectKind{"weekday": isWeekday, "month": isMonth, "hour": isHour, "day": isDay, "age": isAge}

// describe makes the subject of each feature.
func (s *Scorer) describe() []subject {
	parts := map[int]*history.Part{}
	if s.events != nil {
		for i, column := range s.events.columns {
			part := s.events.plan.Part(i)
			parts[column] = &part
		}
	}
	out := make([]subject, len(s.features))
	for f := range s.features {
		feature, sub := &s.features[f], &out[f]
		sub.label = s.words.label(feature)
		if len(feature.Parents) == 2 {
			sub.kind = isPair
			for side, parent := range feature.Parents {
				of, levels := s.artifact.Pipeline.Coarse(parent)
				sub.sides[side], sub.other[side] = levels, -1
				if len(of) > 0 {
					sub.other[side] = of[len(of)-1]
				}
			}
			continue
		}
		if s.source[f] < 0 {
			continue
		}
		suffix, derived := strings.CutPrefix(feature.Name, feature.Column+".")
		switch kind := s.artifact.Schema.Fields[s.source[f]].Kind; {
		case parts[s.source[f]] != nil:
			sub.kind, sub.part = isEvent, parts[s.source[f]]
		case kind == datasets.Time:
			sub.kind, sub.label = timeKinds[suffix], feature.Column
		case kind == datasets.Boolean:
			sub.kind = isBoolean
		case kind == datasets.Numeric && (feature.Ordered > 0 || feature.Linear):
			sub.kind = isNumber
		case derived && (feature.Ordered > 0 || feature.Linear):
			sub.kind = isSize
		case derived:
			sub.kind = isClass
		}
	}
	return out
}

// label names a feature for people: "email.domain_class" of column "email" is "email (domain class)".
func (w *words) label(f *features.Feature) string {
	part, derived := strings.CutPrefix(f.Name, f.Column+".")
	switch {
	case !derived || f.Column == "":
		return f.Name
	case strings.EqualFold(part, f.Column): // "size (size)"
		return f.Column
	case w.texts["part."+part] != "":
		return w.T("part."+part, f.Column)
	}
	return f.Column + " (" + strings.ReplaceAll(part, "_", " ") + ")"
}

// phrase appends what a feature says of a lead: "visits is 7 (6 to 9)". value is the cell, for sentences of its own.
func (s *Scorer) phrase(b []byte, f int, value datasets.Value, asOf int64, code int) []byte {
	feature, sub, w := &s.features[f], &s.subjects[f], s.words
	if sub.kind == isPair {
		n := len(sub.sides[1])
		if n == 0 || code >= len(feature.Levels) {
			return w.append(b, "is", feature.Name, s.unnamed(feature, code))
		}
		b = s.side(b, feature.Parents[0], sub.sides[0], code/n, sub.other[0])
		return s.side(append(b, w.texts["and"]...), feature.Parents[1], sub.sides[1], code%n, sub.other[1])
	}
	switch {
	case code == feature.Missing && feature.Missing >= 0, value.Missing():
		if sub.kind == isEvent {
			return w.eventMissing(b, sub.part)
		}
		return w.append(b, "is.missing", sub.label)
	case code >= len(feature.Levels):
		return w.append(b, "is", sub.label, s.shown(value))
	case code == feature.Other && feature.Other >= 0:
		return w.append(b, "is.other", sub.label, s.shown(value))
	}
	level := feature.Levels[code]
	if feature.Linear {
		level = ""
	}
	switch sub.kind {
	case isNumber:
		return w.append(b, "is", sub.label, w.within(w.number(value.Num), level, w.readNumber))
	case isSize:
		if strings.HasPrefix(level, "= ") { // the number that all its texts were read as
			level = ""
		}
		return w.append(b, "is", sub.label, w.within(value.Str, level, w.readAbout))
	case isEvent:
		return w.event(b, sub.part, value, level)
	case isDay:
		iso := value.String()
		day, _ := w.date(iso[:min(10, len(iso))])
		return w.append(b, "is.day", sub.label, w.ranged(day, level, "dates", w.readDate))
	case isAge:
		days := (float64(asOf) - float64(value.Time)) / (24 * 3600e6)
		if level == "" {
			return w.append(b, "is.age", sub.label, w.about(days))
		}
		return w.append(b, "value.range", string(w.append(nil, "is.age", sub.label, w.about(days))), w.bin(level, "range", w.readDays))
	}
	return s.bare(b, f, level)
}

// side is the phrase of one side of a pair, of which only the coarse level is told.
func (s *Scorer) side(b []byte, f int, levels []string, code, other int) []byte {
	sub, w := &s.subjects[f], s.words
	level := levels[code]
	switch {
	case code == len(levels)-1 && s.features[f].Missing >= 0 && level == s.features[f].Levels[s.features[f].Missing]:
		if sub.kind == isEvent {
			return w.eventMissing(b, sub.part)
		}
		return w.append(b, "is.missing", sub.label)
	case code == other:
		return w.append(b, "is.other.unnamed", sub.label)
	}
	switch sub.kind {
	case isNumber:
		return w.append(b, "is.quantity", sub.label, w.bin(level, "quantity", w.readNumber))
	case isSize:
		return w.append(b, "is.quantity", sub.label, w.bin(level, "quantity", w.readAbout))
	case isEvent:
		return w.event(b, sub.part, datasets.Value{}, level)
	case isDay:
		return w.append(b, "is.dates", sub.label, w.bin(level, "dates", w.readDate))
	case isAge:
		return w.append(b, "is.age", sub.label, w.bin(level, "quantity", w.readDays))
	}
	return s.bare(b, f, level)
}

// bare is the phrase of a level that says all there is to say.
func (s *Scorer) bare(b []byte, f int, level string) []byte {
	sub, w := &s.subjects[f], s.words
	through := func(key string, read func(string) string) []byte {
		from, to, both := strings.Cut(level, " – ")
		level = read(from)
		if both {
			level = w.T("through", level, read(to))
		}
		return w.append(b, key, sub.label, level)
	}
	switch sub.kind {
	case isBoolean:
		return w.append(b, "is", sub.label, w.known("word", level))
	case isClass:
		return w.append(b, "is", sub.label, w.known("class", level))
	case isWeekday:
		return w.append(b, "is.weekday", sub.label, w.known("weekday", level))
	case isMonth:
		return through("is.month", func(name string) string { return w.known("month", name) })
	case isHour:
		return through("is.hour", func(hour string) string { return strings.TrimSuffix(hour, " h") + ":00" })
	}
	return w.append(b, "is", sub.label, level)
}

// shown is the cell as the lead brought it, in the marks of the language.
func (s *Scorer) shown(v datasets.Value) string {
	switch v.Kind {
	case datasets.Numeric:
		return s.words.number(v.Num)
	case datasets.Boolean:
		return s.words.yesNo(v.Num == 1)
	case datasets.Time:
		day, _ := s.words.date(v.String()[:min(10, len(v.String()))])
		return day
	}
	return v.String()
}

func (w *words) yesNo(yes bool) string {
	if yes {
		return w.T("word.yes")
	}
	return w.T("word.no")
}

func (s *Scorer) unnamed(f *features.Feature, code int) string {
	if code < len(f.Levels) {
		return f.Levels[code]
	}
	return s.words.T("class.unknown")
}

// within writes a value and, where that says more, the bin it lies in: "7 (6 to 9)".
func (w *words) within(value, level string, read func(string) (string, bool)) string {
	return w.ranged(value, level, "range", read)
}

// ranged is within with the texts of a group.
func (w *words) ranged(value, level, group string, read func(string) (string, bool)) string {
	if level == "" {
		return value
	}
	if single, ok := strings.CutPrefix(level, "= "); ok {
		if same, _ := read(single); same == value {
			return value
		}
	}
	return w.T("value.range", value, w.bin(level, group, read))
}

// bin tells the name of a bin that features gave it ("≤ 12.5", "12.5 – 30", "> 30", "= 0", "any") by the texts of a group.
// What is no such name is told as it is.
func (w *words) bin(level, group string, read func(string) (string, bool)) string {
	one := func(key, text string) string {
		shown, ok := read(text)
		switch {
		case !ok:
			return level
		case key == "":
			return shown
		}
		return w.T(group+"."+key, shown)
	}
	if level == "any" {
		return w.T(group + ".any")
	}
	if from, to, ok := strings.Cut(level, " – "); ok {
		low, ok1 := read(from)
		high, ok2 := read(to)
		if !ok1 || !ok2 {
			return level
		}
		return w.T(group+".between", low, high)
	}
	if x, ok := strings.CutPrefix(level, "≤ "); ok {
		return one("upto", x)
	}
	if x, ok := strings.CutPrefix(level, "> "); ok {
		return one("above", x)
	}
	if x, ok := strings.CutPrefix(level, "= "); ok {
		if group == "quantity" {
			return one("", x)
		}
		return one("single", x)
	}
	return level
}

func (w *words) readNumber(text string) (string, bool) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return text, false
	}
	return w.number(x), true
}

func (w *words) readAbout(text string) (string, bool) {
	x, err := strconv.ParseFloat(text, 64)
	return w.about(x), err == nil
}

func (w *words) readDays(text string) (string, bool) {
	return w.readNumber(strings.TrimSuffix(text, " days"))
}

func (w *words) readDate(text string) (string, bool) { return w.date(text) }
