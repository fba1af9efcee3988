// Command load puts load on a server over loopback, and is what it is compared with. serving.py runs it; by hand:
//
//	go build -o load ./notebooks/peers/load
//	./load closed -url http://127.0.0.1:8080/v1/score -body lead.json -connections 8 -duration 10s -pid PID
//	./load open   -url http://127.0.0.1:8080/v1/score -body lead.json -rate 5000 -duration 10s
//	./load soak   -url http://127.0.0.1:8080/v1/score -body lead.json -rate 5000 -duration 10m -pid PID -csv soak.csv
//	./load bare   -addr 127.0.0.1:8081 -answer answer.json
//	./load decode -body batch.ndjson -duration 5s
//
// closed asks as fast as answers come: the highest throughput. open asks at a rate, whatever the server does: each request has the moment that it
// was meant to be sent at, and its time counts from there, so that a server that stalls is charged for those who had to wait (Gil
// Tene's coordinated omission); the figures include the client's own wake-up, some 0.1 ms. soak is open and looks at the server's process each second.
// bare is a Gin handler that decodes the body with encoding/json and answers a constant. decode is encoding/json alone.
//
// Requests are bytes made once and written to kept connections (connection.go): the client takes as little of the processors, which it shares with the
// server, as it can. -pid tells the server's CPU seconds, which a busy machine disturbs less than the clock. Every mode prints
// one JSON object.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// settings are the flags of all modes.
type settings struct {
	url, body, kind string
	connections     int
	rate            float64
	duration        time.Duration
	pid             int
	csv, metrics    string
	addr, answer    string
}

func main() {
	modes := map[string]func(context.Context, settings) (any, error){"closed": closed, "open": open, "soak": soak, "bare": bare, "decode": decode}
	if len(os.Args) < 2 || modes[os.Args[1]] == nil {
		fail(fmt.Errorf("want a mode: closed, open, soak, bare or decode"))
	}
	var s settings
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	f.StringVar(&s.url, "url", "", "`URL` to post to; http only")
	f.StringVar(&s.body, "body", "", "`file` with the body")
	f.StringVar(&s.kind, "type", "application/json", "content `type` of the body")
	f.IntVar(&s.connections, "connections", 8, "`number` of connections; of open and soak, the most requests that can be under way")
	f.Float64Var(&s.rate, "rate", 0, "requests a `second`, of open and soak")
	f.DurationVar(&s.duration, "duration", 10*time.Second, "`time` that load is put on")
	f.IntVar(&s.pid, "pid", 0, "`process` of the server, for its CPU seconds and memory")
	f.StringVar(&s.csv, "csv", "soak.csv", "`file` for what soak sees each second")
	f.StringVar(&s.metrics, "metrics", "", "`URL` of Prometheus metrics, for the goroutines; none: they are left out")
	f.StringVar(&s.addr, "addr", "127.0.0.1:8081", "`address` of bare")
	f.StringVar(&s.answer, "answer", "", "`file` with the answer of bare")
	if err := f.Parse(os.Args[2:]); err != nil {
		fail(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	result, err := modes[os.Args[1]](ctx, s)
	stop()
	if err == nil && result != nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	_, _ = fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}
