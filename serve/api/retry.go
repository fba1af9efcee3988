package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// limit is the context of one try: with Options.Timeout, but for a batch, which takes as long as it takes.
func (c *Client) limit(ctx context.Context, body io.Reader) (context.Context, context.CancelFunc) {
	if c.options.Timeout <= 0 || stream(body) {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.options.Timeout)
}

// stream reports whether a body can be read only once.
func stream(body io.Reader) bool {
	_, whole := body.(*bytes.Reader)
	return body != nil && !whole
}

// limited is the body of an answer; closing it ends the time limit of its try.
type limited struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (l *limited) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}

// patience reports whether an answer asks to come again, and after what time at least; 0: it does not say. Of a date the time is counted
// from the answer's own Date, so that the two clocks need not agree; without one it says nothing (RFC 9110, 6.6.1 and 10.2.3).
func patience(resp *http.Response) (again bool, after time.Duration) {
	again = resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
	text := resp.Header.Get("Retry-After")
	if s, err := strconv.ParseUint(text, 10, 64); err == nil {
		return again, time.Duration(min(s, 1<<31)) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		return again, 1 << 31 * time.Second
	}
	at, err := http.ParseTime(text)
	now, err2 := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || err2 != nil {
		return again, 0
	}
	return again, max(0, at.Sub(now))
}

// asking lists the paths of POSTs that change nothing on the server and can be sent again whole; any that is not here is taken not to.
var asking = map[string]bool{"v1/score": true, "v1/explain": true}

// repeatable reports whether a try that got no answer may be made again. A request that never left always may; one that did, when
// it changes nothing and can be sent again whole. A batch that is under way never is: it may be half done, and its leads may be too many to
// do twice.
func repeatable(err error, method, path string) bool {
	var lookup *net.DNSError
	if errors.As(err, &lookup) && lookup.IsNotFound {
		return false
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	if method != http.MethodGet && !asking[path] {
		return false
	}
	var late net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.As(err, &late) && late.Timeout()
}

// wait is how long to wait before the next try beside what the server asked for: jitter·backoff·2^try.
func (c *Client) wait(try int) time.Duration {
	return time.Duration(c.options.Jitter() * float64(c.options.Backoff<<min(try, 5)))
}

// random is in [0, 1), with 53 bits from the system's source: nothing needs to be seeded or shared.
func random() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return float64(binary.LittleEndian.Uint64(b[:])>>11) / (1 << 53)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
