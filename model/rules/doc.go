// Package rules scores leads by points that marketing can read: scorecards of groups of rules, each a condition (a field, an
// event, or a CEL expression) and points, and of qualification frameworks such as BANT.
// A File is what the user wrote, Compile checks it against the data's schema, and the Set it
// returns scores a lead with a trace whose points add up to the score exactly. Guess makes a schema of the file itself, to check it
// without data; Warnings finds what compiles and is most likely a mistake, and UnseenEvents what a log of events does not have.
//
// # Conditions
//
// A field condition holds when the cell is known, or is one of the values (in), in a range (above >, from ≥, below <, to ≤), has one
// of some texts in it (contains, in capital or small letters) or a match of a regular expression (matches); values are read as the
// column itself is read. A missing cell meets none of them, so its negation holds; missing: true asks for it.
//
// An event condition counts the events of a type, and perhaps of some channels and with properties in ranges, that happened
// strictly before as-of, of age ≤ within where that is
// given: an event stamped exactly at as-of can be the conversion itself and never counts. A property that an event lacks is in
// no range.
//
// A CEL condition sees lead["Column"] with the column's type (double, string, bool or timestamp) and
// the timestamp as_of; "Column" in lead asks whether it is known. Reading a missing cell is an
// error, as is a division by zero: the rule does not fire, its line in the trace has
// 0 points and says why, and the rest of the lead is scored. So it is with a rule that has validity dates where as-of is not known.
// Expressions of common shapes (comparisons, in, searches in texts, &&, || and !) are compiled to closures; cel-go checks all, and
// evaluates the others. Tests hold both to the same values and errors.
//
// Compile refuses conditions that no lead can meet, as far as two parts of an all exclude each other by themselves (exclusive).
//
// # Points
//
// The score is the sum of the lines of the trace in their order, as float64 adds them:
//
//	rule     the points of a rule that fired, once, or for each day (in UTC) or event; the answer to a dimension; 0 points and
//	         what is unknown of a framework
//	decay    what the age of its events (or of an answer) takes away, in multiples of 2⁻²⁰
//	cap      what a cap (or floor) of the rule, the group or a veto takes away (or adds)
//	bound    what the bounds of the scorecard take away or add
//	hard     a hard rule or a veto that fired, 0 points
//
// A cap holds for what is left after decay. Where the sum of points that are no binary
// fractions cannot land on a cap in one line, a second one, below 1e-6, carries the rounding.
//
// # Frameworks
//
// One engine serves all frameworks: a Framework is dimensions, each with a weight, a question and evidence; Templates has BANT,
// CHAMP, ANUM and MEDDIC to begin with. An answer with share s (−1 to 1), confidence c and freshness a (what its age leaves) gives
// weight·s·c·a points, and weight·(1−c·a) of the dimension stays unknown. What is unknown is neither yes nor no: it gives nothing, and
// Result says between which Low and High the score would lie if it turned out worst and best (vetoes and bounds that such answers
// would bring are not counted, nor hard rules). A dimension of which less than half is known counts as unknown, and Result.Next is the
// question of the one with the most weight unknown. The alternative, to scale the known answers up to the whole, was not taken: it lets
// a single good answer fill a score.
//
// # Axes
//
// Groups and frameworks lie on the axis fit (who the lead is), engagement (what it does) or none; Result has the sum of each, so that
// a policy can grade them apart.
//
// # Bounds on work
//
// Conditions nest at most 32 deep, a CEL expression has at most 4096 characters, and one that
// loops ends in an error after celCostLimit units of work; a regular expression takes time linear in the text. A deadline instead
// would make a score depend on how busy the machine is.
//
// Dependency: google/cel-go, for conditions: typed, checked at load and cost-limited.
package rules
