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
// Reading text files: a CSV file is taken as CRMs export it. The delimiter (comma, semicolon,
// tab, pipe) and the encoding (UTF-8, UTF-16 with a byte order mark, else Windows-1252) are found, not
// asked for; spaces around a value do not count. The kinds are what all values allow:
//
//	numeric      every value is a number, with a decimal point everywhere or a comma everywhere
//	boolean      every value is a yes or a no in words; 0 and 1 are numbers
//	time         every value is a moment in one layout: yyyy-mm-dd, dd/mm/yyyy or mm/dd/yyyy
//	categorical  anything else; Inference names the cell that ruled out the last of the others
//
// A column whose every value can be read in two ways (03/04/2024; 1,234) is an *AmbiguousError
// that says what to configure. 1.234 is a number with three decimals unless the rest of the file
// writes a decimal comma. A JSON string in a JSON Lines file counts as the text it holds, since exports quote
// everything; a JSON number in a Categorical column there counts as its literal.
//
// The text is cut into chunks of whole records that are parsed on all cores and put together in
// the order of the file; a chunk is a batch. Where the cuts are depends on the text alone, and
// the dictionary of a column lists its levels in the order of the file, so the number of workers
// changes nothing. The kinds are guessed from the head of the file and held against
// every later value; a wrong guess costs a second reading of that column.
// Columns in ReadOptions.Skip are cut out of their rows and left there: they have no kind, and say nothing of
// how the others are written.
//
// Reading columnar files: an Arrow type says the kind (numbers, yes/no and times are
// theirs, texts are Categorical); Force or a Schema may want another, and then each
// distinct text goes through Schema.Parse, so a Parquet file and a CSV file of the same
// cells give the same table. A row group becomes one batch or several of 65,536 rows.
//
// Reading streams: ReadCSVStream and ReadArrowStream read what comes over a network under a schema, in bounded memory, and give
// rows that cannot be read their places among the others instead of a policy. CSV has commas and is UTF-8 there: what is sent on purpose is not
// guessed at. A stream that Keeps what it reads can be read under further schemas, block by block and by other goroutines. NewCSVEncoder and NewArrowEncoder write such streams.
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
