// Package config reads what users write: leadscore.yaml and rules.yaml. It is the only place that
// knows YAML.
//
// A file is decoded strictly. Every mistake in it is reported at once, each with file, line,
// column, the path of its key, what was found and what would be accepted, and the line itself
// with a caret:
//
//	lead.yaml:14:27: features.columns.employees.kind: unknown kind "numerc"; want numeric, categorical, boolean, time or text
//	 |     employees: {kind: numerc, transform: log}
//	 |                       ^
//	1 problem; nothing was written.
//
// Load checks a configuration and the rules file that it names by themselves; whether rules fit
// the columns of the data is found when training has read them, and Config.RulesProblems then
// gives those problems their lines, as Config.SettingProblems does for names of columns in report.segments. A setting is never ignored.
//
// The files are a subset of YAML 1.2: mappings, lists and scalars, in block or flow style.
// Anchors, aliases, tags, merge keys, directives and complex keys are errors, so a file is as large
// as it looks; it has at most 1 MiB, nests at most 100 deep and has at most 10,000 keys in one mapping.
// Texts are taken as they are written: a column named 007 or yes needs no quotes.
//
// Dependency: goccy/go-yaml, for its syntax tree, in which every node knows its line and column.
package config
