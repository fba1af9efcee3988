package model

import (
	"math"
	"strconv"
	"strings"
	"time"

	"leadscore/datasets"
)

// because lists what decided the stage and each condition that was not met, the highest stage first; then the question that would
// settle most of what the rules do not know, where there is one and a stage above.
func (s *Scorer) because(l *Lead, p *Prediction, out []string) []string {
	if p.hard != "" {
		_, _, lines := s.rules.Trace(l.Values, l.Events, s.moment(l))
		for _, line := range lines {
			if line.Kind == "hard" && strings.HasPrefix(line.Text, string(p.hard)+":") { // others fired and lost, or failed
				out = append(out, s.words.T("because.hard", strconv.Quote(line.Rule), line.Text))
			}
		}
		if p.hard == Disqualify {
			return out
		}
	}
	c := &Case{Scores: p.decided, Hard: p.hard, Previous: l.Previous, At: s.moment(l)}
	for _, stage := range []Stage{SQL, MQL} {
		var met bool
		if out, met = s.condition(l, c, stage, out); met || p.hard == stage {
			break // a lower stage decides nothing
		}
	}
	if p.next != nil && p.Stage != SQL {
		out = append(out, s.words.T("because.ask", p.next.Text))
	}
	return out
}

// condition lists what a lead has of a stage and what it lacks, and whether it gets there.
func (s *Scorer) condition(l *Lead, c *Case, stage Stage, out []string) ([]string, bool) {
	r, w := s.artifact.Policy.rule(stage), s.words
	limit, score := r.limit(stage, c), c.score(stage)
	if score >= r.MinScore {
		limit = r.MinScore
	}
	met := score >= limit
	line := w.compare(r.Target, score, limit, met, stage)
	if met && limit < r.MinScore { // not enough to enter
		line += w.T("because.remains", string(stage), w.number(r.MinScore))
	}
	out = append(out, line)
	if met {
		for _, column := range s.requires(stage) {
			is := "because.known"
			if l.Values[column].Missing() {
				is, met = "because.missing", false
			}
			out = append(out, w.T(is, s.artifact.Schema.Fields[column].Name, string(stage)))
		}
	}
	if !met && r.stays(stage, c) {
		return append(out, w.T("because.stay", string(stage), w.moment(c.Previous.Since+r.Stay))), true
	}
	return out, met
}

// compare writes "score 71.2 ≥ 62 (MQL)", with as many decimals as tell the two apart, and by how much a score is too low.
func (w *words) compare(target string, score, limit float64, met bool, stage Stage) string {
	sign := "<"
	if met {
		sign = "≥"
	}
	digits := 1
	if far := math.Abs(score - limit); far < .1 { // else one decimal tells them apart
		digits = telling(score, limit, met)
	}
	var out [128]byte
	b := out[:0]
	places := w.score
	if target != "" {
		b = append(append(b, w.target[0]...), target...)
		places = [5]string(w.target[1:])
	}
	b = w.appendFixed(append(b, places[0]...), score, digits)
	b = append(append(append(b, places[1]...), sign...), places[2]...)
	b = append(append(append(w.appendNumber(b, limit), places[3]...), stage...), places[4]...)
	if !met {
		b = append(b, w.short[0]...)
		if short := limit - score; short < .1 && rounded(short, digits) == 0 {
			b = append(b, w.about(short)...)
		} else {
			b = w.appendFixed(b, short, digits)
		}
		b = append(b, w.short[1]...)
	}
	return string(b)
}

// telling is the number of decimals, at most 18, with which a score reads on the side of a limit that it is on.
func telling(score, limit float64, met bool) int {
	digits := 1
	for digits <= 17 && (rounded(score, digits) >= limit) != met {
		digits++
	}
	return digits
}

// rounded is a number as it reads with so many decimals.
func rounded(x float64, digits int) float64 {
	shown, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', digits, 64), 64) // a number's text is one
	return shown
}

// moment writes a day and the time of day in UTC.
func (w *words) moment(micros int64) string {
	t := time.UnixMicro(micros).UTC()
	day, _ := w.date(t.Format(time.DateOnly))
	return w.T("moment", day, t.Format("15:04"))
}

// openStay says what leaves open whether a minimum stay is over; "": nothing does. It takes both moments to tell.
func (s *Scorer) openStay(l *Lead) string {
	for _, stage := range []Stage{SQL, MQL} {
		if s.artifact.Policy.rule(stage).Stay == 0 || l.Previous.Stage.rank() < stage.rank() {
			continue
		}
		switch {
		case l.Previous.Since == datasets.MissingTime:
			return s.words.T("warning.since")
		case s.moment(l) == datasets.MissingTime:
			return s.words.T("warning.stay")
		}
	}
	return ""
}
