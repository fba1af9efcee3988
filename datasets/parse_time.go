package datasets

// The layouts of times, as Field.Layout names them.
const (
	layoutISO = "iso"
	layoutDMY = "dd/mm/yyyy"
	layoutMDY = "mm/dd/yyyy"
)

// dateParts is a text cut into the three numbers of a date, not yet told apart, and the moment
// within the day.
type dateParts struct {
	first, second, third int
	yearFirst            bool
	micros               int64 // of the day, less the zone's offset
	form                 clockForm
}

// splitTime reads what is common to all layouts: three numbers with one separator twice
// ("-", "/" or "."), the year in four digits first or last, the others in one or two; then, after
// a space or T, optionally the time of day. It does not check the calendar.
func splitTime(s string) (p dateParts, ok bool) {
	if len(s) < 8 || s[0]-'0' > 9 {
		return p, false
	}
	var rest string
	var sep byte
	if p.first, rest, p.yearFirst = digits(s, 4, 4); !p.yearFirst {
		if p.first, rest, ok = digits(s, 1, 2); !ok {
			return p, false
		}
	}
	if sep = rest[0]; sep != '-' && sep != '/' && sep != '.' {
		return p, false
	}
	if p.second, rest, ok = digits(rest[1:], 1, 2); !ok || len(rest) == 0 || rest[0] != sep {
		return p, false
	}
	if p.yearFirst {
		p.third, rest, ok = digits(rest[1:], 1, 2)
	} else {
		p.third, rest, ok = digits(rest[1:], 4, 4)
	}
	if !ok || rest == "" {
		return p, ok
	}
	if rest[0] != ' ' && rest[0] != 'T' && rest[0] != 't' {
		return p, false
	}
	p.micros, p.form, ok = clock(rest[1:])
	return p, ok
}

// digits reads a number of at least low and at most high digits, which no digit follows.
func digits(s string, low, high int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < high && s[i]-'0' <= 9 {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i >= low && (i == len(s) || s[i]-'0' > 9)
}

// clock reads a time of day with an optional zone: 15:04, 15:04:05, 15:04:05.999999999 (what is
// finer than a microsecond is cut off), each optionally with AM or PM; then Z, UTC, GMT, +02, +0200
// or +02:00, a space before it or not. 24:00 and leap seconds are no times here.
func clock(s string) (micros int64, form clockForm, ok bool) {
	hour, s, ok := digits(s, 1, 2)
	if !ok || s == "" || s[0] != ':' {
		return 0, form, false
	}
	minute, s, ok := digits(s[1:], 2, 2)
	if !ok {
		return 0, form, false
	}
	second, fraction := 0, 0
	if s != "" && s[0] == ':' {
		if second, s, ok = digits(s[1:], 2, 2); !ok {
			return 0, form, false
		}
		if s != "" && (s[0] == '.' || s[0] == ',') {
			i, scale := 1, 100_000
			for ; i < len(s) && s[i]-'0' <= 9; i++ {
				fraction += int(s[i]-'0') * scale
				scale /= 10
			}
			if i == 1 || i > 10 {
				return 0, form, false
			}
			s = s[i:]
		}
	}
	if s != "" && s[0] == ' ' {
		s = s[1:]
		if s == "" {
			return 0, form, false
		}
	}
	if len(s) >= 2 && s[1]|0x20 == 'm' && (s[0]|0x20 == 'a' || s[0]|0x20 == 'p') {
		if hour < 1 || hour > 12 {
			return 0, form, false
		}
		hour %= 12
		if s[0]|0x20 == 'p' {
			hour += 12
		}
		if s = s[2:]; s != "" && s[0] == ' ' && len(s) > 1 {
			s = s[1:]
		}
	}
	form = ownZone
	if s == "" {
		form = withoutOne
	}
	offset, ok := zone(s)
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return 0, form, false
	}
	return int64(hour*3600+minute*60+second-offset)*1_000_000 + int64(fraction), form, true
}

// zone reads a zone as seconds east of UTC; nothing is UTC.
func zone(s string) (seconds int, ok bool) {
	switch s {
	case "", "Z", "z", "UTC", "GMT":
		return 0, true
	}
	sign := 1
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	s = s[1:]
	if len(s) < 2 || s[0]-'0' > 9 || s[1]-'0' > 9 {
		return 0, false
	}
	hour, minute := int(s[0]-'0')*10+int(s[1]-'0'), 0
	if s = s[2:]; s != "" {
		if s[0] == ':' {
			s = s[1:]
		}
		if len(s) != 2 || s[0]-'0' > 9 || s[1]-'0' > 9 {
			return 0, false
		}
		minute = int(s[0]-'0')*10 + int(s[1]-'0')
	}
	return sign * (hour*3600 + minute*60), hour <= 18 && minute <= 59
}

// in gives the moment that p is under a layout, in microseconds since 1970 UTC; not ok when
// the layout has the year elsewhere, the calendar has no such day, or the year is not 1 to 9999.
func (p *dateParts) in(layout string) (micros int64, ok bool) {
	var year, month, day int
	switch {
	case p.yearFirst != (layout == layoutISO || layout == ""):
		return 0, false
	case p.yearFirst:
		year, month, day = p.first, p.second, p.third
	case layout == layoutDMY:
		day, month, year = p.first, p.second, p.third
	case layout == layoutMDY:
		month, day, year = p.first, p.second, p.third
	default:
		return 0, false
	}
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	micros = daysSince1970(year, month, day)*microsPerDay + p.micros
	return micros, micros >= firstMoment && micros <= lastMoment // a zone may lead out of the years 1 to 9999
}

// parseTime reads s as a moment written in the layout, by the clocks of the zone where it names none of its own.
func parseTime(s, layout, zone string) (micros int64, form clockForm, ok bool) {
	p, ok := splitTime(s)
	if !ok {
		return 0, p.form, false
	}
	if micros, ok = p.in(layout); ok && p.form == withoutOne {
		micros, ok = fromClock(micros, zone)
	}
	return micros, p.form, ok
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 is the inverse of civil for years from 1 on (Howard Hinnant, days_from_civil).
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := year / 400
	yoe := year - era*400
	doy := (153*((month+9)%12)+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146_097 + int64(doe) - 719_468
}
