package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"leadscore/datasets"
)

// speakPlainly gives the mistakes of a command line that cobra and pflag find the words that all other errors have, for root and all
// commands below it, and the type of usage errors. Flags that are required are told by tooFew, after the command has ended.
func speakPlainly(root *cobra.Command) {
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{flagProblem(c, err)} })
	for _, c := range append(root.Commands(), root) {
		if c != root {
			speakPlainly(c)
		}
		if check := c.Args; check != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				if check(c, args) == nil {
					return nil
				}
				return usageError{argumentProblem(c, args)}
			}
		}
	}
}

// flagProblem says what is wrong with the flag that pflag stopped at.
func flagProblem(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("reading flags: %s has no flag -%s; %s --help lists them", c.CommandPath(), name, c.CommandPath())
		}
		var flags []string
		c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
		return fmt.Errorf("reading flags: %s has no flag --%s%s; %s --help lists them", c.CommandPath(), name, meant("--", name, flags), c.CommandPath())
	case errors.As(err, &bad):
		return fmt.Errorf("reading --%s: %w", bad.GetFlag().Name, notA(bad.GetFlag(), bad.GetValue(), bad.Unwrap()))
	}
	return fmt.Errorf("reading flags: %w", err)
}

// meant is the nearest candidate as a question, "" where none is near.
func meant(before, word string, candidates []string) string {
	if near := datasets.Nearest(word, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %s%s?)", before, near)
	}
	return ""
}

// notA says of what kind a flag's value is to be; cause is what its own reader said, for kinds that are not known here.
func notA(f *pflag.Flag, value string, cause error) error {
	want := ""
	switch f.Value.Type() {
	case "int", "int64":
		want = "a whole number"
	case "uint", "uint64":
		want = "a whole number, 0 or more"
	case "float64", "float64Slice":
		want = "a number"
	case "duration":
		want = "a time such as 200ms, 30s, 5m or 24h"
	case "bool":
		want = "true or false"
	case "": // TextVar gives no name; levels alone are such flags
		want = "DEBUG, INFO, WARN or ERROR"
	default:
		return fmt.Errorf("%q: %w", value, cause)
	}
	return fmt.Errorf("%q; want %s", value, want)
}

// argumentProblem says what is wrong with the arguments of a command: too many or too few of those that its usage names, or a word in the
// place of one of its commands.
func argumentProblem(c *cobra.Command, args []string) error {
	if c.HasAvailableSubCommands() && len(args) > 0 {
		var names []string
		for _, sub := range c.Commands() {
			names = append(names, sub.Name())
		}
		hint := meant("", args[0], names)
		if !c.HasParent() && args[0] == "version" {
			hint = " (did you mean --version?)"
		}
		return fmt.Errorf("reading the command: %s has no command %q%s; %s --help lists them", c.CommandPath(), args[0], hint, c.CommandPath())
	}
	want := "no arguments"
	if _, names, some := strings.Cut(c.Use, " "); some {
		want = names
	}
	found := "none"
	if len(args) > 0 {
		found = fmt.Sprintf("%q", args)
		found = found[1 : len(found)-1]
	}
	return fmt.Errorf("reading arguments: %s: want %s; found %s", c.CommandPath(), want, found)
}

// tooFew turns what cobra says of flags that are required, or that exclude each other, into a usage error; other errors stay as they are.
func tooFew(c *cobra.Command, err error) error {
	if strings.HasPrefix(err.Error(), "required flag(s)") {
		var missing []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if _, required := f.Annotations[cobra.BashCompOneRequiredFlag]; required && !f.Changed {
				kind, _ := pflag.UnquoteUsage(f)
				missing = append(missing, strings.TrimSpace("--"+f.Name+" "+strings.ToUpper(kind)))
			}
		})
		return usage("reading flags: %s needs %s too", c.CommandPath(), listed(missing, "and"))
	}
	if g := oneOfGroup.FindStringSubmatch(err.Error()); g != nil {
		return usage("reading flags: %s needs %s", c.CommandPath(), listed(dashed(g[1]), "or"))
	}
	if g := severalOfGroup.FindStringSubmatch(err.Error()); g != nil {
		return usage("reading flags: %s were given; want one of them", listed(dashed(g[1]), "and"))
	}
	return err
}

// What cobra says of groups of flags has no types.
var (
	oneOfGroup     = regexp.MustCompile(`^at least one of the flags in the group \[(.*)\] is required$`)
	severalOfGroup = regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(.*)\] were all set$`)
)

func dashed(names string) []string {
	list := strings.Fields(names)
	for i := range list {
		list[i] = "--" + list[i]
	}
	return list
}

// listed writes "a, b and c".
func listed(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}
