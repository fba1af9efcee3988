// Package evaluate measures scorers on labelled rows that were not used to fit them and fills the
// model.TargetCard that the report lays out. It reads no files and writes no HTML.
//
// Measure gives the figures of one scorer, Compare the paired difference of two on the same rows,
// Deciles, Calibration, Thresholds, Curve, DecisionCurve and Distribution the tables, and Card all of them at once, with cohorts by
// month and segment (cohort.go), of which the weak ones are named (weak.go). Audit looks for
// columns that leak the outcome: it takes them coded, a check a file (audit_*.go), and needs nothing but
// counts by code.
//
// Cutoffs chooses a cut-off of the score in one of several ways (Way), MeasureChoice says what it gives on rows that it was not chosen
// on, CrossFit both on the same rows without the luck of choosing, and CutCurve what every cut-off gives.
//
// Contest compares any number of scorers on the same rows: Measure and Compare of each pair with p values corrected for
// their number, what each catches at a capacity (catch.go), how far their tops agree and who moves (overlap.go), and a
// verdict (contest_verdict.go). In 10,000 data sets each of 200 rows (400 with rare positives), labels drawn without regard to any
// score, a verdict was told in 1.1 % with two scorers, 0.1 % with two that are nearly the same, 1.2 % with three of which one has
// many ties, 1.4 % with six and 1.7 % with 5 % of positives; the upper ends of the exact intervals are below 2 %.
// contest_test.go has the command and runs 300 of each.
//
// # Ties
//
// No figure depends on the order of the rows. Rows with equal scores count half in the AUC, enter
// the precision-recall and the KS curve together, and share a cut that falls among them (the best
// tenth, a decile, a calibration bin) in proportion to how many of them fall on each side.
//
// # Weights
//
// A weight is a frequency: 2 is the row twice, 0 the row gone, nil all ones. Fractions are allowed.
//
// # Clusters
//
// Rows of one lead at several moments, or of one account, are not independent: Sample.Cluster says which belong together. It changes no
// figure but the corrected ECE, and every interval: the AUC's is Obuchowski's, means and recalibration add up their clusters, the bootstrap
// draws clusters whole, and the rates of cohorts count their rows by the design effect. The rates of deciles,
// calibration bins, stages and thresholds do not: their Wilson intervals take rows as independent. Clusters of one row are none.
//
// # Intervals
//
// All are at 95 %. AUC and Gini: DeLong, on the logit scale. Log loss, skill and Brier are means of
// independent rows: the normal interval of a mean. Calibration slope and intercept: Wald's, by the information. PR-AUC (on the
// logit scale), KS, both ECEs, lift and recall: value ± 1.96 standard errors from a Poisson bootstrap, cut at the figure's natural bounds.
// Percentile intervals were rejected: their ends are far noisier than a standard error at the same
// number of replicates (Efron & Tibshirani 1993, §13: 1000 and more against 50 to 200), and those of
// ECE and KS, whose replicates lie above the figure, need not contain it. Rates: Wilson.
//
// The same rows, options and seed give the same bits on any number of cores: each bootstrap
// replicate has a generator of its own.
//
// gonum has no interval for any of these figures, and its stat.ROC none for ties by weight, so
// the few lines that each takes stand here; gonum's stat gives the standard deviation.
package evaluate
