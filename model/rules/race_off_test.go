//go:build !race

package rules

// mostAllocations of a score is none, but a collection may empty the pool.
const mostAllocations = .5
