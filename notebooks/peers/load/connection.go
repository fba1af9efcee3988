package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// request is one request as bytes, and where they go.
type request struct {
	host string
	text []byte
}

// post makes the request of the settings.
func post(s settings) (*request, error) {
	u, err := url.Parse(s.url)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("reading -url: %q is not one such as http://127.0.0.1:8080/v1/score", s.url)
	}
	if s.connections < 1 || s.duration <= 0 {
		return nil, fmt.Errorf("reading the flags: -connections %d and -duration %s must be above 0", s.connections, s.duration)
	}
	body, err := os.ReadFile(s.body)
	if err != nil {
		return nil, fmt.Errorf("reading -body: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", u.RequestURI(), u.Host, s.kind, len(body))
	b.Write(body)
	return &request{u.Host, b.Bytes()}, nil
}

// connection is a kept connection. The zero value connects when it is first asked.
type connection struct {
	c net.Conn
	r *bufio.Reader
}

// answerTime is how long one answer may take; longer ones are errors.
const answerTime = 60 * time.Second

// ask sends the request and reads the answer to its end; status is 0 with an error, after which the next ask connects anew.
func (k *connection) ask(q *request) (status int, err error) {
	if k.c == nil {
		c, err := net.DialTimeout("tcp", q.host, time.Second)
		if err != nil {
			return 0, err
		}
		k.c, k.r = c, bufio.NewReaderSize(c, 64<<10)
	}
	defer func() {
		if err != nil {
			k.close()
			status = 0
		}
	}()
	if err := k.c.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	if len(q.text) <= 64<<10 {
		if _, err := k.c.Write(q.text); err != nil {
			return 0, err
		}
		return k.answer()
	}
	// A large body is answered while it is sent, so it must be read meanwhile.
	written := make(chan error, 1)
	go func() { _, err := k.c.Write(q.text); written <- err }()
	status, err = k.answer()
	if err != nil {
		k.close()
	}
	return status, errors.Join(err, <-written)
}

// answer reads one answer, of which only the status is kept.
func (k *connection) answer() (int, error) {
	line, err := k.r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("the answer begins with %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length, chunked, last := int64(-1), false, false
	for {
		line, err := k.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = strings.EqualFold(string(value), "chunked")
		case bytes.EqualFold(name, []byte("Connection")):
			last = strings.EqualFold(string(value), "close")
		}
	}
	switch {
	case chunked:
		if _, err = io.Copy(io.Discard, httputil.NewChunkedReader(k.r)); err == nil {
			_, err = k.r.Discard(2) // the empty line after the last chunk
		}
	case length >= 0:
		_, err = k.r.Discard(int(length))
	default:
		return 0, errors.New("the answer has no length")
	}
	if last {
		k.close()
	}
	return status, err
}

func (k *connection) close() {
	if k.c != nil {
		_ = k.c.Close()
	}
	k.c, k.r = nil, nil
}
