// Package features turns a table of leads into the codes and numbers a model sees. A Spec
// says what is wanted, Fit learns what the training rows can teach (levels, means, bin
// edges), and the resulting Pipeline never changes again, so a score computed in training
// and one computed behind the HTTP API come from the same code.
//
// Each Feature turns one cell into a Cell: an integer code and, for a linear number, a
// standardised z. The feature's effect on the log-odds is Table[Code] + Slope·Z, whatever
// the feature once was; Pipeline.Matrix lays the same cells out as a design.Matrix for
// the trainer, Pipeline.Row as a row for the scorer, Pipeline.Cells as columns for a batch. The three
// agree bit for bit.
//
// # From cell to code
//
// A feature first reads its cell, as a number or as a word, and then codes what it read:
//
//	column       read as                                       coded, Linear    coded, Additive
//	numeric      the number                                    linear           bins
//	boolean      0, 1                                          values           values
//	categorical  the word                                      levels           levels
//	  e-mails    class of the domain (derive_email.go)         levels           levels
//	  job titles seniority, department (derive_title.go)       levels           levels
//	  sizes      middle of a range (derive_size.go)            linear, of log   bins
//	time         weekday, month, hour (derive_time.go)         values           values
//	             age to the as-of moment, day since 1970       linear           bins
//
//	linear   code 0 present, 1 missing; z = (t(x) − mean)/sd over the training rows (number.go)
//	bins     at most Spec.Bins of about equal mass; a value of more than 5 % alone; missing last (bins.go)
//	values   a code for each very number, levels for each word with at least Spec.MinLevel
//	levels   training rows; then other; then missing (level.go)
//	pair     of two features' codes, made coarser: a·nb + b (pair.go)
//
// What training never saw (a new level where nothing was merged, a missing cell where none
// was) has the code len(Levels) and no effect. Columns that are constant, all missing, free text, or
// id-like (plan.go, plan_words.go) are dropped with a Note.
//
// Plain (plain.go) tells, of features that read one cell as it is, which cells have which code, for those who write rules.
//
// Rows may have weights (FitWeighted). They are frequencies: a row of weight 2 teaches what two equal rows would, and
// "training rows" above means their weight.
//
// # Time
//
// Only what had happened by the as-of moment of a row may inform its features: see Known, the one place
// where that is decided. Which parts of a time are features, and why the day since 1970
// is one, stands in derive_time.go.
//
// What happened to a lead (a log of events) becomes columns in features/history, under the same rule: Before.
//
// # Learned and compiled
//
// What Fit learns of a feature is a plain record (fitted, in coder.go) that is also its JSON. compile
// checks the record and makes it a coder; a pipeline that was fitted and one that was read
// from an artifact come out of the same function, and a record that could lead a
// row beyond its tables does not pass it. Bind then finds the columns in a schema.
//
// The way back, from a code to a value that has it, is Choices (choices.go): what would have to be different for another code.
package features
