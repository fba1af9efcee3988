package history

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// workersOf returns the number of goroutines that an option asks for.
func workersOf(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// each calls f for 0 … n−1 on several goroutines, whose numbers begin at 0, and returns the error of the lowest index.
func each(ctx context.Context, workers, n int, f func(worker, i int) error) error {
	var (
		next   atomic.Int64
		stop   atomic.Bool
		wait   sync.WaitGroup
		failed = make([]error, n)
	)
	for w := range max(1, min(workers, n)) {
		wait.Go(func() {
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if failed[i] = ctx.Err(); failed[i] == nil {
					failed[i] = f(w, i)
				}
				if failed[i] != nil {
					stop.Store(true)
				}
			}
		})
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
