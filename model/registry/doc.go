// Package registry keeps the versions of models on disk and says which of them is promoted. Training
// adds versions, the server and the command line resolve them, people promote and roll back:
//
//	DIR/NAME/v1/          a run directory: model.json, metrics.json, gate.json, report.html, predictions.parquet
//	DIR/NAME/v2/
//	DIR/NAME/champion     the promoted version: "v2"
//	DIR/NAME/history      a JSON line for each promotion and rollback
//
// Everything is plain files, so a registry can be copied, mounted and read without leadscore. A
// version appears by the rename of a finished directory and never changes; the champion changes by
// the rename of a finished file. So a reader needs no lock and never sees half of anything, and a
// process that is killed leaves at most a directory whose name starts with a dot, which nobody
// reads. Writers of one model wait for each other by a lock on DIR/NAME/.lock, which the
// operating system releases when a process dies.
package registry
