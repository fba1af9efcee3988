package access

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how many requests a caller may send. Its bucket holds Requests of them and fills evenly in Per: Requests may come at
// once, and over time no more than that in each Per. The zero value is no limit.
type Rate struct {
	Requests int
	Per      time.Duration
}

// maxRequests keeps a rate within what a bucket can count.
const maxRequests = 1_000_000_000

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

// ParseRate reads a rate such as 100/s, 600/m or 5000/h; "" is no limit.
func ParseRate(s string) (Rate, error) {
	if s == "" {
		return Rate{}, nil
	}
	number, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	per := units[unit]
	if err != nil || n < 1 || n > maxRequests || per == 0 {
		return Rate{}, fmt.Errorf("%q is not a rate; want requests a second, minute or hour, such as 100/s, 600/m or 5000/h", clip(s))
	}
	return Rate{n, per}, nil
}

func (r Rate) String() string {
	for unit, per := range units {
		if per == r.Per {
			return strconv.Itoa(r.Requests) + "/" + unit
		}
	}
	return ""
}

// bucket is a full bucket; nil: no limit.
func (r Rate) bucket() *rate.Limiter {
	if r.Requests == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(float64(r.Requests)/r.Per.Seconds()), r.Requests)
}

// take takes one request out of a bucket. When there is none it says how long to wait for one, above 0, and takes nothing. A reservation
// that is given back was rejected: of two at once the first gives nothing back, so that a caller who asks too often paid for it later.
func take(b *rate.Limiter, now time.Time) time.Duration {
	if b == nil {
		return 0
	}
	if b.AllowN(now, 1) {
		return 0
	}
	lacking := 1 - b.TokensAt(now)
	return max(time.Duration(math.Ceil(lacking/float64(b.Limit())*float64(time.Second))), 1)
}
