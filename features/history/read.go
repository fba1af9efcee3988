package history

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"sync"

	"leadscore/datasets"
)

// Options bound what reading takes.
type Options struct {
	// Memory is about how many bytes the events may take; what goes beyond is kept in a temporary file. The table of leads and
	// what decoding needs come on top. 0: 1 GiB.
	Memory  int64
	TempDir string // "": that of the system
	Workers int    // goroutines; 0: GOMAXPROCS. The result does not depend on it
}

// Read reads the logs of the given leads, whose number is their place in the list. A lead's id is compared
// by its text, as datasets reads texts (without spaces around it; a whole number by its digits). An event
// that counts nowhere is left out and counted in the report (see Report). Neither the order of the events nor how
// they are spread over files, nor Options, changes the log.
//
// Of several events of a lead with the same id the earliest stays; of those at the same moment the one whose type, then channel, then
// properties by name come first (a missing one first).
func Read(ctx context.Context, source Source, leads []string, o Options) (*Log, *Report, error) {
	numbers := make(map[string]int32, len(leads))
	for i, id := range leads {
		if first, twice := numbers[id]; twice {
			return nil, nil, fmt.Errorf("reading events: lead %q is both number %d and number %d; want each lead once", id, first, i)
		}
		numbers[id] = int32(i)
	}
	if o.Memory == 0 {
		o.Memory = 1 << 30
	}
	if o.Memory < 0 {
		return nil, nil, fmt.Errorf("reading events: memory: %d bytes; want more than 0", o.Memory)
	}
	o.Workers = workersOf(o.Workers)
	l, err := source.inspect(ctx, o.Workers)
	if err != nil {
		return nil, nil, err
	}
	r := &reading{source: &source, layout: l, numbers: numbers, seed: maphash.MakeSeed()}
	r.types.column, r.channels.column = source.Type, source.Channel
	raw := &spillFile{dir: o.TempDir}
	defer func() { _ = raw.close() }() // only read from by then
	width := 2 + len(l.properties)
	if source.ID != "" {
		width++
	}
	// Half of the memory is for the records, half for what sorting them makes of them.
	r.store = newStore(len(leads), width, max(1, o.Memory/2), raw)
	report := &Report{Properties: l.properties, Zones: l.zones}
	for i, path := range source.Paths {
		f, err := r.file(ctx, path, l.schemas[i], o.Workers)
		if err != nil {
			return nil, nil, err
		}
		report.Files = append(report.Files, *f)
		report.BadRows += f.bad
	}
	report.add(r.tallies)
	log, err := r.sort(ctx, leads, report, o)
	if err != nil {
		return nil, nil, err
	}
	return log, report, nil
}

// reading is the state of Read that its goroutines share.
type reading struct {
	source          *Source
	layout          *layout
	numbers         map[string]int32
	types, channels names
	seed            maphash.Seed // of the hashes of ids: nobody can make ids that collide
	store           *store

	mu      sync.Mutex
	tallies []tally
	batches int
}

type job struct {
	order int
	batch *datasets.Batch
}

// file reads one file: this goroutine decodes, the others turn batches into records.
func (r *reading) file(ctx context.Context, path string, schema *datasets.Schema, workers int) (f *File, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	in, err := datasets.Open(ctx, path, datasets.ReadOptions{
		Schema: schema, BadRows: r.source.BadRows, MaxBadRows: r.source.MaxBadRows, Workers: workers,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	var digest string
	var digestErr error
	var wait sync.WaitGroup
	wait.Go(func() { digest, digestErr = datasets.Digest(ctx, path) })
	jobs := make(chan job, workers)
	for range workers {
		wait.Go(func() {
			c := &converter{reading: r}
			for j := range jobs {
				if ctx.Err() != nil {
					continue
				}
				if err := c.convert(j); err != nil {
					cancel(fmt.Errorf("reading %s: %w", path, err))
				}
			}
		})
	}
	err = r.decode(ctx, in, jobs)
	close(jobs)
	if err != nil {
		cancel(err)
	}
	wait.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if digestErr != nil {
		return nil, digestErr
	}
	report := in.Report()
	return &File{Path: path, Digest: digest, Rows: report.Rows, Bad: report.Bad, bad: report.BadTotal}, nil
}

func (r *reading) decode(ctx context.Context, in datasets.Reader, jobs chan<- job) error {
	for {
		b, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		jobs <- job{r.batches, b}
		r.batches++
	}
}
