// Package rules scores leads by points that marketing can read: scorecards of groups of rules,
// each a condition (a field and values, an event and how often, or a CEL expression) and points.
// A File is what the user wrote, Compile checks it against the data's schema, and the Set it
// returns scores a lead with a trace whose points add up to the score exactly.
//
// Dependency: google/cel-go, for conditions: typed, checked at load and cost-limited.
package rules
