//go:build race

package serve

// raced tells that the race detector slows everything down.
const raced = true
