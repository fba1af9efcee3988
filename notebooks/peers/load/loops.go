package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// report is what a load came to. Times are in milliseconds.
type report struct {
	Seconds     float64           `json:"seconds"`
	Connections int               `json:"connections"`
	Rate        float64           `json:"rate,omitempty"` // asked for, a second
	Answers     uint64            `json:"answers"`        // with status 200
	Throughput  float64           `json:"throughput"`     // of them, a second
	Errors      map[string]uint64 `json:"errors"`         // by status; 0: no answer
	Unsent      int64             `json:"unsent,omitempty"`
	P50         float64           `json:"p50"`
	P90         float64           `json:"p90"`
	P99         float64           `json:"p99"`
	P999        float64           `json:"p999"`
	Max         float64           `json:"max"`
	CPU         float64           `json:"cpu,omitempty"`          // seconds of the server, user and system
	CPUPer      float64           `json:"cpu_per_1000,omitempty"` // seconds a thousand answers
}

// tally is what one connection has seen, and all of them together. The counts are read while it works.
type tally struct {
	times    histogram
	errors   map[string]uint64
	failed   *atomic.Uint64
	answered *atomic.Uint64
}

func (y *tally) note(status int, took time.Duration) {
	if status == 200 {
		y.times.add(took)
		y.answered.Add(1)
		return
	}
	y.errors[strconv.Itoa(status)]++
	y.failed.Add(1)
}

// crowd runs one goroutine a connection until all return, and reports. seen are counts for those who look on.
func crowd(s settings, seen *tally, work func(*connection, *tally)) (*report, error) {
	before, err := cpu(s.pid)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	var wait sync.WaitGroup
	tallies := make([]tally, s.connections)
	for i := range tallies {
		tallies[i] = tally{errors: map[string]uint64{}, failed: seen.failed, answered: seen.answered}
		wait.Go(func() {
			var k connection
			defer k.close()
			work(&k, &tallies[i])
		})
	}
	wait.Wait()
	took := time.Since(start).Seconds()
	r := &report{Seconds: took, Connections: s.connections, Rate: s.rate, Errors: map[string]uint64{}}
	var all histogram
	for i := range tallies {
		all.merge(&tallies[i].times)
		for status, n := range tallies[i].errors {
			r.Errors[status] += n
		}
	}
	ms := func(q float64) float64 { return float64(all.quantile(q).Microseconds()) / 1000 }
	r.Answers, r.Throughput = all.n, float64(all.n)/took
	r.P50, r.P90, r.P99, r.P999, r.Max = ms(.5), ms(.9), ms(.99), ms(.999), ms(1)
	after, err := cpu(s.pid)
	if s.pid != 0 {
		r.CPU = (after - before).Seconds()
		r.CPUPer = r.CPU / float64(max(all.n, 1)) * 1000
	}
	return r, err
}

func newTally() *tally { return &tally{failed: new(atomic.Uint64), answered: new(atomic.Uint64)} }

// closed asks on each connection again as soon as it has an answer.
func closed(ctx context.Context, s settings) (any, error) {
	q, err := post(s)
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(s.duration)
	return crowd(s, newTally(), func(k *connection, y *tally) {
		for at := time.Now(); at.Before(end) && ctx.Err() == nil; {
			status, err := k.ask(q)
			now := time.Now()
			y.note(status, now.Sub(at))
			at = now
			if err != nil {
				time.Sleep(time.Millisecond) // a server that is gone is not asked a million times a second
				at = time.Now()
			}
		}
	})
}

// open asks at the rate of the settings; each request belongs to the next connection that is free.
func open(ctx context.Context, s settings) (any, error) { return openLoop(ctx, s, newTally()) }

func openLoop(ctx context.Context, s settings, seen *tally) (*report, error) {
	q, err := post(s)
	if err != nil {
		return nil, err
	}
	if s.rate <= 0 {
		return nil, errors.New("reading -rate: want a number of requests a second")
	}
	total := int64(s.rate * s.duration.Seconds())
	var next atomic.Int64
	start := time.Now()
	last := start.Add(s.duration + 5*time.Second) // what a server that cannot keep up has not been sent by then is not sent
	r, err := crowd(s, seen, func(k *connection, y *tally) {
		for {
			i := next.Add(1) - 1
			if i >= total || ctx.Err() != nil || time.Now().After(last) {
				next.Add(-1)
				return
			}
			meant := start.Add(time.Duration(float64(i) / s.rate * float64(time.Second)))
			time.Sleep(time.Until(meant))
			status, _ := k.ask(q)
			y.note(status, time.Since(meant))
		}
	})
	if err != nil {
		return nil, err
	}
	if r.Unsent = total - next.Load(); r.Unsent < 0 {
		return nil, fmt.Errorf("%d requests were sent, %d were meant", next.Load(), total)
	}
	return r, nil
}
