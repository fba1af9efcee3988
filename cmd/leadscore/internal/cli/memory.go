package cli

import (
	"os"
	"runtime"
	"runtime/debug"
)

// gcPercent is the garbage that training leaves lying about, in percent of what is in use; Go's own
// default is 100. Nearly all of a data set is plain numbers, which the collector need not look through,
// so that collecting more often is cheap.
const gcPercent = 50

// bigHeap is the memory in bytes from which it is given back between the steps of a training; a smaller
// one is not worth the time.
const bigHeap = 1 << 30

// leanSteps sets the collector up for training and returns step with what bounds memory before
// it: what the step before has left goes back to the system, or the next one's large slices come on top of it.
// undo restores the setting. A GOGC in the environment is left as it is.
func leanSteps(step func(string)) (lean func(string), undo func()) {
	undo = func() {}
	if os.Getenv("GOGC") == "" {
		before := debug.SetGCPercent(gcPercent)
		undo = func() { debug.SetGCPercent(before) }
	}
	return func(text string) {
		step(text)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapSys-m.HeapReleased >= bigHeap {
			debug.FreeOSMemory()
		}
	}, undo
}
