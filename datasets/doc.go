// Package datasets moves tables in and out: CSV (plain, gzip, zstd), JSON Lines,
// Parquet and Arrow IPC files become Batches of typed columns under one Schema, and
// Batches become files again. It infers column kinds over all rows, applies the
// bad-row policy, splits rows into training and hold-out, profiles columns, and
// generates a CRM history whose true coefficients are known.
//
// A Schema says how a text is read. The same Field.Parse serves the training file,
// the scoring file and the HTTP request, so "1.234,5" means the same number in all.
//
// A Batch is an Arrow record batch whose buffers are seen as Go slices; this is the
// only package that imports Arrow, because its types would otherwise leak into every
// signature of the product.
//
// Reading columnar files: an Arrow type says the kind (numbers, yes/no and times are
// theirs, texts are Categorical); Force or a Schema may want another, and then each
// distinct text goes through Schema.Parse, so a Parquet file and a CSV file of the same
// cells give the same table. A row group becomes one batch or several of 65,536 rows.
//
// Writing: Create gives a Writer whose file appears at its path when Close has
// returned, whole or not at all. Text is written the way the schema reads it, and numbers
// with the fewest digits that read back bit for bit.
//
// Generate makes leads, their events and the truth behind their outcomes:
//
//	h, err := datasets.Generate(datasets.GenerateOptions{Leads: 20_000, Seed: 1})
//	err = h.Save("crm") // leads.csv, events.parquet, truth.csv, truth.json
//
// Dependencies: apache/arrow/go (Parquet and IPC, and the columnar layout; pinned by
// the owner), google/flatbuffers (an Arrow file's metadata is checked before the Arrow
// library, which trusts its lengths, sees it), klauspost/compress (gzip and zstd at twice the speed of the standard
// library), golang.org/x/text (UTF-16 and Latin-1).
package datasets
