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

// slackBytes is garbage that is left lying about beside that. A process of a second does little
// else than grow, and percents alone have the collector look at a small heap again and again.
const slackBytes = 64 << 20

// bigHeap is the memory in bytes from which it is given back between the steps of a training; a smaller
// one is not worth the time.
const bigHeap = 1 << 30

// tuneCollector sets the collector up for a process that reads much and ends soon; undo restores the
// setting. A GOGC in the environment is left as it is.
//
// The slack is a block that is never touched, so that the system never backs it with memory: the collector
// counts it as in use, and the percents of it are the slack. debug.SetMemoryLimit was rejected: with the
// percents off the collector would run without end once the data alone exceed the limit.
func tuneCollector() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(gcPercent)
	slack := make([]byte, slackBytes*100/gcPercent)
	return func() {
		debug.SetGCPercent(before)
		runtime.KeepAlive(slack)
	}
}

// leanSteps returns step with what bounds memory before it: what the step before has left goes back to
// the system, or the next one's large slices come on top of it.
func leanSteps(step func(string)) func(string) {
	return func(text string) {
		step(text)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapSys-m.HeapReleased >= bigHeap {
			debug.FreeOSMemory()
		}
	}
}
