package serve

import (
	"runtime"
	"sync"
)

// mostWorkers bounds how many goroutines one batch keeps busy, whatever the machine has: others want to be answered too.
const mostWorkers = 4

func batchWorkers() int { return min(runtime.GOMAXPROCS(0), mostWorkers) }

// inOrder takes pieces from next until that fails, works on several at a time, and hands them to done in their order: the bytes of an answer
// do not depend on how many goroutines there are. next and done are called on the caller's goroutine, so that nobody else reads the request
// or writes the answer; at most twice as many pieces as workers are on their way. work has a number below workers, the same for one goroutine. It returns
// the error of next or of done; what was taken before next failed is still handed to done. A panic of work is the caller's.
func inOrder[T any](workers int, next func() (T, error), work func(worker int, piece T), done func(T) error) error {
	type job struct {
		piece T
		ready chan any // what work panicked with, or nil
	}
	jobs := make(chan job, 2*workers)
	var running sync.WaitGroup
	running.Add(workers)
	for worker := range workers {
		go func() {
			defer running.Done()
			for j := range jobs {
				j.ready <- caught(func() { work(worker, j.piece) })
			}
		}()
	}
	defer running.Wait()
	defer close(jobs)
	var waiting []job
	first := func() error {
		j := waiting[0]
		waiting = append(waiting[:0], waiting[1:]...)
		if p := <-j.ready; p != nil {
			panic(p)
		}
		return done(j.piece)
	}
	for {
		if len(waiting) == 2*workers {
			if err := first(); err != nil {
				return err
			}
		}
		piece, err := next()
		if err != nil {
			for len(waiting) > 0 {
				if err := first(); err != nil {
					return err
				}
			}
			return err
		}
		j := job{piece, make(chan any, 1)}
		waiting = append(waiting, j)
		jobs <- j
	}
}

// oneByOne is inOrder on the caller's goroutine alone: what is done with a piece is over before the next is asked for.
func oneByOne[T any](next func() (T, error), work func(worker int, piece T), done func(T) error) error {
	for {
		piece, err := next()
		if err != nil {
			return err
		}
		work(0, piece)
		if err := done(piece); err != nil {
			return err
		}
	}
}

// caught is what f panics with.
func caught(f func()) (panicked any) {
	defer func() { panicked = recover() }()
	f()
	return nil
}

// another is a call of the same request for another goroutine, with memory of its own; see release.
func (s *Server) another(k *call) *call {
	other := s.calls.Get().(*call)
	other.request, other.requestID, other.models, other.asked, other.exchange, other.route = k.request, k.requestID, k.models, k.asked, k.exchange, k.route
	return other
}

// release gives the memory of a call back.
func (s *Server) release(k *call) {
	if cap(k.body) > maxKept {
		k.body = nil
	}
	if cap(k.out) > maxKept {
		k.out = nil
	}
	k.request, k.models, k.exchange, k.answering = nil, nil, nil, nil
	s.calls.Put(k)
}
