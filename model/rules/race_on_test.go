//go:build race

package rules

// mostAllocations is above 0 with the race detector, which empties pools at random.
const mostAllocations = 8
