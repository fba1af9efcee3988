// Package train is the main job: Run reads the leads, splits them, fits features and models on the
// training rows, scores the hold-out through the very Scorer that will serve, evaluates it and
// returns the artifact with its card. It is readable from top to bottom in run.go; it knows neither
// flags nor YAML.
//
// # Rows and labels
//
// A row is a lead at an as-of moment (asof.go: a column, so much later, the lead's first event of a type, or a grid);
// snapshot.go makes the rows. judge (maturity.go) labels a row: with a horizon h a conversion counts until as-of + h, and a
// row whose window was open at the end of the data is immature, whatever its outcome. Rows of one lead and one moment
// go by a policy (duplicates.go). Training rows whose window reaches into a hold-out chosen by time, and hold-out
// rows of leads that train, are purged (purge.go); folds keep the rows of a lead together. Each row of the file
// is in one line of the account (account.go). The same configuration is measured on the other split beside
// (beside.go), and a later target in the other of two ways, directly or given the target before it (chain.go);
// neither touches the artifact.
//
// Snapshot returns the rows as a table, with labels, statuses, split and a dictionary (snapshot_table.go, dictionary.go), by the
// steps of Run up to the split (gather.go).
//
// # Labelled files
//
// Evaluate (rescore.go) measures a model on another file, read and labelled as its training did (labelled_file.go). Compare
// (contest.go) measures other scorers on the same rows: rules and columns of the file (contest_file.go), other models, which
// read the file by their own schema and must find the same rows, and baselines fitted to other leads (contest_baseline.go).
// Digests in the artifact (trained.go) say whether rows were in training: Evaluate tells it, Compare refuses unless allowed.
// Training is digested by id and as-of moment, so a lead of the training file at a later moment is not refused; baselines leave
// every lead out that is measured, whatever the moment.
//
// # Fitting
//
// The default model is additive (additive.go): main effects with all λ's estimated, then 0, 8 or 24 of the
// pairs that the screening finds, whichever number does best on rows that had no part in it
// (additive_nested.go); of more than 1,048,576 training rows that number is chosen on as many, evenly spaced. Sides of pairs are finer
// where that does better on such rows (additive_finer.go). A column with monotone set has its falling (or rising) neighbours pooled until the table keeps the
// order, and takes no part in pairs, so that the promise holds for the model (additive_monotone.go). A category of
// more than 200 levels of 20 rows takes no part in pairs either. The inverse Hessian gives every effect a
// standard error and every probability an interval (centred.go, additive_covariance.go; linear_covariance.go for ridge).
//
// Rows may have weights, which are frequencies in all that is fitted, chosen and measured: weight.go has the rules. A column of
// log-odds may be added to every logit with a coefficient of 1: offset.go.
//
// # Thresholds
//
// The policy's cut-offs are chosen on out-of-fold scores of the training rows (policy.go; evaluate.Cutoffs has the ways) and measured on the
// hold-out, beside what other ways would have chosen. Leads a day come from the as-of moments (population.go). With a prior the rows
// are weighed as the population has them. Thresholds does the same on a later file, cross-fitted (thresholds.go). A stage that a target
// decides has its cut-off from that target's scores, and is measured on its outcomes; of a target that is conditional on another there are
// none out of fold, so its cut-off must be given.
//
// # Rules and model
//
// fitBlend (blend.go) weighs the model's logit, out of fold, and the points of each group of the rules, with no weight below 0 (stack.go); the
// percentile of a gate's upgrade becomes a score, and the axes of the rules get their cut-offs (grades.go), from the same rows.
//
// # Measuring
//
// The hold-out is measured by evaluate.Card (holdout.go), with the calendar months of its as-of moments beside those of training
// (months.go), segments by columns that are chosen without its outcomes or named by hand (segments.go), and, where leads have several rows or
// the split is by group, in clusters (clusters.go). Evaluate does the same to a file.
//
// # Before promotion
//
// JudgeGate (gate.go) holds a finished run against the promoted version on the run's hold-out, without the rows that the promoted one
// was trained on (gate_trained.go); model.Gate has the test. Run knows
// nothing of it: the artifact is the same whichever champion there was. The drift of the hold-out from the training rows is in
// the card, and what new leads are held against is in the artifact (drift.go, model.Reference).
//
// # Rules
//
// Suggest (suggest.go) makes a rules file of a fitted model, without a lead: terms are what the model knows of each feature
// (suggest_terms.go), a maker proposes the next rule of a number, a category, a count of events (suggest_rules.go) or a pair (suggest_pairs.go),
// and the rule that leaves least of the variance of the log-odds is taken. Measure (suggest_measure.go) holds the rules against the model and
// the rules in use on labelled leads. What is derived from texts or by the calendar, and events other than counts of a type in a
// window, is left out and named.
//
// Replay and ReplayModel (replay.go) score past leads by new rules and by the current way, rules or a model, and count what each selects, who
// moves, and by which rules (replay_run.go, replay_count.go, replay_movers.go). A column of outcomes is out of the reach of rules.
//
// # Leakage audit
//
// Before anything is fitted, and in Audit for a file that has no configuration yet, each column that could be a
// feature is coded (audit_code.go) and handed to evaluate.Audit, which has the checks, their formulas and
// their limits. Nothing that it finds changes the fit: it names, and suggests what to exclude. Of more than 30,000 rows a
// fixed sample is read; copies across the split (audit_duplicates.go) are looked for among all training rows.
//
// Measured on 100 generated histories each of 3,000 and of 20,000 leads, with a split forward in time, with and without
// the outcome's time, and with a random one: the planted leak was suspected in 600 of 600 audits, and of 13,200
// columns that are known at created_at (or, owner, tell nothing) none was named, neither as a leak nor to look at. With none in 100
// histories the rate of histories with a false alarm is below 3.7 % (95 %, Wilson). audit_study_test.go has the
// command; the ordinary tests run 10 histories of it. Honest columns of real leads are named to look at, not as leaks: whether a
// form field was filled in at all often tells who converts.
package train
