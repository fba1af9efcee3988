// Package history is described in doc.go.
package history

// Moment is a row of the snapshot table: a lead, by its number, as it was known at AsOf, in microseconds since
// 1970 UTC. datasets.MissingTime: as it is known now.
type Moment struct {
	Lead int32
	AsOf int64
}
