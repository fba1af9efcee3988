// Package predictions keeps a log of what a server answered, so that predictions can be held against the outcomes that come
// later. It knows nothing of HTTP: a server fills a Record of each answer and gives it to a Writer.
//
// The way of a record: Writer.Log copies it into a bounded queue in memory and returns; it does no input or output and waits for none.
// A goroutine of the Writer takes what is queued every tenth of a second, makes columns of it (columns.go; the names are
// model.LogSchema) and hands them to a sink: files by the hour (hourly.go), or lines of JSON to a stream (stream.go). What the queue has
// no room for, and what a sink could not write, is dropped and counted. So a disk that is slow, full or read-only costs rows of the log and
// never an answer.
//
// Rows of tables and of the facades are logged like single leads, with the row's number. A table in CSV or Arrow has reasons only where the request asked for them, and the
// facades never have any: their reasons are empty. The facades' count of warnings is 0, for they have no place for one. A table is scored faster than
// rows are written, so a long one can fill the queue: what it drops is counted, and Options.Buffer makes room.
//
// Files: rows are appended to a journal of JSON Lines whose name begins with a dot, which readers of folders pass over. When the
// hour is over, or the Writer is closed, the journal becomes DIR/2026-11-26T14-HOST-PID.parquet, written by package datasets beside it and renamed, and goes. An hour of more
// than 256 MiB of journal goes on in HOST-PID-2, and so on; so does one that a process of the same name had before.
// A process that is killed leaves its journal; the next Writer of the folder, of whatever process, makes the Parquet file of it: a journal that nobody holds the lock of
// has no writer. What is lost by kill -9 is the rows of the last tenth of a second; a loss of power may take what the
// system had not yet written to the disk.
//
// Rejected: writing Parquet as rows come, because without its footer, which comes last, a Parquet file cannot be read, and a kill would lose the hour; and a
// file each minute, because readers then open thousands.
package predictions
