// Package features turns a table of leads into the codes and numbers a model sees. A Spec
// says what is wanted, Fit learns what the training rows can teach (levels, means, bin
// edges), and the resulting Pipeline never changes again, so a score computed in training
// and one computed behind the HTTP API come from the same code.
//
// Each Feature turns one cell into a Cell: an integer code and, for a linear number, a
// standardised z. The feature's effect on the log-odds is Table[Code] + Slope·Z, whatever
// the feature once was; Pipeline.Matrix lays the same cells out as a design.Matrix for
// the trainer, Pipeline.Row as a row for the scorer.
package features
