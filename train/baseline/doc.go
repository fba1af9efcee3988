// Package baseline runs golearn beside our model: its naive Bayes and its decision tree as scorers for a comparison, and our
// model behind its base.Classifier, on its instances, for its confusion matrices and its cross-validation.
//
// # Baselines
//
// Rows are coded leads, a column of small integers each; a Coding makes them with the bins and levels of our own pipeline, so
// that a baseline sees what our model sees. Fit gives a Model, whose probabilities rank leads:
//
//	naive_bayes  BernoulliNBClassifier on a binary attribute a level (naive_bayes.go); its class-conditional
//	             probabilities are read and written out as log-odds, since golearn itself gives the class alone
//	tree         ID3 (InferID3Tree) with a branch a level, stopped by χ² at 1 % (tree_rule.go); the
//	             probability is the smoothed share of conversions in the leaf (tree.go)
//
// Naive Bayes is close to what Odoo's CRM scores leads with, which also multiplies a frequency a field. Both are baselines, no
// models to serve: naive Bayes is overconfident where columns say the same, and neither knows that bins have an order.
//
// # Our model in golearn
//
// Instances makes golearn's DenseInstances of a table, Table and Labels are the way back, and a score by way of
// instances has the bits of a score from the table. A Classifier trains through a function that is given, because
// this package stands below the trainer (see the Example, which trains on a file). Whatever golearn takes a
// base.Classifier for then runs on our model; CrossValidate is its cross-validation with folds that can be repeated.
//
// # What golearn does, and what is done about it
//
//   - It panics on what it does not like (a class without a single present feature, an attribute that is not there): every
//     function here that calls it turns a panic into an error, and rows are checked before.
//   - It draws from the global generator of math/rand (folds, pruning, random trees, samples), which ignores a seed
//     since Go 1.24, and iterates over maps where the order decides (ties between columns, unseen levels). None of that is
//     used: both baselines give the same bits in every run, and seeds change nothing. The one exception is a caller's own
//     evaluation.GenerateCrossFoldValidationConfusionMatrices.
//   - It looks the class up again for every row and reads cells one by one. On 20 columns of 732 levels together a fit of 100,000
//     rows took 7 s with naive Bayes and 2 s with the tree; time grows with rows × levels, and rows × columns. Scoring does
//     not go through golearn: 0.04 s for the same rows.
//   - Its sort of attributes compares a position with itself, so nothing promises their order: they are found by name.
//   - It has no weights, so neither have Rows.
//   - No global state of it is written, so Fit may run in several goroutines.
//
// Dependencies: sjwhitworth/golearn (the owner's choice of baselines, pinned; base, evaluation, naive and trees alone, which are
// pure Go), gonum (the χ² distribution).
package baseline
