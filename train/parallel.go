package train

import (
	"runtime"
	"sync"
)

// pieceRows is how many rows a goroutine is given at a time.
const pieceRows = 1 << 14

// inParallel calls do for runs of the rows 0 ≤ i < n on all cores. Each row's result has a place of its own,
// so that which core does which does not matter.
func inParallel(n int, do func(lo, hi int)) {
	eachOf((n+pieceRows-1)/pieceRows, func(k int) { do(k*pieceRows, min((k+1)*pieceRows, n)) })
}

// eachOf calls do(0) … do(n−1) on all cores, each once; they may not share results.
func eachOf(n int, do func(k int)) {
	todo := make(chan int, n)
	for k := range n {
		todo <- k
	}
	close(todo)
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for k := range todo {
				do(k)
			}
		})
	}
	group.Wait()
}
