package serve

import "time"

// parseMoment reads a time by RFC 3339 of the years 1 to 9999 in UTC, as files have them, in microseconds since 1970 UTC; what is finer is
// cut off. time.Parse alone takes hours of one digit, a comma before the fraction, zones of 24 hours or 60 minutes, and the year 0, which
// neither a file nor the log of predictions can hold; a zone can lead out of the years too.
func parseMoment(text string) (micros int64, ok bool) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || text[12] == ':' || text[19] == ',' {
		return 0, false
	}
	if n := len(text); text[n-1] != 'Z' && (text[n-5:n-3] > "23" || text[n-2:] > "59") {
		return 0, false
	}
	year := t.UTC().Year()
	return t.UnixMicro(), year >= 1 && year <= 9999
}
