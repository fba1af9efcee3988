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
// Dependencies: apache/arrow/go (Parquet and IPC, and the columnar layout; pinned by
// the owner), klauspost/compress (gzip and zstd at twice the speed of the standard
// library), golang.org/x/text (UTF-16 and Latin-1).
package datasets
