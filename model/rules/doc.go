// Package rules scores leads by points that marketing can read: scorecards of groups of rules,
// each a condition (a field and values, an event and how often, or a CEL expression) and points.
// A File is what the user wrote, Compile checks it against the data's schema, and the Set it
// returns scores a lead with a trace whose points add up to the score exactly.
//
// # Conditions
//
// A field condition holds when the cell is one of the values, each read as the column itself is
// read; a missing cell is in no list, so its negation holds. An event condition counts the
// events of a type that happened strictly before as-of, of age ≤ within where that is
// given: an event stamped exactly at as-of can be the conversion itself and never counts. A CEL
// condition sees lead["Column"] with the column's type (double, string, bool or timestamp) and
// the timestamp as_of; "Column" in lead asks whether it is known. Reading a missing cell is an
// error, as is a division by zero: the rule does not fire, its line in the trace has
// 0 points and says why, and the rest of the lead is scored.
//
// # Points
//
// The score is the sum of the lines of the trace in their order, as float64 adds them:
//
//	rule     the points of a rule that fired, once, or for each day (in UTC) or event
//	decay    what the age of its events takes away, in multiples of 2⁻²⁰
//	cap      what a cap (or floor) of the rule or the group takes away (or adds)
//	bound    what the bounds of the scorecard take away or add
//	hard     a hard rule that fired, 0 points
//
// A cap holds for what is left after decay. Where the sum of points that are no binary
// fractions cannot land on a cap in one line, a second one, below 1e-6, carries the rounding.
//
// # Bounds on work
//
// Conditions nest at most 32 deep, a CEL expression has at most 4096 characters, and one that
// loops ends in an error after celCostLimit units of work. A deadline instead
// would make a score depend on how busy the machine is.
//
// Dependency: google/cel-go, for conditions: typed, checked at load and cost-limited.
package rules
