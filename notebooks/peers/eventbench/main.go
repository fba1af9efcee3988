//go:build peers

// Command eventbench makes the event features of a history that history.py made, and prints what each step
// took as JSON. With -out it writes the columns, after the leads' ids, to a Parquet file.
//
//	go build -tags peers -o eventbench ./notebooks/peers/eventbench
//	./eventbench -out features.parquet FOLDER
//
// The tag keeps it out of ./...: it belongs to the comparison, not to the product.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"leadscore/datasets"
	"leadscore/features/history"
)

// report is what is printed. Durations are in seconds.
type report struct {
	Leads      int     `json:"leads"`
	Events     int     `json:"events"`
	Duplicates int     `json:"duplicates"`
	Columns    int     `json:"columns"`
	Read       float64 `json:"read"` // the log, sorted
	ReadCPU    float64 `json:"read_cpu"`
	Learn      float64 `json:"learn"`
	LearnCPU   float64 `json:"learn_cpu"`
	Make       float64 `json:"make"` // the columns
	MakeCPU    float64 `json:"make_cpu"`
	Write      float64 `json:"write,omitempty"`
	WriteCPU   float64 `json:"write_cpu,omitempty"`
}

type settings struct {
	out, id, channel string
	memory           int64
	times            int
}

func main() {
	var s settings
	flag.StringVar(&s.out, "out", "", "file for the columns")
	flag.StringVar(&s.id, "id", "", "column of ids, to drop duplicates by")
	flag.StringVar(&s.channel, "channel", "", "column of channels")
	flag.Int64Var(&s.memory, "memory", 0, "bytes for the events in memory (0: the default)")
	flag.IntVar(&s.times, "times", 1, "how often the log is read: as so many files")
	profile := flag.String("profile", "", "file for a CPU profile")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: eventbench [flags] FOLDER")
		os.Exit(2)
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "eventbench:", err)
			os.Exit(1)
		}
	}
	r, err := run(context.Background(), flag.Arg(0), s)
	pprof.StopCPUProfile()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "eventbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, s settings) (r *report, err error) {
	r = &report{}
	leads, err := datasets.Read(ctx, filepath.Join(dir, "leads.parquet"), datasets.ReadOptions{Force: map[string]datasets.Field{"lead_id": {Kind: datasets.Text}}})
	if err != nil {
		return nil, err
	}
	var ids []string
	var rows []history.Moment
	for _, b := range leads.Batches {
		ids = append(ids, b.Column(0).Texts...)
		for _, t := range b.Column(1).Times {
			rows = append(rows, history.Moment{Lead: int32(len(rows)), AsOf: t})
		}
	}
	r.Leads = len(ids)
	w := start()
	log, read, err := history.Read(ctx, history.Source{
		Paths: slices.Repeat([]string{filepath.Join(dir, "events.parquet")}, s.times), Lead: "lead_id", At: "occurred_at", Type: "event_type",
		ID: s.id, Channel: s.channel, Properties: []string{"amount"},
	}, ids, history.Options{Memory: s.memory})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	r.Events, r.Duplicates = read.Events, read.Duplicates
	r.Read, r.ReadCPU = w.lap()
	plan, err := history.Learn(ctx, log, rows, nil, history.Spec{})
	if err != nil {
		return nil, err
	}
	r.Learn, r.LearnCPU = w.lap()
	columns, err := plan.Columns(ctx, log, rows, 0)
	if err != nil {
		return nil, err
	}
	r.Columns = len(columns)
	r.Make, r.MakeCPU = w.lap()
	if s.out != "" {
		if err := write(s.out, ids, plan, columns); err != nil {
			return nil, err
		}
		r.Write, r.WriteCPU = w.lap()
	}
	return r, nil
}

// write writes the columns in batches, so that the file's row groups are of a usual size.
func write(path string, ids []string, plan *history.Plan, columns []datasets.Column) error {
	schema := &datasets.Schema{Fields: append([]datasets.Field{{Name: "lead_id", Kind: datasets.Text}}, plan.Fields()...)}
	out, err := datasets.Create(path, schema)
	if err != nil {
		return err
	}
	const rows = 65_536
	for from := 0; from < len(ids); from += rows {
		to := min(from+rows, len(ids))
		cells := []datasets.Column{{Kind: datasets.Text, Texts: ids[from:to]}}
		for _, c := range columns {
			if c.Kind == datasets.Numeric {
				c.Numbers = c.Numbers[from:to]
			} else {
				c.Codes = c.Codes[from:to]
			}
			cells = append(cells, c)
		}
		b, err := datasets.NewBatch(schema, to-from, cells)
		if err == nil {
			err = out.Write(b)
		}
		if err != nil {
			out.Abort()
			return err
		}
	}
	return out.Close()
}

// watch measures laps in wall and CPU seconds.
type watch struct {
	at  time.Time
	cpu float64
}

func start() *watch { return &watch{time.Now(), cpuSeconds()} }

func (w *watch) lap() (wall, cpu float64) {
	now, used := time.Now(), cpuSeconds()
	wall, cpu = now.Sub(w.at).Seconds(), used-w.cpu
	w.at, w.cpu = now, used
	return wall, cpu
}

// cpuSeconds is what the process has used so far, user and system, on all cores.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
