package cli

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"leadscore/datasets"
	"leadscore/model"
)

// inOrder works on the batches of a reader on all cores and takes the results in the order of the file. At most two
// batches a core are in memory. work is given the number of rows before its batch; it runs on many goroutines, take on one.
func inOrder[T any](ctx context.Context, r datasets.Reader, work func(b *datasets.Batch, first int) (T, error), take func(T) error) error {
	type job struct {
		in    *datasets.Batch
		first int
		out   T
		err   error
		done  chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	todo, order := make(chan *job, workers), make(chan *job, 2*workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range todo {
				j.out, j.err = work(j.in, j.first)
				close(j.done)
			}
		}()
	}
	var readErr error
	go func() {
		defer close(order)
		defer close(todo)
		first := 0
		for {
			b, err := r.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
			j := &job{in: b, first: first, done: make(chan struct{})}
			first += b.Rows()
			select {
			case todo <- j:
			case <-ctx.Done():
				readErr = ctx.Err()
				return
			}
			select {
			case order <- j:
			case <-ctx.Done():
				readErr = ctx.Err()
				return
			}
		}
	}()
	var failed error
	for j := range order {
		<-j.done
		if failed == nil {
			failed = j.err
		}
		if failed == nil {
			failed = take(j.out)
		}
		if failed != nil {
			cancel() // the reader stops; what is under way is drained
		}
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return readErr
}

// eventsFrom gives the events of the rows of a batch; nil events: none has any.
func eventsFrom(events [][]datasets.Event, first int) func(row int) []datasets.Event {
	return func(row int) []datasets.Event {
		if events == nil {
			return nil
		}
		return events[first+row]
	}
}

// columnsPool keeps the memory of predictions that have been taken, for batches to come.
type columnsPool struct{ pool sync.Pool }

func (p *columnsPool) get() *model.Columns {
	if c, ok := p.pool.Get().(*model.Columns); ok {
		return c
	}
	return &model.Columns{}
}

func (p *columnsPool) put(c *model.Columns) { p.pool.Put(c) }
