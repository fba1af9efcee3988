package datasets

import "bytes"

// csvRecords finds where records of CSV end while the bytes arrive, looking at each byte once: csvText.recordEnd begins anew with
// every piece, which a sender of single bytes could make costly. A fuzz test holds the two together.
type csvRecords struct {
	delimiter byte
	state     csvState
	start     int // of the record that is not complete
	at        int // what has been looked at
}

type csvState uint8

const (
	csvFieldStart csvState = iota // spaces may follow
	csvPlain
	csvQuoted
	csvClosing // behind a quote that closes, or is the first of two
	csvAfter   // behind a closing quote and spaces
	csvBad     // the record is bad, and ends with its line
)

// scan looks at the fresh bytes of buf, up to the end of the last record that ends, and of that only: it stops before a record of more
// than most bytes, and says so.
func (c *csvRecords) scan(buf []byte, most int) (tooLong bool) {
	state, delimiter := c.state, c.delimiter
	for ; c.at < len(buf); c.at++ {
		b := buf[c.at]
		if c.at-c.start > most || c.at-c.start == most && b != '\n' {
			c.state = state
			return true
		}
		switch state {
		case csvFieldStart, csvPlain:
			switch b {
			case delimiter:
				state = csvFieldStart
			case '\n':
				state, c.start = csvFieldStart, c.at+1
			case '"':
				if state == csvFieldStart {
					state = csvQuoted
				} else {
					state = csvBad
				}
			case ' ':
			default:
				state = csvPlain
			}
		case csvQuoted:
			if b == '"' {
				state = csvClosing
			} else if end := min(len(buf), c.start+most); c.at+1 < end {
				n := bytes.IndexByte(buf[c.at+1:end], '"')
				if n < 0 {
					n = end - c.at - 1
				}
				c.at += n
			}
		case csvClosing, csvAfter:
			switch {
			case b == delimiter:
				state = csvFieldStart
			case b == '\n':
				state, c.start = csvFieldStart, c.at+1
			case b == ' ':
				state = csvAfter
			case b == '"' && state == csvClosing:
				state = csvQuoted
			default:
				state = csvBad
			}
		case csvBad:
			if b == '\n' {
				state, c.start = csvFieldStart, c.at+1
			}
		}
	}
	c.state = state
	return false
}

// drop takes n bytes away from the front of the buffer.
func (c *csvRecords) drop(n int) {
	c.start -= n
	c.at -= n
}

// restart takes n bytes away and begins a record there, whatever was found so far.
func (c *csvRecords) restart() { c.state, c.start, c.at = csvFieldStart, 0, 0 }
